{#-
    Names on talent lists that the county's lists of experts, technicians and talents do not bear out: K60 K74 nobody of
    that name, K75 several who serve, K76 who has left, K77 no such group, K78 another level than the list of experts
    gives. The rows stay, their senders are told. Where the list to look into has not come yet nothing is told.
-#}
{%- set experts = [
    ("t03", "expert"), ("t04", "member"), ("t06", "expert"), ("t06h", "expert"), ("t09", "expert"),
    ("t10", "technician"), ("t11", "expert"), ("t13", "expert"), ("t18", "expert"),
    ("t18", "technician"), ("t24", "expert"),
] -%}
{%- set terms = {
    "t03": ("valid_from", "valid_to"), "t04": ("appointed_on", "left_on"), "t06": ("valid_from", "valid_to"),
    "t06h": ("valid_from", "valid_to"),
} -%}
with named as (
    {% for list, name in experts %}
    select
        '{{ list | upper }}' as list,
        r.row_id,
        r.county_code,
        r.{{ name }} as name,
        -- Which of two is meant matters where one is named for a term, and whether one has left while it lasts.
        {{ "true" if list in terms or list == "t24" else "false" }} as is_term,
        {% if list in terms -%}
        coalesce(
            {{ business_date() }} between r.{{ terms[list][0] }}
            and coalesce({{ last_day(terms[list][1], "r") }}, 'infinity'), false
        )
        {%- else -%} false {%- endif %} as is_standing
    from {{ source("raw", list ~ "_now") }} as r
    union all
    {% endfor %}
    select
        'T08' as list,
        r.row_id,
        r.county_code,
        n.name,
        false as is_term,
        false as is_standing
    from {{ source("raw", "t08_now") }} as r
    cross join lateral unnest(r.experts) as n (name)
    union all
    select
        'T12' as list,
        row_id,
        county_code,
        teacher as name,
        false as is_term,
        false as is_standing
    from {{ source("raw", "t12_now") }}
    where cascade is distinct from '土带群众'
),

-- Who helps or teaches as a local talent need not be an expert.
local_named as (
    select
        'T07' as list,
        row_id,
        county_code,
        talent as name,
        null::uuid as person_sk
    from {{ source("raw", "t07_now") }}
    union all
    select
        'T12' as list,
        row_id,
        county_code,
        teacher as name,
        null as person_sk
    from {{ source("raw", "t12_now") }}
    where cascade = '土带群众'
    union all
    select
        'T18' as list,
        row_id,
        county_code,
        talent as name,
        null as person_sk
    from {{ source("raw", "t18_now") }}
    union all
    select
        'T20' as list,
        row_id,
        county_code,
        name,
        person_sk
    from {{ source("raw", "t20_now") }}
),

talent as (
    {% for list in ["t01", "t02", "t16", "t17"] %}
    select
        '{{ list | upper }}' as list,
        county_code,
        name,
        person_sk
    from {{ source("raw", list ~ "_now") }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

known as (
    select
        county_code,
        name,
        bool_or(list = 'T01') as is_expert
    from talent
    where name is not null
    group by county_code, name
),

sent as (
    select
        county_code,
        bool_or(list = 'T01') as has_experts,
        bool_or(list in ('T16', 'T17')) as has_talents
    from talent
    group by county_code
),

expert_name as (
    select
        county_code,
        name,
        count(*) filter (where is_active) as serving
    from {{ ref("expert_now") }}
    where name is not null
    group by county_code, name
),

checked as (
    select
        n.*,
        e.name is not null as is_known,
        coalesce(e.serving, 0) as serving
    from named as n
    inner join sent as s on s.county_code = n.county_code and s.has_experts
    left join expert_name as e on e.county_code = n.county_code and e.name = n.name
    where n.name is not null
),

technician as (
    select
        r.row_id,
        e.person_sk is not null as is_known,
        coalesce(not e.is_active, false) as has_left,
        coalesce(
            {{ business_date() }} >= r.paired_on
            and {{ business_date() }} < coalesce({{ last_day("ended_on", "r") }}, 'infinity'), false
        ) as is_standing
    from {{ source("raw", "t05_now") }} as r
    inner join sent as s on s.county_code = r.county_code and s.has_experts
    left join {{ ref("expert_now") }} as e on e.county_code = r.county_code and e.person_sk = r.person_sk
),

grouped as (
    select distinct
        county_code,
        {{ group_stem("group_name") }} as stem
    from {{ source("raw", "t03_now") }}
),

found as (
    select
        case when not is_known then 'K60' when serving > 1 then 'K75' else 'K76' end as rule,
        list,
        row_id
    from checked
    where not is_known or is_term and serving > 1 or is_standing and serving = 0
    union all
    select
        case when is_known then 'K76' else 'K60' end as rule,
        'T05' as list,
        row_id
    from technician
    where not is_known or has_left and is_standing
    union all
    select
        'K74' as rule,
        n.list,
        n.row_id
    from local_named as n
    inner join sent as s on s.county_code = n.county_code and s.has_talents
    left join known as k on k.county_code = n.county_code and k.name = n.name
    where
        n.name is not null
        and k.name is null
        and not exists (
            select 1
            from talent as p
            where p.county_code = n.county_code and p.person_sk = n.person_sk
        )
    union all
    select
        'K77' as rule,
        'T08' as list,
        r.row_id
    from {{ source("raw", "t08_now") }} as r
    where
        r.group_name is not null
        and exists (select 1 from grouped as g where g.county_code = r.county_code)
        and not exists (
            select 1
            from grouped as g
            where g.county_code = r.county_code and g.stem = {{ group_stem("r.group_name") }}
        )
    union all
    select
        'K78' as rule,
        'T12' as list,
        r.row_id
    from {{ source("raw", "t12_now") }} as r
    inner join {{ ref("expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.teacher
    where r.cascade is distinct from '土带群众' and r.teacher_level <> e.level
),

told as (
    select distinct on (rule, row_id)
        rule,
        list,
        row_id,
        null::uuid as other_row_id
    from found
    order by rule, row_id, list
)

{{ told_rows([
    "t03", "t04", "t05", "t06", "t06h", "t07", "t08", "t09", "t10", "t11", "t12", "t13", "t18", "t20", "t24"
]) }}
