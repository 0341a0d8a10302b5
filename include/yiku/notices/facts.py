"""What the ledger and the marts have to say tonight.

Counts, lists, places and file names only: never a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from yiku.calendar import calendar_supports, is_workday
from yiku.contracts import load_contracts, load_rules
from yiku.gazetteer.places import Gazetteer
from yiku.intake.visits import REACHED
from yiku.notices import page_facts
from yiku.notices.digests import NoticeFact
from yiku.redaction import without_names
from yiku.returns import outbox_name
from yiku.warehouse import digest_facts, lookup, mail_taken
from yiku.warehouse.answers_sent import (
    places_of_workbooks,
    undelivered_counts,
    visits_on,
)
from yiku.warehouse.connection import Connection
from yiku.warehouse.digest_facts import SentBack
from yiku.warehouse.unit_deliveries import lists_that_stand

OPEN_DAYS = 30  # how long a file that was never replaced is spoken of
# Half a year and some days: by then a reference list must have come.
STALE_DAYS = 190  # of the reference lists
_TOP = 3

# Kinds of facts whose title or path is the name that a clerk gave to a file.
_OF_FILES = frozenset(
    ("received", "held", "rejected", "quarantined", "anomaly")
)
_SIDES = {
    "dead": "已死亡",
    "prison": "服刑",
    "army": "参军",
    "school": "在校",
    "moved": "迁出",
}
_UNTAKEN = {
    "unknown": "来信没有收取：地址未登记",
    "unverified": "来信没有收取：未能核实发件人",
    "by_program": "自动邮件没有收取，可能带有附件",
    "bounce": "寄出的答复被退回，请核对登记的地址",
    "fault": "来信程序读不了，没有收取：请到邮箱里查看，并报告程序出错",
}
# Town and county are told after 7 and 15 days; kinds go by workdays, and these
# are the steps at which the two come in.
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
    for file in digest_facts.came_in(conn, day, OPEN_DAYS):
        place = (file.county_code, file.unit_code)
        title = f"{list_title(file.template)}《{file.file_name}》"
        reference = f"回执{file.receipt_no}"
        if file.status in ("held", "rejected"):
            age = workdays_between(file.business_date, day)
            reason = _rule_title(file.reason)
            yield NoticeFact(
                file.status, *place, title, 1, reason, reference, age
            )
            continue
        detail = "与以前上报的文件相同，未重复处理"
        if file.status != "duplicate":
            detail = (
                f"读取{file.rows_read}行，入库{file.rows_loaded}行，"
                f"退回{file.rows_quarantined}行"
            )
        yield NoticeFact("received", *place, title, 1, detail, reference)


def _sent_back(conn: Connection, day: date, link: str) -> Iterator[NoticeFact]:
    files: dict[int, SentBack] = {}
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    for back in digest_facts.sent_back(conn, day, OPEN_DAYS):
        files.setdefault(back.submission_id, back)
        reasons[back.submission_id][_rule_title(back.rule)] += back.row_count
    # a row with two reasons is one row: the sum of the reasons would be too many
    totals = digest_facts.rows_back(conn)
    laid_down = places_of_workbooks(conn)
    for number, file in files.items():
        county, unit = file.county_code, file.unit_code
        foremost = reasons[number].most_common(_TOP)
        detail = "、".join(f"{title}{count}" for title, count in foremost)
        name = outbox_name(file.file_name)
        path = f"{link}/{file.business_date}/{county}/{unit}/{name}"
        # A clerk whose answers are brought to her does not see the outbox.
        if number in laid_down:
            path = _where_it_lies(*laid_down[number])
        # What is still wrong in a work list stands on the next one.
        if file.is_work_list:
            path = "新的待办清单"
        title, age = (
            list_title(file.template),
            workdays_between(file.since, day),
        )
        kind = "quarantined"
        yield NoticeFact(
            kind, county, unit, title, totals[number], detail, path, age
        )


def _work_lists(
    conn: Connection, day: date, link: str
) -> Iterator[NoticeFact]:
    """Tell each unit of its list, by the day since when it says the same: told once, not every night."""
    for found in lists_that_stand(conn, day):
        county, unit = found.county_code, found.unit_code
        name = found.file_name
        path = f"{link}/{found.business_date}/{county}/{unit}/{name}"
        if found.is_delivered:
            path = _where_it_lies(name, found.place)
        is_county = unit == "county"
        kind = "county_list" if is_county else "work_list"
        told_unit = None if is_county else unit
        title = "所有待办都在这一份里"
        count = found.item_count
        yield NoticeFact(kind, county, told_unit, title, count, ref=path)


def _where_it_lies(name: str, place: str | None) -> str:
    """Return where a clerk finds her workbook, as she sees it."""
    return place or f"《{name}》，下一夜再送"


def _sources(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Tell of sources that were not read whole, and of answers that did not arrive."""
    for told in visits_on(conn, day):
        missed = []
        if told.state != REACHED:
            missed.append(told.problem.rstrip("。"))
        if told.waiting_count:
            missed.append(f"{told.waiting_count}份文件还没传完或读不出")
        if told.closed_count:
            missed.append(f"{told.closed_count}个文件夹没有权限查看")
        detail = "；".join(missed)
        yield NoticeFact(
            "source_not_whole", None, None, told.source, detail=detail
        )
    for county, source, problem, count in undelivered_counts(conn):
        yield NoticeFact(
            "delivery_failed",
            county,
            None,
            source,
            count,
            problem.rstrip("。"),
        )


