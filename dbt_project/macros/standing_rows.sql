{#- The latest versions of a list's rows, without those that other rows contradict. -#}
{% macro standing_rows(list) %}
select r.*
from {{ source("raw", list ~ "_now") }} as r
where
    not exists (
        select 1
        from {{ ref("contradicted") }} as c
        where c.list = '{{ list | upper }}' and c.verdict = 'Q' and c.row_id = r.row_id
    )
{% endmacro %}
