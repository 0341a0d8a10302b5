{#- What the lists say of each indicator, fact by fact: the day since which it counts, null where none is known. -#}
select
    'trained_persons' as indicator,
    county_code,
    town_code,
    extract(year from start_on)::integer as year,
    start_on as since_on,
    person_sk::text as counted_once,
    1::numeric as amount
from {{ ref("stg_l2__training") }}
where start_on <= {{ business_date() }} and person_sk is not null
union all
select
    'transferred_persons' as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    start_on as since_on,
    person_sk::text as counted_once,
    1 as amount
from {{ ref("int_work__spell") }}
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
    start_on as since_on,
    person_sk::text as counted_once,
    1 as amount
from {{ ref("int_work__spell") }}
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
    s.start_on as since_on,
    l.person_sk::text as counted_once,
    1 as amount
from {{ ref("stg_l4__self_employment") }} as l
inner join {{ ref("int_work__spell") }} as s on s.row_id = l.row_id and s.is_open
where l.is_student
union all
select
    'placements' as indicator,
    r.county_code,
    coalesce(r.town_code, p.town_code) as town_code,
    extract(year from r.placed_on)::integer as year,
    r.placed_on as since_on,
    r.person_sk::text as counted_once,
    1 as amount
from {{ ref("stg_e04__placement") }} as r
left join {{ ref("int_people__person") }} as p on p.person_sk = r.person_sk
where r.placed_on <= {{ business_date() }} and r.person_sk is not null
union all
select
    'job_fairs' as indicator,
    county_code,
    town_code,
    extract(year from held_on)::integer as year,
    held_on as since_on,
    row_id::text as counted_once,
    1 as amount
from {{ ref("stg_e03__job_fair") }}
where held_on <= {{ business_date() }}
union all
select
    'bases' as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    recognised_on as since_on,
    uscc as counted_once,
    1 as amount
from {{ ref("stg_e05__employment_base") }}
where recognised_on <= {{ business_date() }} and coalesce(valid_to, 'infinity') >= {{ business_date() }}
union all
select
    i.indicator,
    d.county_code,
    d.town_code,
    extract(year from {{ business_date() }})::integer as year,
    null::date as since_on,
    d.village_code as counted_once,
    i.amount
from {{ ref("int_targets__demonstration_state") }} as d
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
    to_date(f.period || '-01', 'YYYY-MM-DD') as since_on,
    f.row_id::text as counted_once,
    f.amount_yuan as amount
from {{ ref("int_money__payment_fact") }} as f
left join {{ ref("int_people__person") }} as p on p.person_sk = f.person_sk
inner join {{ ref("indicator_policy") }} as i on i.policy = f.policy
where f.is_paid and f.period is not null
union all
select
    indicator,
    county_code,
    town_code,
    year,
    since_on,
    counted_once,
    1 as amount
from {{ ref("int_targets__goal_fact") }}
