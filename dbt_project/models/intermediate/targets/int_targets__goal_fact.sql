{#-
    What stands for each of a talent county's goals, fact by fact: the five of 一批 (experts who serve, leaders who were
    trained, sites that were selected, leading industries that a site or project carries, households that were helped
    and are poor no longer) and what is to come in by a year (talents, experts, new leaders, poor people taught).
-#}
with site as (
    select distinct on (county_code, base_name) *
    from {{ ref("stg_t13__demonstration_base") }}
    order by county_code, base_name, assessed_on desc nulls last, row_id
),

selected as (
    select *
    from site
    where selected_on <= {{ business_date() }} and c1 and c2 and c3 and c4 and c5 and c6
),

carried as (
    select
        county_code,
        town_code,
        industry,
        selected_on as since_on
    from selected
    union all
    select
        county_code,
        town_code,
        industry,
        filed_on as since_on
    from {{ ref("stg_t14__led_project") }}
    where filed_on <= {{ business_date() }} and state is distinct from '终止' and state is distinct from '申报'
),

village as (
    select distinct on (village_code) *
    from {{ ref("stg_v01__village") }}
    where coalesce(valid_from, '-infinity') <= {{ business_date() }}
    order by village_code, valid_from desc nulls last, row_id
),

leading_industry as (
    select distinct
        n.county_code,
        i.industry
    from village as v
    inner join {{ ref("int_places__place_name") }} as n on n.level = 'village' and n.village_code = v.village_code
    cross join lateral unnest(v.industries) as i (industry)
    where coalesce(v.valid_to, 'infinity') >= {{ business_date() }}
),

home as (
    {{ newest_households() }}
),

helped as (
    select
        household_sk,
        paired_on as since_on
    from {{ ref("int_experts__technician_pairing") }}
    union all
    select
        household_sk,
        valid_from as since_on
    from {{ ref("int_experts__expert_household_pairing") }}
    union all
    select
        household_sk,
        valid_from as since_on
    from {{ ref("stg_t07__talent_pairing") }}
    union all
    select
        household_sk,
        valid_from as since_on
    from {{ ref("stg_t13h__base_household") }}
),

trained_leader as (
    select distinct on (county_code, person_sk)
        county_code,
        town_code,
        person_sk,
        trained_on
    from {{ ref("stg_t17__leader") }}
    where person_sk is not null and trained_on <= {{ business_date() }}
    order by county_code, person_sk, trained_on, row_id
),

taught as (
    select
        county_code,
        town_code,
        person_sk,
        held_on
    from {{ ref("stg_t12__cascade_training") }}
    where trainee_kind = '贫困群众'
    union all
    select
        l.county_code,
        l.town_code,
        l.person_sk,
        l.start_on as held_on
    from {{ ref("stg_l2__training") }} as l
    inner join {{ ref("int_people__register_person") }} as p on p.person_sk = l.person_sk
    where p.poverty_status is distinct from '一般农户'
)

select
    'service_experts' as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    valid_from as since_on,
    person_sk::text as counted_once
from {{ ref("int_experts__expert_now") }}
where is_active and not is_technician
union all
select
    'leaders' as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    trained_on as since_on,
    person_sk::text as counted_once
from trained_leader
union all
select
    'new_leaders' as indicator,
    county_code,
    town_code,
    extract(year from trained_on)::integer as year,
    trained_on as since_on,
    person_sk::text as counted_once
from trained_leader
union all
select
    'demo_sites' as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    selected_on as since_on,
    base_name as counted_once
from selected
union all
select
    'lead_industries' as indicator,
    c.county_code,
    c.town_code,
    extract(year from {{ business_date() }})::integer as year,
    c.since_on,
    c.industry as counted_once
from carried as c
inner join leading_industry as l on l.county_code = c.county_code and l.industry = c.industry
union all
select
    'led_households' as indicator,
    h.county_code,
    h.town_code,
    extract(year from {{ business_date() }})::integer as year,
    -- The register knows the year of an exit and no day.
    null::date as since_on,
    h.household_sk::text as counted_once
from home as h
where
    (h.poverty_status like '已脱贫%' or (h.poverty_status is null and h.exit_year is not null))
    and exists (
        select 1
        from helped as e
        where e.household_sk = h.household_sk and coalesce(e.since_on, '-infinity') <= {{ business_date() }}
    )
union all
select
    case r.talent_type
        when '高层次' then 'high_level_talents'
        when '急需紧缺' then 'scarce_talents'
        else 'recruited_experts'
    end as indicator,
    r.county_code,
    r.town_code,
    extract(year from {{ business_date() }})::integer as year,
    r.recruited_on as since_on,
    -- A team is one row and counts as many as came.
    r.row_id || '/' || m.n as counted_once
from {{ ref("stg_t02__recruited_talent") }} as r
cross join lateral generate_series(1, case when r.is_team then coalesce(r.team_size, 1) else 1 end) as m (n)
where r.talent_type in ('高层次', '急需紧缺', '核心专家') and r.recruited_on <= {{ business_date() }}
union all
select
    'taught_poor' as indicator,
    county_code,
    town_code,
    extract(year from held_on)::integer as year,
    held_on as since_on,
    person_sk::text as counted_once
from taught
where person_sk is not null and held_on <= {{ business_date() }}
