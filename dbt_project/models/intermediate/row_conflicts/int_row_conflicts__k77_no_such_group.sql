{{ config(materialized="view") }}

with grouped as (
    select distinct
        county_code,
        {{ group_stem("group_name") }} as stem
    from {{ ref("stg_t03__expert_group") }}
),

told as (
    select
        'T08' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t08__consultation") }} as r
    where
        r.group_name is not null
        and exists (select 1 from grouped as g where g.county_code = r.county_code)
        and not exists (
            select 1
            from grouped as g
            where g.county_code = r.county_code and g.stem = {{ group_stem("r.group_name") }}
        )
)

{{ told_rows("K77", "W", [ref("stg_t08__consultation")]) }}
