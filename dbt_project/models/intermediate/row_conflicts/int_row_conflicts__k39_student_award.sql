{{ config(materialized="view") }}

with told as (
    select
        'E07' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e07__employer_award") }} as r
    where
        r.claimant_type = '返乡创业贫困家庭大学生'
        and r.county_code in (
            select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'L4'
        )
        and not exists (
            select 1
            from {{ ref("stg_l4__self_employment") }} as v
            where v.person_sk = r.person_sk and v.is_student and v.is_returnee
        )
)

{{ told_rows("K39", "W", [ref("stg_e07__employer_award")]) }}
