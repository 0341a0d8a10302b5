{#-
    The rows of a list that count: where the newest version of a row stands for a town that gives way (X02), the
    version of the town that keeps the person counts in its place.
-#}
{% macro kept_versions(list) %}
select r.*
from {{ source("raw", list) }} as r
inner join (
    select distinct coalesce(c.other_row_id, n.row_id) as row_id
    from {{ source("raw", list ~ "_now") }} as n
    left join {{ ref("contradicted_row") }} as c
        on c.rule = 'X02' and c.list = '{{ list | upper }}' and c.row_id = n.row_id
) as k on k.row_id = r.row_id
{% endmacro %}
