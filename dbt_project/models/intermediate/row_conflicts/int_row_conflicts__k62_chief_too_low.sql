{{ config(materialized="view") }}

with told as (
    select
        'T04' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t04__village_team") }} as r
    inner join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.member
    where r.role = '团长' and e.level in ('乡', '村')
)

{{ told_rows("K62", "W", [ref("stg_t04__village_team")]) }}
