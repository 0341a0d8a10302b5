with objection as (
    select
        b_row_id as row_id,
        '重复：' || string_agg(distinct kind, '、' order by kind) as reason
    from {{ ref("int_money__subsidy_duplicate") }}
    where b_list = 'E02'
    group by b_row_id
    union all
    select
        f.row_id,
        '冲突：' || string_agg(distinct c.kind, '、' order by c.kind) as reason
    from {{ ref("int_money__payment_fact") }} as f
    inner join
        {{ ref("int_people__status_conflict") }} as c
        on
            c.person_sk = f.person_sk
            and c.b_list = 'L5'
            and c.pay_stops_on <= to_date(f.period || '-01', 'YYYY-MM-DD')
            and coalesce(c.overlap_to_on, 'infinity') >= to_date(f.period || '-01', 'YYYY-MM-DD')
    where f.policy in ('公益性岗位补贴', '社保补贴')
    group by f.row_id
),

objected as (
    select
        row_id,
        string_agg(reason, '；' order by reason) as reason
    from objection
    group by row_id
)

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.person_sk,
    case
        when p.in_register then p.id_no
        when {{ is_person_id("r.payee_id") }} then r.payee_id
    end as id_no,
    case when not {{ is_person_id("r.payee_id") }} then r.payee_id end as payee_uscc,
    case when p.in_register then p.name else r.payee end as name,
    r.payee,
    coalesce(p.in_register, false) as in_register,
    r.county_code,
    coalesce(r.town_code, p.town_code) as town_code,
    t.town_name,
    coalesce(r.village_code, p.village_code) as village_code,
    v.village_name,
    r.policy,
    r.period,
    r.std_yuan,
    r.qty,
    r.amount_yuan,
    r.bank,
    r.account_no,
    r.account_name,
    r.batch_no,
    r.fund_source,
    r.pay_status,
    r.notice_from as notice_from_on,
    r.notice_to as notice_to_on,
    r.paid_on,
    o.reason is not null and not r.is_paid and not r.is_undone as blocked,
    o.reason is not null and r.is_paid as to_recover,
    o.reason as blocked_reason,
    r.as_of as as_of_on
from {{ ref("int_money__payment_fact") }} as r
left join objected as o on o.row_id = r.row_id
left join {{ ref("int_people__person") }} as p on p.person_sk = r.person_sk
left join {{ ref("int_places__place_name") }} as t
    on t.level = 'town' and t.town_code = coalesce(r.town_code, p.town_code)
left join
    {{ ref("int_places__place_name") }} as v
    on v.level = 'village' and v.village_code = coalesce(r.village_code, p.village_code)
