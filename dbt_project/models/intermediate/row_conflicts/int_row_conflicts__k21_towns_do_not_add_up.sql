{{ config(materialized="view") }}

-- Shares of towns are no parts of a county's.
with asked as (
    select
        county_code,
        year,
        indicator
    from {{ ref("int_targets__target_line") }}
    where kind = '计划' and level in ('county', 'town') and target is not null and indicator not like '%_pct'
    group by county_code, year, indicator
    having
        count(*) filter (where level = 'town') > 0
        and count(distinct uom) <= 1
        and abs(sum(target) filter (where level = 'town') - max(target) filter (where level = 'county')) > 0.005
)

select
    'K21' as rule,
    'W' as verdict,
    'E12' as list,
    g.row_id,
    g.submission_id,
    g.sheet,
    g.row_no,
    g.county_code,
    g.place_town_code as town_code,
    null::uuid as other_row_id,
    null::bigint as other_submission_id,
    null::text as other_sheet,
    null::integer as other_row_no,
    g.place_town_code as other_town_code
from {{ ref("int_targets__target_line") }} as g
inner join asked as a on a.county_code = g.county_code and a.year = g.year and a.indicator = g.indicator
where g.kind = '计划' and g.level = 'county' and g.target is not null
