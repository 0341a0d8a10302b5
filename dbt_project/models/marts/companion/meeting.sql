select
    {{ row_columns() }},
    r.held_on,
    r.level,
    r.body,
    r.topic,
    r.decision,
    r.owner,
    r.due as due_on,
    r.done as is_done,
    coalesce(r.due < {{ business_date() }} and not coalesce(r.done, false), false) as is_overdue,
    r.decision is not null and not coalesce(r.done, false) as is_current
from {{ ref("stg_e13__meeting") }} as r
{{ row_joins() }}
