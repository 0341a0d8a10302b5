select
    submission_id,
    sheet,
    part,
    template,
    period,
    status,
    reason
from {{ source("ops", "submission_sheet") }}
