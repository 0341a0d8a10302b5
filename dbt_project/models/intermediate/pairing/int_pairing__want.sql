{#-
    Whom to propose somebody for, with who helps at present: poor villages (the chief of their team, else the expert
    paired with them), poor households by industry (their technician). Only counties with a list of experts, and what
    pairing_need asks them for.
-#}
with chief as (
    select
        r.village_code,
        min(e.person_sk::text)::uuid as person_sk
    from {{ ref("int_experts__village_team") }} as r
    inner join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.member
    where
        r.role = '团长'
        and e.is_active
        and r.appointed_on <= {{ business_date() }}
        and coalesce({{ last_day("left_on", "r") }}, 'infinity') >= {{ business_date() }}
    group by r.village_code
    having count(distinct e.person_sk) = 1
),

paired as (
    select distinct on (p.list, p.household_sk, w.village_code, p.industry)
        p.list,
        p.household_sk,
        w.village_code,
        p.industry,
        p.person_sk
    from {{ ref("int_experts__expert_pair") }} as p
    cross join lateral (select case p.list when 'T06' then p.village_code end as village_code) as w
    left join {{ ref("int_experts__expert_now") }} as h on h.county_code = p.county_code and h.person_sk = p.person_sk
    where p.is_active and p.person_sk is not null and p.list in ('T05', 'T06')
    order by
        p.list, p.household_sk, w.village_code, p.industry, p.start_on, h.town_code, h.village_code, h.name, h.unit,
        h.id_no, h.phone, p.person_sk
),

wanted as (
    select distinct
        case n.kind when 'household_technician' then 'technician' else 'chief' end as part,
        n.county_code,
        n.town_code,
        n.village_code,
        n.household_sk,
        n.household_no,
        n.industry
    from {{ ref("int_pairing__need") }} as n
    where
        n.kind in ('village_team', 'village_expert', 'household_technician')
        and exists (
            select 1
            from {{ ref("int_pairing__helper") }} as h
            where h.county_code = n.county_code
        )
)

select
    n.part,
    case n.part when 'chief' then n.village_code else concat_ws('/', n.household_sk, n.industry) end as want_key,
    n.county_code,
    n.town_code,
    n.village_code,
    n.household_sk,
    string_to_array(n.industry, '、') as industries,
    s.lon,
    s.lat,
    case n.part when 'chief' then coalesce(c.person_sk, e.person_sk) else t.person_sk end as standing_sk,
    row_number() over (
        partition by n.county_code, n.part order by n.village_code, n.household_no, n.industry, n.household_sk
    )::integer as place
from wanted as n
left join {{ ref("int_places__place_spot") }} as s on s.level = 'village' and s.village_code = n.village_code
left join chief as c on n.part = 'chief' and c.village_code = n.village_code
left join paired as e on n.part = 'chief' and e.list = 'T06' and e.village_code = n.village_code
left join paired as t
    on n.part = 'technician' and t.list = 'T05' and t.household_sk = n.household_sk and t.industry = n.industry
