{{ config(materialized="view") }}

with recursive claim as (
    select
        'T03' as list,
        r.county_code || '/' || r.group_name as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.valid_from as start_on,
        r.valid_to as end_on
    from {{ ref("stg_t03__expert_group") }} as r
    where r.role = '首席专家'
    union all
    select
        'T04' as list,
        r.village_code as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.appointed_on as start_on,
        r.left_on as end_on
    from {{ ref("stg_t04__village_team") }} as r
    where r.role = '团长'
),

{{ first_claims("claim") }}

{{ told_rows("K54", "Q", [ref("stg_t03__expert_group"), ref("stg_t04__village_team")]) }}
