with l1 as (
    {{ latest_l1() }}
),

-- Of two that are open the one begun last is named: which row has the smaller number is a matter of arrival.
spell as (
    select
        person_sk,
        bool_or(is_open) filter (where list = 'L3') as on_l3,
        bool_or(is_open) filter (where list = 'L4') as on_l4,
        bool_or(is_open) filter (where list = 'L5') as on_l5,
        (array_agg(row_id order by start_on desc nulls last, key) filter (where is_open and list = 'L3'))[1]
            as active_spell_id,
        (array_agg(row_id order by start_on desc nulls last, key) filter (where is_open and list = 'L4'))[1]
            as active_venture_id,
        (array_agg(row_id order by start_on desc nulls last, key) filter (where is_open and list = 'L5'))[1]
            as active_post_id
    from {{ ref("int_work__spell") }}
    where person_sk is not null
    group by person_sk
),

training as (
    select
        person_sk,
        count(*) filter (where start_on > {{ business_date() }} - interval '12 months') as trainings_12m,
        max(coalesce(end_on, start_on)) as last_training_on,
        bool_or(extract(year from start_on) = extract(year from {{ business_date() }})) as on_l2
    from {{ ref("stg_l2__training") }}
    where person_sk is not null and start_on <= {{ business_date() }}
    group by person_sk
),

benefit as (
    select
        person_sk,
        sum(amount_yuan) as benefits_year_yuan
    from {{ ref("int_money__payment_fact") }}
    where
        is_paid
        and person_sk is not null
        and left(period, 4) = to_char({{ business_date() }}, 'YYYY')
    group by person_sk
),

conflict as (
    select
        person_sk,
        array_agg(distinct kind order by kind) as conflicts
    from {{ ref("int_people__status_conflict") }}
    where is_open
    group by person_sk
)

select
    p.person_sk,
    p.id_no,
    p.name,
    p.sex,
    p.birth_date,
    {{ age_on("p.birth_date", business_date()) }} as age_asof,
    p.phone,
    p.ethnic,
    p.edu,
    p.household_sk,
    r.household_no,
    coalesce(r.rel_to_head, l.rel_to_head) in ('户主', '本人') as is_head,
    p.county_code,
    p.town_code,
    t.town_name,
    p.village_code,
    v.village_name,
    coalesce(r.poverty_status, l.poverty_status) as poverty_status,
    coalesce(l.health, r.health) as health,
    coalesce(l.labour_capacity, r.labour_capacity) as labour_capacity,
    coalesce(l.school, r.school) as school,
    l.skill,
    l.emp_intent,
    l.train_intent,
    l.venture_intent,
    s.current_status,
    s.status_since as status_since_on,
    s.status_list,
    s.status_submission_id,
    s.status_sheet,
    s.status_row_no,
    s.status_confirmed_on,
    s.is_stale,
    s.is_employed,
    l.person_sk is not null as on_l1,
    coalesce(g.on_l2, false) as on_l2,
    coalesce(w.on_l3, false) as on_l3,
    coalesce(w.on_l4, false) as on_l4,
    coalesce(w.on_l5, false) as on_l5,
    coalesce(g.trainings_12m, 0)::integer as trainings_12m,
    g.last_training_on,
    w.active_spell_id,
    w.active_post_id,
    w.active_venture_id,
    d.due_on as next_visit_due_on,
    d.visit_type,
    coalesce(b.benefits_year_yuan, 0) as benefits_year_yuan,
    coalesce(c.conflicts, '{}') as conflicts,
    f.basic_ok,
    f.intent_ok,
    f.status_ok,
    r.member_state,
    p.is_labourer,
    not p.in_register as not_in_register,
    coalesce(r.is_over_age, false) as is_over_age,
    p.first_seen_on,
    p.last_seen_on,
    p.submissions,
    {{ business_date() }} as as_of_on
from {{ ref("int_people__person") }} as p
inner join {{ ref("int_people__person_status") }} as s on s.person_sk = p.person_sk
left join {{ ref("int_people__register_person") }} as r on r.person_sk = p.person_sk
left join l1 as l on l.person_sk = p.person_sk
left join spell as w on w.person_sk = p.person_sk
left join training as g on g.person_sk = p.person_sk
left join benefit as b on b.person_sk = p.person_sk
left join conflict as c on c.person_sk = p.person_sk
left join {{ ref("int_work__visit_due") }} as d on d.person_sk = p.person_sk
left join {{ ref("int_people__labourer") }} as f on f.person_sk = p.person_sk
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = p.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = p.village_code
where p.is_labourer or p.on_a_list
