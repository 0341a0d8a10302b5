select
    {{ list_columns() }},
    r.care,
    r.held_on,
    r.dimension,
    r.content,
    r.result,
    extract(year from r.held_on) = extract(year from {{ business_date() }}) as is_current
from {{ ref("stg_t20__care") }} as r
{{ list_joins() }}
