select
    md5(concat_ws('/', d.list, d.county_code, d.town_code, d.key_kind, d.claim_key, d.policy, d.first_month))::uuid
    as reconciliation_key,
    d.list,
    d.policy,
    d.first_month,
    d.last_month,
    case when d.key_kind = 'person' then d.claim_key::uuid end as person_sk,
    p.id_no,
    p.name,
    case when d.key_kind <> 'person' then d.claim_key end as entity,
    d.county_code,
    coalesce(d.town_code, p.town_code) as town_code,
    t.town_name,
    d.claimed_yuan::numeric(14, 2) as claimed_yuan,
    d.paid_yuan::numeric(14, 2) as paid_yuan,
    d.difference_yuan::numeric(14, 2) as difference_yuan,
    d.state,
    d.state <> '一致' as differs,
    d.claim_row_ids,
    d.payment_row_ids,
    {{ business_date() }} as as_of_on
from {{ ref("int_money__money_difference") }} as d
left join {{ ref("int_people__person") }} as p on d.key_kind = 'person' and p.person_sk::text = d.claim_key
left join {{ ref("int_places__place_name") }} as t
    on t.level = 'town' and t.town_code = coalesce(d.town_code, p.town_code)
