{#- The newest word of each household that could be told, as H01 has it. -#}
{% macro newest_households() %}
select distinct on (household_sk) *
from {{ ref("stg_h01__household") }}
where household_sk is not null
order by household_sk, as_of desc nulls last, row_id
{% endmacro %}
