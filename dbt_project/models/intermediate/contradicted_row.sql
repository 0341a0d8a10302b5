{#-
    Accepted rows that another accepted row contradicts, whichever of the two came first:
    X02, two towns report one labourer for one period; X15, a second post while one is held.
    X02 leaves the person to the town of the register, X15 to the post that began first; then the earlier fill date.
-#}
with recursive home as (
    select
        person_sk,
        town_code
    from {{ ref("register_person") }}
),

-- The newest version that each town sent of a row; raw.<list>_now holds one of them alone.
{% set starts = {"l1": "null::date", "l2": "r.start_on", "l3": "r.start_on", "l4": "r.reg_on", "l5": "r.start_on"} %}
claim as (
    {% for list, start in starts.items() %}
    (
        select distinct on (r.key, r.town_code)
            '{{ list | upper }}' as list,
            r.row_id,
            r.submission_id,
            r.sheet,
            r.row_no,
            r.key,
            r.person_sk,
            r.period,
            r.county_code,
            r.town_code,
            r.fill_date,
            {{ start }} as start_on,
            coalesce(r.town_code = h.town_code, false) as at_home
        from {{ source("raw", list ~ "_standing") }} as r
        left join home as h on h.person_sk = r.person_sk
        where
            r.key is not null
            and r.person_sk is not null
            and r.town_code is not null
        order by r.key, r.town_code, r.version desc nulls last, r.fate desc, r.part, r.row_no, r.row_id
    )
    {{ "union all" if not loop.last }}
    {% endfor %}
),

claimed as (
    select
        c.*,
        first_value(c.row_id) over better as first_row_id,
        first_value(c.town_code) over better as kept_town_code
    from claim as c
    window better as (
        partition by c.list, c.person_sk, c.period
        order by c.at_home desc, c.start_on nulls last, c.fill_date nulls last, c.town_code, c.key, c.row_id
    )
),

-- The same row in the version of the town that keeps the person, else that town's first row.
given_way as (
    select
        c.*,
        coalesce(k.row_id, c.first_row_id) as kept_row_id
    from claimed as c
    left join claim as k on k.list = c.list and k.key = c.key and k.town_code = c.kept_town_code
    where c.town_code <> c.kept_town_code
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
    from {{ source("raw", "l5_now") }} as p
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

lost as (
    select
        'X02' as rule,
        list,
        row_id,
        submission_id,
        sheet,
        row_no,
        key,
        person_sk,
        county_code,
        town_code,
        kept_row_id as other_row_id
    from given_way
    union all
    select
        'X15' as rule,
        'L5' as list,
        p.row_id,
        p.submission_id,
        p.sheet,
        p.row_no,
        p.key,
        p.person_sk,
        p.county_code,
        p.town_code,
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

select
    l.*,
    coalesce(c.submission_id, p.submission_id) as other_submission_id,
    case when l.rule = 'X02' then c.sheet else p.sheet end as other_sheet,
    coalesce(c.row_no, p.row_no) as other_row_no,
    coalesce(c.town_code, p.town_code) as other_town_code
from lost as l
left join claim as c on l.rule = 'X02' and c.list = l.list and c.row_id = l.other_row_id
left join post as p on l.rule = 'X15' and p.row_id = l.other_row_id
