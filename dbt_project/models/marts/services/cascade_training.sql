select
    {{ row_columns() }},
    r.person_sk,
    r.id_no,
    r.name,
    r.phone,
    coalesce(r.in_register, false) as in_register,
    r.session_no,
    r.order_no,
    r.cascade,
    r.teacher,
    h.person_sk as teacher_sk,
    r.teacher_level,
    r.held_on,
    r.place,
    r.topic,
    r.hours,
    r.trainee_kind,
    o.order_no is not null as has_order,
    extract(year from r.held_on) = extract(year from {{ business_date() }}) as is_current
from {{ ref("stg_t12__cascade_training") }} as r
{{ row_joins() }}
left join {{ ref("int_experts__named_helper") }} as h on h.list = 'T12' and h.row_id = r.row_id
left join (
    select distinct
        county_code,
        order_no
    from {{ ref("stg_t11__training_order") }}
    where order_no is not null
) as o on o.county_code = r.county_code and o.order_no = r.order_no
