with counted as (
    select
        county_code,
        group_name,
        mode() within group (order by industry) as industry,
        mode() within group (order by group_type) as group_type,
        count(*) filter (where is_current and role = '首席专家')::integer as chiefs,
        count(distinct expert) filter (where is_current and role <> '首席专家')::integer as members,
        count(distinct expert) filter (where is_current)::integer as expert_count,
        count(distinct expert) filter (where is_current and industry_fits)::integer as experts_of_industry,
        min(expert) filter (where is_current and role = '首席专家') as chief,
        min(person_sk::text) filter (where is_current and role = '首席专家') as chief_person_sk,
        min(valid_from_on) as since_on,
        bool_or(is_current) as is_current
    from {{ ref("int_experts__expert_group_member") }}
    where county_code is not null
    group by county_code, group_name
)

select
    c.county_code,
    null::text as town_code,
    c.group_name,
    c.industry,
    c.group_type,
    case when c.chiefs = 1 then c.chief_person_sk::uuid end as chief_person_sk,
    case when c.chiefs = 1 then c.chief end as chief,
    c.chiefs,
    c.members,
    c.expert_count,
    c.experts_of_industry,
    c.chiefs = 1 as has_one_chief,
    c.members >= 1 as has_members,
    c.chiefs = 1 and c.members >= 1 as is_complete,
    c.since_on,
    c.is_current,
    {{ business_date() }} as as_of_on
from counted as c
