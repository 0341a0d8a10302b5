with days as (
    select
        d.day::date as day,
        coalesce(o.is_workday, extract(isodow from d.day) < 6) as is_workday
    from generate_series({{ business_date() }} - 1100, {{ business_date() }} + 800, interval '1 day') as d (day)
    left join {{ ref("day_off") }} as o on o.day = d.day::date
),

numbered as (
    select
        day,
        is_workday,
        -- The number of the first workday that is not before this day.
        (sum(is_workday::integer) over (order by day) + (not is_workday)::integer)::integer as workday_no
    from days
)

select
    n.day,
    n.is_workday,
    n.workday_no,
    here.day as workday_on,
    retry.day as retry_on,
    answer.day as answer_due_on
from numbered as n
left join numbered as here on here.workday_no = n.workday_no and here.is_workday
left join
    numbered as retry
    on retry.workday_no = n.workday_no + {{ parameter("visit_retry_workdays") }} and retry.is_workday
left join
    numbered as answer
    on answer.workday_no = n.workday_no + {{ parameter("correction_workdays") }} and answer.is_workday
where n.day < {{ business_date() }} + 700
