{#- A row for each board, and one for each paired household that has none. -#}
with helped as (
    select
        household_sk,
        min(county_code) as county_code,
        min(town_code) as town_code,
        min(village_code) as village_code,
        min(industry) as industry,
        array_agg(helper_name order by helper_name) filter (where helper = 'expert') as current_experts,
        array_agg(helper_name order by helper_name) filter (where helper = 'talent') as current_talents,
        array_agg(helper_name order by helper_name) filter (where helper = 'technician') as current_technicians
    from {{ ref("int_experts__household_helper") }}
    group by household_sk
),

village_expert as (
    select
        village_code,
        array_agg(distinct name order by name) as experts
    from {{ ref("int_experts__expert_pair") }}
    where list = 'T06' and village_code is not null and is_active
    group by village_code
),

home as (
    {{ newest_households() }}
),

board as (
    select
        b.*,
        row_number() over (
            partition by coalesce(b.household_sk::text, b.household_no)
            order by b.hung_on desc, b.row_id
        ) = 1 as is_latest
    from {{ ref("stg_t18__sign_board") }} as b
),

compared as (
    select
        coalesce(b.row_id, h.household_sk) as sign_board_sk,
        b.row_id,
        b.submission_id,
        b.sheet,
        b.row_no,
        coalesce(b.county_code, h.county_code) as county_code,
        coalesce(b.town_code, h.town_code) as town_code,
        coalesce(b.village_code, h.village_code) as village_code,
        b.period,
        b.as_of,
        coalesce(b.household_sk, h.household_sk) as household_sk,
        coalesce(b.household_no, n.household_no) as household_no,
        coalesce(n.head_name, b.head_name) as head_name,
        b.board_no,
        b.expert,
        b.unit as expert_unit,
        b.expert_phone,
        b.talent,
        b.technician,
        coalesce(b.industry, h.industry) as industry,
        b.content,
        b.hung_on,
        b.position as hung_place,
        b.photo_no,
        b.checked_on,
        b.board_state,
        h.household_sk is not null as is_paired,
        -- Where no expert is paired with the household itself, those of its village serve it.
        coalesce(h.current_experts, v.experts) as current_experts,
        h.current_talents,
        h.current_technicians,
        b.row_id is not null as has_board,
        coalesce(b.is_latest, true) as is_current
    from board as b
    full outer join helped as h on h.household_sk = b.household_sk
    left join home as n on n.household_sk = coalesce(b.household_sk, h.household_sk)
    left join village_expert as v on v.village_code = coalesce(b.village_code, h.village_code)
),

shown_head as (
    select distinct
        household_sk,
        head_name
    from compared
    where household_sk is not null
),

-- Who bears the name that would hang on the wall, else who is the head by the list of members. A child may bear the
-- name of a grown-up of the household, who is the head then; whose age nobody knows may be a child.
child_head as (
    select
        s.household_sk,
        s.head_name
    from shown_head as s
    inner join {{ ref("int_people__register_person") }} as p on p.household_sk = s.household_sk
    where p.member_state = '在册' and (p.rel_to_head in ('户主', '本人') or p.name = s.head_name)
    group by s.household_sk, s.head_name
    having
        coalesce(
            case
                when bool_or(p.name = s.head_name) then max(p.age_asof) filter (where p.name = s.head_name)
                else max(p.age_asof)
            end, 0
        ) < {{ child_age() }}
),

judged as (
    select
        *,
        expert is not null and expert <> all(coalesce(current_experts, '{}')) as expert_differs,
        talent is not null and talent <> all(coalesce(current_talents, '{}')) as talent_differs,
        technician is not null and technician <> all(coalesce(current_technicians, '{}')) as technician_differs
    from compared
)

select
    r.sign_board_sk,
    {{ row_columns() }},
    r.household_sk,
    r.household_no,
    r.head_name,
    r.board_no,
    'M' || upper(left(md5(coalesce(r.household_sk, r.sign_board_sk)::text), 8)) as shown_no,
    r.expert,
    r.expert_unit,
    r.expert_phone,
    r.talent,
    r.technician,
    r.industry,
    r.content,
    r.hung_on,
    r.hung_place,
    r.photo_no,
    r.checked_on,
    r.board_state,
    r.is_paired,
    r.current_experts,
    r.current_talents,
    r.current_technicians,
    r.expert_differs,
    r.talent_differs,
    r.technician_differs,
    case
        when not r.has_board then '未挂'
        when r.board_state in ('缺失', '破损') then r.board_state
        when r.expert_differs or r.talent_differs or r.technician_differs then '信息过期'
        else r.board_state
    end as state_now,
    c.household_sk is not null as is_of_child,
    r.is_current
from judged as r
left join child_head as c
    on c.household_sk = r.household_sk and c.head_name is not distinct from r.head_name
{{ row_joins() }}
