{#- What a person is due on the business date by the rules in force, and the day on which it was paid this year. -#}
with reason as (
    select
        'training_passed' as entitled_by,
        person_sk,
        county_code,
        max(end_on) as since_on
    from {{ ref("stg_l2__training") }}
    where
        result = '合格'
        and extract(year from end_on) = extract(year from {{ business_date() }})
        and end_on <= {{ business_date() }}
    group by person_sk, county_code
    union all
    select
        'public_post' as entitled_by,
        person_sk,
        county_code,
        min(start_on) as since_on
    from {{ ref("int_work__spell") }}
    where list = 'L5' and is_open
    group by person_sk, county_code
    union all
    select
        'venture_running' as entitled_by,
        person_sk,
        county_code,
        min(start_on) as since_on
    from {{ ref("int_work__spell") }}
    where
        list = 'L4'
        and is_open
        and registered_as is not null
        and start_on
        <= {{ business_date() }}
        - make_interval(months => {{ parameter("start_up_months", "county_code") }}::integer)
    group by person_sk, county_code
    union all
    select
        'student_venture' as entitled_by,
        s.person_sk,
        s.county_code,
        min(s.start_on) as since_on
    from {{ ref("int_work__spell") }} as s
    inner join {{ ref("stg_l4__self_employment") }} as l on l.row_id = s.row_id
    where s.is_open and s.registered_as is not null and l.is_student and l.is_returnee
    group by s.person_sk, s.county_code
    union all
    select
        'loan_running' as entitled_by,
        person_sk,
        county_code,
        min(loan_from) as since_on
    from {{ ref("stg_e09__loan_subsidy") }}
    where {{ business_date() }} between loan_from and loan_to
    group by person_sk, county_code
),

due as (
    select distinct on (r.person_sk, l.policy)
        r.person_sk,
        l.policy,
        l.valid_from as rule_from_on,
        l.once_per,
        r.since_on
    from reason as r
    inner join
        {{ ref("policy_rule") }} as l
        on
            l.entitled_by = r.entitled_by
            and (l.jurisdiction = '*' or r.county_code like l.jurisdiction || '%')
            and {{ business_date() }} between l.valid_from and coalesce(l.valid_to, 'infinity')
    where r.person_sk is not null
    order by r.person_sk, l.policy, length(l.jurisdiction) desc, r.since_on
),

paid as (
    select
        person_sk,
        policy,
        left(period, 4) as year,
        min(coalesce(paid_on, {{ month_end("period") }})) as paid_on,
        sum(amount_yuan) as paid_yuan
    from {{ ref("int_money__payment_fact") }}
    where is_paid and person_sk is not null
    group by person_sk, policy, left(period, 4)
)

select
    d.person_sk,
    d.policy,
    d.rule_from_on,
    d.since_on,
    min(p.paid_on) as paid_on,
    coalesce(sum(p.paid_yuan), 0) as paid_yuan
from due as d
left join
    paid as p
    on
        p.person_sk = d.person_sk
        and p.policy = d.policy
        and (d.once_per = 'lifetime' or p.year = to_char({{ business_date() }}, 'YYYY'))
group by d.person_sk, d.policy, d.rule_from_on, d.since_on
