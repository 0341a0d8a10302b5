{{ config(materialized="view") }}

{{ standing_rows("T03", ref("stg_t03__expert_group")) }}
