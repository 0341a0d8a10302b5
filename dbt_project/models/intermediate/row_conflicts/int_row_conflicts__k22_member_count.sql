{{ config(materialized="view") }}

with home as (
    {{ newest_households() }}
),

counted as (
    select
        household_sk,
        count(*) as members,
        count(*) filter (where member_state = '在册') as present
    from {{ ref("stg_h02__member") }}
    where household_sk is not null
    group by household_sk
),

-- Who left may be counted or not. Where one of the two lists has not come yet nothing is told.
told as (
    select
        'H01' as list,
        h.row_id,
        null::uuid as other_row_id
    from home as h
    inner join counted as c on c.household_sk = h.household_sk
    where
        h.member_count not in (c.members, c.present)
        and h.county_code in (
            select m.county_code from {{ ref("stg_h02__member") }} as m where m.household_sk is not null
        )
)

{{ told_rows("K22", "W", [ref("stg_h01__household")]) }}
