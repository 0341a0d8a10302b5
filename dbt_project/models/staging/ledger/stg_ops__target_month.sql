{#- Months that are over: what is published tonight makes the current one. -#}
select
    period,
    as_of_on,
    year,
    indicator,
    indicator_name,
    level,
    place_code,
    county_code,
    town_code,
    town_name,
    village_code,
    village_name,
    uom,
    target,
    actual,
    reported,
    rate_pct,
    target_pct,
    light,
    rank_in_county,
    change_pct,
    due_on
from {{ source("ops", "target_month") }}
where period < to_char(ops.business_date(), 'YYYY-MM')
