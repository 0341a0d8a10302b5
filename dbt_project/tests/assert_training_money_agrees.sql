{{ config(severity="warn") }}
-- What the lists claim for training is what was paid for it (by person and year).
with claimed as (
    select
        person_sk,
        extract(year from start_on)::integer as year,
        sum(amount_yuan) as amount_yuan
    from {{ ref("list_training") }}
    where amount_yuan is not null and person_sk is not null
    group by 1, 2
),

paid as (
    select
        person_sk,
        left(period, 4)::integer as year,
        sum(amount_yuan) as amount_yuan
    from {{ ref("payment") }}
    where policy = '培训补贴' and pay_status = '拨付' and not to_recover and person_sk is not null
    group by 1, 2
)

select
    coalesce(c.person_sk, p.person_sk) as person_sk,
    c.amount_yuan as claimed_yuan,
    p.amount_yuan as paid_yuan
from claimed as c
inner join paid as p on p.person_sk = c.person_sk and p.year = c.year
where abs(c.amount_yuan - p.amount_yuan) > 0.01
