"""What a night's page counts: what came in, what went back and why, what the lists hold now."""

from __future__ import annotations

from datetime import date
from typing import LiteralString, NamedTuple

from yiku.warehouse.connection import Connection

# The five lists, by their marts.
LISTS = {
    "list_basic_info": "基础信息",
    "list_training": "就业培训",
    "list_transfer_employment": "转移就业",
    "list_self_employment": "自主创业",
    "list_public_post": "公益性岗位安置",
}
# What the talent side holds: what it is called, and the query that counts it. All names are ours.
TALENT: dict[str, LiteralString] = {
    "专家": "select count(*) from mart.expert where is_current and not is_technician",
    "产业技术员": "select count(*) from mart.expert where is_current and is_technician",
    "专家服务组": "select count(*) from mart.expert_group",
    "有科技特派团的村": "select count(*) from mart.village_team",
    "有技术员结对的户": "select count(distinct household_sk) from mart.pairing_household"
    " where is_current and pair_kind = 'T05'",
    "会诊已答复的问题": "select count(*) from mart.consultation where not is_open",
    "有效的技术处方": "select count(*) from mart.prescription where is_current",
    "三带培训人次": "select count(*) from mart.cascade_training where is_current",
    "示范基地": "select count(*) from mart.demonstration_base where is_current",
    "领办创办项目": "select count(*) from mart.led_project where is_current",
    "返乡创业人士": "select count(distinct person_sk) from mart.returnee",
    "建议的结对": "select count(*) from mart.pairing_proposal",
    "其中建议新结或更换": "select count(*) from mart.pairing_proposal where not is_standing",
}
_CAME_IN = """
select coalesce(p.template, '—'), count(distinct submission_id),
       sum(p.rows_read), sum(p.rows_loaded), sum(p.rows_quarantined), sum(p.rows_dropped)
from ops.submission_sheet as p join ops.submission as s using (submission_id)
where s.business_date = %s group by 1 order by 1
"""
_STATUSES = "select status, count(*) from ops.submission where business_date = %s group by 1 order by 2 desc"
_WHY = """
select f.rule, f.verdict, count(*), count(distinct f.submission_id)
from ops.finding as f join ops.submission as s using (submission_id)
where s.business_date = %s and f.verdict in ('Q', 'S', 'F') group by 1, 2 order by 3 desc, 1
    limit 12
"""
# A file about which there is something to read.
_EXAMPLE = """
select receipt_no from ops.submission
where business_date = %s order by status <> 'partly_loaded', submission_id limit 1
"""

_ONE_DB = "一库（在册和在名单上的人）"


class ListCount(NamedTuple):
    """What came in of one list: files, and what became of their rows."""

    template: str  # — where no list was recognised
    files: int
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_dropped: int


class RuleCount(NamedTuple):
    """How often a rule sent something back, and in how many files."""

    rule: str
    verdict: str
    places: int
    files: int


class Holding(NamedTuple):
    """What a list holds: how many count on the day, how many ever stood on it."""

    title: str
    current: int
    ever: int


def came_in_by_list(conn: Connection, day: date) -> list[ListCount]:
    """Return what came in on ``day``, by list."""
    return [ListCount(*line) for line in conn.execute(_CAME_IN, (day,))]


def files_by_status(conn: Connection, day: date) -> dict[str, int]:
    """Return how many files of ``day`` ended how, the most first."""
    return dict(conn.execute(_STATUSES, (day,)).fetchall())


def foremost_rules(conn: Connection, day: date) -> list[RuleCount]:
    """Return what sent most rows, sheets and files of ``day`` back."""
    return [RuleCount(*line) for line in conn.execute(_WHY, (day,))]


def receipt_to_look_at(conn: Connection, day: date) -> str | None:
    """Return the receipt of a file of ``day`` about which there is something to read.

    None where nothing came.
    """
    found = conn.execute(_EXAMPLE, (day,)).fetchone()
    return str(found[0]) if found else None


def holdings(conn: Connection) -> list[Holding]:
    """Return what the database and its five lists hold."""
    found = [_holding(conn, _ONE_DB, "one_db", "true")]
    for mart, title in LISTS.items():
        found.append(_holding(conn, f"{title}名单", mart, "is_current"))
    return found


def _holding(
    conn: Connection, title: str, mart: str, condition: str
) -> Holding:
    # all parts come from the tables above, never from input
    query = f"select count(*) filter (where {condition}), count(*) from mart.{mart}"  # noqa: S608
    found = conn.execute(query.encode()).fetchone()
    current, ever = found or (0, 0)
    return Holding(title, int(current), int(ever))


def talent_counts(conn: Connection) -> dict[str, int]:
    """Return what the talent side holds, by what it is called."""
    return {title: _only(conn, query) for title, query in TALENT.items()}


def _only(conn: Connection, query: LiteralString) -> int:
    found = conn.execute(query).fetchone()
    return int(found[0]) if found else 0
