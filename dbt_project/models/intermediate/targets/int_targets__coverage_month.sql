{#- Each month's coverage: what was published last of the months that are over, and what the current one has so far. -#}
select
    to_char(as_of_on, 'YYYY-MM') as period,
    false as is_closed,
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
    change_pct,
    as_of_on
from {{ ref("int_targets__judged_coverage") }}
union all
select
    period,
    true as is_closed,
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
    change_pct,
    as_of_on
from {{ ref("stg_ops__coverage_month") }}
where
    period < to_char({{ business_date() }}, 'YYYY-MM')
    -- Villages are nine tenths of the rows: a year of them is compared, all of them stay in the ledger.
    and (level <> 'village' or period >= to_char({{ business_date() }} - interval '12 months', 'YYYY-MM'))
