{{ config(materialized="view") }}

with told as (
    select
        'T12' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t12__cascade_training") }} as r
    inner join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.teacher
    where r.cascade is distinct from '土带群众' and r.teacher_level <> e.level
)

{{ told_rows("K78", "W", [ref("stg_t12__cascade_training")]) }}
