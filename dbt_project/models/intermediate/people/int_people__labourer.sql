{#- One row for each labourer of the register with everything that coverage asks of him or her. -#}
with l1 as (
    select
        person_sk,
        submission_id,
        sheet,
        row_no,
        emp_intent,
        train_intent,
        greatest({{ known_on("as_of") }}, verified_on) as said_on
    from ({{ latest_l1() }}) as l
),

asked as (
    -- Open questions about who a person is and where the home is.
    select distinct l.person_sk
    from l1 as l
    inner join
        {{ ref("stg_ops__finding") }} as f
        on
            f.submission_id = l.submission_id
            and f.sheet is not distinct from l.sheet
            and f.row_no = l.row_no
    where
        f.closed_on is null
        and f.verdict in ('Q', 'W')
        and f.field in (
            'name', 'id_no', 'sex', 'birth_date', 'age', 'ethnic', 'rel_to_head', 'edu', 'phone', 'town_name',
            'village_name', 'group_no', 'household_no', 'head_name', 'head_id_no'
        )
),

trained as (
    select
        person_sk,
        bool_or(result = '合格') as passed
    from {{ ref("stg_l2__training") }}
    where
        extract(year from start_on) = extract(year from {{ business_date() }})
        and start_on <= {{ business_date() }}
        and person_sk is not null
    group by person_sk
),

stable as (
    select
        person_sk,
        bool_or(is_stable) as is_stable
    from {{ ref("int_work__spell") }}
    where is_employed and person_sk is not null
    group by person_sk
),

due as (
    select
        person_sk,
        bool_or(paid_on is not null) as is_paid
    from {{ ref("int_money__eligibility") }}
    group by person_sk
)

select
    p.person_sk,
    p.county_code,
    p.town_code,
    p.village_code,
    p.household_sk,
    coalesce(
        l.said_on >= {{ business_date() }} - {{ parameter("stale_days", "p.county_code") }}::integer, false
    ) as is_listed,
    l.person_sk is not null as has_l1,
    l.person_sk is not null and a.person_sk is null as basic_ok,
    l.emp_intent is not null and coalesce(
        l.said_on >= {{ business_date() }} - {{ parameter("stale_days", "p.county_code") }}::integer, false
    ) as intent_ok,
    s.current_status not in ('待核实', '失联') as status_ok,
    coalesce(l.emp_intent <> '无意愿', false) as is_willing,
    coalesce(l.train_intent, false) as wants_training,
    coalesce(t.passed, false) as is_trained,
    s.is_employed,
    coalesce(b.is_stable, false) and s.is_employed as is_stable,
    d.person_sk is not null as is_eligible,
    coalesce(d.is_paid, false) as is_paid,
    p.poverty_status
from {{ ref("int_people__register_person") }} as p
inner join {{ ref("int_people__person_status") }} as s on s.person_sk = p.person_sk
left join l1 as l on l.person_sk = p.person_sk
left join asked as a on a.person_sk = p.person_sk
left join trained as t on t.person_sk = p.person_sk
left join stable as b on b.person_sk = p.person_sk
left join due as d on d.person_sk = p.person_sk
where p.is_labourer
