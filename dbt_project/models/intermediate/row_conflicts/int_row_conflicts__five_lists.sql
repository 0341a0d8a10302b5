{{ config(materialized="view") }}

{% for rows in [ref("int_row_conflicts__x02_two_towns"), ref("int_row_conflicts__x15_second_post")] %}
select *
from {{ rows }}
{{ "union all" if not loop.last }}
{% endfor %}
