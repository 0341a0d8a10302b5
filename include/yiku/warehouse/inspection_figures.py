"""What a quarter's report says of inspections, as the lines of a bulletin: one query a section."""

from __future__ import annotations

_COUNTY = """
select
    m.section, f.place_code, f.county_name, m.measure, m.measure_name, m.value, m.unit,
    null::numeric, case when m.measure = 'open_count' then f.light end, null::integer, null::numeric,
    null::numeric, null::bigint, null::date
from mart_masked.inspection_follow_up as f
cross join lateral (
    values
    (1, 'round', 'sample_count', '抽查村、户', f.sample_count::numeric, '处', f.sample_count),
    (2, 'round', 'visited_count', '已走访', f.visited_count::numeric, '处', f.sample_count),
    (3, 'round', 'not_visited_count', '未走访', f.not_visited_count::numeric, '处', f.sample_count),
    (4, 'round', 'without_problem_count', '走访未发现问题', f.without_problem_count::numeric, '处', f.sample_count),
    (5, 'round', 'with_problem_count', '走访发现问题', f.with_problem_count::numeric, '处', f.sample_count),
    (6, 'finding', 'carried_count', '以前季度结转', f.carried_count::numeric, '个', f.carried_count + f.finding_count),
    (7, 'finding', 'finding_count', '本季度发现', f.finding_count::numeric, '个', f.carried_count + f.finding_count),
    (8, 'finding', 'closed_count', '本季度销号', f.closed_count::numeric, '个', f.carried_count + f.finding_count),
    (
        9, 'finding', 'closed_late_count', '其中逾期销号', f.closed_late_count::numeric, '个',
        f.carried_count + f.finding_count
    ),
    (10, 'finding', 'open_count', '季末未销号', f.open_count::numeric, '个', f.carried_count + f.finding_count),
    (11, 'finding', 'overdue_count', '其中已逾期', f.overdue_count::numeric, '个', f.carried_count + f.finding_count),
    (12, 'finding', 'closed_pct', '销号率', f.closed_pct, '%%', f.carried_count + f.finding_count)
) as m (position, section, measure, measure_name, value, unit, known_count)
where
    f.county_code = %(county)s and f.period = %(period)s and f.level = 'county'
    -- Of nothing there is nothing to say: the paper says so in words.
    and m.known_count > 0 and m.value is not null
order by m.position
"""
# Who has most that is overdue stands first; who had nothing to mend is not named.
_TOWNS = """
select
    'town', place_code, coalesce(town_name, place_code), 'open_count', '未销号问题', open_count::numeric, '个',
    null::numeric, light, null::integer, null::numeric, closed_pct, overdue_count::bigint, null::date
from mart_masked.inspection_follow_up
where county_code = %(county)s and period = %(period)s and level = 'town' and finding_count + carried_count > 0
order by overdue_count desc, open_count desc, place_code
"""
# How many, and why, but never where: the paper goes to the towns as well. What was drawn once is told as it was drawn.
_SAMPLE = """
with drawn as (
    select
        place_village_code, line_kind, status_conflict_count, drag_fill_count, unpaired_count, stale_count, risk_points,
        %(visit_due)s::date as due_on
    from mart_masked.inspection_draw
    where
        county_code = %(county)s and (period = %(next)s or %(preview)s)
        and not exists (
            select from ops.inspection_sample where county_code = %(county)s and period = %(next)s
        )
    union all
    select
        village_code, line_kind, status_conflict_count, drag_fill_count, unpaired_count, stale_count, risk_points,
        due_on
    from ops.inspection_sample
    where county_code = %(county)s and period = %(next)s
),

counted as (
    select
        max(due_on) as due_on,
        count(distinct place_village_code) as villages,
        count(*) filter (where line_kind <> 'village') as households,
        count(*) filter (where line_kind <> 'village' and status_conflict_count > 0) as conflicts,
        count(*) filter (where line_kind <> 'village' and drag_fill_count > 0) as dragged,
        count(*) filter (where line_kind <> 'village' and unpaired_count > 0) as unpaired,
        count(*) filter (where line_kind <> 'village' and stale_count > 0) as stale,
        count(*) filter (where line_kind <> 'village' and risk_points = 0) as by_chance
    from drawn
    having count(*) > 0
)

select
    'sample', %(county)s::text, null::text, m.measure, m.measure_name, m.value::numeric, m.unit,
    null::numeric, null::text, null::integer, null::numeric, null::numeric, null::bigint,
    case when m.position <= 2 then c.due_on end
from counted as c
cross join lateral (
    values
    (1, 'village_count', '抽查村', c.villages, '个'),
    (2, 'household_count', '入户', c.households, '户'),
    (3, 'status_conflict_count', '因名单之间冲突', c.conflicts, '户'),
    (4, 'drag_fill_count', '因号码疑似下拉填充', c.dragged, '户'),
    (5, 'unpaired_count', '因没有技术员结对', c.unpaired, '户'),
    (6, 'stale_count', '因就业状态待核实', c.stale, '户'),
    (7, 'random_count', '随机抽取', c.by_chance, '户')
) as m (position, measure, measure_name, value, unit)
order by m.position
"""
_ASKS = """
select
    'ask', place_code, coalesce(town_name, county_name), 'open_count', '督查问题整改销号', open_count::numeric, '个',
    null::numeric, light, null::integer, null::numeric, null::numeric, overdue_count::bigint, %(due)s::date
from mart_masked.inspection_follow_up
where county_code = %(county)s and period = %(period)s and level = 'town' and open_count > 0
order by overdue_count desc, open_count desc, place_code
"""
INSPECTIONS = (_COUNTY, _TOWNS, _SAMPLE, _ASKS)
