select
    {{ list_columns() }},
    r.class_no,
    r.train_type,
    r.occupation,
    r.level,
    r.org_name,
    r.place,
    r.start_on,
    {{ last_day("end_on", "r") }} as end_on,
    r.hours,
    r.days,
    r.attendance_pct,
    r.result,
    r.cert_type,
    r.cert_no,
    r.cert_on,
    r.std_yuan,
    r.amount_yuan,
    r.payee,
    r.paid_on,
    r.living_yuan,
    r.after_emp,
    r.as_of as confirmed_on,
    coalesce(
        r.start_on <= {{ business_date() }}
        and extract(year from {{ business_date() }})
        between extract(year from r.start_on) and extract(year from coalesce(r.end_on, r.start_on)),
        false
    ) as is_current
from {{ ref("stg_l2__training") }} as r
{{ list_joins() }}
