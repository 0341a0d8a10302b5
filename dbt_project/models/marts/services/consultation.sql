-- Days are all that the register of problems holds, so that two days stand for 48 hours.
select
    {{ row_columns() }},
    r.household_sk,
    h.household_no,
    h.head_name,
    r.case_no,
    r.asked_on,
    r.asker,
    r.industry,
    r.problem,
    r.urgency,
    r.group_name,
    r.triaged_at as triaged_on,
    r.experts,
    r.mode,
    r.answered_on,
    r.advice,
    r.case_state,
    r.rating,
    r.rx_no,
    r.answered_on - r.asked_on as answer_days,
    coalesce(r.answered_on - r.asked_on <= {{ parameter("answer_days", "r.county_code") }}, false) as is_in_time,
    r.answered_on is null as is_open,
    case when r.answered_on is null then {{ business_date() }} - r.asked_on end as open_days,
    coalesce(r.asked_on <= {{ business_date() }}, true) as is_current
from {{ ref("stg_t08__consultation") }} as r
{{ row_joins() }}
left join {{ ref("int_people__household") }} as h on h.household_sk = r.household_sk
