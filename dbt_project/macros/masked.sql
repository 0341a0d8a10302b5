{#-
    The other table of a mart: as others may see it, under the same name in mart_masked. Made by the mart's own node, in
    its transaction, so that no mart is without one, and none shows a column that the mart does not describe.
    meta.personal says what a column holds of a person, meta.form in what form a text may be shown. A text without a form
    is free text. Words of our own code lists stand as they are; what does not fit its form is masked as free text is.
-#}
{% macro masked_copy() -%}
    {%- if execute -%}
    {%- set masked = api.Relation.create(
        database=this.database,
        schema=generate_schema_name("mart_masked", model),
        identifier=this.identifier,
        type="table"
    ) -%}
    {%- set shown, described = [], {} -%}
    {%- for column in model.columns.values() -%}
        {%- set personal, form = column.config.meta.get("personal"), column.config.meta.get("form") -%}
        {%- set name = "age_band" if personal == "age" else column.name -%}
        {%- if personal == "age" -%} {%- set value = "ops.age_band(" ~ column.name ~ ")" -%}
        {%- elif personal in ("id", "name") -%} {%- set value = "ops.mask_" ~ personal ~ "(" ~ name ~ ")" -%}
        {%- elif column.data_type == "text[]" -%}
            {%- set value = "ops.mask_" ~ ("places" if form == "place" else "texts") ~ "(" ~ name ~ ")" -%}
        {%- elif column.data_type == "text" -%} {%- set value = masked_as(form, name) -%}
        {%- else -%} {%- set value = name -%}
        {%- endif -%}
        {%- if personal != "hidden" -%}
            {%- do shown.append(value ~ " as " ~ name) -%}
            {%- do described.update({name: column.description}) -%}
        {%- endif -%}
    {%- endfor -%}
    drop table if exists {{ masked }} cascade;
    create table {{ masked }} as
    select
        {{ shown | join(",\n        ") }}
    from {{ this }};
    {{ without_statistics(masked) }};
    {{ comments_on(masked, _masked_description(model.description), described) }}
    {%- endif -%}
{%- endmacro %}


{#- What a description says in English, then in Chinese, of the masked table. -#}
{% macro _masked_description(description) -%}
    {%- set parts = modules.re.match("(.+?[.])\\s+([“《（]?[一-鿿].+)", description | trim, modules.re.DOTALL) -%}
    {{ return("Masked: " ~ parts.group(1) ~ " 脱敏表。" ~ parts.group(2) if parts else "Masked: " ~ description) }}
{%- endmacro %}


{#- A value by its form: `number` is a number that a clerk made up, the others fit a pattern or are masked as free text. -#}
{%- macro masked_as(form, value) -%}
    {%- set patterns = {
        "area": "^(county|[1-6][0-9]{5}([0-9]{3})?)$",
        "month": "^[129][0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$",
        "zone": "^第?[0-9一二三四五六七八九十]{1,2}(号|大|个)?(战区|片区)$",
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
