{{ config(materialized="view") }}

with kept as (
    {{ kept_versions("L5", ref("stg_l5__public_post"), ref("stg_l5__public_post_versions")) }}
)

select *
from kept as r
where
    not exists (
        select 1 from {{ ref("int_row_conflicts__x15_second_post") }} as c where c.row_id = r.row_id
    )
