{{ config(materialized="view") }}

with recursive claim as (
    select
        'T06' as list,
        r.county_code || '/' || r.expert || '/' || coalesce(r.village_code, r.town_code) as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ ref("stg_t06__village_pairing") }} as r
    union all
    select
        'T06H' as list,
        r.expert || '/' || r.household_sk as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ ref("stg_t06h__expert_household_pairing") }} as r
),

{{ first_claims("claim") }}

{{ told_rows("K57", "Q", [ref("stg_t06__village_pairing"), ref("stg_t06h__expert_household_pairing")]) }}
