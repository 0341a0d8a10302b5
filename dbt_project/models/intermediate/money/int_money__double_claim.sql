{#-
    One thing that was claimed twice, beside the payments of one payee: by two employers for one labourer, by a post and
    an employer for one month, by one agency for one person and year, on one certificate, for one entity.
    The first paid is kept, whatever arrived first. Read before staging, so that what it finds can be told.
-#}
{% set policies = ref("claimant_policy") %}
{% set award_policy = "(select c.policy from " ~ policies ~ " as c where c.claimant_type = r.claimant_type)" %}
{#- list, its rows, period, day of payment, amount, state of the payment, policy -#}
{% set sides = [
    ("E02", ref("stg_e02__payment"), "r.period", "r.paid_on", "r.amount_yuan", "r.pay_status", "r.policy"),
    ("E04", ref("stg_e04__placement"),
     "to_char(r.placed_on, 'YYYY-MM')", "null::date", "r.grant_yuan", "null", "'职业介绍(就业服务)补助'"),
    ("E07", ref("stg_e07__employer_award"), "r.from_month", "r.paid_on", "r.award_yuan", "null", award_policy),
    ("L2", ref("stg_l2__training"), "to_char(r.start_on, 'YYYY-MM')", "r.paid_on", "r.amount_yuan", "null", "'培训补贴'"),
    ("L4", ref("stg_l4__self_employment"),
     "to_char(r.reg_on, 'YYYY-MM')", "r.paid_on", "r.grant_yuan", "null", "'一次性创业补贴'"),
] %}
with award as (
    select
        w.person_sk,
        w.claimant,
        w.from_month,
        w.to_month,
        e.row_id,
        e.paid_on,
        e.county_code,
        row_number() over (order by e.paid_on nulls last, e.from_month, e.fill_date nulls last, e.key, e.row_id) as nth
    from {{ ref("int_money__award_worker") }} as w
    inner join {{ ref("stg_e07__employer_award") }} as e on e.row_id = w.row_id
),

post as (
    select
        p.row_id,
        p.person_sk,
        p.period,
        p.county_code,
        case when p.pay_status = '拨付' then p.paid_on end as paid_on
    from {{ ref("stg_e02__payment") }} as p
    where
        p.policy = '公益性岗位补贴'
        and coalesce(p.pay_status not in ('退回', '追回'), true)
        and p.person_sk is not null
),

placed as (
    select
        row_id,
        person_sk,
        first_value(row_id) over claim as first_row_id
    from {{ ref("stg_e04__placement") }}
    where person_sk is not null and agency is not null and placed_on is not null
    window
        claim as (
            partition by
                county_code, person_sk, coalesce(agency_uscc, {{ employer_norm("agency") }}),
                extract(year from placed_on)
            order by placed_on, fill_date nulls last, key, row_id
        )
),

certified as (
    select
        row_id,
        person_sk,
        first_value(row_id) over claim as first_row_id
    from {{ ref("stg_l2__training") }}
    where cert_no is not null and amount_yuan > 0
    window
        claim as (
            partition by county_code, cert_no order by paid_on nulls last, start_on, fill_date nulls last, key, row_id
        )
),

started as (
    select
        row_id,
        person_sk,
        first_value(row_id) over claim as first_row_id
    from {{ ref("stg_l4__self_employment") }}
    where uscc is not null and grant_yuan > 0
    window claim as (partition by uscc order by paid_on nulls last, reg_on, fill_date nulls last, key, row_id)
),

found as (
    select distinct on (b.row_id, a.row_id, b.person_sk)
        'two_employers' as kind,
        b.person_sk,
        'E07' as a_list,
        a.row_id as a_row_id,
        'E07' as b_list,
        b.row_id as b_row_id,
        greatest(a.from_month, b.from_month) as month
    from award as b
    inner join award as a
        on
            a.person_sk = b.person_sk
            and a.claimant <> b.claimant
            and a.nth < b.nth
            and a.from_month <= b.to_month
            and a.to_month >= b.from_month
    union all
    select
        'post_and_award' as kind,
        p.person_sk,
        case when f.post_first then 'E02' else 'E07' end as a_list,
        case when f.post_first then p.row_id else e.row_id end as a_row_id,
        case when f.post_first then 'E07' else 'E02' end as b_list,
        case when f.post_first then e.row_id else p.row_id end as b_row_id,
        p.period as month
    from post as p
    inner join award as e on e.person_sk = p.person_sk and p.period between e.from_month and e.to_month
    cross join lateral (
        select
            coalesce(p.paid_on, 'infinity') < coalesce(e.paid_on, 'infinity')
            or (p.paid_on is not distinct from e.paid_on and p.period <= e.from_month) as post_first
    ) as f
    union all
    select
        'same_placement' as kind,
        person_sk,
        'E04' as a_list,
        first_row_id as a_row_id,
        'E04' as b_list,
        row_id as b_row_id,
        null as month
    from placed
    where row_id <> first_row_id
    union all
    select
        'same_certificate' as kind,
        person_sk,
        'L2' as a_list,
        first_row_id as a_row_id,
        'L2' as b_list,
        row_id as b_row_id,
        null as month
    from certified
    where row_id <> first_row_id
    union all
    select
        'same_entity' as kind,
        person_sk,
        'L4' as a_list,
        first_row_id as a_row_id,
        'L4' as b_list,
        row_id as b_row_id,
        null as month
    from started
    where row_id <> first_row_id
),

side as (
    {% for list, rows, period, paid_on, amount, status, policy in sides %}
    select
        '{{ list }}' as list,
        r.row_id,
        r.submission_id,
        r.sheet,
        r.row_no,
        r.county_code,
        r.town_code,
        {{ period }} as period,
        {{ paid_on }} as paid_on,
        {{ amount }} as amount_yuan,
        {{ status }} as pay_status,
        {{ policy }} as policy
    from {{ rows }} as r
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    f.kind,
    f.person_sk,
    b.policy,
    b.county_code,
    b.town_code,
    f.a_list,
    f.a_row_id,
    a.submission_id as a_submission_id,
    a.sheet as a_sheet,
    a.row_no as a_row_no,
    a.town_code as a_town_code,
    coalesce(f.month, a.period) as a_period,
    a.paid_on as a_paid_on,
    a.amount_yuan as a_amount_yuan,
    a.pay_status as a_pay_status,
    f.b_list,
    f.b_row_id,
    b.submission_id as b_submission_id,
    b.sheet as b_sheet,
    b.row_no as b_row_no,
    b.town_code as b_town_code,
    coalesce(f.month, b.period) as b_period,
    b.paid_on as b_paid_on,
    b.amount_yuan as b_amount_yuan,
    b.pay_status as b_pay_status,
    case when b.paid_on is null then '停发' else '追回' end as measure
from found as f
inner join side as a on a.list = f.a_list and a.row_id = f.a_row_id
inner join side as b on b.list = f.b_list and b.row_id = f.b_row_id
