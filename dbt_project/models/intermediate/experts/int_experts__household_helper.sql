{#- Who helps a household on the business date, by the pairs of T05, T06h and T07 that stand. -#}
select
    county_code,
    household_sk,
    min(town_code) as town_code,
    min(village_code) as village_code,
    -- A core expert who helps a household stands on its board as the expert.
    case
        when list = 'T05' then 'technician'
        when list = 'T06h' or helper_kind = '核心专家' then 'expert'
        else 'talent'
    end as helper,
    name as helper_name,
    min(industry) as industry,
    min(start_on) as start_on
from {{ ref("int_experts__expert_pair") }}
where household_sk is not null and name is not null and is_active
group by
    county_code, household_sk, name,
    case
        when list = 'T05' then 'technician'
        when list = 'T06h' or helper_kind = '核心专家' then 'expert'
        else 'talent'
    end
