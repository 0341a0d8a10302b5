{#-
    Whom a name on another list of the county means. Of people of one name the one who still serves is meant; of two
    who do, nobody can tell.
-#}
with ranked as (
    select
        e.*,
        not e.is_active and bool_or(e.is_active) over same_name as has_left,
        count(*) filter (where e.is_active) over same_name as serving,
        count(*) over same_name as persons
    from {{ ref("int_experts__expert_now") }} as e
    window same_name as (partition by e.county_code, e.name)
)

select
    county_code,
    name,
    person_sk,
    level,
    industries,
    title,
    unit,
    is_technician,
    is_active,
    max_load
from ranked
where name is not null and not has_left and case when is_active then serving else persons end = 1
