{{ config(materialized="view") }}

with told as (
    select
        'E08' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e08__village_collective") }} as r
    where
        r.county_code in (select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'L3')
        and r.persons <> (
            select count(distinct s.person_sk)
            from {{ ref("stg_l3__transfer_employment") }} as s
            where
                s.village_code = r.village_code
                and s.channel = '村集体组织'
                and to_char(s.start_on, 'YYYY-"Q"Q') = r.quarter
        )
)

{{ told_rows("K42", "W", [ref("stg_e08__village_collective")]) }}
