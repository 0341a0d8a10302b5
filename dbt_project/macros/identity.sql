{#- What an 18-character ID number says: its check digit and its date were judged before the row was loaded. -#}
{% macro is_person_id(column) -%} {{ column }} ~ '^\d{6}(19|20)\d{9}[\dX]$' {%- endmacro %}

{% macro id_birth(column) -%}
    case when {{ is_person_id(column) }} then to_date(substr({{ column }}, 7, 8), 'YYYYMMDD') end
{%- endmacro %}

{% macro id_sex(column) -%}
    case
        when ({{ is_person_id(column) }}) is not true then null
        when substr({{ column }}, 17, 1)::integer % 2 = 1 then '男'
        else '女'
    end
{%- endmacro %}
