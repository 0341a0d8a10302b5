with home as (
    {{ newest_households() }}
),

member as (
    select
        household_sk,
        count(*) filter (where member_state = '在册') as members,
        min(person_sk::text) filter (where rel_to_head in ('户主', '本人') and member_state = '在册') as head_person_sk,
        count(*) filter (where rel_to_head in ('户主', '本人') and member_state = '在册') as heads
    from {{ ref("int_people__register_person") }}
    where household_sk is not null
    group by household_sk
),

worker as (
    select
        household_sk,
        count(*) as labourers,
        count(*) filter (where is_employed) as employed,
        bool_or(is_stable) as has_stable_job
    from {{ ref("int_people__labourer") }}
    where household_sk is not null
    group by household_sk
)

select
    h.household_sk,
    h.household_no,
    h.head_name,
    m.head_person_sk::uuid as head_person_sk,
    h.county_code,
    h.town_code,
    coalesce(t.town_name, h.town_name) as town_name,
    h.village_code,
    coalesce(v.village_name, h.village_name) as village_name,
    h.attr,
    h.cause,
    h.causes,
    h.poverty_status,
    h.in_year,
    h.exit_year,
    h.industries,
    h.relocated,
    h.member_count,
    coalesce(m.members, 0)::integer as members_counted,
    coalesce(h.member_count = coalesce(m.members, 0), false) as count_agrees,
    coalesce(m.heads, 0)::integer as heads_counted,
    coalesce(w.labourers, 0)::integer as labourers,
    coalesce(w.employed, 0)::integer as employed,
    coalesce(w.labourers, 0) > 0 as has_labour,
    coalesce(w.employed, 0) = 0 and coalesce(w.labourers, 0) > 0 as is_zero_employment,
    coalesce(w.has_stable_job, false) as has_stable_job,
    {{ business_date() }} as as_of_on
from home as h
left join member as m on m.household_sk = h.household_sk
left join worker as w on w.household_sk = h.household_sk
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = h.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = h.village_code
