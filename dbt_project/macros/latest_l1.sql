{#- What L1 says last of each person: its key is person and month, so that no two rows stand for one month. -#}
{% macro latest_l1() %}
select distinct on (person_sk) *
from {{ ref("stg_l1__basic_info") }}
where person_sk is not null
order by person_sk, period desc, version desc nulls last, row_id
{% endmacro %}
