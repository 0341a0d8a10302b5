{{ config(materialized="view") }}

{{ standing_rows("T05", ref("stg_t05__technician_pairing")) }}
