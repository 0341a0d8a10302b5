{#-
    How well each unit submits, by month. The score weighs how much came in time, how many labourers the list carries, how
    many rows passed at once, and how long the oldest row has been waiting; what does not apply is left out of it.
-#}
with rated as (
    select
        f.*,
        case
            when f.unit_code = f.county_code then 'county'
            when f.unit_code = 'county' then 'office'
            else 'town'
        end as level,
        round(100.0 * f.on_time_count / nullif(f.due_count, 0), 1) as on_time_pct,
        -- A list that came late is worth more than one that never came.
        round(
            (100.0 * f.on_time_count + {{ parameter("score_late_pct", "f.county_code") }} * f.late_count)
            / nullif(f.due_count, 0), 1
        ) as timely_pct,
        c.rate_pct as complete_pct,
        round(100.0 * (f.rows_read - f.rows_sent_back) / nullif(f.rows_read, 0), 1) as first_pass_pct,
        round(
            greatest(
                100 - 100.0 * coalesce(f.oldest_open_days, 0) / {{ parameter("score_open_days", "f.county_code") }}, 0
            ), 1
        ) as open_age_pct
    from {{ ref("int_submissions__month_figures") }} as f
    left join {{ ref("int_targets__coverage_month") }} as c
        on c.place_code = f.unit_code and c.period = f.period and c.metric = 'registered_rate_pct'
),

part as (
    select
        r.county_code,
        r.unit_code,
        r.period,
        p.part,
        p.reached_pct
    from rated as r
    cross join lateral (
        values
        ('timely', r.timely_pct),
        ('complete', r.complete_pct),
        ('first_pass', r.first_pass_pct),
        ('open_age', r.open_age_pct)
    ) as p (part, reached_pct)
    -- Who owed nothing yet and sent nothing is not judged.
    where p.reached_pct is not null and (r.due_count > 0 or r.rows_read > 0)
),

weight as (
    select distinct on (place.county_code, w.part)
        place.county_code,
        w.part,
        w.weight
    from (select distinct county_code from part) as place
    inner join {{ ref("score_weight") }} as w
        on w.jurisdiction = '*' or place.county_code like w.jurisdiction || '%'
    where {{ business_date() }} between w.valid_from and coalesce(w.valid_to, 'infinity')
    order by
        place.county_code, w.part, w.jurisdiction <> '*' desc, length(w.jurisdiction) desc, w.valid_from desc
),

scored as (
    select
        p.county_code,
        p.unit_code,
        p.period,
        round(sum(p.reached_pct * w.weight) / nullif(sum(w.weight), 0), 1) as score_pct
    from part as p
    inner join weight as w on w.county_code = p.county_code and w.part = p.part
    group by p.county_code, p.unit_code, p.period
),

rule as (
    {{ light_rules("submission", ref("int_submissions__month_figures"), "'score'::text") }}
)

select
    r.county_code,
    r.unit_code,
    r.period,
    r.level,
    case when r.level = 'town' then r.unit_code end as town_code,
    t.town_name,
    r.due_count,
    r.on_time_count,
    r.late_count,
    r.missing_count,
    r.on_time_pct,
    r.rows_read,
    r.rows_sent_back,
    r.first_pass_pct,
    r.repeated_count,
    r.corrected_count,
    r.workdays_to_correct,
    r.open_count,
    r.oldest_open_days,
    r.complete_pct,
    s.score_pct,
    rule.target_pct,
    {{ light("s.score_pct") }} as light,
    case
        when r.level = 'town' and s.score_pct is not null
            then
                rank() over (
                    partition by r.county_code, r.period, r.level, s.score_pct is null
                    order by s.score_pct desc
                )
    end::integer as rank_in_county,
    round(s.score_pct - b.score_pct, 1) as change_pct,
    r.as_of_on
from rated as r
left join scored as s on s.county_code = r.county_code and s.unit_code = r.unit_code and s.period = r.period
left join scored as b
    on
        b.county_code = r.county_code
        and b.unit_code = r.unit_code
        and b.period = to_char(to_date(r.period || '-01', 'YYYY-MM-DD') - interval '1 month', 'YYYY-MM')
left join rule on rule.county_code = r.county_code
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = r.unit_code
