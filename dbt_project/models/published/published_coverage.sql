{{ config(alias="coverage") }}

{#-
    Counts that stand in several metrics, or in another metric's whole, are the same quantity: what one metric keeps
    away must not stand in another. `of_metric` and `of_base` are the quantities of numerator and denominator, `within` is
    the metric whose numerator holds this numerator.
-#}
{%- set labourers = [
    "registered_rate_pct", "basic_ok_pct", "intent_ok_pct", "status_ok_pct", "trained_rate_pct", "employed_all_pct",
    "trained_willing_pct", "employed_rate_pct", "benefit_rate_pct", "stable_rate_pct", "employed_persons",
] -%}
{%- set own_base = ["trained_willing_pct", "employed_rate_pct", "benefit_rate_pct"] -%}
{%- set households = [
    "household_employed_pct", "household_stable_pct", "zero_employment_pct", "exited_households",
] -%}
-- What may hang on a wall: no count of one to four people or households stands here or comes out by subtraction.
with figure as (
    select
        c.*,
        case c.level when 'village' then c.town_code when 'town' then c.county_code end as parent_code,
        case c.metric
            when 'employed_persons' then 'employed_all_pct'
            when 'zero_employment_pct' then 'household_employed_pct'
            else c.metric
        end as of_metric,
        case
            when c.metric = 'stable_rate_pct' then 'employed_all_pct'
            {%- for metric in own_base %}
            when c.metric = '{{ metric }}' then 'base of {{ metric }}'
            {%- endfor %}
            {%- for metric in labourers if metric not in own_base %}
            when c.metric = '{{ metric }}' then 'labourers'
            {%- endfor %}
            {%- for metric in households %}
            when c.metric = '{{ metric }}' then 'households'
            {%- endfor %}
            else 'base of ' || c.metric
        end as of_base,
        case c.metric
            when 'trained_willing_pct' then 'trained_rate_pct'
            when 'employed_rate_pct' then 'employed_all_pct'
            when 'household_stable_pct' then 'household_employed_pct'
            when 'exited_households' then 'household_employed_pct'
        end as within
    from {{ ref("coverage") }} as c
    -- A sum of counts that may stay away.
    where c.metric <> 'four_full_pct'
),

whole as (
    select
        place_code,
        max(denominator) filter (where of_base = 'labourers') as labourers,
        max(denominator) filter (where of_base = 'households') as households
    from figure
    group by place_code
),

-- Each count beside each whole that it can be taken from.
counted as (
    select
        f.level,
        f.place_code,
        f.parent_code,
        f.of_metric as quantity,
        f.numerator as amount,
        f.denominator as out_of,
        f.denominator is null as is_base
    from figure as f
    union all
    select
        f.level,
        f.place_code,
        f.parent_code,
        f.of_metric as quantity,
        f.numerator as amount,
        w.numerator as out_of,
        false as is_base
    from figure as f
    inner join figure as w on f.place_code = w.place_code and f.within = w.metric
    union all
    select
        f.level,
        f.place_code,
        f.parent_code,
        f.of_base as quantity,
        f.denominator as amount,
        w.labourers as out_of,
        true as is_base
    from figure as f
    inner join whole as w on f.place_code = w.place_code
    where
        f.denominator is not null
        and f.of_base in (
            'employed_all_pct',
            {%- for metric in own_base %}
            'base of {{ metric }}'{{ "," if not loop.last }}
            {%- endfor %}
        )
    union all
    select
        f.level,
        f.place_code,
        f.parent_code,
        f.of_base as quantity,
        f.denominator as amount,
        null as out_of,
        true as is_base
    from figure as f
    where f.denominator is not null
),

quantity as (
    select
        level,
        place_code,
        parent_code,
        quantity,
        max(amount) as amount,
        min(least(amount, coalesce(out_of - amount, amount))) as nearness,
        bool_or(
            amount between 1 and 4 or coalesce(out_of - amount between 1 and 4, false) or (is_base and amount < 5)
        ) as is_small
    from counted
    where amount is not null
    group by level, place_code, parent_code, quantity
),

town as (
    select * from quantity
    where level = 'town'
),

village as (
    select * from quantity
    where level = 'village'
),

hidden_town as (
    {{ hidden_counts("town") }}
),

hidden as (
    select * from hidden_town
    union
    {{ hidden_counts("village", "hidden_town") }}
),

shown as (
    select
        f.*,
        n.place_code is null and d.place_code is null as numerator_shows,
        d.place_code is null as denominator_shows
    from figure as f
    left join hidden as n on f.place_code = n.place_code and f.of_metric = n.quantity
    left join hidden as d on f.place_code = d.place_code and f.denominator is not null and f.of_base = d.quantity
)

select
    level,
    county_code,
    county_name,
    town_code,
    {{ masked_as("place", "town_name") }} as town_name,
    {{ masked_as("village", "village_code") }} as village_code,
    {{ masked_as("place", "village_name") }} as village_name,
    metric,
    metric_name,
    case when numerator_shows then numerator end as numerator,
    case when denominator_shows then denominator end as denominator,
    case when numerator_shows then rate_pct end as rate_pct,
    target_pct,
    -- A light, a rank or a change tells of a rate that stays away.
    case when numerator_shows then light end as light,
    case when numerator_shows then rank_in_county end as rank_in_county,
    case when numerator_shows then change_pct end as change_pct,
    as_of_on
from shown
where level in ('town', 'village')
