{#-
    The columns of a mart as BI may see them. A column's meta.personal says what it holds of a person; a column
    without it is shown as it is (a test looks after the list of these).
-#}
{% macro masked_columns(mart) -%}
    {%- set shown = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes["model.yiku." ~ mart] -%}
        {%- for column in node.columns.values() -%}
            {%- set personal = column.config.meta.get("personal") -%}
            {%- if not personal -%} {%- do shown.append(column.name) -%}
            {%- elif personal == "id" -%} {%- do shown.append("ops.mask_id(" ~ column.name ~ ") as " ~ column.name) -%}
            {%- elif personal == "name" -%}
                {%- do shown.append("ops.mask_name(" ~ column.name ~ ") as " ~ column.name) -%}
            {%- elif personal == "code" -%}
                {%- do shown.append("regexp_replace(" ~ column.name ~ ", '[0-9]{9,}[Xx]?', '*', 'g') as " ~ column.name) -%}
            {%- elif personal == "age" -%} {%- do shown.append("ops.age_band(" ~ column.name ~ ") as age_band") -%}
            {%- elif personal == "text" -%}
                {%- do shown.append("ops.strip_numbers(" ~ column.name ~ ") as " ~ column.name) -%}
            {%- elif personal != "hidden" -%}
                {{ exceptions.raise_compiler_error(mart ~ "." ~ column.name ~ ": no mask for " ~ personal) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ shown | join(",\n    ") if shown else "1 as nothing" }}
{%- endmacro %}
