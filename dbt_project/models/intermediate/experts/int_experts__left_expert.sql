{#- Names on a county's list of experts that nobody bears who still serves: all of that name have left. -#}
select
    county_code,
    name
from {{ ref("int_experts__expert_now") }}
where name is not null
group by county_code, name
having not bool_or(is_active)
