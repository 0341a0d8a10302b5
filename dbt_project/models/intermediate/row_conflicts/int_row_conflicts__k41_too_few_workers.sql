{{ config(materialized="view") }}

with told as (
    select
        'E05' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e05__employment_base") }} as r
    where
        r.county_code in (select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'L3')
        and r.poor_workers > (
            select count(distinct s.person_sk)
            from {{ ref("stg_l3__transfer_employment") }} as s
            where
                s.county_code = r.county_code
                and s.employer_uscc = r.uscc
                and s.start_on <= {{ business_date() }}
                and coalesce(s.end_on, 'infinity') >= {{ business_date() }}
        )
    union all
    select
        'E07' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e07__employer_award") }} as r
    where
        r.county_code in (select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'L3')
        and r.workers > (
            select count(distinct w.person_sk)
            from {{ ref("int_money__award_worker") }} as w
            where w.row_id = r.row_id and w.covers
        )
)

{{ told_rows("K41", "W", [ref("stg_e05__employment_base"), ref("stg_e07__employer_award")]) }}
