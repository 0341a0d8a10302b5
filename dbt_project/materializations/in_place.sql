{#- dbt's own way of making tables and views, less the renaming by which it keeps the old one for its readers until the
    new one is there: our readers look at another schema until everything is swapped in. A night makes over two hundred
    of them, and the renaming took a fifth of its build. All in one transaction: one that fails leaves the old one. -#}
{% materialization table, adapter="postgres" %}
    {%- set target = this.incorporate(type="table") -%}
    {{ return(_put(target, get_create_table_as_sql(false, target, with_county_name(sql)), pre_hooks, post_hooks)) }}
{% endmaterialization %}


{% materialization view, adapter="postgres" %}
    {%- set target = this.incorporate(type="view") -%}
    {{ return(_put(target, get_create_view_as_sql(target, sql), pre_hooks, post_hooks)) }}
{% endmaterialization %}


{#- One statement takes the old one away, makes the new one and says what it holds: each statement of its own costs dbt
    more than it costs the database. -#}
{% macro _put(target, create, pre_hooks, post_hooks) %}
    {%- set comments = comments_on(target, model.description, described_columns()) if config.persist_relation_docs() -%}
    {% do run_hooks(pre_hooks, inside_transaction=false) %}
    {% do run_hooks(pre_hooks, inside_transaction=true) %}
    {% call statement("main") %} {{ _cleared() }} {{ create }}; {{ comments }} {% endcall %}
    {% do create_indexes(target) %}
    {% do run_hooks(post_hooks, inside_transaction=true) %}
    {% do adapter.commit() %}
    {% do run_hooks(post_hooks, inside_transaction=false) %}
    {{ return({"relations": [target]}) }}
{% endmacro %}


{% macro _cleared() -%}
    {%- set there = load_cached_relation(this) -%}
    {%- if there is not none -%} drop {{ there.type }} if exists {{ there }} cascade; {%- endif -%}
{%- endmacro %}


{% macro described_columns() %}
    {%- set described = {} -%}
    {%- for column in model.columns.values() -%} {%- do described.update({column.name: column.description}) -%} {%- endfor -%}
    {{ return(described) }}
{% endmacro %}


{#- All comments on a relation at once; dbt asks the catalogue for its columns first, and says them one by one. -#}
{% macro comments_on(relation, description, columns) -%}
    {%- set kind = "view" if relation.is_view else "table" -%}
    {%- if description %} comment on {{ kind }} {{ relation }} is '{{ description.strip().replace("'", "''") }}'; {% endif -%}
    {%- for name, words in columns.items() if words %}
    comment on column {{ relation }}.{{ name }} is '{{ words.strip().replace("'", "''") }}';
    {%- endfor -%}
{%- endmacro %}
