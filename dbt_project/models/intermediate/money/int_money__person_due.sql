{#-
    What a person is due by the rules in force, period by period, and what was paid for it. A post is due by the month:
    the twelve months before the business date's, each of which the person held for more than half of its days;
    classes and loans by the year; what is granted once in a life by the month from which it is due.
-#}
{% set year = "to_char(" ~ business_date() ~ ", 'YYYY')" %}
with month as (
    select
        m.first_on::date as first_on,
        (m.first_on + interval '1 month' - interval '1 day')::date as last_on
    from generate_series(
        date_trunc('month', {{ business_date() }}) - interval '12 months',
        date_trunc('month', {{ business_date() }}) - interval '1 month',
        interval '1 month'
    ) as m (first_on)
),

post as (
    select
        r.person_sk,
        r.county_code,
        r.std_yuan,
        r.start_on,
        coalesce(r.left_on, {{ last_day("end_on", "r") }}, 'infinity') as last_on
    from {{ ref("stg_l5__public_post") }} as r
    where r.person_sk is not null
),

reason as (
    select
        'public_post' as entitled_by,
        p.person_sk,
        p.county_code,
        to_char(m.first_on, 'YYYY-MM') as period,
        to_char(m.first_on, 'YYYY-MM') as first_month,
        to_char(m.first_on, 'YYYY-MM') as last_month,
        min(greatest(p.start_on, m.first_on)) as since_on,
        max(p.std_yuan) as due_yuan
    from post as p
    inner join month as m on p.start_on <= m.last_on and p.last_on >= m.first_on
    where
        (least(p.last_on, m.last_on) - greatest(p.start_on, m.first_on) + 1) * 2 > m.last_on - m.first_on + 1
    group by p.person_sk, p.county_code, m.first_on
    union all
    select
        'training_passed' as entitled_by,
        person_sk,
        county_code,
        {{ year }} as period,
        {{ year }} || '-01' as first_month,
        {{ year }} || '-12' as last_month,
        max(end_on) as since_on,
        sum(coalesce(amount_yuan, std_yuan)) as due_yuan
    from {{ ref("stg_l2__training") }}
    where
        result = '合格'
        and extract(year from end_on) = extract(year from {{ business_date() }})
        and end_on <= {{ business_date() }}
        and person_sk is not null
    group by person_sk, county_code
    union all
    select
        'venture_running' as entitled_by,
        s.person_sk,
        s.county_code,
        to_char(
            min(s.start_on)
            + make_interval(months => {{ parameter("start_up_months", "s.county_code") }}::integer), 'YYYY-MM'
        ) as period,
        '0001-01' as first_month,
        '9999-12' as last_month,
        min(s.start_on) as since_on,
        max(l.grant_yuan) as due_yuan
    from {{ ref("int_work__spell") }} as s
    inner join {{ ref("stg_l4__self_employment") }} as l on l.row_id = s.row_id
    where
        s.is_open
        and s.registered_as is not null
        and s.start_on
        <= {{ business_date() }}
        - make_interval(months => {{ parameter("start_up_months", "s.county_code") }}::integer)
    group by s.person_sk, s.county_code
    union all
    select
        'student_venture' as entitled_by,
        s.person_sk,
        s.county_code,
        to_char(min(s.start_on), 'YYYY-MM') as period,
        '0001-01' as first_month,
        '9999-12' as last_month,
        min(s.start_on) as since_on,
        null as due_yuan
    from {{ ref("int_work__spell") }} as s
    inner join {{ ref("stg_l4__self_employment") }} as l on l.row_id = s.row_id
    where s.is_open and s.registered_as is not null and l.is_student and l.is_returnee
    group by s.person_sk, s.county_code
    union all
    select
        'loan_running' as entitled_by,
        person_sk,
        county_code,
        {{ year }} as period,
        {{ year }} || '-01' as first_month,
        {{ year }} || '-12' as last_month,
        min(loan_from) as since_on,
        sum(interest_yuan) as due_yuan
    from {{ ref("stg_e09__loan_subsidy") }}
    where {{ business_date() }} between loan_from and loan_to and person_sk is not null
    group by person_sk, county_code
),

due as (
    select distinct on (r.person_sk, l.policy, r.period)
        r.*,
        l.policy,
        l.valid_from as rule_from_on
    from reason as r
    inner join
        {{ ref("policy_rule") }} as l
        on
            l.entitled_by = r.entitled_by
            and (l.jurisdiction = '*' or r.county_code like l.jurisdiction || '%')
            and {{ business_date() }} between l.valid_from and coalesce(l.valid_to, 'infinity')
    order by r.person_sk, l.policy, r.period, length(l.jurisdiction) desc, r.since_on
)

select
    d.person_sk,
    d.policy,
    d.period,
    d.rule_from_on,
    d.since_on,
    d.due_yuan,
    min(coalesce(p.paid_on, {{ month_end("p.period") }})) as paid_on,
    coalesce(sum(p.amount_yuan), 0) as paid_yuan
from due as d
left join
    {{ ref("int_money__payment_fact") }} as p
    on
        p.is_paid
        and p.person_sk = d.person_sk
        and p.policy = d.policy
        and p.period between d.first_month and d.last_month
group by d.person_sk, d.policy, d.period, d.rule_from_on, d.since_on, d.due_yuan
