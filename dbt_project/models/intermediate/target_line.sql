{#- Each line of the tables of targets and results with the place that it is about. -#}
select
    e.*,
    coalesce(w.level, 'county') as level,
    coalesce(w.town_code, case when e.unit_code ~ '^\d{9}$' then e.unit_code end) as place_town_code,
    w.village_code as place_village_code
from {{ ref("stg_e12") }} as e
left join lateral (
    select
        n.level,
        n.town_code,
        n.village_code
    from {{ ref("place_name") }} as n
    where
        n.county_code = e.county_code
        and (
            n.place_code = e.unit
            or n.place_name = e.unit
            or {{ place_norm("n.place_name") }} = {{ place_norm("e.unit") }}
        )
    order by n.place_name <> e.unit, array_position(array['county', 'town', 'village'], n.level), n.place_code
    limit 1
) as w on true
where e.county_code is not null and e.year is not null and e.indicator is not null
