{#- As row_columns and row_joins, for lists whose place stands in an address alone. -#}
{% macro written_columns() -%}
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.county_code,
    coalesce(r.town_code, w.town_code) as town_code,
    t.town_name,
    coalesce(r.village_code, w.village_code) as village_code,
    v.village_name,
    r.period,
    r.as_of as as_of_on
{%- endmacro %}

{% macro written_joins(list) -%}
    left join {{ ref("int_places__written_place") }} as w on w.list = '{{ list }}' and w.row_id = r.row_id
    left join
        {{ ref("int_places__place_name") }} as t
        on t.level = 'town' and t.town_code = coalesce(r.town_code, w.town_code)
    left join
        {{ ref("int_places__place_name") }} as v
        on v.level = 'village' and v.village_code = coalesce(r.village_code, w.village_code)
{%- endmacro %}
