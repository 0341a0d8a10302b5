{#- The quarter in which a day lies, as YYYY-Qn. -#}
{% macro quarter_of(day) -%} to_char({{ day }}, 'YYYY"-Q"Q') {%- endmacro %}


{#- The first and the last day of a quarter that is given as YYYY-Qn. -#}
{% macro quarter_begin(quarter) -%}
    make_date(left({{ quarter }}, 4)::integer, right({{ quarter }}, 1)::integer * 3 - 2, 1)
{%- endmacro %}

{% macro quarter_end(quarter) -%} ({{ quarter_begin(quarter) }} + interval '3 months' - interval '1 day')::date {%- endmacro %}
