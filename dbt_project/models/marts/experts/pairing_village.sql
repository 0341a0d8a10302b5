select
    {{ row_columns() }},
    case when r.village_code is null then 'town' else 'village' end as target_level,
    p.is_poor,
    e.person_sk,
    r.expert,
    l.level,
    l.industries,
    r.base_name,
    r.services,
    r.forms,
    r.valid_from as valid_from_on,
    r.valid_to as valid_to_on,
    e.service_count,
    r.service_count as service_count_filled,
    e.last_served_on,
    l.villages as expert_villages,
    l.villages_most,
    e.is_active and coalesce(l.is_overloaded, false) as is_overloaded,
    e.is_zombie,
    e.is_active as is_current
from {{ ref("int_experts__village_pairing") }} as r
inner join {{ ref("int_experts__expert_pair") }} as e on e.list = 'T06' and e.row_id = r.row_id
left join {{ ref("int_experts__expert_load") }} as l on l.county_code = e.county_code and l.person_sk = e.person_sk
left join {{ ref("int_places__place") }} as p on p.place_code = coalesce(r.village_code, r.town_code)
{{ row_joins() }}
