{% for rows in [
    ref("int_row_conflicts__x11_reported_otherwise"),
    ref("int_row_conflicts__k21_towns_do_not_add_up"),
] %}
select *
from {{ rows }}
{{ "union all" if not loop.last }}
{% endfor %}
