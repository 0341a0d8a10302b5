select
    {{ written_columns() }},
    r.kind,
    r.level,
    r.name as platform_name,
    r.place,
    r.industry,
    r.carrier,
    r.built_on,
    coalesce(r.built_on, '-infinity') <= {{ business_date() }} as is_current
from {{ ref("stg_t23__platform") }} as r
{{ written_joins("T23") }}
