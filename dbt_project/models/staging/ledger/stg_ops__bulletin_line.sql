select
    bulletin_id,
    position as line_no,
    section,
    place_code,
    place_name,
    measure as metric,
    measure_name as line_name,
    value as figure,
    unit as uom,
    target,
    rate_pct,
    overdue as overdue_count,
    light,
    rank as rank_in_county,
    change,
    due_on
from {{ source("ops", "bulletin_line") }}
