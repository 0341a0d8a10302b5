select
    {{ list_columns() }},
    r.industry,
    r.batch,
    r.how,
    r.trained_on,
    r.households,
    r.income_yuan,
    row_number() over (partition by r.person_sk order by r.trained_on desc, r.row_id) = 1 as is_current
from {{ ref("stg_t17__leader") }} as r
{{ list_joins() }}
