"""What the ledger and the marts have to say tonight. Counts, lists, places and file names only: never a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg

from yiku.calendar import calendar_supports, is_workday
from yiku.contracts import load_contracts, load_rules
from yiku.notices.digests import NoticeFact
from yiku.register.places import Gazetteer
from yiku.returns import outbox_name
from yiku.shown import without_names
from yiku.warehouse import lookup

Connection = psycopg.Connection[Any]
OPEN_DAYS = 30  # how long a file that was never replaced is spoken of
STALE_DAYS = 190  # of the reference lists
_TOP = 3

_CAME_IN = """
select county_code, unit_code, template, file_name, receipt_no, business_date, status, reason,
       rows_read, rows_loaded, rows_quarantined
from ops.submission
where undone_at is null and status <> 'received' and business_date <= %(day)s
  and (business_date = %(day)s
       or status in ('held', 'rejected') and superseded_by is null and business_date > %(day)s - %(open)s)
order by submission_id
"""
_SENT_BACK = """
select submission_id, s.county_code, s.unit_code, s.template, s.file_name, s.business_date, f.rule,
       count(distinct (f.sheet, f.part, f.row_no))
from ops.finding as f join ops.submission as s using (submission_id)
where f.verdict = 'Q' and f.row_no is not null and f.closed_on is null
  and s.undone_at is null and s.superseded_by is null and s.status in ('loaded', 'partly_loaded')
  and s.business_date between %(day)s - %(open)s and %(day)s
group by 1, 2, 3, 4, 5, 6, 7 order by 1, 8 desc, 7
"""
_ROWS_BACK = """
select submission_id, count(distinct (sheet, part, row_no)) from ops.finding
where verdict = 'Q' and row_no is not null and closed_on is null group by 1
"""
_ODD = """
select s.county_code, s.unit_code, s.file_name, s.receipt_no, f.rule
from ops.finding as f join ops.submission as s using (submission_id)
where f.rule in ('X09', 'X13', 'X14', 'BRK') and f.row_no is null and s.business_date = %(day)s
order by f.finding_id
"""
_FAULTS = """
select receipt_no, fault from ops.submission
where fault is not null and undone_at is null and business_date <= %(day)s order by submission_id
"""
_REFERENCES = """
select template, max(coalesce(fill_date, business_date)) from ops.submission
where template in ('V01', 'V02', 'H01', 'H02') and status in ('loaded', 'partly_loaded') and business_date <= %(day)s
group by 1
"""
_MASKED = """
select m.relation, m.column_name, m.cells from ops.masked_cell as m
where m.night_id = (select max(night_id) from ops.night where business_date = %(day)s) order by 1, 2
"""
# A case is named by where its rows stand: the receipt of each side's file and the row in it.
_CASE = """
concat_ws('与', ra.receipt_no || '第' || c.a_row_no || '行', rb.receipt_no || '第' || c.b_row_no || '行')
"""
_SIDES_OF_CASE = """
left join ops.submission as ra on c.a_submission_id = ra.submission_id
left join ops.submission as rb on c.b_submission_id = rb.submission_id
"""
_CONFLICTS = f"""
select side.county_code, side.town_code, c.kind, count(*), array_agg({_CASE} order by {_CASE})
from mart.status_conflict as c {_SIDES_OF_CASE}
cross join lateral (select c.a_county_code, c.a_town_code union select c.b_county_code, c.b_town_code)
    as side (county_code, town_code)
