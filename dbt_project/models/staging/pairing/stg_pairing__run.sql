select
    run_id,
    county_code,
    part,
    business_date,
    status
from {{ source("pairing", "run") }}
