{{ config(materialized="view") }}

{{ standing_rows("T06", ref("stg_t06__village_pairing")) }}
