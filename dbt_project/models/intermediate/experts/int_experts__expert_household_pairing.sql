{{ config(materialized="view") }}

{{ standing_rows("T06H", ref("stg_t06h__expert_household_pairing")) }}
