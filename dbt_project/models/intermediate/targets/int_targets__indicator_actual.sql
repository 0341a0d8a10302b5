{#- What the lists say of each indicator: by year, for the county (town_code null) and for each town. -#}
with summed as (
    select
        indicator,
        county_code,
        town_code,
        year,
        grouping(town_code) as over_towns,
        case when indicator like '%_yuan' then sum(amount) else count(distinct counted_once) end as actual
    from {{ ref("int_targets__indicator_fact") }}
    group by grouping sets ((indicator, county_code, year), (indicator, county_code, town_code, year))
)

select
    indicator,
    county_code,
    town_code,
    year,
    actual
from summed
where over_towns = 1 or town_code is not null
union all
select
    metric as indicator,
    county_code,
    town_code,
    extract(year from {{ business_date() }})::integer as year,
    rate_pct as actual
from {{ ref("int_targets__coverage") }}
where level in ('county', 'town') and metric like '%_rate_pct'
