{#- Where a row of a list comes from and where it stands, for lists that are not about people of the register. -#}
{% macro row_columns() -%}
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.county_code,
    r.town_code,
    t.town_name,
    r.village_code,
    v.village_name,
    r.period,
    r.as_of as as_of_on
{%- endmacro %}

{% macro row_joins() -%}
    left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = r.town_code
    left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = r.village_code
{%- endmacro %}
