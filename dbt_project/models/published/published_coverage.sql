{{ config(alias="coverage") }}

-- What may hang on a wall: where fewer than five people or households are counted, the numbers stay away.
select
    level,
    county_code,
    town_code,
    town_name,
    village_code,
    village_name,
    metric,
    metric_name,
    case when coalesce(denominator, numerator) >= 5 then numerator end as numerator,
    case when coalesce(denominator, numerator) >= 5 then denominator end as denominator,
    case when denominator >= 5 then rate_pct end as rate_pct,
    as_of_on
from {{ ref("coverage") }}
where level in ('town', 'village')
