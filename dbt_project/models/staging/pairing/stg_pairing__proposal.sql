select
    run_id,
    county_code,
    part,
    want_key,
    person_sk,
    industry,
    distance_km,
    distance_basis,
    load_after,
    load_most,
    is_standing,
    replaces_sk,
    next_best_sk,
    extra_km,
    why
from {{ source("pairing", "proposal") }}
