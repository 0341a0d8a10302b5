{{ config(materialized="view") }}

with home as (
    {{ newest_households() }}
),

member as (
    select
        row_id,
        county_code,
        household_sk
    from {{ ref("stg_h02__member") }}
    where household_sk is not null
),

-- Where one of the two lists has not come yet nothing is told.
told as (
    select
        'H01' as list,
        h.row_id,
        null::uuid as other_row_id
    from home as h
    where
        h.county_code in (select m.county_code from member as m)
        and not exists (select 1 from member as m where m.household_sk = h.household_sk)
    union all
    select
        'H02' as list,
        m.row_id,
        null as other_row_id
    from member as m
    where
        m.county_code in (select h.county_code from home as h)
        and not exists (select 1 from home as h where h.household_sk = m.household_sk)
)

{{ told_rows("K23", "W", [ref("stg_h01__household"), ref("stg_h02__member")]) }}
