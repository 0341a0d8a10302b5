{#-
    Who helps a household on the business date, by the pairs of T05, T06h and T07.
-#}
with pair as (
    select
        'technician' as helper,
        county_code,
        household_sk,
        town_code,
        village_code,
        technician as helper_name,
        industry,
        paired_on as start_on,
        ended_on as end_on
    from {{ ref("stg_t05") }}
    union all
    select
        'expert' as helper,
        county_code,
        household_sk,
        town_code,
        village_code,
        expert as helper_name,
        null as industry,
        valid_from as start_on,
        valid_to as end_on
    from {{ ref("stg_t06h") }}
    union all
    select
        -- A core expert who helps a household stands on its board as the expert.
        case when helper_kind = '核心专家' then 'expert' else 'talent' end as helper,
        county_code,
        household_sk,
        town_code,
        village_code,
        talent as helper_name,
        null as industry,
        valid_from as start_on,
        valid_to as end_on
    from {{ ref("stg_t07") }}
)

select
    county_code,
    household_sk,
    min(town_code) as town_code,
    min(village_code) as village_code,
    helper,
    helper_name,
    min(industry) as industry,
    min(start_on) as start_on
from pair
where
    household_sk is not null
    and helper_name is not null
    and coalesce(start_on, '-infinity') <= {{ business_date() }}
    and coalesce(end_on, 'infinity') >= {{ business_date() }}
group by county_code, household_sk, helper, helper_name
