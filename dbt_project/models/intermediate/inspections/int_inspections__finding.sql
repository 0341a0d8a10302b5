{#-
    The problems that inspections found. A county that closes one in a ledger of its own writes no number of the sample:
    such a line closes the numbered one of the same round, unit and problem, and is no finding of its own.
-#}
with written as (
    select
        r.*,
        coalesce(r.unit_place, r.unit) as unit_meant
    from {{ ref("stg_e14__inspection_finding") }} as r
    -- A line of the form says of most visits that nothing was found.
    where r.problem is not null or r.result is null or r.result = '发现问题'
),

plain as (
    select
        county_code,
        round,
        unit_meant,
        problem,
        max(done) as done,
        max(closed_on) as closed_on
    from written
    where sample_no is null
    group by county_code, round, unit_meant, problem
),

found as (
    select
        w.*,
        coalesce(w.closed_on, p.closed_on) as closed_at_last_on,
        coalesce(w.done, p.done) as done_at_last
    from written as w
    left join plain as p
        on
            w.sample_no is not null
            and p.county_code = w.county_code
            and p.round = w.round
            and p.unit_meant = w.unit_meant
            and p.problem = w.problem
    where
        w.sample_no is not null
        or not exists (
            select 1
            from written as n
            where
                n.sample_no is not null
                and n.county_code = w.county_code
                and n.round = w.round
                and n.unit_meant = w.unit_meant
                and n.problem = w.problem
        )
),

-- The unit that was inspected is a town or village where its name is one.
placed as (
    select
        f.*,
        n.town_code as unit_town_code,
        n.village_code as unit_village_code,
        -- Who took a problem off the list tomorrow has not done so yet.
        case when f.closed_at_last_on <= {{ business_date() }} then f.closed_at_last_on end as closed_by_now_on
    from found as f
    left join {{ ref("int_places__place_name") }} as n on n.place_code = f.unit_place
)

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.county_code,
    coalesce(r.unit_town_code, r.town_code) as town_code,
    t.town_name,
    r.unit_village_code as village_code,
    v.village_name,
    r.period,
    r.as_of as as_of_on,
    r.round,
    s.sample_no,
    r.found_on,
    r.unit,
    r.problem,
    r.owner,
    r.due as due_on,
    r.done_at_last as done_about_it,
    r.closed_at_last_on as closed_on,
    r.closed_by_now_on is null as is_open,
    coalesce(r.closed_by_now_on, {{ business_date() }}) > r.due as is_overdue,
    greatest(coalesce(r.closed_by_now_on, {{ business_date() }}) - r.due, 0) as days_overdue,
    coalesce(r.closed_by_now_on, {{ business_date() }}) - r.found_on as days_open,
    r.closed_by_now_on is null as is_current
from placed as r
left join {{ ref("stg_ops__inspection_sample") }} as s
    on s.county_code = r.county_code and s.sample_no = r.sample_no
left join {{ ref("int_places__place_name") }} as t
    on t.level = 'town' and t.town_code = coalesce(r.unit_town_code, r.town_code)
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = r.unit_village_code
