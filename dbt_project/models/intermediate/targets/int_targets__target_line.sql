{#- Each line of the tables of targets and results with the place that it is about. -#}
select
    e.*,
    coalesce(n.level, 'county') as level,
    coalesce(n.town_code, case when e.unit_code ~ '^\d{9}$' then e.unit_code end) as place_town_code,
    n.village_code as place_village_code
from {{ ref("stg_e12__target") }} as e
left join {{ ref("int_places__place_name") }} as n on n.place_code = e.unit_place
where e.county_code is not null and e.year is not null and e.indicator is not null
