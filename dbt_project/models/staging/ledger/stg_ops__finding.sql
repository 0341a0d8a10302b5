select
    finding_id,
    submission_id,
    sheet,
    part,
    row_no,
    row_id,
    field,
    rule,
    verdict,
    is_contradiction,
    closed_by,
    closed_on
from {{ source("ops", "finding") }}
