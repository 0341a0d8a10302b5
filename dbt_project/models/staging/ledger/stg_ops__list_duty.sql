select
    code,
    title,
    cadence,
    audience
from {{ source("ops", "list_duty") }}
