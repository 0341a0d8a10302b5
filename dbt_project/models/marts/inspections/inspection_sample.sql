{#- A line says its town in town_code, by which towns see their own rows, once it was visited or its day has passed. -#}
select
    s.county_code,
    case
        when s.visited_on is not null or s.due_on < {{ business_date() }} then s.place_town_code
    end as town_code,
    s.place_town_code,
    v.town_name,
    s.place_village_code,
    v.village_name,
    s.period,
    s.line_no,
    s.sample_no,
    s.line_kind,
    s.group_no,
    s.household_sk,
    s.head_shown,
    s.person_sk,
    s.person_shown,
    s.status_conflict_count,
    s.drag_fill_count,
    s.unpaired_count,
    s.stale_count,
    s.risk_points,
    s.why,
    s.drawn_on,
    s.due_on,
    s.visited_on,
    s.result,
    s.finding_count,
    s.open_count,
    s.overdue_count,
    s.is_overdue,
    {{ business_date() }} as as_of_on
from {{ ref("int_inspections__sample_line") }} as s
left join {{ ref("int_places__place_name") }} as v
    on v.level = 'village' and v.village_code = s.place_village_code
