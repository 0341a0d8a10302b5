{#-
    Red, yellow, green: how much of a target is reached decides, by the nearest rule in force on the business date; grey
    where there is no target or nothing to count. `relation` has county_code; gives one rule for each county
    and value of `metric`.
-#}
{% macro light_rules(measure, relation, metric="metric") -%}
    select distinct on (place.county_code, place.metric)
        place.county_code,
        place.metric,
        rule.target_pct,
        rule.is_less_better,
        rule.green_from_pct,
        rule.yellow_from_pct
    from (select distinct county_code, {{ metric }} as metric from {{ relation }}) as place
    inner join {{ ref("light_rule") }} as rule
        on
            rule.metric in ('*', place.metric)
            and (rule.jurisdiction = '*' or place.county_code like rule.jurisdiction || '%')
    where
        rule.measure = '{{ measure }}'
        and {{ business_date() }} between rule.valid_from and coalesce(rule.valid_to, 'infinity')
    order by
        place.county_code, place.metric, rule.metric <> '*' desc, rule.jurisdiction <> '*' desc,
        length(rule.jurisdiction) desc, rule.valid_from desc
{%- endmacro %}

{% macro light(attained, rule="rule") -%}
    case
        when {{ attained }} >= {{ rule }}.green_from_pct then '绿'
        when {{ attained }} >= {{ rule }}.yellow_from_pct then '黄'
        when {{ attained }} < {{ rule }}.yellow_from_pct then '红'
        else '灰'
    end
{%- endmacro %}
