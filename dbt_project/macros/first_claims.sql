{#-
    Of rows that claim one place at one time the one that began first stays, whichever arrived first; what overlaps one
    that stays gives way. Ends in the CTE told. `claim` is a CTE of a recursive query: list, place, row_id, town_code,
    fill_date, key, start_on, end_on (the first and last day of the claim, the last day free for the next).
-#}
{% macro first_claims(claim) %}
-- The day on which one ends is free for the next; what ends before it begins is another fault.
placed as (
    select
        c.*,
        daterange(c.start_on, c.end_on, '[)') as held,
        row_number() over earliest as nth,
        count(*) over (partition by c.list, c.place) as rivals
    from {{ claim }} as c
    where c.place is not null and c.start_on <= coalesce(c.end_on, 'infinity')
    window earliest as (
        partition by c.list, c.place order by c.start_on, c.fill_date nulls last, c.town_code, c.key, c.row_id
    )
),

rival as (
    select *
    from placed
    where rivals > 1
),

-- From the first on: what overlaps one that is kept gives way.
walk as (
    select
        list,
        place,
        nth,
        row_id,
        datemultirange(held) as kept,
        false as gives_way
    from rival
    where nth = 1
    union all
    select
        r.list,
        r.place,
        r.nth,
        r.row_id,
        case when w.kept && r.held then w.kept else w.kept + datemultirange(r.held) end as kept,
        w.kept && r.held as gives_way
    from walk as w
    inner join rival as r on r.list = w.list and r.place = w.place and r.nth = w.nth + 1
),

told as (
    select distinct on (r.list, r.row_id)
        r.list,
        r.row_id,
        o.row_id as other_row_id
    from rival as r
    inner join walk as w on w.list = r.list and w.row_id = r.row_id and w.gives_way
    inner join rival as o on o.list = r.list and o.place = r.place and o.held && r.held
    inner join walk as ow on ow.list = o.list and ow.row_id = o.row_id and not ow.gives_way
    order by r.list, r.row_id, o.nth
)
{% endmacro %}
