{#- What each expert of a county carries, and how much of it may be carried. -#}
with held as (
    select
        county_code,
        person_sk,
        count(distinct village_code) filter (where list = 'T06' and village_code is not null)::integer as villages,
        count(distinct town_code) filter (where list = 'T06' and village_code is null)::integer as towns,
        count(distinct household_sk) filter (where household_sk is not null)::integer as households
    from {{ ref("int_experts__expert_pair") }}
    where is_active and person_sk is not null
    group by county_code, person_sk
),

grouped as (
    select
        county_code,
        expert as name,
        count(distinct group_name)::integer as expert_groups
    from {{ ref("int_experts__expert_group") }} as r
    where
        valid_from <= {{ business_date() }}
        and coalesce({{ last_day("valid_to", "r") }}, 'infinity') >= {{ business_date() }}
    group by county_code, expert
),

teamed as (
    select
        county_code,
        member as name,
        count(distinct village_code)::integer as village_teams
    from {{ ref("int_experts__village_team") }} as r
    where
        appointed_on <= {{ business_date() }}
        and coalesce({{ last_day("left_on", "r") }}, 'infinity') >= {{ business_date() }}
    group by county_code, member
),

served as (
    select
        county_code,
        person_sk,
        count(distinct row_id)::integer as services,
        max(served_on) as last_served_on
    from {{ ref("int_experts__service_record") }}
    where person_sk is not null
    group by county_code, person_sk
),

carried as (
    select
        e.county_code,
        e.person_sk,
        e.name,
        e.unit,
        e.level,
        e.industries,
        e.town_code,
        e.is_technician,
        e.is_active,
        coalesce(h.villages, 0) as villages,
        coalesce(h.towns, 0) as towns,
        coalesce(h.households, 0) as households,
        coalesce(g.expert_groups, 0) as expert_groups,
        coalesce(t.village_teams, 0) as village_teams,
        coalesce(s.services, 0) as services,
        s.last_served_on,
        case
            when e.is_technician then null
            when e.max_load is not null then e.max_load
            {% for level, word in [
                ("省", "province"), ("市", "city"), ("县", "county"), ("乡", "town"), ("村", "village")
            ] %}
            when e.level = '{{ level }}'
                then {{ parameter("expert_villages_" ~ word ~ "_most", "e.county_code") }}
            {% endfor %}
        end::integer as villages_most,
        case
            when e.is_technician
                then coalesce(e.max_load, {{ parameter("technician_households_most", "e.county_code") }})
        end::integer as households_most
    from {{ ref("int_experts__expert_now") }} as e
    left join {{ ref("int_experts__expert_by_name") }} as n
        on n.county_code = e.county_code and n.person_sk = e.person_sk
    left join held as h on h.county_code = e.county_code and h.person_sk = e.person_sk
    left join grouped as g on g.county_code = n.county_code and g.name = n.name
    left join teamed as t on t.county_code = n.county_code and t.name = n.name
    left join served as s on s.county_code = e.county_code and s.person_sk = e.person_sk
)

select
    c.*,
    c.is_active and c.villages + c.towns + c.households + c.expert_groups + c.village_teams = 0 as is_idle,
    c.is_active and coalesce(c.villages > c.villages_most or c.households > c.households_most, false) as is_overloaded
from carried as c
