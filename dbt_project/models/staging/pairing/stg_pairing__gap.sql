select
    run_id,
    county_code,
    part,
    gap_no,
    want_keys,
    industries,
    reason,
    nearest_sk,
    distance_km,
    beyond_km,
    why
from {{ source("pairing", "gap") }}
