{#-
    When each person is to be visited next: 重点 for those who are hard to place, 需求 for founders, 定期 for those in
    work. Counted from the last visit that reached the person, else from the day on which the status began.
-#}
with latest_l1 as (
    {{ latest_l1() }}
),

household as (
    select
        r.household_sk,
        bool_or(s.is_employed) as has_work
    from {{ ref("int_people__register_person") }} as r
    left join {{ ref("int_people__person_status") }} as s on s.person_sk = r.person_sk
    where r.household_sk is not null
    group by r.household_sk
),

aimed as (
    select
        p.person_sk,
        p.county_code,
        s.current_status,
        s.status_since,
        s.status_confirmed_on,
        f.last_visit_on,
        f.last_reached_on,
        f.unreached_on,
        coalesce(f.unreached_in_a_row, 0) as unreached_in_a_row,
        case
            when s.current_status = '自主创业' then '需求'
            when s.is_employed then '定期'
            when
                s.current_status in ('未就业', '待核实')
                and coalesce(l.emp_intent, '无意愿') <> '无意愿'
                and (
                    s.status_since
                    <= {{ business_date() }} - {{ parameter("hard_to_place_days", "p.county_code") }}::integer
                    or not coalesce(h.has_work, false)
                    or l.disability_no is not null
                    or l.health = '残疾'
                    or {{ age_on("p.birth_date", business_date()) }} >= case p.sex when '女' then 40 else 50 end
                )
                then '重点'
        end as visit_type
    from {{ ref("int_people__person") }} as p
    inner join {{ ref("int_people__person_status") }} as s on s.person_sk = p.person_sk
    left join latest_l1 as l on l.person_sk = p.person_sk
    left join household as h on h.household_sk = p.household_sk
    left join {{ ref("int_work__visit_fact") }} as f on f.person_sk = p.person_sk
),

planned as (
    select
        a.*,
        coalesce(a.last_reached_on, a.status_confirmed_on, {{ business_date() }}) + i.days as planned_on
    from aimed as a
    inner join
        {{ ref("visit_interval") }} as i
        on
            i.visit_type = a.visit_type
            and {{ business_date() }} between i.valid_from and coalesce(i.valid_to, 'infinity')
)

select
    p.person_sk,
    p.county_code,
    p.visit_type,
    p.current_status,
    p.last_visit_on,
    p.last_reached_on,
    p.unreached_in_a_row,
    -- Three calls that reached nobody: somebody has to go there.
    p.unreached_in_a_row >= 3 as needs_home_visit,
    coalesce(
        case when p.unreached_on is not null then retry.retry_on end,
        due.workday_on,
        p.planned_on
    ) as due_on
from planned as p
left join {{ ref("int_work__calendar_day") }} as due on due.day = p.planned_on
left join {{ ref("int_work__calendar_day") }} as retry on retry.day = p.unreached_on
