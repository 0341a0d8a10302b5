{#- The unit that was inspected is a town or village where its name is one. -#}
with found as (
    select
        r.*,
        w.town_code as unit_town_code,
        w.village_code as unit_village_code
    from {{ ref("stg_e14__inspection_finding") }} as r
    left join {{ ref("int_places__place_name") }} as w on w.place_code = r.unit_place
)

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.county_code,
    coalesce(r.unit_town_code, r.town_code) as town_code,
    t.town_name,
    r.unit_village_code as village_code,
    v.village_name,
    r.period,
    r.as_of as as_of_on,
    r.round,
    r.found_on,
    r.unit,
    r.problem,
    r.owner,
    r.due as due_on,
    r.done as done_about_it,
    r.closed_on,
    r.closed_on is null or r.closed_on > {{ business_date() }} as is_open,
    least(coalesce(r.closed_on, {{ business_date() }}), {{ business_date() }}) > r.due as is_overdue,
    greatest(least(coalesce(r.closed_on, {{ business_date() }}), {{ business_date() }}) - r.due, 0) as days_overdue,
    least(coalesce(r.closed_on, {{ business_date() }}), {{ business_date() }}) - r.found_on as days_open,
    r.closed_on is null or r.closed_on > {{ business_date() }} as is_current
from found as r
left join {{ ref("int_places__place_name") }} as t
    on t.level = 'town' and t.town_code = coalesce(r.unit_town_code, r.town_code)
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = r.unit_village_code
