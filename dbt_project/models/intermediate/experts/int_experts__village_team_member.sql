{{ config(materialized="view") }}

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    e.person_sk,
    r.member,
    e.level,
    r.county_code,
    r.town_code,
    t.town_name,
    r.village_code,
    coalesce(v.village_name, r.village_name) as village_name,
    r.industry,
    r.role,
    r.member_kind,
    r.appointed_on,
    r.left_on,
    r.industry = any(e.industries) as industry_fits,
    l.name is null
    and r.appointed_on <= {{ business_date() }}
    and coalesce({{ last_day("left_on", "r") }}, 'infinity') >= {{ business_date() }} as is_current,
    {{ business_date() }} as as_of_on
from {{ ref("int_experts__village_team") }} as r
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.member
left join {{ ref("int_experts__left_expert") }} as l on l.county_code = r.county_code and l.name = r.member
{{ row_joins() }}
