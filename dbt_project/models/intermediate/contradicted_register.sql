{#-
    The register's two lists beside each other: K22 a household that counts another number of people than its members
    are (those who are there, or all that were ever named), K23 a household without members and members without a
    household. Where one of the lists has not come yet nothing is told.
-#}
with home as (
    select distinct on (household_sk)
        row_id,
        county_code,
        household_sk,
        member_count
    from {{ source("raw", "h01_now") }}
    where household_sk is not null
    order by household_sk, as_of desc nulls last, row_id
),

member as (
    select
        row_id,
        county_code,
        household_sk,
        member_state
    from {{ source("raw", "h02_now") }}
    where household_sk is not null
),

sent as (
    select h.county_code
    from (select distinct county_code from home) as h
    inner join (select distinct county_code from member) as m on m.county_code = h.county_code
),

counted as (
    select
        household_sk,
        count(*) as members,
        count(*) filter (where member_state = '在册') as present
    from member
    group by household_sk
),

told as (
    select
        case when c.household_sk is null then 'K23' else 'K22' end as rule,
        'H01' as list,
        h.row_id,
        null::uuid as other_row_id
    from home as h
    inner join sent as s on s.county_code = h.county_code
    left join counted as c on c.household_sk = h.household_sk
    where c.household_sk is null or h.member_count not in (c.members, c.present)
    union all
    select
        'K23' as rule,
        'H02' as list,
        m.row_id,
        null as other_row_id
    from member as m
    inner join sent as s on s.county_code = m.county_code
    left join home as h on h.household_sk = m.household_sk
    where h.household_sk is null
)

{{ told_rows(["h01", "h02"]) }}
