with target as (
    select
        year,
        indicator,
        county_code,
        level,
        case when level <> 'county' then place_town_code end as town_code,
        case when level = 'village' then place_village_code end as village_code,
        max(indicator_name) as indicator_name,
        min(unit) as unit,
        max(uom) as uom,
        max(due) as due_on,
        max(owner) as owner,
        max(target) filter (where kind is distinct from '实绩') as target,
        max(target) filter (where kind = '实绩') as reported
    from {{ ref("int_targets__target_line") }}
    group by
        year, indicator, county_code, level, case when level <> 'county' then place_town_code end,
        case when level = 'village' then place_village_code end
),

counted as (
    select
        indicator,
        county_code,
        year
    from {{ ref("int_targets__indicator_actual") }}
    where town_code is null and indicator not like '%_pct'
),

elapsed as (
    select
        t.*,
        coalesce(t.due_on, make_date(t.year, 12, 31)) as until_on
    from target as t
)

select
    e.year,
    e.indicator,
    e.indicator_name,
    e.unit,
    e.level,
    coalesce(e.village_code, e.town_code, e.county_code) as place_code,
    e.county_code,
    e.town_code,
    t.town_name,
    e.village_code,
    v.village_name,
    e.uom,
    e.target,
    r.actual,
    e.reported,
    e.target - coalesce(r.actual, e.reported) as gap,
    round(100 * coalesce(r.actual, e.reported) / nullif(e.target, 0), 2) as done_pct,
    s.elapsed_pct,
    -- 1 is on time; a target without a number has no pace.
    round(100 * coalesce(r.actual, e.reported) / nullif(e.target, 0) / nullif(s.elapsed_pct, 0), 2) as pace,
    e.until_on as due_on,
    e.owner,
    {{ business_date() }} as as_of_on
from elapsed as e
cross join lateral (
    select round(100.0 * greatest(0, least(1, d.passed / nullif(d.given, 0))), 2) as elapsed_pct
    from (
        select
            ({{ business_date() }} - make_date(e.year, 1, 1) + 1)::numeric as passed,
            (e.until_on - make_date(e.year, 1, 1) + 1)::numeric as given
    ) as d
) as s
left join
    {{ ref("int_targets__indicator_actual") }} as a
    on
        a.indicator = e.indicator
        and a.county_code = e.county_code
        and a.year = e.year
        and a.town_code is not distinct from e.town_code
        and e.level <> 'village'
left join counted as c
    on
        c.indicator = e.indicator
        and c.county_code = e.county_code
        and c.year = e.year
        and e.level = 'town'
-- Where the county's lists count an indicator, a town without a row of it has reached nothing.
cross join lateral (select coalesce(a.actual, case when c.indicator is not null then 0 end) as actual) as r
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = e.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = e.village_code
