{#-
    How far each goal of a talent county has come by the business date, for the county and for each of its towns, none
    too. A county that has only taught its poor keeps no lists of talents, and is asked for nothing.
-#}
with standing as (
    select *
    from {{ ref("int_targets__goal_fact") }}
    where year = extract(year from {{ business_date() }})
),

counted as (
    select
        indicator,
        county_code,
        town_code,
        grouping(town_code) as over_towns,
        count(distinct counted_once) as numerator
    from standing
    group by grouping sets ((indicator, county_code), (indicator, county_code, town_code))
),

place as (
    select distinct
        county_code,
        case when level = 'town' then town_code end as town_code,
        case when level = 'town' then 0 else 1 end as over_towns
    from {{ ref("int_places__place_name") }}
    where
        level in ('county', 'town')
        and county_code in (
            select f.county_code from {{ ref("int_targets__goal_fact") }} as f where f.indicator <> 'taught_poor'
        )
)

select
    p.county_code,
    p.town_code,
    null::text as village_code,
    p.over_towns,
    1 as over_villages,
    g.metric,
    g.metric_name,
    coalesce(c.numerator, 0) as numerator,
    null::bigint as denominator
from place as p
cross join (
    values
    ('service_experts', '引进一批优秀服务专家队伍（在聘专家）'),
    ('leaders', '培育一批农村致富带头人（已培育）'),
    ('demo_sites', '打造一批人才扶贫示范点（已选点的示范基地）'),
    ('lead_industries', '发展一批主导特色产业（有示范基地或领办项目）'),
    ('led_households', '带动一批贫困户脱贫致富（受帮带且已脱贫的户）'),
    ('high_level_talents', '引进高层次人才'),
    ('scarce_talents', '引进急需紧缺人才'),
    ('recruited_experts', '引进优秀专家（核心专家）'),
    ('new_leaders', '新增致富带头人（当年）'),
    ('taught_poor', '教育培训贫困群众（当年）')
) as g (metric, metric_name)
left join counted as c
    on
        c.indicator = g.metric
        and c.county_code = p.county_code
        and c.over_towns = p.over_towns
        and c.town_code is not distinct from p.town_code
