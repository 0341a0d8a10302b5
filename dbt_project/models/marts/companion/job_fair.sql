select
    {{ row_columns() }},
    r.fair_no,
    r.held_on,
    r.place,
    r.organiser,
    r.employers,
    r.posts,
    r.attendees,
    r.poor_attendees,
    r.intents,
    r.hired,
    r.cost_yuan,
    extract(year from r.held_on) = extract(year from {{ business_date() }})
    and r.held_on <= {{ business_date() }} as is_current
from {{ ref("stg_e03__job_fair") }} as r
{{ row_joins() }}
