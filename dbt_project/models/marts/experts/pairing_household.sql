{%- set own = [
    ("T05", ref("int_experts__technician_pairing"),
     ["r.industry", "null", "null", "null", "null", "null", "r.end_reason"]),
    ("T06h", ref("int_experts__expert_household_pairing"),
     ["null", "r.base_name", "r.services", "r.forms", "null", "null", "null"]),
    ("T07", ref("stg_t07__talent_pairing"),
     ["null", "null", "r.help", "null", "r.content", "r.income_gain_yuan", "null"]),
] -%}
with sent as (
    {% for list, rows, values in own %}
    select
        {{ row_columns() }},
        '{{ list }}' as pair_kind,
        {{ "r.helper_kind" if list == "T07" else "null" }} as helper_kind,
        {{ "r.tech_id" if list == "T05" else "null" }} as id_no,
        r.household_no,
        r.head_name,
        {{ values[0] }} as industry,
        {{ values[1] }} as base_name,
        {{ values[2] }}::text[] as services,
        {{ values[3] }}::text[] as forms,
        {{ values[4] }} as content,
        {{ values[5] }}::numeric(14, 2) as income_gain_yuan,
        {{ values[6] }} as end_reason
    from {{ rows }} as r
    {{ row_joins() }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    s.row_id,
    s.submission_id,
    s.sheet,
    s.row_no,
    s.pair_kind,
    case s.pair_kind when 'T05' then '产业技术员' when 'T06h' then '专家' when 'T07' then '乡土人才' end as pair_kind_name,
    p.person_sk,
    s.id_no,
    p.name,
    s.helper_kind,
    p.household_sk,
    s.household_no,
    s.head_name,
    h.poverty_status,
    coalesce(h.poverty_status <> '一般农户', false) as is_poor,
    coalesce(s.county_code, h.county_code) as county_code,
    coalesce(s.town_code, h.town_code) as town_code,
    coalesce(s.town_name, h.town_name) as town_name,
    coalesce(s.village_code, h.village_code) as village_code,
    coalesce(s.village_name, h.village_name) as village_name,
    s.industry,
    s.base_name,
    s.services,
    s.forms,
    s.content,
    s.income_gain_yuan,
    p.start_on,
    p.end_on,
    s.end_reason,
    p.service_count,
    p.last_served_on,
    l.households as helper_households,
    l.households_most,
    p.is_active and coalesce(l.is_overloaded, false) as is_overloaded,
    p.is_zombie,
    p.is_active as is_current,
    s.period,
    s.as_of_on
from sent as s
inner join {{ ref("int_experts__expert_pair") }} as p on p.list = s.pair_kind and p.row_id = s.row_id
left join {{ ref("int_experts__expert_load") }} as l on l.county_code = p.county_code and l.person_sk = p.person_sk
left join {{ ref("int_people__household") }} as h on h.household_sk = p.household_sk
