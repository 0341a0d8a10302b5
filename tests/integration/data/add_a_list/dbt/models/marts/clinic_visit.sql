select
    r.row_id,
    r.session_no,
    r.person_sk,
    case when p.in_register then p.id_no else r.id_no end as id_no,
    case when p.in_register then p.name else r.name end as name,
    r.county_code,
    r.town_code,
    r.held_on,
    r.teacher,
    r.teacher_level,
    r.trainee_kind,
    r.industries
from {{ ref("stg_n03__clinic_visit") }} as r
left join {{ ref("int_people__person") }} as p on r.person_sk = p.person_sk
