{{ config(severity="warn") }}
-- What is asked of the towns adds up to what is asked of the county.
select
    county_code,
    year,
    indicator
from {{ ref("target_progress") }}
where indicator not like '%_pct'
group by county_code, year, indicator
having
    count(*) filter (where level = 'town') > 0
    and sum(target) filter (where level = 'town') <> max(target) filter (where level = 'county')
