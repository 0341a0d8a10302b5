{{ config(materialized="view") }}

with told as (
    select
        'E08' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e08__village_collective") }} as r
    inner join {{ ref("stg_v01__village") }} as v on v.village_code = r.village_code
    where
        not v.is_poor
)

{{ told_rows("K43", "W", [ref("stg_e08__village_collective")]) }}
