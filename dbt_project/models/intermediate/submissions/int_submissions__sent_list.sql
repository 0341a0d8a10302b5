{% for list, rows in [
    ("L3", ref("stg_l3__transfer_employment")),
    ("L4", ref("stg_l4__self_employment")),
    ("E05", ref("stg_e05__employment_base")),
    ("T01", ref("stg_t01__expert")),
    ("T16", ref("stg_t16__local_talent")),
    ("T17", ref("stg_t17__leader")),
] %}
select distinct
    '{{ list }}' as list,
    county_code
from {{ rows }}
where county_code is not null
{{ "union all" if not loop.last }}
{% endfor %}
