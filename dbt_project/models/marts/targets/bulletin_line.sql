select
    l.bulletin_id,
    b.county_code,
    case when l.place_code ~ '^[0-9]{9}$' then l.place_code end as town_code,
    b.period,
    b.issue,
    b.as_of_on,
    l.line_no,
    l.section,
    l.place_code,
    l.place_name,
    l.metric,
    l.line_name,
    l.figure,
    l.uom,
    l.target,
    l.rate_pct,
    l.overdue_count,
    l.light,
    l.rank_in_county,
    l.change,
    l.due_on
from {{ ref("stg_ops__bulletin_line") }} as l
inner join {{ ref("stg_ops__bulletin") }} as b on b.bulletin_id = l.bulletin_id
