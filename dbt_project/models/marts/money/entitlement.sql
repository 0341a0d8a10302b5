select
    md5(e.person_sk::text || e.policy)::uuid as entitlement_key,
    e.person_sk,
    p.id_no,
    p.name,
    p.county_code,
    p.town_code,
    t.town_name,
    p.village_code,
    v.village_name,
    e.policy,
    e.rule_from_on,
    e.since_on,
    e.paid_on,
    case when e.paid_on is null then '未享' else '已享' end as state,
    {{ business_date() }} as as_of_on
from {{ ref("eligibility") }} as e
inner join {{ ref("person") }} as p on p.person_sk = e.person_sk
left join {{ ref("place_name") }} as t on t.level = 'town' and t.town_code = p.town_code
left join {{ ref("place_name") }} as v on v.level = 'village' and v.village_code = p.village_code
