{#-
    Every mart names its county beside the code. It is added where marts are made, so that no mart writes the join and
    none can forget it; `needs_counties` is the hook by which dbt knows that the names come first.
-#}
{% macro needs_counties() -%} {%- do ref("int_places__county") -%} {%- endmacro %}

{% macro with_county_name(sql) -%}
    {%- if "county_name" in model.columns and model.fqn[1] == "marts" -%}
    {%- set counties = api.Relation.create(
        database=this.database, schema=generate_schema_name("core", model), identifier="int_places__county"
    ) -%}
    select
        mart.*,
        county.county_name
    from (
        {{ sql }}
    ) as mart
    left join {{ counties }} as county on county.county_code = mart.county_code
    {%- else -%} {{ sql }}
    {%- endif -%}
{%- endmacro %}
