{#- Each quarter's coverage, as the last of its months that was published says it, beside the quarter before. -#}
with last_month as (
    select distinct on (c.place_code, c.metric, {{ quarter_of("to_date(c.period || '-01', 'YYYY-MM-DD')") }})
        c.*,
        {{ quarter_of("to_date(c.period || '-01', 'YYYY-MM-DD')") }} as quarter
    from {{ ref("int_targets__coverage_month") }} as c
    where c.level in ('county', 'town')
    order by
        c.place_code, c.metric, {{ quarter_of("to_date(c.period || '-01', 'YYYY-MM-DD')") }}, c.period desc
)

select
    n.quarter as period,
    {{ quarter_end("n.quarter") }} < {{ business_date() }} as is_closed,
    n.level,
    n.place_code,
    n.county_code,
    n.town_code,
    n.town_name,
    n.metric,
    n.metric_name,
    n.numerator,
    n.denominator,
    n.rate_pct,
    n.target_pct,
    n.light,
    n.rank_in_county,
    -- A count without a rate is compared as it is.
    case
        when n.rate_pct is null then n.numerator - b.numerator
        else round(n.rate_pct - b.rate_pct, 1)
    end as change_pct,
    n.as_of_on
from last_month as n
left join last_month as b
    on
        b.place_code = n.place_code
        and b.metric = n.metric
        and b.quarter = {{ quarter_of("(" ~ quarter_begin("n.quarter") ~ " - interval '1 month')") }}
