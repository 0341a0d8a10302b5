{#- Who helps a household on the business date, by the pairs of T05, T06h and T07 that stand. -#}
select
    p.county_code,
    p.household_sk,
    min(p.town_code) as town_code,
    min(p.village_code) as village_code,
    -- A core expert who helps a household stands on its board as the expert.
    case
        when p.list = 'T05' then 'technician'
        when p.list = 'T06h' or p.helper_kind = '核心专家' then 'expert'
        else 'talent'
    end as helper,
    p.name as helper_name,
    min(p.industry) as industry,
    min(p.start_on) as start_on
from {{ ref("int_experts__expert_pair") }} as p
-- A pair with a child is a clerk's mistake, and no child's name may come onto a wall by it.
left join
    {{ ref("int_people__register_person") }} as c
    on c.person_sk = p.person_sk and c.age_asof < {{ child_age() }}
where p.household_sk is not null and p.name is not null and p.is_active and c.person_sk is null
group by
    p.county_code, p.household_sk, p.name,
    case
        when p.list = 'T05' then 'technician'
        when p.list = 'T06h' or p.helper_kind = '核心专家' then 'expert'
        else 'talent'
    end
