select
    {{ row_columns() }},
    r.record_no,
    r.held_on,
    r.content
from {{ ref("stg_${table}__$name") }} as r
{{ row_joins() }}
