{#-
    Who is due what for which period: persons by the rules of their lists; agencies, employers, bases and villages by what their lists
    and the other lists bear out. What an entity is due is held beside the payments of the months that it is for.
-#}
{% set year = "to_char(" ~ business_date() ~ ", 'YYYY')" %}
with placed as (
    select distinct on (county_code, coalesce(agency_uscc, {{ employer_norm("agency") }}), person_sk)
        county_code,
        agency,
        agency_uscc,
        coalesce(agency_uscc, {{ employer_norm("agency") }}) as claim_key,
        placed_on,
        grant_yuan
    from {{ ref("int_work__placement") }}
    where grant_is_due and is_current
    order by county_code, coalesce(agency_uscc, {{ employer_norm("agency") }}), person_sk, placed_on, row_id
),

organised as (
    select
        county_code,
        town_code,
        village_code,
        to_char(start_on, 'YYYY-"Q"Q') as quarter,
        min(start_on) as since_on
    from {{ ref("stg_l3__transfer_employment") }}
    where channel = '村集体组织' and to_char(start_on, 'YYYY') = {{ year }} and start_on <= {{ business_date() }}
    group by county_code, town_code, village_code, to_char(start_on, 'YYYY-"Q"Q')
),

reason as (
    select
        '职业介绍机构' as beneficiary_kind,
        'placement_stable' as entitled_by,
        '职业介绍(就业服务)补助' as policy,
        county_code,
        null as town_code,
        null as village_code,
        min(agency) as beneficiary_name,
        min(agency_uscc) as beneficiary_code,
        case when min(agency_uscc) is null then 'name' else 'code' end as key_kind,
        claim_key,
        {{ year }} as period,
        {{ year }} || '-01' as first_month,
        {{ year }} || '-12' as last_month,
        min(placed_on) as since_on,
        sum(grant_yuan) as due_yuan
    from placed
    group by county_code, claim_key
    union all
    select
        '用人主体' as beneficiary_kind,
        'award_borne_out' as entitled_by,
        e.policy,
        e.county_code,
        e.town_code,
        e.village_code,
        e.employer as beneficiary_name,
        e.employer_uscc as beneficiary_code,
        case when e.employer_uscc is null then 'name' else 'code' end as key_kind,
        coalesce(e.employer_uscc, {{ employer_norm("e.employer") }}) as claim_key,
        e.from_month as period,
        e.from_month as first_month,
        e.to_month as last_month,
        {{ month_end("e.to_month") }} as since_on,
        e.award_yuan as due_yuan
    from {{ ref("int_money__employer_award") }} as e
    where
        e.policy <> '大学生创业奖励'
        and e.workers_listed > 0
        and e.workers_missing = 0
        and left(e.to_month, 4) = {{ year }}
        and {{ month_end("e.to_month") }} <= {{ business_date() }}
        and not exists (
            select 1
            from {{ ref("int_money__double_claim") }} as d
            where d.b_list = 'E07' and d.b_row_id = e.row_id
        )
    union all
    select
        '就业扶贫基地' as beneficiary_kind,
        'base_recognised' as entitled_by,
        '基地奖补' as policy,
        county_code,
        town_code,
        village_code,
        base_name as beneficiary_name,
        uscc as beneficiary_code,
        'code' as key_kind,
        uscc as claim_key,
        to_char(recognised_on, 'YYYY-MM') as period,
        to_char(recognised_on, 'YYYY-MM') as first_month,
        '9999-12' as last_month,
        recognised_on as since_on,
        award_yuan as due_yuan
    from {{ ref("int_work__employment_base") }}
    where is_current
    union all
    select
        '村集体' as beneficiary_kind,
        'village_organised' as entitled_by,
        '村集体工作经费' as policy,
        o.county_code,
        o.town_code,
        o.village_code,
        v.village_name as beneficiary_name,
        o.village_code as beneficiary_code,
        'village' as key_kind,
        o.village_code as claim_key,
        o.quarter as period,
        {{ year }} || '-' || lpad((right(o.quarter, 1)::integer * 3 - 2)::text, 2, '0') as first_month,
        {{ year }} || '-' || lpad((right(o.quarter, 1)::integer * 3)::text, 2, '0') as last_month,
        o.since_on,
        c.fund_yuan as due_yuan
    from organised as o
    inner join {{ ref("int_places__place") }} as v
        on v.level = 'village' and v.place_code = o.village_code and v.is_poor
    left join {{ ref("int_work__village_collective") }} as c
        on c.village_code = o.village_code and c.quarter = o.quarter
    union all
    select
        '示范基地' as beneficiary_kind,
        'base_selected' as entitled_by,
        '以奖代补' as policy,
        county_code,
        town_code,
        village_code,
        base_name as beneficiary_name,
        uscc as beneficiary_code,
        case when uscc is null then 'name' else 'code' end as key_kind,
        coalesce(uscc, {{ employer_norm("coalesce(entity, base_name)") }}) as claim_key,
        to_char(assessed_on, 'YYYY-MM') as period,
        to_char(assessed_on, 'YYYY-MM') as first_month,
        '9999-12' as last_month,
        assessed_on as since_on,
        award_yuan as due_yuan
    from {{ ref("int_experts__demonstration_base") }}
    where is_current and is_selected and effect = '明显' and assessed_on <= {{ business_date() }}
),

due as (
    select distinct on (r.county_code, r.policy, r.claim_key, r.period)
        r.*,
        l.valid_from as rule_from_on
    from reason as r
    inner join
        {{ ref("policy_rule") }} as l
        on
            l.entitled_by = r.entitled_by
            and l.policy = r.policy
            and (l.jurisdiction = '*' or r.county_code like l.jurisdiction || '%')
            and {{ business_date() }} between l.valid_from and coalesce(l.valid_to, 'infinity')
    where r.claim_key is not null
    order by r.county_code, r.policy, r.claim_key, r.period, length(l.jurisdiction) desc, r.since_on
),

payment as (
    select
        p.county_code,
        p.policy,
        p.period,
        p.amount_yuan,
        coalesce(p.paid_on, {{ month_end("p.period") }}) as paid_on,
        k.key_kind,
        k.claim_key
    from {{ ref("int_money__payment_fact") }} as p
    cross join lateral (
        values
        ('code', p.payee_id),
        ('village', p.village_code),
        ('name', {{ employer_norm("p.payee") }})
    ) as k (key_kind, claim_key)
    where p.is_paid and p.person_sk is null
),

entity as (
    select
        d.beneficiary_kind,
        d.policy,
        d.county_code,
        d.town_code,
        d.village_code,
        d.beneficiary_name,
        d.beneficiary_code,
        d.claim_key,
        d.period,
        d.rule_from_on,
        d.since_on,
        d.due_yuan,
        min(p.paid_on) as paid_on,
        coalesce(sum(p.amount_yuan), 0) as paid_yuan
    from due as d
    left join payment as p
        on
            p.county_code = d.county_code
            and p.policy = d.policy
            and p.key_kind = d.key_kind
            and p.claim_key = d.claim_key
            and p.period between d.first_month and d.last_month
    group by
        d.beneficiary_kind, d.policy, d.county_code, d.town_code, d.village_code, d.beneficiary_name,
        d.beneficiary_code, d.claim_key, d.period, d.rule_from_on, d.since_on, d.due_yuan
),

entitled as (
    select
        md5(concat_ws('/', e.person_sk, e.policy, e.period))::uuid as entitlement_key,
        '个人' as beneficiary_kind,
        e.person_sk,
        p.id_no,
        p.name,
        null as beneficiary_name,
        null as beneficiary_code,
        p.county_code,
        p.town_code,
        p.village_code,
        e.policy,
        e.period,
        e.rule_from_on,
        e.since_on,
        e.due_yuan,
        e.paid_on,
        e.paid_yuan
    from {{ ref("int_money__person_due") }} as e
    inner join {{ ref("int_people__person") }} as p on p.person_sk = e.person_sk
    union all
    select
        md5(concat_ws('/', beneficiary_kind, county_code, claim_key, policy, period))::uuid as entitlement_key,
        beneficiary_kind,
        null as person_sk,
        null as id_no,
        null as name,
        beneficiary_name,
        beneficiary_code,
        county_code,
        town_code,
        village_code,
        policy,
        period,
        rule_from_on,
        since_on,
        due_yuan,
        paid_on,
        paid_yuan
    from entity
)

select
    e.entitlement_key,
    e.beneficiary_kind,
    e.person_sk,
    e.id_no,
    e.name,
    e.beneficiary_name,
    e.beneficiary_code,
    e.county_code,
    e.town_code,
    t.town_name,
    e.village_code,
    v.village_name,
    e.policy,
    e.period,
    e.rule_from_on,
    e.since_on,
    e.due_yuan::numeric(14, 2) as due_yuan,
    e.paid_on,
    e.paid_yuan::numeric(14, 2) as paid_yuan,
    greatest(e.due_yuan - e.paid_yuan, 0)::numeric(14, 2) as open_yuan,
    -- What a list claims for a person may differ from what was granted: whoever was paid at all has had it.
    case
        when e.paid_on is null then '未享'
        when e.person_sk is null and e.paid_yuan < e.due_yuan - 0.01 then '未享'
        else '已享'
    end as state,
    {{ business_date() }} as as_of_on
from entitled as e
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = e.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = e.village_code
order by e.county_code, e.policy, e.beneficiary_kind, e.person_sk, e.period
