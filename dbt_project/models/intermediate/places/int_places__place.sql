with village as (
    select distinct on (village_code) *
    from {{ ref("stg_v01__village") }}
    order by village_code, valid_from desc nulls last, row_id
),

town as (
    select distinct on (town_code) *
    from {{ ref("stg_v02__town") }}
    order by town_code, valid_from desc nulls last, row_id
),

registered as (
    select
        county_code,
        town_code,
        village_code,
        count(*) filter (where member_state = '在册') as persons,
        count(distinct household_sk) filter (where member_state = '在册') as households
    from {{ ref("int_people__register_person") }}
    group by grouping sets ((county_code), (county_code, town_code), (county_code, town_code, village_code))
),

counted as (
    select
        coalesce(village_code, town_code, county_code) as place_code,
        max(persons) as persons,
        max(households) as households
    from registered
    group by coalesce(village_code, town_code, county_code)
),

county as (
    select
        substr(town_code, 1, 6) as county_code,
        sum(rural_population) as rural_population,
        sum(poor_population) as poor_population
    from town
    group by substr(town_code, 1, 6)
)

select
    n.place_code,
    n.level,
    n.place_name,
    n.county_code,
    n.town_code,
    n.town_name,
    n.village_code,
    n.village_name,
    v.aliases,
    t.kind,
    coalesce(v.is_poor, t.is_poor) as is_poor,
    v.is_deep,
    t.exit_state,
    coalesce(v.exit_year, t.exit_year)::integer as exit_year,
    v.industries,
    s.lon,
    s.lat,
    coalesce(v.war_zone, t.war_zone) as war_zone,
    coalesce(t.rural_population, c.rural_population)::integer as rural_population,
    coalesce(t.poor_population, c.poor_population)::integer as poor_population,
    round(
        100.0 * coalesce(t.poor_population, c.poor_population)
        / nullif(coalesce(t.rural_population, c.rural_population), 0), 1
    ) as poverty_rate_pct,
    coalesce(r.persons, 0)::integer as registered_persons,
    coalesce(r.households, 0)::integer as registered_households,
    coalesce(v.valid_from, t.valid_from) as valid_from_on,
    coalesce(v.valid_to, t.valid_to) as valid_to_on,
    v.successors,
    coalesce(v.valid_to, t.valid_to, 'infinity') >= {{ business_date() }} as is_current,
    {{ business_date() }} as as_of_on
from {{ ref("int_places__place_name") }} as n
left join village as v on n.level = 'village' and v.village_code = n.village_code
left join town as t on n.level = 'town' and t.town_code = n.town_code
left join county as c on n.level = 'county' and c.county_code = n.county_code
left join counted as r on r.place_code = n.place_code
left join {{ ref("int_places__place_spot") }} as s on s.place_code = n.place_code
