{#- dbt 1.11 calls every array type ARRAY and gives a seed's empty cell as '': its unit tests can cast to neither. -#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {% call statement("get_columns_in_relation", fetch_result=True) %}
        select
            column_name,
            case data_type when 'ARRAY' then ltrim(udt_name, '_') || '[]' else data_type end as data_type,
            character_maximum_length,
            numeric_precision,
            numeric_scale
        from {{ relation.information_schema("columns") }}
        where
            table_name = '{{ relation.identifier }}'
            {%- if relation.schema %} and table_schema = '{{ relation.schema }}' {%- endif %}
        order by ordinal_position
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result("get_columns_in_relation").table)) }}
{%- endmacro %}

{% macro postgres__safe_cast(field, type) -%}
    {{ return("cast(" ~ ("null" if field == "''" else field) ~ " as " ~ type ~ ")") }}
{%- endmacro %}
