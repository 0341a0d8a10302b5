{{ config(materialized="view") }}

with told as (
    select
        list,
        row_id,
        null::uuid as other_row_id
    from {{ ref("int_experts__named_expert") }}
    where is_known and is_term and serving > 1
)

{{ told_rows("K75", "W", [
    ref("stg_t03__expert_group"),
    ref("stg_t04__village_team"),
    ref("stg_t06__village_pairing"),
    ref("stg_t06h__expert_household_pairing"),
    ref("stg_t24__share_holding"),
]) }}
