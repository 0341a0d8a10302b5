select
    {{ row_columns() }},
    e.person_sk,
    r.expert,
    r.entity,
    r.uscc,
    r.technology,
    r.share_pct,
    r.value_yuan,
    r.signed_on,
    sum(r.share_pct) over (partition by r.county_code, coalesce(r.uscc, r.entity)) as entity_share_pct,
    sum(r.share_pct) over (partition by r.county_code, coalesce(r.uscc, r.entity)) > 100 as is_over_100,
    r.signed_on <= {{ business_date() }} as is_current
from {{ ref("stg_t24__share_holding") }} as r
{{ row_joins() }}
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
