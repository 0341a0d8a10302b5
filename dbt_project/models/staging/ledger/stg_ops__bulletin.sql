select
    bulletin_id,
    county_code,
    period,
    issue,
    issued_on,
    as_of_on,
    note,
    inputs_sha256,
    docx_sha256
from {{ source("ops", "bulletin") }}
