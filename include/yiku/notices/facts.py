"""What the ledger and the marts have to say tonight.

Counts, lists, places and file names only: never a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg

from yiku.calendar import calendar_supports, is_workday
from yiku.contracts import load_contracts, load_rules
from yiku.gazetteer.places import Gazetteer
from yiku.notices.digests import NoticeFact
from yiku.redaction import without_names
from yiku.returns import outbox_name
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
select s.submission_id, s.county_code, s.unit_code, s.template, s.file_name, s.business_date,
       least(s.business_date, min(min(f.opened_on)) over (partition by s.submission_id)), f.rule,
       count(distinct (f.sheet, f.part, f.row_no))
from ops.finding as f join ops.submission as s using (submission_id)
where f.verdict = 'Q' and f.row_no is not null and f.closed_on is null
  and s.undone_at is null and s.superseded_by is null and s.status in ('loaded', 'partly_loaded')
  and s.business_date between %(day)s - %(open)s and %(day)s
group by s.submission_id, f.rule order by 1, 9 desc, 8
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
# A case is named by where its rows stand: the receipt of each side's file and the row
# in it.
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
_SIDES = {
    "dead": "已死亡",
    "prison": "服刑",
    "army": "参军",
    "school": "在校",
    "moved": "迁出",
}
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
    length = (until - since).days
    days = [since + timedelta(days=number) for number in range(1, length + 1)]
    return sum(is_workday(day) for day in days)


def _came_in(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for row in conn.execute(_CAME_IN, {"day": day, "open": OPEN_DAYS}):
        (
            county,
            unit,
            template,
            name,
            receipt,
            since,
            status,
            reason,
            read,
            loaded,
            back,
        ) = row
        title = f"{list_title(template)}《{name}》"
        reference = f"回执{receipt}"
        if status in ("held", "rejected"):
            age = workdays_between(since, day)
            yield NoticeFact(
                status, county, unit, title, 1, _rule_title(reason), reference, age
            )
        elif status == "duplicate":
            detail = "与以前上报的文件相同，未重复处理"
            yield NoticeFact("received", county, unit, title, 1, detail, reference)
        else:
            detail = f"读取{read}行，入库{loaded}行，退回{back}行"
            yield NoticeFact("received", county, unit, title, 1, detail, reference)


def _sent_back(conn: Connection, day: date, link: str) -> Iterator[NoticeFact]:
    reasons: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for *file, rule, count in conn.execute(_SENT_BACK, {"day": day, "open": OPEN_DAYS}):
        reasons[tuple(file)][_rule_title(rule)] += count
    # a row with two reasons is one row: the sum of the reasons would be too many
    totals = dict(conn.execute(_ROWS_BACK).fetchall())
    for (
        submission,
        county,
        unit,
        template,
        name,
        came,
        since,
    ), counted in reasons.items():
        foremost = [f"{title}{count}" for title, count in counted.most_common(_TOP)]
        detail = "、".join(foremost)
        path = f"{link}/{came}/{county}/{unit}/{outbox_name(name)}"
        age = workdays_between(since, day)
        yield NoticeFact(
            "quarantined",
            county,
            unit,
            list_title(template),
            totals[submission],
            detail,
            path,
            age,
        )


def _oddities(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, unit, name, receipt, rule in conn.execute(_ODD, {"day": day}):
        yield NoticeFact(
            "anomaly",
            county,
            unit,
            f"《{name}》",
            1,
            _rule_title(rule),
            f"回执{receipt}",
        )


def _unprocessed(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Tell the engineers which files a fault of ours keeps from being taken in, and where it arose."""
    for receipt, fault in conn.execute(_FAULTS, {"day": day}):
        yield NoticeFact("unprocessed", None, None, f"回执{receipt}", 1, fault)


def _platform(conn: Connection, day: date) -> Iterator[NoticeFact]:
    if not calendar_supports(day):
        yield NoticeFact("calendar_unsupported", None, None, f"{day.year}年")
    for relation, column, cells in conn.execute(_MASKED, {"day": day}):
        yield NoticeFact(
            "mask_failed", None, None, f"{relation}.{column}", cells, f"{cells}处"
        )
    for template, last in conn.execute(_REFERENCES, {"day": day}):
        if (day - last).days > STALE_DAYS:
            yield NoticeFact(
                "reference_old",
                None,
                None,
                list_title(template),
                1,
                f"最近一次为{last}",
            )


