{#- Payments and what stands against each: an earlier payment of the same thing, or a conflict of lists. -#}
with payment as (
    select
        r.*,
        coalesce(r.person_sk::text, r.payee_id, r.payee) as payee_key,
        r.pay_status = '拨付' as is_paid,
        r.pay_status in ('退回', '追回') as is_undone
    from {{ ref("stg_e02__payment") }} as r
)

select
    p.row_id,
    p.submission_id,
    p.sheet,
    p.row_no,
    p.person_sk,
    p.in_register,
    p.payee,
    p.payee_id,
    p.payee_key,
    p.policy,
    p.period,
    p.std_yuan,
    p.qty,
    p.amount_yuan,
    p.bank,
    p.account_no,
    p.account_name,
    p.batch_no,
    p.fund_source,
    p.pay_status,
    p.notice_from,
    p.notice_to,
    p.paid_on,
    p.is_paid,
    p.is_undone,
    p.county_code,
    p.town_code,
    p.village_code,
    p.as_of,
    p.key,
    -- The first paid is kept, whatever arrived first.
    row_number() over (
        order by p.is_paid desc, p.paid_on nulls last, p.period, p.batch_no nulls last, p.fill_date nulls last, p.key
    ) as payment_order
from payment as p
