{#- A number that a jurisdiction may set for itself: the nearest rule in force on the business date. -#}
{% macro parameter(name, county="null") -%}
    (
        select setting.value
        from {{ ref("int_places__parameter") }} as setting
        where
            setting.name = '{{ name }}'
            and (setting.jurisdiction = '*' or {{ county }} like setting.jurisdiction || '%')
            and {{ business_date() }} between setting.valid_from and coalesce(setting.valid_to, 'infinity')
        order by
            length(setting.jurisdiction) desc,
            setting.jurisdiction <> '*' desc,
            coalesce(setting.is_set_here, false) desc,
            setting.valid_from desc
        limit 1
    )
{%- endmacro %}
