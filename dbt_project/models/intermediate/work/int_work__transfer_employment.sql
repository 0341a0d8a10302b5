{{ config(materialized="view") }}

{{ kept_versions("L3", ref("stg_l3__transfer_employment"), ref("stg_l3__transfer_employment_versions")) }}
