{#-
    The columns of a mart as others may see them. meta.personal says what a column holds of a person. A text without it
    is shown by its form: the variable `forms` names the columns of which each form is known, and any other text is free
    text. Words of our own code lists stand as they are; what does not fit its form is masked as free text is.
-#}
{% macro masked_columns(mart) -%}
    {%- set shown = [] -%}
    {%- if execute -%}
        {%- for column in graph.nodes["model.yiku." ~ mart].columns.values() -%}
            {%- set personal = column.config.meta.get("personal", "") -%}
            {%- if personal == "age" -%} {%- do shown.append("ops.age_band(" ~ column.name ~ ") as age_band") -%}
            {%- elif personal != "hidden" -%}
                {%- do shown.append(_masked(column, personal) ~ " as " ~ column.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ shown | join(",\n    ") if shown else "1 as nothing" }}
{%- endmacro %}


{% macro _masked(column, personal) -%}
    {%- set form = _form(column.name) -%}
    {%- if personal in ("id", "name") -%} ops.mask_{{ personal }}({{ column.name }})
    {%- elif not column.data_type.startswith("text") -%} {{ column.name }}
    {%- elif column.data_type == "text[]" -%} ops.mask_{{ "places" if form == "place" else "texts" }}({{ column.name }})
    {%- else -%} {{ masked_as(form, column.name) }}
    {%- endif -%}
{%- endmacro %}


{%- macro _form(name) -%}
    {%- for form, names in var("forms").items() if name in names.split() -%} {{ form }} {%- endfor -%}
{%- endmacro -%}


{#- A value by its form: `number` is a number that a clerk made up, the others fit a pattern or are masked as free text. -#}
{%- macro masked_as(form, value) -%}
    {%- set patterns = {
        "area": "^(county|[1-6][0-9]{5}([0-9]{3})?)$",
        "month": "^[129][0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$",
        "symbol": "^[A-Za-z][A-Za-z_]*([0-9]{1,2}[A-Za-z_]*){0,2}$",
        "receipt": "^R[0-9]{8}-[0-9]{6}([0-9]{3})?-[0-9]{4,6}$|^[A-Z][0-9]{1,2}[a-z]?/[0-9]{1,9}/[0-9]{1,7}$",
    } -%}
    {%- if form in ("number", "place", "organisation") -%} ops.mask_{{ form }}({{ value }})
    {%- elif form == "sentence" -%}
        case when {{ value }} ~ '[0-9]([^0-9]{0,3}[0-9]){6}' then ops.mask_text({{ value }}) else {{ value }} end
    {%- elif form == "village" -%}
        case
            when {{ value }} ~ '{{ patterns["area"] }}' then {{ value }}
            when {{ value }} ~ '^[1-6][0-9]{11}$' and left({{ value }}, 6) = county_code then {{ value }}
            else ops.mask_text({{ value }})
        end
    {%- else -%}
        case
            {%- if form in patterns %} when {{ value }} ~ '{{ patterns[form] }}' then {{ value }} {%- endif %}
            when {{ value }} in (select w.word from ops.code_word as w) then {{ value }}
            else ops.mask_text({{ value }})
        end
    {%- endif -%}
{%- endmacro -%}
