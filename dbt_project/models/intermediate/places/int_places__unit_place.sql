{#- The county, town or village that a list of the county's headquarters means by a unit's name. -#}
with named as (
    select
        'T21' as list,
        row_id,
        area_place as place_code
    from {{ ref("stg_t21__war_map") }}
    union all
    select
        'T22' as list,
        row_id,
        unit_place as place_code
    from {{ ref("stg_t22__assessment") }}
)

select
    d.list,
    d.row_id,
    n.level,
    n.town_code,
    n.village_code
from named as d
inner join {{ ref("int_places__place_name") }} as n on n.place_code = d.place_code
