{#-
    The rows of a list that count: where the newest version of a row stands for a town that gives way (X02), the
    version of the town that keeps the person counts in its place. `valid` and `versions` are the staging of the list.
-#}
{% macro kept_versions(list, valid, versions) %}
select r.*
from {{ versions }} as r
inner join (
    select distinct coalesce(c.other_row_id, n.row_id) as row_id
    from {{ valid }} as n
    left join {{ ref("int_row_conflicts__x02_two_towns") }} as c
        on c.list = '{{ list }}' and c.row_id = n.row_id
) as k on k.row_id = r.row_id
{% endmacro %}
