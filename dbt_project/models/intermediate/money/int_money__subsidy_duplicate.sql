with payment as (
    select
        f.*,
        r.once_per,
        r.most_a_year
    from {{ ref("int_money__payment_fact") }} as f
    left join
        {{ ref("policy_rule") }} as r
        on
            r.policy = f.policy
            and r.jurisdiction = '*'
            and to_date(f.period || '-01', 'YYYY-MM-DD')
            between r.valid_from and coalesce(r.valid_to, 'infinity')
    where not f.is_undone
),

-- What may be paid once: each line gives the payments that compete under one key.
competing as (
    select
        'same_period' as kind,
        payee_key || policy || period as claim,
        row_id,
        payment_order
    from payment
    union all
    select
        'once_a_year' as kind,
        payee_key || policy || left(period, 4) as claim,
        row_id,
        payment_order
    from payment
    where once_per = 'year'
    union all
    select
        'once_for_ever' as kind,
        payee_key || policy as claim,
        row_id,
        payment_order
    from payment
    where once_per = 'lifetime'
),

paired as (
    select
        c.kind,
        first_value(c.row_id) over (partition by c.kind, c.claim order by c.payment_order) as a_row_id,
        c.row_id as b_row_id
    from competing as c
    union all
    -- An account serves one person.
    select
        'shared_account' as kind,
        h.a_row_id,
        h.row_id as b_row_id
    from (
        select
            t.row_id,
            t.payee_key,
            first_value(t.row_id) over holder as a_row_id,
            first_value(t.payee_key) over holder as holder_key
        from payment as t
        where t.account_no is not null
        window holder as (partition by t.account_no order by t.payment_order)
    ) as h
    where h.payee_key <> h.holder_key
    union all
    -- More subsidies of one kind in a year than the policy allows.
    select
        'more_than_a_year' as kind,
        y.a_row_id,
        y.row_id as b_row_id
    from (
        select
            t.row_id,
            t.most_a_year,
            first_value(t.row_id) over yearly as a_row_id,
            row_number() over yearly as nth
        from payment as t
        where t.once_per = 'period'
        window yearly as (partition by t.payee_key, t.policy, left(t.period, 4) order by t.payment_order)
    ) as y
    where y.nth > y.most_a_year
),

training as (
    select
        t.row_id,
        t.submission_id,
        t.sheet,
        t.row_no,
        t.person_sk,
        t.county_code,
        t.town_code,
        t.start_on,
        t.end_on,
        t.amount_yuan,
        t.paid_on,
        first_value(t.row_id) over claim as first_row_id
    from {{ ref("stg_l2__training") }} as t
    where t.person_sk is not null and t.amount_yuan > 0 and t.occupation is not null
    window
        claim as (
            partition by t.person_sk, t.occupation, coalesce(t.level, '')
            order by t.start_on, t.paid_on nulls last, t.key
        )
),

found as (
    select
        p.kind,
        b.person_sk,
        b.policy,
        b.county_code,
        b.town_code,
        'E02' as a_list,
        a.row_id as a_row_id,
        a.submission_id as a_submission_id,
        a.sheet as a_sheet,
        a.row_no as a_row_no,
        a.town_code as a_town_code,
        a.period as a_period,
        a.paid_on as a_paid_on,
        a.amount_yuan as a_amount_yuan,
        a.pay_status as a_pay_status,
        'E02' as b_list,
        b.row_id as b_row_id,
        b.submission_id as b_submission_id,
        b.sheet as b_sheet,
        b.row_no as b_row_no,
        b.town_code as b_town_code,
        b.period as b_period,
        b.paid_on as b_paid_on,
        b.amount_yuan as b_amount_yuan,
        b.pay_status as b_pay_status,
        case when b.is_paid then '追回' else '停发' end as measure
    from paired as p
    inner join payment as a on a.row_id = p.a_row_id
    inner join payment as b on b.row_id = p.b_row_id
    where p.a_row_id <> p.b_row_id
    union all
    select
        'same_training' as kind,
        b.person_sk,
        '培训补贴' as policy,
        b.county_code,
        b.town_code,
        'L2' as a_list,
        a.row_id as a_row_id,
        a.submission_id as a_submission_id,
        a.sheet as a_sheet,
        a.row_no as a_row_no,
        a.town_code as a_town_code,
        to_char(a.start_on, 'YYYY-MM') as a_period,
        a.paid_on as a_paid_on,
        a.amount_yuan as a_amount_yuan,
        null as a_pay_status,
        'L2' as b_list,
        b.row_id as b_row_id,
        b.submission_id as b_submission_id,
        b.sheet as b_sheet,
        b.row_no as b_row_no,
        b.town_code as b_town_code,
        to_char(b.start_on, 'YYYY-MM') as b_period,
        b.paid_on as b_paid_on,
        b.amount_yuan as b_amount_yuan,
        null as b_pay_status,
        case when b.paid_on is null then '停发' else '追回' end as measure
    from training as b
    inner join training as a on a.row_id = b.first_row_id
    where b.row_id <> b.first_row_id
    union all
    select
        kind,
        person_sk,
        policy,
        county_code,
        town_code,
        a_list,
        a_row_id,
        a_submission_id,
        a_sheet,
        a_row_no,
        a_town_code,
        a_period,
        a_paid_on,
        a_amount_yuan,
        a_pay_status,
        b_list,
        b_row_id,
        b_submission_id,
        b_sheet,
        b_row_no,
        b_town_code,
        b_period,
        b_paid_on,
        b_amount_yuan,
        b_pay_status,
        measure
    from {{ ref("int_money__double_claim") }}
)

select
    md5(concat(kind, a_row_id, b_row_id, case when kind = 'two_employers' then person_sk end))::uuid as duplicate_key,
    person_sk,
    kind,
    policy,
    county_code,
    town_code,
    a_list,
    a_submission_id,
    a_sheet,
    a_row_no,
    a_town_code,
    a_period,
    a_paid_on,
    a_amount_yuan,
    a_pay_status,
    b_list,
    b_submission_id,
    b_sheet,
    b_row_no,
    b_town_code,
    b_period,
    b_paid_on,
    b_amount_yuan,
    b_pay_status,
    measure,
    b_row_id
from found
