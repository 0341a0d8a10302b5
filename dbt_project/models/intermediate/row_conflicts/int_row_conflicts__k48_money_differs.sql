{{ config(materialized="view") }}

with told as (
    select
        d.list,
        unnest(d.claim_row_ids) as row_id,
        d.payment_row_ids[1] as other_row_id
    from {{ ref("int_money__money_difference") }} as d
    where d.is_told
    union all
    select
        'E02' as list,
        unnest(d.payment_row_ids) as row_id,
        d.claim_row_ids[1] as other_row_id
    from {{ ref("int_money__money_difference") }} as d
    where d.is_told
)

{{ told_rows("K48", "W", [
    ref("stg_l2__training"),
    ref("stg_l4__self_employment"),
    ref("stg_l5__public_post"),
    ref("stg_e02__payment"),
    ref("stg_e03__job_fair"),
    ref("stg_e04__placement"),
    ref("stg_e05__employment_base"),
    ref("stg_e06__demonstration_village"),
    ref("stg_e07__employer_award"),
    ref("stg_e08__village_collective"),
    ref("stg_e09__loan_subsidy"),
]) }}
