{#- The valid rows of a list, without those that other rows contradict. `valid` is the staging of the list. -#}
{% macro standing_rows(list, valid) %}
select r.*
from {{ valid }} as r
where
    not exists (
        select 1
        from {{ ref("int_row_conflicts__found") }} as c
        where c.list = '{{ list }}' and c.verdict = 'Q' and c.row_id = r.row_id
    )
{% endmacro %}
