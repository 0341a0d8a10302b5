{{ config(materialized="view") }}

select
    {{ list_columns() }},
    r.agency,
    r.agency_uscc,
    r.employer,
    r.placed_on,
    r.contract_to as contract_to_on,
    r.is_free,
    r.stable_6m,
    r.grant_yuan,
    s.start_on as spell_start_on,
    s.start_on is not null as has_spell,
    coalesce(r.is_free and r.stable_6m and s.start_on is not null, false) as grant_is_due,
    extract(year from r.placed_on) = extract(year from {{ business_date() }})
    and r.placed_on <= {{ business_date() }} as is_current
from {{ ref("stg_e04__placement") }} as r
{{ list_joins() }}
left join lateral (
    select n.start_on
    from {{ ref("int_work__spell") }} as n
    where
        n.list = 'L3'
        and n.person_sk = r.person_sk
        and n.counterpart_norm = {{ employer_norm("r.employer") }}
        and n.start_on between r.placed_on - {{ parameter("placement_days", "r.county_code") }}::integer
        and r.placed_on + {{ parameter("placement_days", "r.county_code") }}::integer
    order by abs(n.start_on - r.placed_on), n.start_on
    limit 1
) as s on true
