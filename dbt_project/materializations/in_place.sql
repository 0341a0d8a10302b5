{#- dbt's own way of making tables and views, less the renaming by which it keeps the old one for its readers until the
    new one is there: our readers look at another schema until everything is swapped in. A night makes over two hundred
    of them, and the renaming took a fifth of its build. All in one transaction: one that fails leaves the old one. -#}
{% materialization table, adapter="postgres" %}
    {%- set target = this.incorporate(type="table") -%}
    {% do _clear_the_place(pre_hooks) %}
    {% call statement("main") %} {{ get_create_table_as_sql(false, target, with_county_name(sql)) }} {% endcall %}
    {% do create_indexes(target) %}
    {{ return(_finish(target, post_hooks)) }}
{% endmaterialization %}


{% materialization view, adapter="postgres" %}
    {%- set target = this.incorporate(type="view") -%}
    {% do _clear_the_place(pre_hooks) %}
    {% call statement("main") %} {{ get_create_view_as_sql(target, sql) }} {% endcall %}
    {{ return(_finish(target, post_hooks)) }}
{% endmaterialization %}


{% macro _clear_the_place(pre_hooks) %}
    {% do run_hooks(pre_hooks, inside_transaction=false) %}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% do run_hooks(pre_hooks, inside_transaction=true) %}
{% endmacro %}


{% macro _finish(target, post_hooks) %}
    {% do run_hooks(post_hooks, inside_transaction=true) %}
    {% set comments = comments_on(target, model.description, described_columns()) if config.persist_relation_docs() %}
    {% if comments | trim %} {% call statement("comments") %} {{ comments }} {% endcall %} {% endif %}
    {% do adapter.commit() %}
    {% do run_hooks(post_hooks, inside_transaction=false) %}
    {{ return({"relations": [target]}) }}
{% endmacro %}


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
