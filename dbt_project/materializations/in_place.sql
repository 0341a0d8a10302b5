{#- dbt's own way of making tables and views, less the renaming by which it keeps the old one for its readers until the
    new one is there: our readers look at another schema until everything is swapped in. A night makes over two hundred
    of them, and the renaming took a fifth of its build. All in one transaction: one that fails leaves the old one. -#}
{% materialization table, adapter="postgres" %}
    {%- set target = this.incorporate(type="table") -%}
    {% do _clear_the_place(pre_hooks) %}
    {% call statement("main") %} {{ get_create_table_as_sql(false, target, sql) }} {% endcall %}
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
    {% do persist_docs(target, model) %}
    {% do adapter.commit() %}
    {% do run_hooks(post_hooks, inside_transaction=false) %}
    {{ return({"relations": [target]}) }}
{% endmacro %}
