select
    {{ row_columns() }},
    r.project,
    r.person_sk,
    r.id_no,
    r.leader,
    r.phone,
    r.leader_kind,
    r.how,
    r.project_class,
    r.industry,
    r.invest_yuan,
    r.policies,
    r.households,
    r.filed_on,
    r.state,
    coalesce(r.state <> '终止', true) as is_current
from {{ ref("stg_t14__led_project") }} as r
{{ row_joins() }}
