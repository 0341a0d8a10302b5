{{ config(materialized="view") }}

with told as (
    select
        list,
        row_id,
        null::uuid as other_row_id
    from {{ ref("int_experts__named_expert") }}
    where not is_known
)

{{ told_rows("K60", "W", [
    ref("stg_t03__expert_group"),
    ref("stg_t04__village_team"),
    ref("stg_t05__technician_pairing"),
    ref("stg_t06__village_pairing"),
    ref("stg_t06h__expert_household_pairing"),
    ref("stg_t08__consultation"),
    ref("stg_t09__prescription"),
    ref("stg_t10__prescription_visit"),
    ref("stg_t11__training_order"),
    ref("stg_t12__cascade_training"),
    ref("stg_t13__demonstration_base"),
    ref("stg_t18__sign_board"),
    ref("stg_t24__share_holding"),
]) }}