where c.is_open and side.county_code is not null
group by 1, 2, 3 order by 1, 2, 3
"""  # noqa: S608 - both parts stand above
_DOUBLE = f"""
select c.county_code, c.policy, c.kind, c.measure, count(*), array_agg({_CASE} order by {_CASE})
from mart.subsidy_duplicate as c {_SIDES_OF_CASE}
group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""  # noqa: S608
_VISITS = """
select county_code, town_code, visit_type, is_overdue, told_to, count(*)
from mart.revisit_due where is_overdue or due_on <= %(day)s + 14
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
"""
_LATE = """
select county_code, coalesce(town_code, 'county'), indicator_name, actual, target, uom, done_pct
from mart.target_progress where pace < 0.8 and level <> 'village' order by pace, indicator
"""
_MISSING = """
select county_code, unit_code, list_title, array_agg(distinct period order by period), min(due_on), max(workdays_late)
from mart.list_due where state = '未报' group by 1, 2, 3 order by 1, 2, 3
"""
_UNPAIRED = """
select county_code, kind_name, case when kind = 'overloaded' then count(*) else sum(item_count) end
from mart.pairing_gap group by county_code, kind, kind_name order by county_code, kind
"""
# What nobody who is there can do, by trade: what to recruit for.
_SHORT = """
select county_code, kind_name, industry, sum(item_count), sum(people_needed)
from mart.pairing_shortfall group by county_code, kind, kind_name, industry order by county_code, kind, industry
"""
_PROPOSED = """
select county_code, kind_name, count(*) from mart.pairing_proposal
where not is_standing group by county_code, kind, kind_name order by county_code, kind
"""
# Kinds of facts whose title or path is the name that a clerk gave to a file.
_OF_FILES = frozenset(("received", "held", "rejected", "quarantined", "anomaly"))
_SIDES = {"dead": "已死亡", "prison": "服刑", "army": "参军", "school": "在校", "moved": "迁出"}
_TOLD = {"村": 0, "乡": 5, "县": 11}


def list_title(code: str | None) -> str:
    """Return the Chinese name of a list; a file may carry several lists or none."""
    contract = load_contracts().get(code or "")
    return contract.title if contract else "报表"


def _rule_title(rule: str | None) -> str:
    known = load_rules().get(rule or "")
    return known.title if known else "未能处理"


def workdays_between(since: date, until: date) -> int:
    """Return how many workdays lie after ``since`` up to ``until``."""
    return sum(is_workday(since + timedelta(days=n)) for n in range(1, (until - since).days + 1))


