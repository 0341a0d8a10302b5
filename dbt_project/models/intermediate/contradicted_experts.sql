{#-
    Pairs, groups and teams that other rows contradict, whichever came first. Of two that claim one place the one that
    began first stays (K53 K54 K55 K57); a pair outside the trade of its technician (K52) claims nothing.
-#}
with recursive village as (
    select distinct on (village_code)
        village_code,
        is_poor,
        industries
    from {{ source("raw", "v01_now") }}
    order by village_code, valid_from desc nulls last, row_id
),

other_trade as (
    select
        r.row_id,
        e.row_id as other_row_id
    from {{ source("raw", "t05_now") }} as r
    inner join {{ ref("expert_now") }} as e on e.county_code = r.county_code and e.person_sk = r.person_sk
    where not r.industry = any(e.industries)
),

-- What can be held by one row at a time, and from when to when the row holds it.
claim as (
    select
        'K53' as rule,
        'T05' as list,
        r.household_sk || '/' || r.industry as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.paired_on as start_on,
        r.ended_on as end_on
    from {{ source("raw", "t05_now") }} as r
    where not exists (
        select 1
        from other_trade as o
        where o.row_id = r.row_id
    )
    union all
    select
        'K54' as rule,
        'T03' as list,
        r.county_code || '/' || r.group_name as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ source("raw", "t03_now") }} as r
    where r.role = '首席专家'
    union all
    select
        'K55' as rule,
        'T03' as list,
        r.county_code || '/' || r.expert as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ source("raw", "t03_now") }} as r
    where r.role = '首席专家'
    union all
    select
        'K54' as rule,
        'T04' as list,
        r.village_code as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.appointed_on as start_on,
        r.left_on as end_on
    from {{ source("raw", "t04_now") }} as r
    where r.role = '团长'
    union all
    select
        'K57' as rule,
        'T06' as list,
        r.county_code || '/' || r.expert || '/' || coalesce(r.village_code, r.town_code) as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ source("raw", "t06_now") }} as r
    union all
    select
        'K57' as rule,
        'T06H' as list,
        r.expert || '/' || r.household_sk as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ source("raw", "t06h_now") }} as r
),

-- The day on which one ends is free for the next; what ends before it begins is another fault.
placed as (
    select
        c.*,
        daterange(c.start_on, c.end_on, '[)') as held,
        row_number() over earliest as nth,
        count(*) over (partition by c.rule, c.list, c.place) as rivals
    from claim as c
    where c.place is not null and c.start_on <= coalesce(c.end_on, 'infinity')
    window earliest as (
        partition by c.rule, c.list, c.place order by c.start_on, c.fill_date nulls last, c.town_code, c.key, c.row_id
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
        rule,
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
        r.rule,
        r.list,
        r.place,
        r.nth,
        r.row_id,
        case when w.kept && r.held then w.kept else w.kept + datemultirange(r.held) end as kept,
        w.kept && r.held as gives_way
    from walk as w
    inner join rival as r on r.rule = w.rule and r.list = w.list and r.place = w.place and r.nth = w.nth + 1
),

given_way as (
    select distinct on (r.rule, r.list, r.row_id)
        r.rule,
        r.list,
        r.row_id,
        o.row_id as other_row_id
    from rival as r
    inner join walk as w on w.rule = r.rule and w.list = r.list and w.row_id = r.row_id and w.gives_way
    inner join rival as o on o.rule = r.rule and o.list = r.list and o.place = r.place and o.held && r.held
    inner join walk as ow on ow.rule = o.rule and ow.list = o.list and ow.row_id = o.row_id and not ow.gives_way
    order by r.rule, r.list, r.row_id, o.nth
),

named as (
    {% for list, name, industry in [
        ("t03", "expert", "r.industry"), ("t04", "member", "null"), ("t06", "expert", "null"), ("t06h", "expert", "null")
    ] %}
    select
        '{{ list | upper }}' as list,
        r.row_id,
        r.county_code,
        r.{{ name }} as name,
        {{ industry }} as industry,
        {{ "r.role = '团长'" if list == "t04" else "false" }} as leads_team
    from {{ source("raw", list ~ "_now") }} as r
    {{ "union all" if not loop.last }}
    {% endfor %}
),

told as (
    select
        'K52' as rule,
        'T05' as list,
        row_id,
        other_row_id
    from other_trade
    union all
    select *
    from given_way
    union all
    select
        'K61' as rule,
        n.list,
        n.row_id,
        null as other_row_id
    from named as n
    inner join {{ ref("expert_by_name") }} as e on e.county_code = n.county_code and e.name = n.name
    where n.industry is not null and not n.industry = any(e.industries)
    union all
    select
        'K62' as rule,
        n.list,
        n.row_id,
        null as other_row_id
    from named as n
    inner join {{ ref("expert_by_name") }} as e on e.county_code = n.county_code and e.name = n.name
    where n.leads_team and e.level in ('乡', '村')
    union all
    select
        'K63' as rule,
        'T04' as list,
        r.row_id,
        null as other_row_id
    from {{ source("raw", "t04_now") }} as r
    inner join village as v on v.village_code = r.village_code
    where not r.industry = any(v.industries)
    union all
    select
        'K64' as rule,
        'T04' as list,
        r.row_id,
        null as other_row_id
    from {{ source("raw", "t04_now") }} as r
    inner join village as v on v.village_code = r.village_code
    where not v.is_poor
    union all
    select
        'K64' as rule,
        'T06' as list,
        r.row_id,
        null as other_row_id
    from {{ source("raw", "t06_now") }} as r
    inner join village as v on v.village_code = r.village_code
    where not v.is_poor
)

{{ told_rows(["t01", "t03", "t04", "t05", "t06", "t06h"]) }}
