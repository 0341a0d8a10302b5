{#-
    Who is paired with which household, village or town, and what was done for it since. A pair with somebody who has
    left stands on the list alone.
-#}
with known as (
    select distinct
        county_code,
        name
    from {{ ref("int_experts__expert_now") }}
),

pair as (
    select
        'T05' as list,
        r.row_id,
        r.county_code,
        r.person_sk,
        r.technician as name,
        r.town_code,
        r.village_code,
        r.household_sk,
        r.industry,
        r.paired_on as start_on,
        {{ last_day("ended_on", "r") }} as end_on,
        r.ended_on is not null as has_end,
        null as helper_kind,
        coalesce(not e.is_active, false) as has_left,
        false as is_stranger
    from {{ ref("int_experts__technician_pairing") }} as r
    left join {{ ref("int_experts__expert_now") }} as e on e.county_code = r.county_code and e.person_sk = r.person_sk
    {% for list, rows, name in [
        ("T06", ref("int_experts__village_pairing"), "expert"),
        ("T06h", ref("int_experts__expert_household_pairing"), "expert"),
        ("T07", ref("stg_t07__talent_pairing"), "talent"),
    ] %}
    union all
    select
        '{{ list }}' as list,
        r.row_id,
        r.county_code,
        e.person_sk,
        r.{{ name }} as name,
        r.town_code,
        r.village_code,
        {{ "null" if list == "T06" else "r.household_sk" }} as household_sk,
        null as industry,
        r.valid_from as start_on,
        {{ last_day("valid_to", "r") }} as end_on,
        r.valid_to is not null as has_end,
        {{ "r.helper_kind" if list == "T07" else "null" }} as helper_kind,
        {{ "coalesce(e.has_left, false)" if list == "T07" else "l.name is not null" }} as has_left,
        {{ "false" if list == "T07" else "c.county_code is not null and k.name is null" }} as is_stranger
    from {{ rows }} as r
    {% if list == "T07" %}
    left join {{ ref("int_experts__named_helper") }} as e on e.list = 'T07' and e.row_id = r.row_id
    {% else %}
    left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.{{ name }}
    left join {{ ref("int_experts__left_expert") }} as l on l.county_code = r.county_code and l.name = r.{{ name }}
    left join known as k on k.county_code = r.county_code and k.name = r.{{ name }}
    left join (select distinct county_code from known) as c on c.county_code = r.county_code
    {% endif %}
    {% endfor %}
),

aimed as (
    select
        p.*,
        coalesce(p.household_sk::text, p.village_code, p.town_code) as target
    from pair as p
),

-- A day at a household is one in its village and its town as well; a prescription for a village reaches no household.
reached as (
    select
        s.county_code,
        s.person_sk,
        s.name,
        t.target,
        s.row_id,
        s.served_on
    from {{ ref("int_experts__service_record") }} as s
    cross join lateral (values (s.household_sk::text), (s.village_code), (s.town_code)) as t (target)
    where t.target is not null
),

served as (
    select
        a.row_id,
        count(distinct r.row_id)::integer as service_count,
        max(r.served_on) as last_served_on
    from aimed as a
    inner join reached as r
        on r.county_code = a.county_code
        and r.target = a.target
        -- Where a name tells nobody, whoever of the name was there is the one who is paired there.
        and case
            when r.person_sk is not null and a.person_sk is not null then r.person_sk = a.person_sk
            else r.name = a.name
        end
        and r.served_on between a.start_on and coalesce(a.end_on, 'infinity')
    group by a.row_id
),

standing as (
    select
        a.list,
        a.row_id,
        a.county_code,
        a.person_sk,
        a.name,
        a.helper_kind,
        a.has_left,
        -- A name that the county's list of experts does not have; of technicians the number tells who they are.
        a.is_stranger,
        a.town_code,
        a.village_code,
        a.household_sk,
        a.industry,
        a.start_on,
        a.end_on,
        coalesce(s.service_count, 0) as service_count,
        s.last_served_on,
        a.start_on <= {{ business_date() }}
        and not a.has_left
        -- A technician's last day is the day on which the pair is dissolved; an expert's is the last of the term.
        and coalesce(
            case when a.list = 'T05' then a.end_on > {{ business_date() }} else a.end_on >= {{ business_date() }} end,
            not a.has_end
        ) as is_active
    from aimed as a
    left join served as s on s.row_id = a.row_id
)

select
    p.*,
    -- No list tells of what local talents do day by day.
    p.is_active
    and p.list <> 'T07'
    and coalesce(p.last_served_on, p.start_on)
    < {{ business_date() }} - {{ parameter("zombie_pair_days", "p.county_code") }}::integer as is_zombie
from standing as p
