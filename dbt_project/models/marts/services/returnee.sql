select
    {{ row_columns() }},
    r.person_sk,
    r.id_no,
    r.name,
    r.phone,
    r.from_place,
    r.returned_on,
    r.project,
    r.funds_yuan,
    r.paired_village,
    r.paired_village_place as paired_village_code,
    r.jobs,
    r.returned_on <= {{ business_date() }} as is_current
from {{ ref("stg_t15__returnee") }} as r
{{ row_joins() }}
