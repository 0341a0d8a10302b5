{{ config(materialized="view") }}

select
    {{ list_columns() }},
    r.post_no,
    r.post_name,
    r.post_type,
    r.manager_unit,
    r.place,
    r.start_on,
    {{ last_day("end_on", "r") }} as end_on,
    r.left_on,
    r.exit_reason,
    r.std_yuan,
    r.months,
    r.amount_yuan,
    r.bank,
    r.account_no,
    r.account_name,
    r.insured,
    r.days,
    s.confirmed_on,
    s.is_employed,
    s.is_open as is_current
from {{ ref("stg_l5__public_post") }} as r
inner join {{ ref("int_work__spell") }} as s on s.row_id = r.row_id
{{ list_joins() }}
