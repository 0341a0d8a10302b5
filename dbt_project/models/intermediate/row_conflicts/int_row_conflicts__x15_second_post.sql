with recursive home as (
    select
        person_sk,
        town_code
    from {{ ref("int_people__register_person") }}
),

post as (
    select
        p.*,
        daterange(p.start_on, coalesce(p.left_on, {{ last_day("end_on", "p") }}), '[]') as held,
        row_number() over (
            partition by p.person_sk
            order by
                p.start_on nulls last, coalesce(p.town_code = h.town_code, false) desc, p.fill_date nulls last,
                p.town_code, p.key, p.row_id
        ) as nth
    from {{ ref("stg_l5__public_post") }} as p
    left join home as h on h.person_sk = p.person_sk
    where
        p.person_sk is not null
        -- A post that ends before it begins is another fault.
        and coalesce(p.start_on <= coalesce(p.left_on, {{ last_day("end_on", "p") }}), true)
),

-- From the first post on: what overlaps a post that is kept is a second one.
walk as (
    select
        person_sk,
        nth,
        row_id,
        datemultirange(held) as kept,
        false as is_second
    from post
    where nth = 1
    union all
    select
        p.person_sk,
        p.nth,
        p.row_id,
        case when w.kept && p.held then w.kept else w.kept + datemultirange(p.held) end as kept,
        w.kept && p.held as is_second
    from walk as w
    inner join post as p on p.person_sk = w.person_sk and p.nth = w.nth + 1
),

told as (
    select
        'L5' as list,
        p.row_id,
        (
            select o.row_id
            from post as o
            inner join walk as ow on ow.row_id = o.row_id and not ow.is_second
            where o.person_sk = p.person_sk and o.nth < p.nth and o.held && p.held
            order by o.nth
            limit 1
        ) as other_row_id
    from post as p
    inner join walk as w on w.row_id = p.row_id and w.is_second
)

{{ told_rows("X15", "Q", [ref("stg_l5__public_post_versions")]) }}
