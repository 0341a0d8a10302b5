{{ config(materialized="view") }}

with told as (
    select
        'T03' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t03__expert_group") }} as r
    inner join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
    where r.industry is not null and not r.industry = any(e.industries)
)

{{ told_rows("K61", "W", [ref("stg_t03__expert_group")]) }}
