{#-
    What the lists claim beside what the ledger of payments paid, by person or entity, policy and months. Claims of one
    list under one key and for the same months are added up. Where a claim is paid month by month, less is no
    contradiction yet. Read before staging, so that what it finds can be told.
-#}
{% set ever = ["'0001-01'", "'9999-12'"] %}
{% set policies = ref("claimant_policy") %}
{% set award_policy = "(select c.policy from " ~ policies ~ " as c where c.claimant_type = r.claimant_type)" %}
{#- list, its rows, how the claimant is told, by what, policy, first and last month, amount, whether paid by months -#}
{% set claims = [
    ("L2", ref("stg_l2__training"), "'person'", "r.person_sk::text", "'培训补贴'",
     "to_char(r.start_on, 'YYYY-01')", "to_char(r.start_on, 'YYYY-12')", "r.amount_yuan", false),
    ("L2", ref("stg_l2__training"), "'person'", "r.person_sk::text", "'生活费补贴'",
     "to_char(r.start_on, 'YYYY-01')", "to_char(r.start_on, 'YYYY-12')", "r.living_yuan", false),
    ("L4", ref("stg_l4__self_employment"),
     "'person'", "r.person_sk::text", "'一次性创业补贴'", ever[0], ever[1], "r.grant_yuan", false),
    ("L4", ref("stg_l4__self_employment"), "'person'", "r.person_sk::text", "'贷款贴息'", "to_char(r.loan_from, 'YYYY-MM')",
     "coalesce(to_char(r.loan_to, 'YYYY-MM'), '9999-12')", "r.interest_yuan", true),
    ("L5", ref("stg_l5__public_post"), "'person'", "r.person_sk::text", "'公益性岗位补贴'", "to_char(r.start_on, 'YYYY-MM')",
     "to_char(coalesce(r.left_on, r.end_on), 'YYYY-MM')", "r.amount_yuan", true),
    ("E03", ref("stg_e03__job_fair"), "'name'", employer_norm("r.organiser"), "'招聘会经费'",
     "to_char(r.held_on, 'YYYY-01')", "to_char(r.held_on, 'YYYY-12')", "r.cost_yuan", false),
    ("E04", ref("stg_e04__placement"), "case when r.agency_uscc is null then 'name' else 'code' end",
     "coalesce(r.agency_uscc, " ~ employer_norm("r.agency") ~ ")", "'职业介绍(就业服务)补助'",
     "to_char(r.placed_on, 'YYYY-01')", "to_char(r.placed_on, 'YYYY-12')", "r.grant_yuan", false),
    ("E05", ref("stg_e05__employment_base"), "'code'", "r.uscc", "'基地奖补'", ever[0], ever[1], "r.award_yuan", false),
    ("E06", ref("stg_e06__demonstration_village"),
     "'village'", "r.village_code", "'示范村创建资金'", ever[0], ever[1], "r.invest_yuan", false),
    ("E07", ref("stg_e07__employer_award"),
     "case when r.person_sk is null then 'code' else 'person' end", "coalesce(r.person_sk::text, r.uscc)",
     award_policy, "r.from_month", "r.to_month", "r.award_yuan", false),
    ("E08", ref("stg_e08__village_collective"), "'village'", "r.village_code", "'村集体工作经费'",
     "left(r.quarter, 5) || lpad((right(r.quarter, 1)::integer * 3 - 2)::text, 2, '0')",
     "left(r.quarter, 5) || lpad((right(r.quarter, 1)::integer * 3)::text, 2, '0')", "r.fund_yuan", false),
    ("E09", ref("stg_e09__loan_subsidy"), "'person'", "r.person_sk::text", "'贷款贴息'",
     "to_char(r.loan_from, 'YYYY-MM')", "to_char(r.loan_to, 'YYYY-MM')", "r.interest_yuan", true),
] %}
with row_claim as (
    {% for list, rows, key_kind, claim_key, policy, first_month, last_month, amount, is_stream in claims %}
    select
        '{{ list }}' as list,
        r.row_id,
        r.submission_id,
        r.row_no,
        r.county_code,
        r.town_code,
        {{ key_kind }} as key_kind,
        {{ claim_key }} as claim_key,
        {{ policy }} as policy,
        {{ first_month }} as first_month,
        {{ last_month }} as last_month,
        {{ amount }} as amount_yuan,
        {{ is_stream }} as is_stream
    from {{ rows }} as r
    {{ "union all" if not loop.last }}
    {% endfor %}
),

claim as (
    select
        list,
        county_code,
        min(town_code) as town_code,
        key_kind,
        claim_key,
        policy,
        first_month,
        last_month,
        bool_or(is_stream) as is_stream,
        sum(amount_yuan) as claimed_yuan,
        array_agg(row_id order by submission_id, row_no, row_id) as claim_row_ids
    from row_claim
    where
        amount_yuan > 0
        and claim_key is not null
    group by list, county_code, key_kind, claim_key, policy, first_month, last_month
),

payment as (
    select
        p.row_id,
        p.county_code,
        p.policy,
        p.period,
        p.amount_yuan,
        k.key_kind,
        k.claim_key
    from {{ ref("stg_e02__payment") }} as p
    cross join lateral (
        values
        ('person', p.person_sk::text),
        ('code', p.payee_id),
        ('village', p.village_code),
        ('name', {{ employer_norm("p.payee") }})
    ) as k (key_kind, claim_key)
    where p.pay_status = '拨付' and p.amount_yuan > 0 and k.claim_key is not null
),

compared as (
    select
        c.list,
        c.county_code,
        c.town_code,
        c.key_kind,
        c.claim_key,
        c.policy,
        c.first_month,
        c.last_month,
        c.is_stream,
        c.claimed_yuan,
        coalesce(sum(p.amount_yuan), 0) as paid_yuan,
        c.claim_row_ids,
        coalesce(
            array_agg(p.row_id order by p.period, p.row_id) filter (where p.row_id is not null), '{}'
        ) as payment_row_ids
    from claim as c
    left join payment as p
        on
            p.county_code = c.county_code
            and p.policy = c.policy
            and p.key_kind = c.key_kind
            and p.claim_key = c.claim_key
            and p.period between c.first_month and c.last_month
    group by
        c.list, c.county_code, c.town_code, c.key_kind, c.claim_key, c.policy, c.first_month, c.last_month, c.is_stream,
        c.claimed_yuan, c.claim_row_ids
),

matched as (
    select distinct unnest(payment_row_ids) as row_id
    from compared
),

claimed_policy as (
    select distinct
        county_code,
        policy
    from claim
),

-- Paid to somebody whom no list of the policy names, though the county has sent such a list.
unclaimed as (
    select
        null as list,
        p.county_code,
        p.town_code,
        case when p.person_sk is null then 'code' else 'person' end as key_kind,
        coalesce(p.person_sk::text, p.payee_id) as claim_key,
        p.policy,
        p.period as first_month,
        p.period as last_month,
        false as is_stream,
        0 as claimed_yuan,
        sum(p.amount_yuan) as paid_yuan,
        array[]::uuid[] as claim_row_ids,
        array_agg(p.row_id order by p.row_id) as payment_row_ids
    from {{ ref("stg_e02__payment") }} as p
    inner join claimed_policy as c on c.county_code = p.county_code and c.policy = p.policy
    left join matched as m on m.row_id = p.row_id
    where
        p.pay_status = '拨付'
        and p.amount_yuan > 0
        and coalesce(p.person_sk::text, p.payee_id) is not null
        and m.row_id is null
    group by
        p.county_code, p.town_code, case when p.person_sk is null then 'code' else 'person' end,
        coalesce(p.person_sk::text, p.payee_id), p.policy, p.period
)

select
    d.*,
    d.paid_yuan - d.claimed_yuan as difference_yuan,
    case
        when d.list is null then '名单无'
        when d.paid_yuan = 0 then '未发放'
        when abs(d.paid_yuan - d.claimed_yuan) <= 0.01 then '一致'
        when d.paid_yuan > d.claimed_yuan then '多付'
        else '未付清'
    end as state,
    -- Both sides know of it and say another sum.
    d.list is not null
    and d.paid_yuan > 0
    and (d.paid_yuan > d.claimed_yuan + 0.01 or d.paid_yuan < d.claimed_yuan - 0.01 and not d.is_stream) as is_told
from (
    select * from compared
    union all
    select * from unclaimed
) as d
