{#-
    Coverage beside what it should be: the county's own target where its table of targets has one, else that of the rule
    in force. A place is held to the target, never to the others' mean; it ranks among those of its level in the county.
-#}
with own_target as (
    select
        place_code,
        metric,
        max(target) as target_pct
    from (
        select
            coalesce(place_village_code, place_town_code, county_code) as place_code,
            indicator as metric,
            target
        from {{ ref("int_targets__target_line") }}
        where
            indicator like '%_pct'
            and kind is distinct from '实绩'
            and year = extract(year from {{ business_date() }})
    ) as line
    group by place_code, metric
),

rule as (
    {{ light_rules("coverage", ref("int_targets__coverage")) }}
),

month_before as (
    select
        place_code,
        metric,
        rate_pct
    from {{ ref("stg_ops__coverage_month") }}
    where period = to_char({{ business_date() }} - interval '1 month', 'YYYY-MM')
),

held as (
    select
        c.*,
        rule.green_from_pct,
        rule.yellow_from_pct,
        round(coalesce(own.target_pct, of_county.target_pct, rule.target_pct), 1) as target_pct,
        coalesce(rule.is_less_better, false) as is_less_better,
        round(c.rate_pct - b.rate_pct, 1) as change_pct
    from {{ ref("int_targets__coverage") }} as c
    left join rule on rule.county_code = c.county_code and rule.metric = c.metric
    left join own_target as own on own.place_code = c.place_code and own.metric = c.metric
    left join own_target as of_county on of_county.place_code = c.county_code and of_county.metric = c.metric
    left join month_before as b on b.place_code = c.place_code and b.metric = c.metric
),

measured as (
    select
        h.*,
        case
            when h.is_less_better then round(100 * (100 - h.rate_pct) / nullif(100 - h.target_pct, 0), 1)
            else round(100 * h.rate_pct / nullif(h.target_pct, 0), 1)
        end as attained_pct
    from held as h
)

select
    m.level,
    m.place_code,
    m.county_code,
    m.town_code,
    m.town_name,
    m.village_code,
    m.village_name,
    m.metric,
    m.metric_name,
    m.numerator,
    m.denominator,
    m.rate_pct,
    m.target_pct,
    {{ light("m.attained_pct", "m") }} as light,
    case
        when m.level <> 'county' and m.rate_pct is not null
            then
                rank() over (
                    partition by m.county_code, m.level, m.metric, m.rate_pct is null
                    order by
                        coalesce(
                            m.attained_pct, case when m.is_less_better then -m.rate_pct else m.rate_pct end
                        ) desc
                )
    end::integer as rank_in_county,
    m.change_pct,
    m.as_of_on
from measured as m
