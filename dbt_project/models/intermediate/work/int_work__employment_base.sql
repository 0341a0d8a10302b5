{{ config(materialized="view") }}

select
    {{ written_columns() }},
    r.base_name,
    r.uscc,
    r.ent_type,
    r.address,
    r.recognised_on,
    r.workers,
    r.poor_workers,
    coalesce(n.named, 0)::integer as workers_listed,
    greatest(r.poor_workers - coalesce(n.named, 0), 0)::integer as workers_missing,
    r.avg_wage as avg_wage_yuan,
    r.award_yuan,
    r.paid_on,
    r.valid_to as valid_to_on,
    r.recognised_on <= {{ business_date() }}
    and coalesce(r.valid_to, 'infinity') >= {{ business_date() }} as is_current
from {{ ref("stg_e05__employment_base") }} as r
{{ written_joins("E05") }}
left join (
    select
        county_code,
        employer_uscc,
        count(distinct person_sk) as named
    from {{ ref("stg_l3__transfer_employment") }}
    where
        start_on <= {{ business_date() }}
        and coalesce(end_on, 'infinity') >= {{ business_date() }}
    group by county_code, employer_uscc
) as n on n.county_code = r.county_code and n.employer_uscc = r.uscc
