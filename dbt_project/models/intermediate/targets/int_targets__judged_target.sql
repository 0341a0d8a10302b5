{#- Targets beside the time that has passed: what should be done by now, light, rank, and the change of the month. -#}
with rule as (
    {{ light_rules("target", ref("int_targets__target_progress"), "indicator") }}
),

month_before as (
    select
        year,
        indicator,
        place_code,
        rate_pct
    from {{ ref("stg_ops__target_month") }}
    where period = to_char({{ business_date() }} - interval '1 month', 'YYYY-MM')
),

progress as (
    select
        *,
        -- A number grows with the year, a share is to be held all the time.
        case when indicator like '%_pct' then 100 else elapsed_pct end as due_pct
    from {{ ref("int_targets__target_progress") }}
),

reached as (
    select
        p.*,
        rule.green_from_pct,
        rule.yellow_from_pct,
        round(100 * coalesce(p.actual, p.reported) / nullif(p.target, 0), 1) as rate_pct,
        case when p.target > 0 then round(p.due_pct, 1) end as target_pct,
        case
            when p.target > 0
                then round(10000 * coalesce(p.actual, p.reported) / p.target / nullif(p.due_pct, 0), 1)
        end as attained_pct,
        -- A share of the present month is held to one target here and beside the coverages.
        c.light as coverage_light,
        c.rank_in_county as coverage_rank,
        p.due_on < {{ business_date() }} and coalesce(p.actual, p.reported) < p.target as is_overdue
    from progress as p
    left join rule on rule.county_code = p.county_code and rule.metric = p.indicator
    left join {{ ref("int_targets__judged_coverage") }} as c
        on
            c.place_code = p.place_code
            and c.metric = p.indicator
            and p.year = extract(year from {{ business_date() }})
)

select
    r.year,
    r.indicator,
    r.indicator_name,
    r.unit,
    r.level,
    r.place_code,
    r.county_code,
    r.town_code,
    r.town_name,
    r.village_code,
    r.village_name,
    r.uom,
    r.target,
    r.actual,
    r.reported,
    r.gap,
    r.done_pct,
    r.rate_pct,
    r.elapsed_pct,
    r.target_pct,
    r.pace,
    case
        when r.is_overdue then '红'
        when r.coverage_light is not null then r.coverage_light
        else {{ light("r.attained_pct", "r") }}
    end as light,
    case
        when r.coverage_light is not null then r.coverage_rank
        when r.level <> 'county' and r.attained_pct is not null
            then
                rank() over (
                    partition by r.county_code, r.level, r.year, r.indicator, r.attained_pct is null
                    order by r.attained_pct desc
                )
    end::integer as rank_in_county,
    round(r.rate_pct - b.rate_pct, 1) as change_pct,
    r.due_on,
    r.owner,
    r.as_of_on
from reached as r
left join month_before as b
    on b.year = r.year and b.indicator = r.indicator and b.place_code = r.place_code
