{#- What the lists say of each indicator: by year, for the county (town_code null) and for each town. -#}
with fact as (
    select
        'trained_persons' as indicator,
        county_code,
        town_code,
        extract(year from start_on)::integer as year,
        person_sk::text as counted_once,
        1::numeric as amount
    from {{ ref("stg_l2") }}
    where start_on <= {{ business_date() }} and person_sk is not null
    union all
    select
        'transferred_persons' as indicator,
        county_code,
        town_code,
        extract(year from {{ business_date() }})::integer as year,
        person_sk::text as counted_once,
        1 as amount
    from {{ ref("spell") }}
    where
        list = 'L3'
        and coalesce(start_on, '-infinity') <= {{ business_date() }}
        and coalesce(end_on, 'infinity') >= date_trunc('year', {{ business_date() }})
    union all
    select
        'posts' as indicator,
        county_code,
        town_code,
        extract(year from {{ business_date() }})::integer as year,
        person_sk::text as counted_once,
        1 as amount
    from {{ ref("spell") }}
    where
        list = 'L5'
        and coalesce(start_on, '-infinity') <= {{ business_date() }}
        and coalesce(end_on, 'infinity') >= date_trunc('year', {{ business_date() }})
    union all
    select
        'student_founders' as indicator,
        l.county_code,
        l.town_code,
        extract(year from {{ business_date() }})::integer as year,
        l.person_sk::text as counted_once,
        1 as amount
    from {{ ref("stg_l4") }} as l
    inner join {{ ref("spell") }} as s on s.row_id = l.row_id and s.is_open
    where l.is_student
    union all
    select
        'placements' as indicator,
        r.county_code,
        coalesce(r.town_code, p.town_code) as town_code,
        extract(year from r.placed_on)::integer as year,
        r.person_sk::text as counted_once,
        1 as amount
    from {{ ref("stg_e04") }} as r
    left join {{ ref("person") }} as p on p.person_sk = r.person_sk
    where r.placed_on <= {{ business_date() }} and r.person_sk is not null
    union all
    select
        'job_fairs' as indicator,
        county_code,
        town_code,
        extract(year from held_on)::integer as year,
        row_id::text as counted_once,
        1 as amount
    from {{ ref("stg_e03") }}
    where held_on <= {{ business_date() }}
    union all
    select
        'bases' as indicator,
        county_code,
        town_code,
        extract(year from {{ business_date() }})::integer as year,
        uscc as counted_once,
        1 as amount
    from {{ ref("stg_e05") }}
    where recognised_on <= {{ business_date() }} and coalesce(valid_to, 'infinity') >= {{ business_date() }}
    union all
    select
        i.indicator,
        d.county_code,
        d.town_code,
        extract(year from {{ business_date() }})::integer as year,
        d.village_code as counted_once,
        i.amount
    from {{ ref("demonstration_state") }} as d
    cross join lateral (
        values
        ('demo_villages', case when d.is_complete then 1 end),
        ('demo_fund_yuan', d.invest_yuan)
    ) as i (indicator, amount)
    where i.amount is not null
    union all
    select
        i.indicator,
        f.county_code,
        coalesce(f.town_code, p.town_code) as town_code,
        left(f.period, 4)::integer as year,
        f.row_id::text as counted_once,
        f.amount_yuan as amount
    from {{ ref("payment_fact") }} as f
    left join {{ ref("person") }} as p on p.person_sk = f.person_sk
    inner join {{ ref("indicator_policy") }} as i on i.policy = f.policy
    where f.is_paid and f.period is not null
),

summed as (
    select
        indicator,
        county_code,
        town_code,
        year,
        grouping(town_code) as over_towns,
        case when indicator like '%_yuan' then sum(amount) else count(distinct counted_once) end as actual
    from fact
    group by grouping sets ((indicator, county_code, year), (indicator, county_code, town_code, year))
)

select
    indicator,
    county_code,
    town_code,
    year,
    actual
from summed
where over_towns = 1 or town_code is not null
union all
select
    metric as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    rate_pct as actual
from {{ ref("coverage") }}
where level in ('county', 'town') and metric like '%_rate_pct'
