select
    name,
    jurisdiction,
    value,
    valid_from,
    valid_to
from {{ source("ops", "parameter") }}
