select
    {{ list_columns() }},
    r.held_on,
    r.content
from {{ ref("stg_${table}__$name") }} as r
{{ list_joins() }}
