{%- set experts = [
    ("T03", ref("stg_t03__expert_group"), "expert"),
    ("T04", ref("stg_t04__village_team"), "member"),
    ("T06", ref("stg_t06__village_pairing"), "expert"),
    ("T06H", ref("stg_t06h__expert_household_pairing"), "expert"),
    ("T09", ref("stg_t09__prescription"), "expert"),
    ("T10", ref("stg_t10__prescription_visit"), "technician"),
    ("T11", ref("stg_t11__training_order"), "expert"),
    ("T13", ref("stg_t13__demonstration_base"), "expert"),
    ("T18", ref("stg_t18__sign_board"), "expert"),
    ("T18", ref("stg_t18__sign_board"), "technician"),
    ("T24", ref("stg_t24__share_holding"), "expert"),
] -%}
{%- set terms = {
    "T03": ("valid_from", "valid_to"), "T04": ("appointed_on", "left_on"), "T06": ("valid_from", "valid_to"),
    "T06H": ("valid_from", "valid_to"),
} -%}
with named as (
    {% for list, rows, name in experts %}
    select
        '{{ list }}' as list,
        r.row_id,
        r.county_code,
        r.{{ name }} as name,
        -- Which of two is meant matters where one is named for a term, and whether one has left while it lasts.
        {{ "true" if list in terms or list == "T24" else "false" }} as is_term,
        {% if list in terms -%}
        coalesce(
            {{ business_date() }} between r.{{ terms[list][0] }}
            and coalesce({{ last_day(terms[list][1], "r") }}, 'infinity'), false
        )
        {%- else -%} false {%- endif %} as is_standing
    from {{ rows }} as r
    union all
    {% endfor %}
    select
        'T08' as list,
        r.row_id,
        r.county_code,
        n.name,
        false as is_term,
        false as is_standing
    from {{ ref("stg_t08__consultation") }} as r
    cross join lateral unnest(r.experts) as n (name)
    union all
    select
        'T12' as list,
        row_id,
        county_code,
        teacher as name,
        false as is_term,
        false as is_standing
    from {{ ref("stg_t12__cascade_training") }}
    where cascade is distinct from '土带群众'
),

expert_name as (
    select
        county_code,
        name,
        count(*) filter (where is_active) as serving
    from {{ ref("int_experts__expert_now") }}
    where name is not null
    group by county_code, name
),

-- Where the county has not sent its list of experts, nobody can say that a name is not on it.
sent as (
    select county_code
    from {{ ref("int_submissions__sent_list") }}
    where list = 'T01'
)

select
    n.list,
    n.row_id,
    e.name is not null as is_known,
    coalesce(e.serving, 0) as serving,
    n.is_term,
    n.is_standing
from named as n
inner join sent as s on s.county_code = n.county_code
left join expert_name as e on e.county_code = n.county_code and e.name = n.name
where n.name is not null
union all
-- Of technicians the number tells who they are.
select
    'T05' as list,
    r.row_id,
    e.person_sk is not null as is_known,
    coalesce(e.is_active, false)::integer as serving,
    false as is_term,
    coalesce(
        {{ business_date() }} >= r.paired_on
        and {{ business_date() }} < coalesce({{ last_day("ended_on", "r") }}, 'infinity'), false
    ) as is_standing
from {{ ref("stg_t05__technician_pairing") }} as r
inner join sent as s on s.county_code = r.county_code
left join {{ ref("int_experts__expert_now") }} as e on e.county_code = r.county_code and e.person_sk = r.person_sk
