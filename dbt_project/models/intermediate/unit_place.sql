{#- The town or village that a list of the county's headquarters means by a unit's name. -#}
with named as (
    select
        'T21' as list,
        row_id,
        county_code,
        town_code,
        area as unit
    from {{ ref("stg_t21") }}
    union all
    select
        'T22' as list,
        row_id,
        county_code,
        town_code,
        unit
    from {{ ref("stg_t22") }}
),

candidate as (
    select
        d.list,
        d.row_id,
        n.level,
        n.town_code,
        n.village_code,
        -- The whole name before its stem, the larger place before the smaller one.
        rank() over (
            partition by d.row_id
            order by
                n.place_code <> d.unit, n.place_name <> d.unit,
                array_position(array['county', 'town', 'village'], n.level)
        ) as nth
    from named as d
    inner join {{ ref("place_name") }} as n
        on
            n.county_code = d.county_code
            and (d.town_code is null or n.town_code is null or n.town_code = d.town_code)
            and (
                n.place_code = d.unit
                or n.place_name = d.unit
                or regexp_replace(n.place_name, '(街道办事处|街道|镇|乡|村|社区|区|县)$', '')
                = regexp_replace(d.unit, '(街道办事处|街道|镇|乡|村|社区|区|县)?(人民政府)?$', '')
            )
)

-- Two villages of one name in two towns: which one is meant is not guessed.
select
    list,
    row_id,
    min(level) as level,
    min(town_code) as town_code,
    min(village_code) as village_code
from candidate
where nth = 1
group by list, row_id
having count(*) = 1
