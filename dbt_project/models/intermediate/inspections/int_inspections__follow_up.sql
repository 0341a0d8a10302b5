{#-
    What became of inspections, by quarter, for the county and each of its towns: how far the quarter's sample was
    visited, and of the problems what was found in the quarter, what came over from before, what was closed. Of a quarter
    that is over as it stood on its last day: closed afterwards, a problem changes no line that was read on paper.
-#}
with finding as (
    select
        county_code,
        town_code,
        found_on,
        due_on,
        closed_on,
        {{ quarter_of("found_on") }} as found_in
    from {{ ref("int_inspections__finding") }}
    where found_on <= {{ business_date() }}
),

sample as (
    select
        county_code,
        place_town_code as town_code,
        period,
        visited_on,
        finding_count
    from {{ ref("int_inspections__sample_line") }}
),

begun as (
    select
        county_code,
        min(day) as first_on
    from (
        select
            county_code,
            found_on as day
        from finding
        union all
        select
            county_code,
            {{ quarter_begin("period") }} as day
        from sample
    ) as happened
    group by county_code
),

quarter as (
    select
        b.county_code,
        {{ quarter_of("q.day") }} as period,
        q.day::date as begin_on,
        (q.day + interval '3 months' - interval '1 day')::date as last_on
    from begun as b
    cross join lateral generate_series(
        date_trunc('quarter', b.first_on::timestamp), {{ business_date() }}::timestamp, interval '3 months'
    ) as q (day)
),

place as (
    select
        county_code,
        null as town_code
    from begun
    union
    select
        county_code,
        town_code
    from finding
    where town_code is not null
    union
    select
        county_code,
        town_code
    from sample
),

seen as (
    select
        q.*,
        p.town_code,
        least(q.last_on, {{ business_date() }}) as as_of_on
    from quarter as q
    inner join place as p on p.county_code = q.county_code
),

visited as (
    select
        s.county_code,
        s.period,
        s.town_code,
        count(*)::integer as sample_count,
        count(*) filter (where v.visited_on <= s.as_of_on)::integer as visited_count,
        count(*) filter (where v.visited_on <= s.as_of_on and v.finding_count > 0)::integer as with_problem_count
    from seen as s
    inner join sample as v
        on
            v.county_code = s.county_code
            and v.period = s.period
            and (s.town_code is null or v.town_code = s.town_code)
    group by s.county_code, s.period, s.town_code
),

told as (
    select
        s.county_code,
        s.period,
        s.town_code,
        count(*) filter (where f.found_in = s.period)::integer as finding_count,
        count(*) filter (where f.found_on < s.begin_on)::integer as carried_count,
        count(*) filter (where f.closed_on <= s.as_of_on)::integer as closed_count,
        count(*) filter (where f.closed_on <= s.as_of_on and f.closed_on > f.due_on)::integer as closed_late_count,
        count(*) filter (where coalesce(f.closed_on, 'infinity') > s.as_of_on)::integer as open_count,
        count(*) filter (
            where coalesce(f.closed_on, 'infinity') > s.as_of_on and f.due_on < s.as_of_on
        )::integer as overdue_count
    from seen as s
    inner join finding as f
        on
            f.county_code = s.county_code
            and (s.town_code is null or f.town_code = s.town_code)
            and f.found_on <= s.as_of_on
            -- What was closed before the quarter began is another quarter's story.
            and coalesce(f.closed_on, 'infinity') >= s.begin_on
    group by s.county_code, s.period, s.town_code
)

select
    s.county_code,
    s.town_code,
    t.town_name,
    s.period,
    case when s.town_code is null then 'county' else 'town' end as level,
    coalesce(s.town_code, s.county_code) as place_code,
    s.last_on < {{ business_date() }} as is_closed,
    coalesce(v.sample_count, 0) as sample_count,
    coalesce(v.visited_count, 0) as visited_count,
    coalesce(v.sample_count - v.visited_count, 0) as not_visited_count,
    coalesce(v.with_problem_count, 0) as with_problem_count,
    coalesce(v.visited_count - v.with_problem_count, 0) as without_problem_count,
    coalesce(f.finding_count, 0) as finding_count,
    coalesce(f.carried_count, 0) as carried_count,
    coalesce(f.closed_count, 0) as closed_count,
    coalesce(f.closed_late_count, 0) as closed_late_count,
    coalesce(f.open_count, 0) as open_count,
    coalesce(f.overdue_count, 0) as overdue_count,
    round(100.0 * f.closed_count / nullif(f.finding_count + f.carried_count, 0), 1) as closed_pct,
    case
        when f.overdue_count > 0 then '红'
        when f.open_count > 0 then '黄'
        when f.finding_count + f.carried_count > 0 then '绿'
        else '灰'
    end as light,
    s.as_of_on
from seen as s
left join visited as v
    on v.county_code = s.county_code and v.period = s.period and v.town_code is not distinct from s.town_code
left join told as f
    on f.county_code = s.county_code and f.period = s.period and f.town_code is not distinct from s.town_code
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = s.town_code
where v.sample_count > 0 or f.finding_count + f.carried_count > 0 or s.town_code is null
