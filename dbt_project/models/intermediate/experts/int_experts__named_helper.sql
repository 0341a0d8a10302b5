{#-
    Whom T07 and T12 mean by the name of a helper or teacher. A local talent is sought among local talents, leaders and
    the experts of towns and villages; of several the nearest is meant, and of two who are as near nobody can tell. Who
    is no local talent, or is none that the lists know, is sought among all experts.
-#}
with named as (
    select
        'T07' as list,
        row_id,
        county_code,
        town_code,
        village_code,
        talent as name,
        helper_kind = '乡土人才' as is_local
    from {{ ref("stg_t07__talent_pairing") }}
    union all
    select
        'T12' as list,
        row_id,
        county_code,
        town_code,
        village_code,
        teacher as name,
        cascade = '土带群众' as is_local
    from {{ ref("stg_t12__cascade_training") }}
),

local_person as (
    {% for rows in [ref("stg_t16__local_talent"), ref("stg_t17__leader")] %}
    select
        county_code,
        town_code,
        village_code,
        name,
        person_sk
    from {{ rows }}
    where person_sk is not null
    union
    {% endfor %}
    select
        county_code,
        town_code,
        village_code,
        name,
        person_sk
    from {{ ref("int_experts__expert_now") }}
    where is_active and level in ('乡', '村')
),

near as (
    select
        n.list,
        n.row_id,
        p.person_sk,
        rank() over (
            partition by n.list, n.row_id
            order by
                coalesce(p.village_code = n.village_code, false) desc, coalesce(p.town_code = n.town_code, false) desc
        ) as nearness
    from named as n
    inner join local_person as p on p.county_code = n.county_code and p.name = n.name
    where n.is_local
),

found as (
    select
        list,
        row_id,
        case when count(distinct person_sk) = 1 then min(person_sk::text)::uuid end as person_sk
    from near
    where nearness = 1
    group by list, row_id
)

select
    n.list,
    n.row_id,
    case when f.row_id is null then e.person_sk else f.person_sk end as person_sk,
    f.row_id is null and l.name is not null as has_left
from named as n
left join found as f on f.list = n.list and f.row_id = n.row_id
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = n.county_code and e.name = n.name
left join {{ ref("int_experts__left_expert") }} as l on l.county_code = n.county_code and l.name = n.name
