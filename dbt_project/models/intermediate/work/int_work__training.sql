{{ config(materialized="view") }}

{{ kept_versions("L2", ref("stg_l2__training"), ref("stg_l2__training_versions")) }}
