{#- What readers see is built beside what they read tonight, and swapped in afterwards. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set schema = custom_schema_name or target.schema -%}
    {%- if var("shadow") and schema in ["mart", "mart_masked", "published"] -%} {{ schema }}_shadow
    {%- else -%} {{ schema }}
    {%- endif -%}
{%- endmacro %}
