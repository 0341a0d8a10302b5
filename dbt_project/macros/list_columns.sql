{#- Where a row of a list comes from, whom it is about (the register's name once linked) and where it stands. -#}
{% macro list_columns() -%}
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.person_sk,
    case when p.in_register then p.id_no else r.id_no end as id_no,
    case when p.in_register then p.name else r.name end as name,
    coalesce(p.sex, r.sex) as sex,
    p.birth_date,
    {{ age_on("p.birth_date", "r.as_of") }} as age_asof,
    r.phone,
    coalesce(p.in_register, false) as in_register,
    r.household_sk,
    r.county_code,
    r.town_code,
    coalesce(t.town_name, r.town_name) as town_name,
    r.village_code,
    coalesce(v.village_name, r.village_name) as village_name,
    r.period,
    r.as_of as as_of_on
{%- endmacro %}

{% macro list_joins() -%}
    left join {{ ref("int_people__person") }} as p on p.person_sk = r.person_sk
    left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = r.town_code
    left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = r.village_code
{%- endmacro %}
