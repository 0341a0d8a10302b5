{#- Months that are over: what is published tonight makes the current one. -#}
select
    period,
    as_of_on,
    level,
    place_code,
    county_code,
    town_code,
    town_name,
    village_code,
    village_name,
    metric,
    metric_name,
    numerator,
    denominator,
    rate_pct,
    target_pct,
    light,
    rank_in_county,
    change_pct
from {{ source("ops", "coverage_month") }}
where period < to_char(ops.business_date(), 'YYYY-MM')
