{{ config(tags=["proposal"]) }}

select
    md5(concat_ws('/', g.county_code, g.part, g.gap_no))::uuid as shortfall_key,
    case g.part when 'chief' then 'village_chief' when 'technician' then 'household_technician' end as kind,
    case g.part when 'chief' then '贫困村没有可配的团长' when 'technician' then '贫困户没有可配的技术员' end as kind_name,
    g.county_code,
    w.town_code,
    t.town_name,
    w.village_code,
    v.village_name,
    array_to_string(g.industries, '、') as industry,
    cardinality(g.want_keys) as item_count,
    case g.part
        when 'chief' then 1
        else ceil(cardinality(g.want_keys) / {{ parameter("technician_households_most", "g.county_code") }}::numeric)
    end::integer as people_needed,
    g.reason,
    g.nearest_sk,
    e.name as nearest_name,
    g.distance_km::numeric(8, 2) as distance_km,
    g.beyond_km::numeric(8, 2) as beyond_km,
    g.why,
    r.business_date as proposed_on,
    {{ business_date() }} as as_of_on
from {{ ref("stg_pairing__gap") }} as g
inner join {{ ref("stg_pairing__run") }} as r on r.run_id = g.run_id
inner join {{ ref("int_pairing__want") }} as w
    on w.county_code = g.county_code and w.part = g.part and w.want_key = g.want_keys[1]
left join {{ ref("int_experts__expert_now") }} as e on e.county_code = g.county_code and e.person_sk = g.nearest_sk
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = w.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = w.village_code
