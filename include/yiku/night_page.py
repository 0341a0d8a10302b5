"""What a newcomer reads after a night: what came in, what went back and why, what the lists hold, where to look."""

from __future__ import annotations

import io
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.table import Table

from yiku.contracts.contract import load_contracts
from yiku.contracts.rules import load_rules
from yiku.settings import Settings
from yiku.warehouse.embedded import binaries

LISTS = {
    "list_basic_info": "基础信息",
    "list_training": "就业培训",
    "list_transfer_employment": "转移就业",
    "list_self_employment": "自主创业",
    "list_public_post": "公益性岗位安置",
}
# What the talent side holds: what it is called, and the query that counts it. All names are ours.
TALENT = {
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
FAMILIES = {"E": "其余配套台账", "T": "人才与帮扶名单"}
_OWN_LINE = ("L", "V", "H", "E01", "E02", "E12", "—")
STATUSES = {
    "loaded": "全部入库",
    "partly_loaded": "部分入库",
    "held": "整表待核",
    "rejected": "退回",
    "duplicate": "重复",
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
where s.business_date = %s and f.verdict in ('Q', 'S', 'F') group by 1, 2 order by 3 desc, 1 limit 12
"""
# A file about which there is something to read.
_EXAMPLE = """
select receipt_no from ops.submission
where business_date = %s order by status <> 'partly_loaded', submission_id limit 1
"""


def night_page(
    conn: Connection[Any], settings: Settings, day: date, new: int, seconds: float
) -> str:
    """Return the page about the night of ``day``, which found ``new`` files and took ``seconds``."""
    page = io.StringIO()
    console = Console(file=page, width=100, highlight=False)
    statuses = dict(_rows(conn, _STATUSES, day))
    if not new:
        console.print("\n这一次没有新的来件。")
    if statuses:
        console.print(f"\n[bold]{day:%Y-%m-%d} 收到[/bold]  {_listed(statuses)}")
        console.print(_came_in(_rows(conn, _CAME_IN, day)))
        console.print("[bold]退回和待核的主要原因[/bold]")
        console.print(_reasons(_rows(conn, _WHY, day)))
    console.print("[bold]一库五名单[/bold]")
    console.print(_holdings(conn))
    if talent := _talent(conn):
        console.print("[bold]人才与帮扶[/bold]")
        console.print(talent)
    console.print(_next(conn, settings, day), soft_wrap=True, markup=True)
    console.print(f"用时 {seconds:.0f} 秒。")
    return page.getvalue()


def _rows(conn: Connection[Any], query: str, day: date) -> list[tuple[Any, ...]]:
    return conn.execute(query, (day,)).fetchall()


def _listed(statuses: Mapping[str, int]) -> str:
    parts = "，".join(f"{STATUSES.get(s, s)} {n}" for s, n in statuses.items())
    return f"{sum(statuses.values())} 个文件：{parts}"


def _table(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    table = Table(box=None, pad_edge=True, show_edge=False, padding=(0, 2))
    for index, header in enumerate(headers):
        table.add_column(
            header, justify="left" if index == 0 else "right", overflow="fold"
        )
    for row in rows:
        table.add_row(*(str(v) for v in row))
    return table


def _came_in(rows: list[tuple[Any, ...]]) -> Table:
    titles = {code: c.title for code, c in load_contracts().items()}
    own = [r for r in rows if str(r[0]).startswith(_OWN_LINE)]
    named = [(f"{code} {titles.get(code, '认不出的表')}", *rest) for code, *rest in own]
    for letter, title in FAMILIES.items():
        others = [r[1:] for r in rows if r not in own and str(r[0]).startswith(letter)]
        if others:
            named.append(
                (
                    f"{letter}… {title}（{len(others)}种）",
                    *map(sum, zip(*others, strict=True)),
                )
            )
    return _table(("名单", "文件", "读到行", "入库", "退回", "不变"), named)


def _talent(conn: Connection[Any]) -> Table | None:
    """Return what the talent side holds; None where no county has sent any of it."""
    counted = [(title, _only(conn, query)) for title, query in TALENT.items()]
    return _table(("", "数量"), counted) if any(n for _, n in counted) else None


def _only(conn: Connection[Any], query: str) -> int:
    found = conn.execute(query).fetchone()
    return int(found[0]) if found else 0


def _reasons(rows: list[tuple[Any, ...]]) -> Table:
    rules = load_rules()
    named = [
        (f"{rule} {rules[rule].title if rule in rules else ''}", n, files)
        for rule, _, n, files in rows
    ]
    return _table(("问题", "处数", "文件"), named)


def _holdings(conn: Connection[Any]) -> Table:
    rows = [("一库（在册和在名单上的人）", *_count(conn, "one_db", None))]
    rows += [
        (f"{title}名单", *_count(conn, name, "is_current"))
        for name, title in LISTS.items()
    ]
    return _table(("", "当日在名单", "历次共有"), rows)


def _count(conn: Connection[Any], name: str, condition: str | None) -> tuple[int, int]:
    # Both parts come from the tables above, never from input.
    chosen = f"count(*) filter (where {condition})" if condition else "count(*)"
    found = conn.execute(f"select {chosen}, count(*) from mart.{name}").fetchone()  # noqa: S608
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _next(conn: Connection[Any], settings: Settings, day: date) -> str:
    """Return what to look at next, as commands that work as they stand, in this shell and from this folder."""
    yiku, example = typed_command(settings), conn.execute(_EXAMPLE, (day,)).fetchone()
    receipt = example[0] if example else "回执编号或文件名"
    return f"""
[bold]接着看[/bold]
  退件和回执   {_near(settings.outbox / day.isoformat())}
  某个来件     {yiku} trace {receipt}
  数据库       {typed_psql()} "$({yiku} dsn)"
               五名单在 mart 模式，给报表用的脱敏表在 mart_masked
  网页         {yiku} up（看每晚的运行），{yiku} down 停掉后台的一切"""


def typed_command(settings: Settings) -> str:
    """Return how ``yiku`` is called here: by its name where that finds this one, else by its path; with its home."""
    own = Path(sys.executable).parent / "yiku"
    found = shutil.which("yiku")
    command = "yiku" if found and Path(found).samefile(own) else shlex.quote(_near(own))
    home = (
        ""
        if settings.home == settings.default_home
        else f"YIKU_HOME={shlex.quote(_near(settings.home))} "
    )
    return home + command


def typed_psql() -> str:
    """Return how ``psql`` is called here: the machine's own, else that of the embedded server."""
    return "psql" if shutil.which("psql") else shlex.quote(_near(binaries() / "psql"))


def _near(path: Path) -> str:
    """Return a path from this folder where it lies below it, else whole."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
