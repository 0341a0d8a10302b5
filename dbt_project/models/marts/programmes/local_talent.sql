select
    {{ list_columns() }},
    r.kind,
    r.skill,
    r.recognised_on,
    r.level,
    r.title_name,
    r.title_level,
    r.cert_no,
    r.title_year,
    r.in_training,
    r.in_support,
    -- Who holds a title comes first in training and in support; a blank is not yet a yes.
    case
        when coalesce(r.title_name, r.title_level) is null then '无职称'
        when coalesce(r.in_training, false) and coalesce(r.in_support, false) then '已优先纳入'
        else '应优先未纳入'
    end as state,
    row_number() over (partition by r.person_sk order by r.recognised_on desc, r.row_id) = 1 as is_current
from {{ ref("stg_t16__local_talent") }} as r
{{ list_joins() }}
