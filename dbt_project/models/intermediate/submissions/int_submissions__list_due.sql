{#-
    What each unit owes, by the cadence of the list: months, quarters and years close on one day of their last month,
    weeks on Friday; a closing day that is free moves to the next workday. A county takes part in a list once it has
    sent it; its towns owe it once one of them has.
-#}
with duty as (
    select
        code,
        title,
        cadence,
        audience ~ '乡镇|村居' as by_towns,
        case cadence when 'monthly' then 1 when 'quarterly' then 3 when 'half-yearly' then 6 when 'yearly' then 12 end
            as months
    from {{ ref("stg_ops__list_duty") }}
    where cadence in ('weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly')
),

arrival as (
    select
        s.county_code,
        s.unit_code,
        t.template as list,
        t.period,
        s.business_date as received_on
    from {{ ref("stg_ops__submission") }} as s
    inner join {{ ref("stg_ops__submission_sheet") }} as t on t.submission_id = s.submission_id
    where
        t.status <> 'rejected'
        and s.undone_at is null
        and s.business_date <= {{ business_date() }}
        -- A work list that comes back mends rows of lists; it is none of them.
        and s.is_work_list is not true
    union all
    -- A file like an earlier one says that nothing has changed: it was sent all the same.
    select
        s.county_code,
        s.unit_code,
        t.template as list,
        null as period,
        s.business_date as received_on
    from {{ ref("stg_ops__submission") }} as s
    inner join {{ ref("stg_ops__submission_sheet") }} as t on t.submission_id = s.duplicate_of
    where s.status = 'duplicate' and s.undone_at is null and s.business_date <= {{ business_date() }}
),

sheet as (
    select
        a.county_code,
        a.unit_code,
        a.list,
        a.received_on,
        case
            when a.period ~ '^\d{4}-\d{2}$' then to_date(a.period || '-01', 'YYYY-MM-DD')
            when a.period ~ '^\d{4}-Q[1-4]$'
                then make_date(left(a.period, 4)::integer, right(a.period, 1)::integer * 3, 1)
            when a.period ~ '^\d{4}$' then make_date(a.period::integer, 12, 1)
            else date_trunc('month', a.received_on)::date
        end as month_on
    from arrival as a
    inner join duty as d on d.code = a.list
    where a.county_code is not null and a.unit_code is not null
),

part as (
    select
        county_code,
        list,
        min(month_on) as first_month_on,
        min(received_on) as first_received_on,
        bool_or(unit_code <> 'county') as is_sent_by_towns
    from sheet
    group by county_code, list
),

town as (
    select
        town_code,
        substr(town_code, 1, 6) as county_code,
        max(coalesce(valid_to, 'infinity')) as valid_to
    from {{ ref("stg_v02__town") }}
    group by town_code
),

owing as (
    select distinct
        county_code,
        unit_code,
        list
    from sheet
    where unit_code not in (select o.town_code from town as o where o.valid_to < {{ business_date() }})
    union
    select
        p.county_code,
        t.town_code as unit_code,
        p.list
    from part as p
    inner join duty as d on d.code = p.list and d.by_towns
    inner join town as t on t.county_code = p.county_code
    where p.is_sent_by_towns and t.valid_to >= {{ business_date() }}
),

closing as (
    select
        p.county_code,
        p.list,
        (m.month - make_interval(months => d.months - 1))::date as opens_on,
        m.month::date as last_month_on,
        m.month::date + {{ parameter("list_closing_day", "p.county_code") }}::integer - 1 as closes_on
    from part as p
    inner join duty as d on d.code = p.list and d.months is not null
    cross join lateral generate_series(
        greatest(
            p.first_month_on,
            date_trunc('month', {{ business_date() }})
            - make_interval(months => {{ parameter("list_due_months", "p.county_code") }})
        ),
        date_trunc('month', {{ business_date() }}) + make_interval(months => d.months - 1),
        interval '1 month'
    ) as m (month)
    where extract(month from m.month)::integer % d.months = 0
    union all
    select
        p.county_code,
        p.list,
        (w.monday)::date as opens_on,
        date_trunc('month', w.monday + interval '4 days')::date as last_month_on,
        (w.monday + interval '4 days')::date as closes_on
    from part as p
    inner join duty as d on d.code = p.list and d.cadence = 'weekly'
    cross join lateral generate_series(
        greatest(
            date_trunc('week', p.first_received_on),
            date_trunc('week', {{ business_date() }})
            - make_interval(months => {{ parameter("list_due_months", "p.county_code") }})
        ),
        date_trunc('week', {{ business_date() }}),
        interval '1 week'
    ) as w (monday)
),

owed as (
    select
        o.county_code,
        o.unit_code,
        o.list,
        d.title as list_title,
        d.cadence,
        to_char(c.last_month_on, 'YYYY-MM') as period,
        c.opens_on,
        w.workday_on as due_on,
        w.workday_no as due_no,
        min(s.received_on) as received_on
    from owing as o
    inner join duty as d on d.code = o.list
    inner join closing as c on c.county_code = o.county_code and c.list = o.list
    inner join {{ ref("int_work__calendar_day") }} as w on w.day = c.closes_on
    left join sheet as s
        on
            s.county_code = o.county_code
            and s.unit_code = o.unit_code
            and s.list = o.list
            and case
                -- The next week's sheet makes up for the one before, late.
                when d.cadence = 'weekly' then s.received_on >= c.opens_on
                else s.month_on between c.opens_on and c.last_month_on
            end
    group by
        o.county_code, o.unit_code, o.list, d.title, d.cadence, c.last_month_on, c.opens_on, w.workday_on, w.workday_no
)

select
    w.county_code,
    w.unit_code,
    case when w.unit_code <> 'county' then w.unit_code end as town_code,
    t.town_name,
    w.list,
    w.list_title,
    w.cadence,
    w.period,
    w.opens_on,
    w.due_on,
    w.received_on,
    case
        when w.received_on <= w.due_on then '按时'
        when w.received_on is not null then '迟报'
        when w.due_on < {{ business_date() }} then '未报'
        else '待报'
    end as state,
    -- Workdays after the closing day, up to the arrival or to the business date.
    greatest(e.workday_no - (not e.is_workday)::integer - w.due_no, 0) as workdays_late,
    w.due_on = max(w.due_on) over (partition by w.county_code, w.unit_code, w.list) as is_current,
    {{ business_date() }} as as_of_on
from owed as w
inner join {{ ref("int_work__calendar_day") }} as e on e.day = least(w.received_on, {{ business_date() }})
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = w.unit_code