def _cases(names: Sequence[str]) -> str:
    """Return which cases there are.

    The first of them, and how many they are where that is not all.
    """
    known = [name for name in names if name]
    more = f"等{len(known)}件" if len(known) > _TOP else ""
    return "；".join(known[:_TOP]) + more


def _conflicts(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, town, kind, count, cases in conn.execute(_CONFLICTS):
        # a kind is two sides: lists, or states of the register
        sides = [_SIDES.get(side) or list_title(side) for side in kind.split("x")]
        yield NoticeFact(
            "conflict", county, town, "与".join(sides), count, _cases(cases)
        )


def _double_payments(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, policy, kind, measure, count, cases in conn.execute(_DOUBLE):
        told = [part for part in (measure, _cases(cases)) if part]
        yield NoticeFact(
            "subsidy_duplicate", county, None, policy or kind, count, "：".join(told)
        )


def _visits(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, town, visit_type, is_overdue, told_to, count in conn.execute(
        _VISITS, {"day": day}
    ):
        kind = "revisit_overdue" if is_overdue else "revisit_due"
        age = _TOLD.get(told_to, 0)
        yield NoticeFact(kind, county, town, f"{visit_type}回访", count, age=age)


def _late_targets(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, unit, name, actual, target, uom, done in conn.execute(_LATE):
        reached = f"{float(actual or 0):g}/{float(target):g}{uom or ''}"
        detail = f"完成{reached}（{float(done or 0):.0f}%）"
        yield NoticeFact("target_red", county, unit, name, 1, detail)


def _missing(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, unit, title, periods, due, late in conn.execute(_MISSING):
        named = "、".join(periods[:_TOP])
        if len(periods) > _TOP:
            named += f"等{len(periods)}期"
        yield NoticeFact(
            "missing",
            county,
            unit,
            f"{named}《{title}》",
            len(periods),
            f"截止{due}",
            age=late,
        )


def _unpaired(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, count in conn.execute(_UNPAIRED):
        yield NoticeFact("unpaired", county, None, title, count)


def _short(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, industry, count, people in conn.execute(_SHORT):
        trade = f"（{industry}）" if industry else ""
        yield NoticeFact(
            "shortfall", county, None, f"{title}{trade}", count, f"需引进{people}人"
        )


def _proposed(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, count in conn.execute(_PROPOSED):
        yield NoticeFact(
            "proposed", county, None, title, count, ref="mart_masked.pairing_proposal"
        )


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
    """Return the names of the counties and units that facts are about, by code.

    A county's own offices as one unit.
    """
    counties = {fact.county for fact in facts if fact.county}
    units = {fact.unit for fact in facts if fact.unit}
    gazetteer = Gazetteer(lookup.towns(conn, sorted(counties)))
    names = {code: gazetteer.town_name(code) or code for code in counties | units}
    for county in counties:
        names[f"{county}-county"] = f"{names[county]}部门"
    return names


def _named(fact: NoticeFact, names: Mapping[str, str]) -> NoticeFact:
    unit = f"{fact.county}-county" if fact.unit == "county" else fact.unit
    return replace(fact, place=names.get(unit or "", unit or ""))


def facts_of(conn: Connection, day: date, link: str) -> list[NoticeFact]:
    """Collect what there is to say about the night of ``day``.

    ``link`` is where paths to return workbooks begin.

    Marts that have not been built yet (the first gate failed) say nothing.
    """
    facts = [
        *_came_in(conn, day),
        *_sent_back(conn, day, link),
        *_oddities(conn, day),
        *_platform(conn, day),
        *_unprocessed(conn, day),
    ]
    for name, ask in _MARTS:
        built = conn.execute("select to_regclass(%s)", (f"mart.{name}",)).fetchone()
        if built and built[0]:
            facts += ask(conn, day)
    names = place_names(conn, facts)
    texts: list[str] = []
    for fact in facts:
        if fact.kind in _OF_FILES:
            texts += [fact.title, fact.ref]
    persons = lookup.persons_named(conn, texts)
    return [_named(_without_persons(fact, persons), names) for fact in facts]


def _without_persons(fact: NoticeFact, persons: Collection[str]) -> NoticeFact:
    """Leave the names of persons out of what files are called."""
    if fact.kind not in _OF_FILES:
        return fact
    title = without_names(fact.title, persons)
    reference = without_names(fact.ref, persons)
    return replace(fact, title=title, ref=reference)
