{{ config(materialized="view") }}

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    e.person_sk,
    r.expert,
    e.level,
    r.county_code,
    r.town_code,
    r.group_name,
    r.industry,
    r.group_type,
    r.role,
    r.valid_from as valid_from_on,
    r.valid_to as valid_to_on,
    r.industry = any(e.industries) as industry_fits,
    l.name is null
    and r.valid_from <= {{ business_date() }}
    and coalesce({{ last_day("valid_to", "r") }}, 'infinity') >= {{ business_date() }} as is_current,
    {{ business_date() }} as as_of_on
from {{ ref("int_experts__expert_group") }} as r
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
left join {{ ref("int_experts__left_expert") }} as l on l.county_code = r.county_code and l.name = r.expert
