{{ config(tags=["proposal"]) }}

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
    p.load_after,
    p.load_most,
    p.is_standing,
    p.replaces_sk,
    o.name as replaces_name,
    p.next_best_sk,
    n.name as next_best_name,
    p.extra_km::numeric(10, 2) as extra_km,
    p.why,
    r.status = 'OPTIMAL' as is_proven_optimal,
    r.business_date as proposed_on,
    {{ business_date() }} as as_of_on
from {{ source("pairing", "proposal") }} as p
inner join {{ source("pairing", "run") }} as r on r.run_id = p.run_id
inner join {{ ref("pairing_want") }} as w
    on w.county_code = p.county_code and w.part = p.part and w.want_key = p.want_key
left join {{ ref("expert_now") }} as e on e.county_code = p.county_code and e.person_sk = p.person_sk
left join {{ ref("expert_now") }} as o on o.county_code = p.county_code and o.person_sk = p.replaces_sk
left join {{ ref("expert_now") }} as n on n.county_code = p.county_code and n.person_sk = p.next_best_sk
left join {{ ref("household") }} as h on h.household_sk = w.household_sk
left join {{ ref("place_name") }} as t on t.level = 'town' and t.town_code = w.town_code
left join {{ ref("place_name") }} as v on v.level = 'village' and v.village_code = w.village_code
