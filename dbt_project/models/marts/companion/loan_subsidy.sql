select
    {{ list_columns() }},
    r.entity,
    r.bank,
    r.loan_yuan,
    r.rate_pct,
    r.loan_from as loan_from_on,
    r.loan_to as loan_to_on,
    r.interest_yuan,
    r.fund_source,
    r.person_sk in (
        select v.person_sk from {{ ref("stg_l4__self_employment") }} as v where v.person_sk is not null
    ) as has_venture,
    {{ business_date() }} between r.loan_from and r.loan_to as is_current
from {{ ref("stg_e09__loan_subsidy") }} as r
{{ list_joins() }}
