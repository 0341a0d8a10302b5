{{ config(tags=["proposal"]) }}

{#- Poor households without a technician for one of their industries, with whom the last night proposes, if anybody. -#}
select
    md5(concat_ws('/', n.household_sk, n.industry))::uuid as unpaired_key,
    n.county_code,
    n.town_code,
    t.town_name,
    n.village_code,
    v.village_name,
    n.household_sk,
    n.household_no,
    n.head_name,
    n.industry,
    p.person_sk as proposed_sk,
    e.name as proposed_name,
    e.unit as proposed_unit,
    coalesce(p.why, g.why) as why,
    p.person_sk is not null as has_proposal,
    {{ business_date() }} as as_of_on
from {{ ref("int_pairing__need") }} as n
left join {{ ref("stg_pairing__proposal") }} as p
    on
        p.county_code = n.county_code
        and p.part = 'technician'
        and p.want_key = concat_ws('/', n.household_sk, n.industry)
left join (
    select
        county_code,
        unnest(want_keys) as want_key,
        why
    from {{ ref("stg_pairing__gap") }}
    where part = 'technician'
) as g on g.county_code = n.county_code and g.want_key = concat_ws('/', n.household_sk, n.industry)
left join {{ ref("int_experts__expert_now") }} as e on e.county_code = p.county_code and e.person_sk = p.person_sk
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = n.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = n.village_code
where n.kind = 'household_technician' and not n.is_met
