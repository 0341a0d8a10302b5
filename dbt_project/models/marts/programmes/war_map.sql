with task as (
    select
        {{ row_columns() }},
        r.level,
        r.war_zone,
        r.area,
        r.commander,
        r.goal,
        r.stage,
        r.year_plan,
        r.measure,
        r.indicator,
        r.start_on,
        r.due as due_on,
        round(r.progress, 2) as stated_pct,
        round(p.done_pct, 2) as measured_pct,
        -- What the lists say of the indicator goes before what the headquarters say of themselves.
        round(least(coalesce(p.done_pct, r.progress), 100), 2) as progress_pct,
        round(
            100 * greatest(0, least(1, ({{ business_date() }} - r.start_on + 1)::numeric / (r.due - r.start_on + 1))), 2
        ) as expected_pct
    from (
        select
            s.row_id,
            s.submission_id,
            s.sheet,
            s.row_no,
            s.county_code,
            coalesce(u.town_code, s.town_code) as town_code,
            coalesce(u.village_code, s.village_code) as village_code,
            s.period,
            s.as_of,
            s.level,
            s.war_zone,
            s.area,
            s.commander,
            s.goal,
            s.stage,
            s.year_plan,
            s.measure,
            s.indicator,
            s.start_on,
            s.due,
            s.progress
        from {{ ref("stg_t21__war_map") }} as s
        left join {{ ref("int_places__unit_place") }} as u on u.row_id = s.row_id
    ) as r
    {{ row_joins() }}
    left join
        {{ ref("int_targets__target_progress") }} as p
        on
            p.indicator = r.indicator
            and p.year = extract(year from r.due)
            and p.place_code = coalesce(r.village_code, r.town_code, r.county_code)
)

select
    t.*,
    greatest(t.expected_pct - t.progress_pct, 0) as behind_pct,
    t.due_on < {{ business_date() }} and t.progress_pct < 100 as is_overdue,
    case
        when t.progress_pct >= 100 then '绿'
        when t.due_on < {{ business_date() }} then '红'
        when t.progress_pct >= t.expected_pct then '绿'
        when t.expected_pct - t.progress_pct <= {{ parameter("war_map_behind_pct", "t.county_code") }} then '黄'
        else '红'
    end as light,
    t.start_on <= {{ business_date() }} and (t.due_on >= {{ business_date() }} or t.progress_pct < 100) as is_current
from task as t
