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
    rows_read,
    rows_quarantined,
    receipt_no,
    received_at,
    duplicate_of,
    is_work_list,
    undone_at
from {{ source("ops", "submission") }}
