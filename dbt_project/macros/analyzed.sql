{#- Without statistics the planner takes thousands of fresh rows for a handful; a view has none of its own. -#}
{% macro analyzed() -%}
    {%- if config.get("materialized") == "table" -%} analyze {{ this }} {%- endif -%}
{%- endmacro %}
