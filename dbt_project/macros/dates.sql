{#-
    The day that ages, due dates and 'employed today' refer to: the night's, unless a caller gives another. The
    night's is asked for in SQL, so that a new day does not make dbt parse everything again.
-#}
{% macro business_date() -%}
    {%- if var("business_date") -%} date '{{ var("business_date") }}'
    {%- else -%} (select ops.business_date())
    {%- endif -%}
{%- endmacro %}

{#- The last day that a date stands for: a month or a year that was written alone ends with its last day. -#}
{% macro last_day(column, alias) -%}
    case {{ alias }}.quality -> '{{ column }}' ->> 'precision'
        when 'month' then ({{ alias }}.{{ column }} + interval '1 month' - interval '1 day')::date
        when 'year' then ({{ alias }}.{{ column }} + interval '1 year' - interval '1 day')::date
        else {{ alias }}.{{ column }}
    end
{%- endmacro %}

{#- The last day of a month that is given as YYYY-MM. -#}
{% macro month_end(period) -%}
    (to_date({{ period }} || '-01', 'YYYY-MM-DD') + interval '1 month' - interval '1 day')::date
{%- endmacro %}

{#- What a clerk wrote on a sheet cannot say more than is known on the business date. -#}
{% macro known_on(column) -%} least(coalesce({{ column }}, {{ business_date() }}), {{ business_date() }}) {%- endmacro %}

{% macro age_on(birth, day) -%} extract(year from age({{ day }}, {{ birth }}))::integer {%- endmacro %}


{#- Below this age in years somebody is a child, whom nothing that hangs on a wall may name. -#}
{% macro child_age() -%} 16 {%- endmacro %}