def _came_in(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for row in conn.execute(_CAME_IN, {"day": day, "open": OPEN_DAYS}):
        county, unit, template, name, receipt, since, status, reason, read, loaded, back = row
        title, age = f"{list_title(template)}《{name}》", workdays_between(since, day)
        if status in ("held", "rejected"):
            yield NoticeFact(status, county, unit, title, 1, _rule_title(reason), f"回执{receipt}", age)
        elif status == "duplicate":
            yield NoticeFact("received", county, unit, title, 1, "与以前上报的文件相同，未重复处理", f"回执{receipt}")
        else:
            detail = f"读取{read}行，入库{loaded}行，退回{back}行"
            yield NoticeFact("received", county, unit, title, 1, detail, f"回执{receipt}")


def _sent_back(conn: Connection, day: date, link: str) -> Iterator[NoticeFact]:
    reasons: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for *file, rule, n in conn.execute(_SENT_BACK, {"day": day, "open": OPEN_DAYS}):
        reasons[tuple(file)][_rule_title(rule)] += n
    totals = dict(conn.execute(_ROWS_BACK).fetchall())
    for (submission, county, unit, template, name, since), counted in reasons.items():
        top = "、".join(f"{title}{n}" for title, n in counted.most_common(_TOP))
        path = f"{link}/{since}/{county}/{unit}/{outbox_name(name)}"
        age = workdays_between(since, day)
        yield NoticeFact("quarantined", county, unit, list_title(template), totals[submission], top, path, age)


def _oddities(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, unit, name, receipt, rule in conn.execute(_ODD, {"day": day}):
        yield NoticeFact("anomaly", county, unit, f"《{name}》", 1, _rule_title(rule), f"回执{receipt}")


def _unprocessed(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Tell the engineers which files a fault of ours keeps from being taken in, and where it arose."""
    for receipt, fault in conn.execute(_FAULTS, {"day": day}):
        yield NoticeFact("unprocessed", None, None, f"回执{receipt}", 1, fault)


def _platform(conn: Connection, day: date) -> Iterator[NoticeFact]:
    if not calendar_supports(day):
        yield NoticeFact("calendar_unsupported", None, None, f"{day.year}年")
    for relation, column, cells in conn.execute(_MASKED, {"day": day}):
        yield NoticeFact("mask_failed", None, None, f"{relation}.{column}", cells, f"{cells}处")
    for template, last in conn.execute(_REFERENCES, {"day": day}):
        if (day - last).days > STALE_DAYS:
            yield NoticeFact("reference_old", None, None, list_title(template), 1, f"最近一次为{last}")


def _cases(names: Sequence[str]) -> str:
    """Return which cases there are: the first of them, and how many they are where that is not all."""
    known = [n for n in names if n]
    more = f"等{len(known)}件" if len(known) > _TOP else ""
    return "；".join(known[:_TOP]) + more


def _conflicts(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, town, kind, n, cases in conn.execute(_CONFLICTS):
        sides = (_SIDES.get(side) or list_title(side) for side in kind.split("x"))
        yield NoticeFact("conflict", county, town, "与".join(sides), n, _cases(cases))


def _double_payments(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, policy, kind, measure, n, cases in conn.execute(_DOUBLE):
        detail = "：".join(filter(None, (measure, _cases(cases))))
        yield NoticeFact("subsidy_duplicate", county, None, policy or kind, n, detail)


def _visits(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, town, visit_type, overdue, told_to, n in conn.execute(_VISITS, {"day": day}):
        kind = "revisit_overdue" if overdue else "revisit_due"
        yield NoticeFact(kind, county, town, f"{visit_type}回访", n, age=_TOLD.get(told_to, 0))


def _late_targets(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, unit, name, actual, target, uom, done in conn.execute(_LATE):
        detail = f"完成{float(actual or 0):g}/{float(target):g}{uom or ''}（{float(done or 0):.0f}%）"
        yield NoticeFact("target_red", county, unit, name, 1, detail)


def _missing(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, unit, title, periods, due, late in conn.execute(_MISSING):
        named = "、".join(periods[:_TOP]) + (f"等{len(periods)}期" if len(periods) > _TOP else "")
        yield NoticeFact("missing", county, unit, f"{named}《{title}》", len(periods), f"截止{due}", age=late)


def _unpaired(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, n in conn.execute(_UNPAIRED):
        yield NoticeFact("unpaired", county, None, title, n)


def _short(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, industry, n, people in conn.execute(_SHORT):
        trade = f"（{industry}）" if industry else ""
        yield NoticeFact("shortfall", county, None, f"{title}{trade}", n, f"需引进{people}人")


def _proposed(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, n in conn.execute(_PROPOSED):
        yield NoticeFact("proposed", county, None, title, n, ref="mart_masked.pairing_proposal")


_MARTS = (
    ("status_conflict", _conflicts),
    ("subsidy_duplicate", _double_payments),
    ("revisit_due", _visits),
    ("target_progress", _late_targets),
    ("list_due", _missing),
    ("pairing_gap", _unpaired),
    ("pairing_shortfall", _short),
    ("pairing_proposal", _proposed),
)


def place_names(conn: Connection, facts: Collection[NoticeFact]) -> dict[str, str]:
    """Return the names of the counties and units that facts are about, by code; a county's own offices as one unit."""
    codes = {code for f in facts for code in (f.county, f.unit) if code}
    counties = sorted({f.county for f in facts if f.county})
    gazetteer = Gazetteer(lookup.towns(conn, counties))
    names = {code: gazetteer.town_name(code) or code for code in codes}
    return names | {f"{c}-county": f"{names[c]}部门" for c in counties}


def _named(fact: NoticeFact, names: Mapping[str, str]) -> NoticeFact:
    unit = f"{fact.county}-county" if fact.unit == "county" else fact.unit
    return replace(fact, place=names.get(unit or "", unit or ""))


def facts_of(conn: Connection, day: date, link: str) -> list[NoticeFact]:
    """Collect what there is to say about the night of ``day``; ``link`` is where paths to return workbooks begin.

    Marts that have not been built yet (the first gate failed) say nothing.
    """
    facts = [*_came_in(conn, day), *_sent_back(conn, day, link), *_oddities(conn, day), *_platform(conn, day)]
    facts += _unprocessed(conn, day)
    for name, ask in _MARTS:
        built = conn.execute("select to_regclass(%s)", (f"mart.{name}",)).fetchone()
        if built and built[0]:
            facts += ask(conn, day)
    names = place_names(conn, facts)
    persons = lookup.persons_named(conn, [text for f in facts if f.kind in _OF_FILES for text in (f.title, f.ref)])
    return [_named(_without(f, persons), names) for f in facts]


def _without(fact: NoticeFact, persons: Collection[str]) -> NoticeFact:
    """Leave the names of persons out of what files are called."""
    if fact.kind not in _OF_FILES:
        return fact
    return replace(fact, title=without_names(fact.title, persons), ref=without_names(fact.ref, persons))
