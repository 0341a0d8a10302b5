{{ config(materialized="view") }}

with recursive claim as (
    select
        'T03' as list,
        r.county_code || '/' || r.expert as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ ref("stg_t03__expert_group") }} as r
    where r.role = '首席专家'
),

{{ first_claims("claim") }}

{{ told_rows("K55", "W", [ref("stg_t03__expert_group")]) }}
