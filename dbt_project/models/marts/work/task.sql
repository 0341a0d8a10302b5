with l1 as (
    {{ latest_l1() }}
),

-- A county that nobody has sent the list of does not keep it yet; where a town has, silent villages owe it too.
submitted as (
    select distinct county_code
    from {{ ref("stg_l1__basic_info") }}
    where county_code is not null
),

visit as (
    select distinct on (person_sk) *
    from {{ ref("stg_e01__visit") }}
    where reached and status_found is not null and person_sk is not null and visited_on <= {{ business_date() }}
    order by person_sk, visited_on desc, row_id
),

-- What the file itself was told, and what its rows are told because of others: of the latter only the end of this night
-- writes down what is new and withdraws what holds no more.
told as (
    select
        submission_id,
        sheet,
        row_no
    from {{ ref("stg_ops__finding") }}
    where verdict in ('Q', 'S', 'F') and closed_on is null and is_contradiction is not true
    union all
    select
        submission_id,
        sheet,
        row_no
    from {{ ref("int_row_conflicts__found") }}
    where verdict = 'Q'
),

found as (
    select
        case when d.needs_home_visit then 'home_visit' else 'visit' end as kind,
        p.county_code,
        p.town_code,
        p.village_code,
        null::uuid as person_sk,
        d.visit_type as ref,
        count(*) as item_count,
        min(d.due_on) as since_on,
        min(d.due_on) as due_on
    from {{ ref("int_work__visit_due") }} as d
    inner join {{ ref("int_people__person") }} as p on p.person_sk = d.person_sk
    where d.due_on <= {{ business_date() }} + 7
    group by d.needs_home_visit, p.county_code, p.town_code, p.village_code, d.visit_type
    union all
    select
        'status_correction' as kind,
        coalesce(p.county_code, v.county_code) as county_code,
        coalesce(p.town_code, v.town_code) as town_code,
        coalesce(p.village_code, v.village_code) as village_code,
        v.person_sk,
        'E01/' || v.submission_id || '/' || v.row_no as ref,
        1 as item_count,
        v.visited_on as since_on,
        c.answer_due_on as due_on
    from visit as v
    inner join {{ ref("int_people__person") }} as p on p.person_sk = v.person_sk
    left join l1 as l on l.person_sk = v.person_sk
    left join {{ ref("int_work__calendar_day") }} as c on c.day = v.visited_on
    where
        -- What the visit found stands neither on L1, if that is older, nor on any list of work.
        (l.person_sk is null or {{ known_on("l.as_of") }} < v.visited_on or l.verified_on < v.visited_on)
        and l.emp_status is distinct from v.status_found
        and (
            v.status_found in ('转移就业', '公益性岗位', '自主创业', '灵活就业')
            and not exists (
                select 1
                from {{ ref("int_work__spell") }} as s
                where s.person_sk = v.person_sk and s.is_open and s.status = v.status_found
            )
            or v.status_found not in ('转移就业', '公益性岗位', '自主创业', '灵活就业')
            and exists (
                select 1
                from {{ ref("int_work__spell") }} as s
                where s.person_sk = v.person_sk and s.is_open and s.as_of <= v.visited_on
            )
            or l.person_sk is not null
        )
    union all
    select
        'employed_without_list' as kind,
        l.county_code,
        l.town_code,
        l.village_code,
        l.person_sk,
        'L1/' || l.submission_id || '/' || l.row_no as ref,
        1 as item_count,
        l.as_of as since_on,
        c.answer_due_on as due_on
    from l1 as l
    left join {{ ref("int_work__calendar_day") }} as c on c.day = {{ known_on("l.as_of") }}
    where
        l.emp_status in ('转移就业', '公益性岗位', '自主创业', '灵活就业')
        and not exists (
            select 1
            from {{ ref("int_work__spell") }} as s
            where s.person_sk = l.person_sk and s.is_open
        )
    union all
    select
        'missing_from_l1' as kind,
        b.county_code,
        b.town_code,
        b.village_code,
        b.person_sk,
        'H02/' || r.submission_id || '/' || r.row_no as ref,
        1 as item_count,
        r.as_of as since_on,
        c.answer_due_on as due_on
    from {{ ref("int_people__labourer") }} as b
    inner join submitted as s on s.county_code = b.county_code
    inner join {{ ref("int_people__register_person") }} as r on r.person_sk = b.person_sk
    left join {{ ref("int_work__calendar_day") }} as c on c.day = {{ business_date() }}
    where not b.has_l1
    union all
    select
        'vanished_row' as kind,
        county_code,
        case when unit_code ~ '^\d{9}$' then unit_code end as town_code,
        null as village_code,
        null as person_sk,
        list || '/' || newest_period as ref,
        count(*) as item_count,
        {{ known_on("max(" ~ month_end("left(newest_period, 7)") ~ ")") }} as since_on,
        null as due_on
    from {{ ref("int_submissions__vanished_row") }}
    where newest_period ~ '^\d{4}-\d{2}$'
    group by county_code, unit_code, list, newest_period
    union all
    select
        'open_finding' as kind,
        s.county_code,
        case when s.unit_code ~ '^\d{9}$' then s.unit_code end as town_code,
        null as village_code,
        null as person_sk,
        s.receipt_no as ref,
        count(distinct concat_ws('/', f.sheet, f.row_no)) as item_count,
        s.business_date as since_on,
        max(c.answer_due_on) as due_on
    from told as f
    inner join {{ ref("stg_ops__submission") }} as s on s.submission_id = f.submission_id
    left join {{ ref("int_work__calendar_day") }} as c on c.day = s.business_date
    where s.undone_at is null and s.business_date <= {{ business_date() }}
    group by s.county_code, s.unit_code, s.receipt_no, s.business_date
    union all
    select
        'money_difference' as kind,
        county_code,
        town_code,
        null as village_code,
        null as person_sk,
        coalesce(list, 'E02') || '/' || policy as ref,
        count(*) as item_count,
        null::date as since_on,
        null::date as due_on
    from {{ ref("int_money__money_difference") }}
    where is_told or list is null
    group by county_code, town_code, coalesce(list, 'E02') || '/' || policy
    union all
    select
        'status_conflict' as kind,
        county_code,
        town_code,
        null as village_code,
        person_sk,
        kind || '/' || a_submission_id || '/' || a_row_no || '/' || b_submission_id || '/' || b_row_no as ref,
        1 as item_count,
        overlap_from_on as since_on,
        null as due_on
    from {{ ref("int_people__status_conflict") }}
    where is_open
)

select
    md5(concat_ws('/', f.kind, f.county_code, f.town_code, f.village_code, f.person_sk, f.ref))::uuid as task_key,
    f.kind,
    case f.kind
        when 'visit' then '到期回访'
        when 'home_visit' then '三次未联系上，需上门'
        when 'status_correction' then '回访发现的就业状态与名单不一致'
        when 'employed_without_list' then 'L1就业但无名单'
        when 'missing_from_l1' then '漏登：在册劳动力不在基础信息名单'
        when 'vanished_row' then '新表中不再出现的人员'
        when 'open_finding' then '退回待修改的行'
        when 'status_conflict' then '名单之间冲突'
        when 'money_difference' then '名单金额与发放台账不符'
    end as kind_name,
    coalesce(f.town_code, f.county_code) as unit_code,
    f.county_code,
    f.town_code,
    t.town_name,
    f.village_code,
    v.village_name,
    f.person_sk,
    f.ref,
    f.item_count,
    f.since_on,
    f.due_on,
    coalesce(f.due_on < {{ business_date() }}, false) as is_overdue,
    {{ business_date() }} as as_of_on
from found as f
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = f.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = f.village_code
