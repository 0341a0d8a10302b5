{{ config(materialized="view") }}

with told as (
    -- A demonstration village's base stands among the bases.
    select
        'E06' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e06__demonstration_village") }} as r
    where
        r.item_no = 6
        and r.done
        and r.county_code in (
            select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'E05'
        )
        and not exists (
            select 1
            from {{ ref("stg_e05__employment_base") }} as b
            where
                b.county_code = r.county_code
                and (strpos(r.evidence, b.uscc) > 0 or strpos(r.evidence, b.base_name) > 0)
        )
)

{{ told_rows("K46", "W", [ref("stg_e06__demonstration_village")]) }}
