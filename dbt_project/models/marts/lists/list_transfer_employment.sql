select
    {{ list_columns() }},
    r.emp_form,
    r.region,
    r.place,
    r.employer,
    r.employer_uscc,
    r.industry,
    r.job,
    r.channel,
    r.contract,
    r.insured,
    r.start_on,
    s.end_on,
    r.wage_yuan,
    r.months,
    r.year_income as year_income_yuan,
    r.return_reason,
    s.confirmed_on,
    s.is_employed,
    s.is_stable,
    -- Register statistics count work away from home from the fourth month on.
    s.is_open
    and r.start_on
    <= {{ business_date() }}
    - make_interval(months => {{ parameter("away_months", "r.county_code") }}::integer) as is_over_3_months,
    s.is_open as is_current
from {{ ref("stg_l3__transfer_employment") }} as r
inner join {{ ref("int_work__spell") }} as s on s.row_id = r.row_id
{{ list_joins() }}
