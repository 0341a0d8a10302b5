{#- A village's name without what kind of village it is; clerks leave that away. -#}
{% macro place_stem(name) -%}
    regexp_replace({{ name }}, '(村民委员会|居民委员会|村委会|居委会|行政村|社区|村)$', '')
{%- endmacro %}
