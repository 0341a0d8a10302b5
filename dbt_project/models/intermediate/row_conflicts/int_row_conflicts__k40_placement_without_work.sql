{{ config(materialized="view") }}

with told as (
    select
        'E04' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_e04__placement") }} as r
    where
        r.county_code in (select c.county_code from {{ ref("int_submissions__sent_list") }} as c where c.list = 'L3')
        and not exists (
            select 1
            from {{ ref("stg_l3__transfer_employment") }} as s
            where
                s.person_sk = r.person_sk
                and {{ employer_norm("s.employer") }} = {{ employer_norm("r.employer") }}
                and s.start_on between r.placed_on - {{ parameter("placement_days", "r.county_code") }}::integer
                and r.placed_on + {{ parameter("placement_days", "r.county_code") }}::integer
        )
)

{{ told_rows("K40", "W", [ref("stg_e04__placement")]) }}
