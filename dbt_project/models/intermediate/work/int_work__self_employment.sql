{{ config(materialized="view") }}

{{ kept_versions("L4", ref("stg_l4__self_employment"), ref("stg_l4__self_employment_versions")) }}
