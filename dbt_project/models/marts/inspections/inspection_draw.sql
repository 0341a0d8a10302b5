{#-
    What would be drawn tonight. No row says its town in town_code, by which towns see their own rows: an inspection that
    is expected finds what was prepared for it.
-#}
select
    d.county_code,
    null::text as town_code,
    d.town_code as place_town_code,
    v.town_name,
    d.village_code as place_village_code,
    v.village_name,
    d.period,
    d.line_no,
    d.sample_no,
    d.line_kind,
    d.group_no,
    d.household_sk,
    d.head_name,
    d.person_sk,
    p.name,
    d.status_conflict_count,
    d.drag_fill_count,
    d.unpaired_count,
    d.stale_count,
    d.risk_points,
    d.why,
    d.villages_most,
    d.households_most,
    d.candidate_count,
    d.candidates_md5,
    {{ business_date() }} as as_of_on
from {{ ref("int_inspections__draw") }} as d
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = d.village_code
left join {{ ref("int_people__person") }} as p on p.person_sk = d.person_sk
