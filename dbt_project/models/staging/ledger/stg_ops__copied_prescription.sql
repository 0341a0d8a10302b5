select
    row_id,
    other_row_id
from {{ source("ops", "copied_prescription") }}
