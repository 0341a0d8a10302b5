select
    submission_id,
    business_date,
    county_code,
    unit_code,
    file_name,
    template,
    period,
    status,
    reason,
    receipt_no,
    received_at,
    duplicate_of,
    undone_at
from {{ source("ops", "submission") }}
