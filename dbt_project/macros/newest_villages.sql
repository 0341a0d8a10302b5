{#- What the county's list of villages says last of each village. -#}
{% macro newest_villages() %}
select distinct on (village_code) *
from {{ ref("stg_v01__village") }}
order by village_code, valid_from desc nulls last, row_id
{% endmacro %}