def _mails(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Tell of mails that were not taken in, by addresses that show nobody."""
    for odd in mail_taken.odd_mails(conn, day):
        count = odd.mail_count
        if odd.state == "by_program":
            # Most are notices of absence; nobody needs to look at those.
            count = odd.with_files
        if not count:
            continue
        shown = _cases(odd.addresses or [])
        addresses = f"（{shown}）" if shown else ""
        detail = f"{count}封{_UNTAKEN[odd.state]}{addresses}"
        yield NoticeFact(
            "anomaly", odd.county_code, None, odd.source, count, detail
        )


def _oddities(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for odd in digest_facts.odd_files(conn, day):
        title, detail = f"《{odd.file_name}》", _rule_title(odd.rule)
        place = (odd.county_code, odd.unit_code)
        yield NoticeFact(
            "anomaly", *place, title, 1, detail, f"回执{odd.receipt_no}"
        )


def _unprocessed(conn: Connection, day: date) -> Iterator[NoticeFact]:
    """Tell the engineers which files a fault of ours holds up, and where it arose."""
    for receipt, fault in digest_facts.faults(conn, day):
        yield NoticeFact("unprocessed", None, None, f"回执{receipt}", 1, fault)


def _platform(conn: Connection, day: date) -> Iterator[NoticeFact]:
    if not calendar_supports(day):
        yield NoticeFact("calendar_unsupported", None, None, f"{day.year}年")
    for masked in digest_facts.masked_columns(conn, day):
        title = f"{masked.relation}.{masked.column_name}"
        detail = f"{masked.cells}处"
        yield NoticeFact(
            "mask_failed", None, None, title, masked.cells, detail
        )
    for template, newest in digest_facts.newest_references(conn, day):
        if (day - newest).days > STALE_DAYS:
            title, detail = list_title(template), f"最近一次为{newest}"
            yield NoticeFact("reference_old", None, None, title, 1, detail)


def _cases(names: Sequence[str]) -> str:
    """Return which cases there are.

    The first of them, and how many they are where that is not all.
    """
    known = [name for name in names if name]
    more = f"等{len(known)}件" if len(known) > _TOP else ""
    return "；".join(known[:_TOP]) + more


def conflict_title(kind: str) -> str:
    """Return the two sides of a kind of conflict in words: lists, or states of the register."""
    sides = [_SIDES.get(side) or list_title(side) for side in kind.split("x")]
    return "与".join(sides)


def _conflicts(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for found in digest_facts.conflicts(conn):
        place = (found.county_code, found.town_code)
        title, cases = conflict_title(found.kind), _cases(found.cases)
        yield NoticeFact("conflict", *place, title, found.case_count, cases)


def _double_payments(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for found in digest_facts.paid_twice(conn):
        told = [part for part in (found.measure, _cases(found.cases)) if part]
        title, detail = found.policy or found.kind, "：".join(told)
        county, kind = found.county_code, "subsidy_duplicate"
        yield NoticeFact(kind, county, None, title, found.case_count, detail)


def _visits(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for due in digest_facts.visits_due(conn, day):
        kind = "revisit_overdue" if due.is_overdue else "revisit_due"
        title, age = f"{due.visit_type}回访", _TOLD.get(due.told_to or "", 0)
        place = (due.county_code, due.town_code)
        yield NoticeFact(kind, *place, title, due.visit_count, age=age)


def _late_targets(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for late in digest_facts.late_targets(conn):
        actual, target = float(late.actual or 0), float(late.target)
        reached = f"{actual:g}/{target:g}{late.uom or ''}"
        detail = f"完成{reached}（{float(late.done_pct or 0):.0f}%）"
        place = (late.county_code, late.unit_code)
        yield NoticeFact("target_red", *place, late.indicator_name, 1, detail)


def _missing(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for missing in digest_facts.missing_lists(conn):
        period_count = len(missing.periods)
        named = "、".join(missing.periods[:_TOP])
        if period_count > _TOP:
            named += f"等{period_count}期"
        title, detail = (
            f"{named}《{missing.list_title}》",
            f"截止{missing.due_on}",
        )
        place, late = (
            (missing.county_code, missing.unit_code),
            missing.workdays_late,
        )
        yield NoticeFact(
            "missing", *place, title, period_count, detail, age=late
        )


def _unpaired(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for county, title, count in digest_facts.unpaired(conn):
        yield NoticeFact("unpaired", county, None, title, count)


def _short(conn: Connection, day: date) -> Iterator[NoticeFact]:
    for short in digest_facts.shortfalls(conn):
        trade = f"（{short.industry}）" if short.industry else ""
        title, detail = (
            f"{short.kind_name}{trade}",
            f"需引进{short.people_needed}人",
        )
        county, count = short.county_code, short.item_count
        yield NoticeFact("shortfall", county, None, title, count, detail)


def _proposed(conn: Connection, day: date) -> Iterator[NoticeFact]:
    shown = "mart_masked.pairing_proposal"
    for county, title, count in digest_facts.proposed(conn):
        yield NoticeFact("proposed", county, None, title, count, ref=shown)


_MARTS = (
    ("status_conflict", _conflicts),
    ("subsidy_duplicate", _double_payments),
    ("revisit_due", _visits),
    ("target_progress", _late_targets),
    ("list_due", _missing),
    ("place", page_facts.wall_pages),
    ("pairing_gap", _unpaired),
    ("pairing_shortfall", _short),
    ("pairing_proposal", _proposed),
)


def place_names(
    conn: Connection, facts: Collection[NoticeFact]
) -> dict[str, str]:
    """Return the names of the counties and units that facts are about, by code.

    A county's own offices as one unit.
    """
    counties = {fact.county for fact in facts if fact.county}
    units = {fact.unit for fact in facts if fact.unit}
    gazetteer = Gazetteer(lookup.towns(conn, sorted(counties)))
    names = {
        code: gazetteer.town_name(code) or code for code in counties | units
    }
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
        *_work_lists(conn, day, link),
        *_oddities(conn, day),
        *_platform(conn, day),
        *_sources(conn, day),
        *_mails(conn, day),
        *_unprocessed(conn, day),
        *page_facts.bulletins_issued(conn, day),
    ]
    for name, ask in _MARTS:
        if digest_facts.has_mart(conn, name):
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
