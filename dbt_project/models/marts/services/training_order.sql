select
    {{ row_columns() }},
    r.order_no,
    r.requester,
    r.persons,
    r.wanted,
    r.wanted_on,
    r.ordered_on,
    r.dept,
    r.accepted_on,
    r.planned_on,
    r.expert,
    e.person_sk,
    r.delivered_on,
    r.attended,
    r.place,
    r.rating,
    case
        when r.delivered_on is not null then '出单'
        when r.accepted_on is not null then '接单'
        else '点单'
    end as stage,
    r.accepted_on - r.ordered_on as accept_days,
    r.delivered_on - r.accepted_on as deliver_days,
    case when r.delivered_on is null then {{ business_date() }} - r.ordered_on end as open_days,
    r.delivered_on is null as is_open,
    r.ordered_on <= {{ business_date() }} as is_current
from {{ ref("stg_t11__training_order") }} as r
{{ row_joins() }}
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
