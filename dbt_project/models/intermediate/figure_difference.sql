{#-
    What figures say against each other. K21: what is asked of the towns does not add up to what is asked of the county.
    X11: what a town reports of an indicator that its lists count, where the two differ. Counted is what the lists
    knew for the days up to the one that the figure speaks of. Where the lists say nothing of a town, they are late
    rather than different. It looks at what stands, so that it cannot be among the contradictions that decide it.
-#}
with figure as (
    select
        l.*,
        least(l.as_of, {{ month_end("l.period") }}) as until_on
    from {{ ref("target_line") }} as l
    where l.kind = '实绩' and l.level = 'town' and l.target is not null
),

counted as (
    select
        g.row_id,
        case
            when g.indicator like '%_yuan' then sum(f.amount) / case when max(g.uom) like '万%' then 10000 else 1 end
            else count(distinct f.counted_once)
        end as amount
    from figure as g
    inner join
        {{ ref("indicator_fact") }} as f
        on
            f.indicator = g.indicator
            and f.county_code = g.county_code
            and f.town_code = g.place_town_code
            and f.year = g.year
            and coalesce(f.since_on, '-infinity') <= g.until_on
    group by g.row_id, g.indicator
),

-- Shares of towns are no parts of a county's.
asked as (
    select
        county_code,
        year,
        indicator
    from {{ ref("target_line") }}
    where kind = '计划' and level in ('county', 'town') and target is not null and indicator not like '%_pct'
    group by county_code, year, indicator
    having
        count(*) filter (where level = 'town') > 0
        and count(distinct uom) <= 1
        and abs(sum(target) filter (where level = 'town') - max(target) filter (where level = 'county')) > 0.005
),

told as (
    select
        'X11' as rule,
        g.row_id
    from figure as g
    inner join counted as c on c.row_id = g.row_id
    where abs(c.amount - g.target) > 0.005
    union all
    select
        'K21' as rule,
        l.row_id
    from {{ ref("target_line") }} as l
    inner join asked as a on a.county_code = l.county_code and a.year = l.year and a.indicator = l.indicator
    where l.kind = '计划' and l.level = 'county' and l.target is not null
)

select
    t.rule,
    'W' as verdict,
    'E12' as list,
    g.row_id,
    g.submission_id,
    g.sheet,
    g.row_no,
    g.county_code,
    g.place_town_code as town_code,
    null::uuid as other_row_id,
    null::bigint as other_submission_id,
    null::text as other_sheet,
    null::integer as other_row_no,
    g.place_town_code as other_town_code
from told as t
inner join {{ ref("target_line") }} as g on g.row_id = t.row_id
