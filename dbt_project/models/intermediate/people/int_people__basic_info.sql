{{ config(materialized="view") }}

{{ kept_versions("L1", ref("stg_l1__basic_info"), ref("stg_l1__basic_info_versions")) }}
