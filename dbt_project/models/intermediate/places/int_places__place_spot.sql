{#- Where a village lies, by the county's list of villages; a town lies amid its villages. -#}
with village as (
    select distinct on (v.village_code)
        v.village_code,
        v.lon,
        v.lat
    from {{ ref("stg_v01__village") }} as v
    where coalesce(v.valid_from, '-infinity') <= {{ business_date() }}
    order by v.village_code, v.valid_from desc nulls last, v.row_id
),

measured as (
    select
        village_code,
        substr(village_code, 1, 9) as town_code,
        lon,
        lat
    from village
    where lon between 73 and 136 and lat between 3 and 54
),

spot as (
    select
        village_code as place_code,
        lon,
        lat
    from measured
    union all
    select
        town_code as place_code,
        trim_scale(round(avg(lon), 6)) as lon,
        trim_scale(round(avg(lat), 6)) as lat
    from measured
    group by town_code
)

select
    n.place_code,
    n.level,
    n.place_name,
    n.county_code,
    n.town_code,
    n.town_name,
    n.village_code,
    s.lon,
    s.lat
from {{ ref("int_places__place_name") }} as n
left join spot as s on s.place_code = n.place_code
where n.level in ('town', 'village')
