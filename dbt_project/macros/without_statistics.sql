{#-
    Statistics hold values of rows that their reader may not see, and the planner's estimates give them away to whoever
    asks often enough: no column of what others read is sampled. It stands in the transaction that makes the table, so
    that nothing can have looked at it before.
-#}
{% macro without_statistics(relation) -%}
    do $statistics$
    begin
        execute (
            select
                'alter table {{ relation }} '
                || string_agg(format('alter column %I set statistics 0', attname), ', ' order by attnum)
            from pg_attribute
            where attrelid = '{{ relation }}'::regclass and attnum > 0 and not attisdropped
        );
    end
    $statistics$
{%- endmacro %}
