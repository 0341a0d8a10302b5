{{ config(materialized="view") }}

with figure as (
    select
        l.*,
        least(l.as_of, {{ month_end("l.period") }}) as until_on
    from {{ ref("int_targets__target_line") }} as l
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
        {{ ref("int_targets__indicator_fact") }} as f
        on
            f.indicator = g.indicator
            and f.county_code = g.county_code
            and f.town_code = g.place_town_code
            and f.year = g.year
            and coalesce(f.since_on, '-infinity') <= g.until_on
    group by g.row_id, g.indicator
)

select
    'X11' as rule,
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
from figure as g
inner join counted as c on c.row_id = g.row_id
where abs(c.amount - g.target) > 0.005
