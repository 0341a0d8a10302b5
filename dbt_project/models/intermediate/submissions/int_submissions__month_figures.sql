{#-
    What each unit sent, owed and mended in a month, and all units of a county together: those stand under the county's
    own code. Averages and the oldest row are taken over rows, never over towns.
-#}
with owed as (
    select
        d.county_code,
        u.unit_code,
        to_char(d.due_on, 'YYYY-MM') as period,
        count(*) filter (where d.state <> '待报') as due_count,
        count(*) filter (where d.state = '按时') as on_time_count,
        count(*) filter (where d.state = '迟报') as late_count,
        count(*) filter (where d.state = '未报') as missing_count
    from {{ ref("int_submissions__list_due") }} as d
    cross join lateral (values (d.unit_code), (d.county_code)) as u (unit_code)
    group by d.county_code, u.unit_code, to_char(d.due_on, 'YYYY-MM')
),

submission as (
    select
        s.submission_id,
        s.county_code,
        u.unit_code,
        coalesce(s.template, '') as list,
        s.business_date,
        to_char(s.business_date, 'YYYY-MM') as period,
        s.rows_read,
        s.rows_quarantined
    from {{ ref("stg_ops__submission") }} as s
    cross join lateral (values (s.unit_code), (s.county_code)) as u (unit_code)
    where
        s.undone_at is null
        and s.business_date <= {{ business_date() }}
        and s.county_code is not null
        and s.unit_code is not null
),

sent as (
    select
        county_code,
        unit_code,
        period,
        sum(rows_read) as rows_read,
        sum(rows_quarantined) as rows_sent_back
    from submission
    group by county_code, unit_code, period
),

-- What a unit was told before of the same list, and did again.
told as (
    select
        s.county_code,
        s.unit_code,
        s.period,
        s.business_date > min(s.business_date) over (
            partition by s.county_code, s.unit_code, s.list, f.rule
        ) as is_repeated
    from {{ ref("stg_ops__finding") }} as f
    inner join submission as s on s.submission_id = f.submission_id
    where f.verdict in ('Q', 'S', 'F')
),

repeated as (
    select
        county_code,
        unit_code,
        period,
        count(*) as repeated_count
    from told
    where is_repeated
    group by county_code, unit_code, period
),

gone_back as (
    select
        r.county_code,
        u.unit_code,
        r.sent_back_on,
        r.mended_on
    from {{ ref("int_submissions__sent_back_row") }} as r
    cross join lateral (values (r.unit_code), (r.county_code)) as u (unit_code)
),

mended as (
    select
        g.county_code,
        g.unit_code,
        to_char(g.mended_on, 'YYYY-MM') as period,
        count(*) as corrected_count,
        round(avg(late.workday_no - early.workday_no), 1) as workdays_to_correct
    from gone_back as g
    inner join {{ ref("int_work__calendar_day") }} as early on early.day = g.sent_back_on
    inner join {{ ref("int_work__calendar_day") }} as late on late.day = g.mended_on
    where g.mended_on <= {{ business_date() }}
    group by g.county_code, g.unit_code, to_char(g.mended_on, 'YYYY-MM')
),

month as (
    {% for part in ["owed", "sent", "mended"] %}
    select
        county_code,
        unit_code,
        period
    from {{ part }}
    {{ "union" if not loop.last }}
    {% endfor %}
),

ended as (
    select
        m.*,
        least({{ month_end("m.period") }}, {{ business_date() }}) as as_of_on
    from month as m
    where m.period <= to_char({{ business_date() }}, 'YYYY-MM')
),

-- As the month ended: what was mended later was open then.
open_row as (
    select
        e.county_code,
        e.unit_code,
        e.period,
        count(*) as open_count,
        max(e.as_of_on - g.sent_back_on) as oldest_open_days
    from ended as e
    inner join gone_back as g
        on
            g.county_code = e.county_code
            and g.unit_code = e.unit_code
            and g.sent_back_on <= e.as_of_on
            and (g.mended_on is null or g.mended_on > e.as_of_on)
    group by e.county_code, e.unit_code, e.period
)

select
    e.county_code,
    e.unit_code,
    e.period,
    coalesce(o.due_count, 0)::integer as due_count,
    coalesce(o.on_time_count, 0)::integer as on_time_count,
    coalesce(o.late_count, 0)::integer as late_count,
    coalesce(o.missing_count, 0)::integer as missing_count,
    coalesce(s.rows_read, 0)::integer as rows_read,
    coalesce(s.rows_sent_back, 0)::integer as rows_sent_back,
    coalesce(r.repeated_count, 0)::integer as repeated_count,
    coalesce(m.corrected_count, 0)::integer as corrected_count,
    m.workdays_to_correct,
    coalesce(w.open_count, 0)::integer as open_count,
    w.oldest_open_days::integer as oldest_open_days,
    e.as_of_on
from ended as e
left join owed as o on o.county_code = e.county_code and o.unit_code = e.unit_code and o.period = e.period
left join sent as s on s.county_code = e.county_code and s.unit_code = e.unit_code and s.period = e.period
left join repeated as r on r.county_code = e.county_code and r.unit_code = e.unit_code and r.period = e.period
left join mended as m on m.county_code = e.county_code and m.unit_code = e.unit_code and m.period = e.period
left join open_row as w on w.county_code = e.county_code and w.unit_code = e.unit_code and w.period = e.period
