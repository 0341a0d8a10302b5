{{ config(materialized="view") }}

with village as (
    {{ newest_villages() }}
),

told as (
    select
        'T04' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t04__village_team") }} as r
    inner join village as v on v.village_code = r.village_code
    where not r.industry = any(v.industries)
)

{{ told_rows("K63", "W", [ref("stg_t04__village_team")]) }}
