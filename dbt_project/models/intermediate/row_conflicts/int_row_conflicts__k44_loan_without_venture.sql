{{ config(materialized="view") }}

with told as (
    select
        'E09' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e09__loan_subsidy") }} as r
    where
        r.county_code in (select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'L4')
        and not exists (select 1 from {{ ref("stg_l4__self_employment") }} as v where v.person_sk = r.person_sk)
)

{{ told_rows("K44", "W", [ref("stg_e09__loan_subsidy")]) }}
