{{ config(tags=["proposal"]) }}

{#-
    load_after counts what is proposed to a helper; load_beside the pairs that stand today and that the proposal neither
    keeps nor gives to others: both together are what the helper has when all is accepted.
-#}
with held as (
    select
        county_code,
        person_sk,
        case list when 'T06' then 'chief' else 'technician' end as part,
        case list when 'T06' then village_code else household_sk::text end as target,
        -- A pair of T06h is in no trade, so that no proposal is about it.
        case list when 'T06' then village_code when 'T05' then concat_ws('/', household_sk, industry) end as want_key
    from {{ ref("int_experts__expert_pair") }}
    where is_active and person_sk is not null and list in ('T05', 'T06', 'T06h')
),

counted as (
    select
        h.county_code,
        h.person_sk,
        h.part,
        count(distinct h.target)::integer as load_now,
        count(distinct h.target) filter (where p.want_key is null)::integer as load_beside
    from held as h
    left join {{ ref("stg_pairing__proposal") }} as p
        on p.county_code = h.county_code and p.part = h.part and p.want_key = h.want_key
    group by h.county_code, h.person_sk, h.part
)

select
    md5(concat_ws('/', p.county_code, p.part, p.want_key))::uuid as proposal_key,
    case p.part when 'chief' then 'village_chief' when 'technician' then 'household_technician' end as kind,
    case p.part when 'chief' then '专家任贫困村特派团团长' when 'technician' then '技术员结对贫困户' end as kind_name,
    p.county_code,
    w.town_code,
    t.town_name,
    w.village_code,
    v.village_name,
    w.household_sk,
    h.household_no,
    h.head_name,
    p.person_sk,
    e.id_no,
    e.name,
    e.unit,
    p.industry,
    p.distance_km::numeric(8, 2) as distance_km,
    p.distance_basis,
    coalesce(c.load_now, 0) as load_now,
    p.load_after,
    coalesce(c.load_beside, 0) as load_beside,
    p.load_most,
    p.is_standing,
    p.replaces_sk,
    o.name as replaces_name,
    p.next_best_sk,
    n.name as next_best_name,
    p.extra_km::numeric(10, 2) as extra_km,
    p.why
    || case
        when c.load_beside > 0
            then
                '；另有' || c.load_beside || case p.part when 'chief' then '村' else '户' end || '现有结对不在本方案内'
        else ''
    end as why,
    r.status = 'OPTIMAL' as is_proven_optimal,
    r.business_date as proposed_on,
    {{ business_date() }} as as_of_on
from {{ ref("stg_pairing__proposal") }} as p
inner join {{ ref("stg_pairing__run") }} as r on r.run_id = p.run_id
inner join {{ ref("int_pairing__want") }} as w
    on w.county_code = p.county_code and w.part = p.part and w.want_key = p.want_key
left join counted as c on c.county_code = p.county_code and c.person_sk = p.person_sk and c.part = p.part
left join {{ ref("int_experts__expert_now") }} as e on e.county_code = p.county_code and e.person_sk = p.person_sk
left join {{ ref("int_experts__expert_now") }} as o on o.county_code = p.county_code and o.person_sk = p.replaces_sk
left join {{ ref("int_experts__expert_now") }} as n on n.county_code = p.county_code and n.person_sk = p.next_best_sk
left join {{ ref("int_people__household") }} as h on h.household_sk = w.household_sk
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = w.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = w.village_code
