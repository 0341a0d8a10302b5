{#- What tells one group of experts from another: 茶叶组 and 茶叶产业专家服务组 are one. -#}
{% macro group_stem(name) -%}
    regexp_replace({{ name }}, '产业|行业|专家|服务|小组|组|团', '', 'g')
{%- endmacro %}
