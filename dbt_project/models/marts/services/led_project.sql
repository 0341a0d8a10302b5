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
    r.state is distinct from '终止' as is_current
from {{ ref("stg_t14") }} as r
{{ row_joins() }}
