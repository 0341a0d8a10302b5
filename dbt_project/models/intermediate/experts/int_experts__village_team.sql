{{ config(materialized="view") }}

{{ standing_rows("T04", ref("stg_t04__village_team")) }}
