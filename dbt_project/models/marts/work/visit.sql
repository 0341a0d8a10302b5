select
    {{ list_columns() }},
    coalesce(h.household_no, r.household_no) as household_no,
    coalesce(h.head_name, r.head_name) as head_name,
    r.visit_type,
    r.visited_on,
    r.method,
    r.reached,
    r.unreached_reason,
    r.status_found,
    r.employer,
    r.wage_yuan,
    r.stable,
    r.needs,
    r.satisfaction,
    r.action,
    r.visitor,
    row_number() over (partition by r.person_sk order by r.visited_on desc, r.row_id) = 1 as is_current
from {{ ref("stg_e01__visit") }} as r
{{ list_joins() }}
left join {{ ref("int_people__household") }} as h on h.household_sk = r.household_sk
