{#- Every spell of work that the three lists carry, with the last day on which anything confirmed it. -#}
with spell as (
    select
        'L3' as list,
        r.row_id,
        r.submission_id,
        r.sheet,
        r.row_no,
        r.key,
        r.person_sk,
        r.county_code,
        r.town_code,
        r.village_code,
        case when r.emp_form = '灵活就业' then '灵活就业' else '转移就业' end as status,
        r.start_on,
        {{ last_day("end_on", "r") }} as end_on,
        true as is_running,
        r.employer as counterpart,
        r.region,
        coalesce(r.contract = '劳动合同', false) and coalesce(r.insured, false) as is_formal,
        coalesce(r.contract = '劳动合同', false) or coalesce(r.insured, false) as is_proven,
        null::numeric as amount_yuan,
        null::text as registered_as,
        r.as_of
    from {{ ref("stg_l3__transfer_employment") }} as r
    union all
    select
        'L4' as list,
        r.row_id,
        r.submission_id,
        r.sheet,
        r.row_no,
        r.key,
        r.person_sk,
        r.county_code,
        r.town_code,
        r.village_code,
        '自主创业' as status,
        r.reg_on as start_on,
        -- A venture that is closed without a day was open no longer than its sheet says.
        coalesce(r.closed_on, case when r.op_status in ('停业', '注销') then r.as_of - 1 end) as end_on,
        coalesce(r.op_status, '正常') <> '筹建' as is_running,
        coalesce(r.ent_name, r.project) as counterpart,
        '县内' as region,
        false as is_formal,
        false as is_proven,
        r.grant_yuan as amount_yuan,
        case when r.uscc is not null or r.ent_type <> '未登记' then coalesce(r.uscc, r.ent_type) end as registered_as,
        r.as_of
    from {{ ref("stg_l4__self_employment") }} as r
    union all
    select
        'L5' as list,
        r.row_id,
        r.submission_id,
        r.sheet,
        r.row_no,
        r.key,
        r.person_sk,
        r.county_code,
        r.town_code,
        r.village_code,
        '公益性岗位' as status,
        r.start_on,
        coalesce(r.left_on, {{ last_day("end_on", "r") }}) as end_on,
        true as is_running,
        coalesce(r.post_no, r.post_name) as counterpart,
        '乡镇内' as region,
        false as is_formal,
        false as is_proven,
        r.amount_yuan,
        null::text as registered_as,
        r.as_of
    from {{ ref("stg_l5__public_post") }} as r
),

visit as (
    select
        person_sk,
        status_found as status,
        max(visited_on) as confirmed_on
    from {{ ref("stg_e01__visit") }}
    where reached and status_found is not null and visited_on <= {{ business_date() }}
    group by person_sk, status_found
),

paid as (
    select
        person_sk,
        max({{ known_on(month_end("period")) }}) as confirmed_on
    from {{ ref("stg_e02__payment") }}
    where policy = '公益性岗位补贴' and pay_status = '拨付' and person_sk is not null
    group by person_sk
),

confirmed as (
    select
        s.*,
        greatest(
            {{ known_on("s.as_of") }},
            v.confirmed_on,
            case when s.list = 'L5' then p.confirmed_on end
        ) as confirmed_on,
        s.is_running
        and coalesce(s.start_on, '-infinity') <= {{ business_date() }}
        and coalesce(s.end_on, 'infinity') >= {{ business_date() }} as is_open
    from spell as s
    left join visit as v on v.person_sk = s.person_sk and v.status = s.status
    left join paid as p on p.person_sk = s.person_sk
)

select
    c.list,
    c.row_id,
    c.submission_id,
    c.sheet,
    c.row_no,
    c.key,
    c.person_sk,
    c.county_code,
    c.town_code,
    c.village_code,
    c.status,
    c.start_on,
    c.end_on,
    c.is_running,
    c.counterpart,
    {{ employer_norm("c.counterpart") }} as counterpart_norm,
    c.region,
    c.is_formal,
    c.is_proven,
    c.amount_yuan,
    c.registered_as,
    {{ known_on("c.as_of") }} as as_of,
    c.confirmed_on,
    c.is_open,
    -- Older than half a year without a word: neither employed nor unemployed.
    c.is_open
    and c.confirmed_on
    >= {{ business_date() }} - {{ parameter("stale_days", "c.county_code") }}::integer as is_employed,
    c.is_open and (
        c.is_formal
        or c.start_on
        <= {{ business_date() }} - make_interval(months => {{ parameter("stable_months", "c.county_code") }}::integer)
    ) as is_stable
from confirmed as c
