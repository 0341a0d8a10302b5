"""What a newcomer reads after a night.

What came in, what went back and why, what the lists hold, where to look.
"""

from __future__ import annotations

import io
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from yiku.contracts.contract_files import load_contracts
from yiku.contracts.rules import load_rules
from yiku.settings import Settings
from yiku.warehouse import night_figures
from yiku.warehouse.connection import Connection
from yiku.warehouse.night_figures import Holding, ListCount, RuleCount
from yiku.warehouse.server_programs import binaries

FAMILIES = {"E": "其余配套台账", "T": "人才与帮扶名单"}
_OWN_LINE = ("L", "V", "H", "E01", "E02", "E12", "—")
STATUSES = {
    "loaded": "全部入库",
    "partly_loaded": "部分入库",
    "held": "整表待核",
    "rejected": "退回",
    "duplicate": "重复",
}


def night_page(
    conn: Connection, settings: Settings, day: date, new: int, seconds: float
) -> str:
    """Return the page about the night of ``day``, which found ``new`` files and took ``seconds``."""
    page = io.StringIO()
    # A width of its own: what it prints may go to a file or to a mail.
    console = Console(file=page, width=100, highlight=False)
    if not new:
        console.print("\n这一次没有新的来件。")
    statuses = night_figures.files_by_status(conn, day)
    if statuses:
        console.print(
            f"\n[bold]{day:%Y-%m-%d} 收到[/bold]  {_listed(statuses)}"
        )
        console.print(_came_in(night_figures.came_in_by_list(conn, day)))
        console.print("[bold]退回和待核的主要原因[/bold]")
        console.print(_reasons(night_figures.foremost_rules(conn, day)))
    console.print("[bold]一库五名单[/bold]")
    console.print(_holdings(night_figures.holdings(conn)))
    talent = night_figures.talent_counts(conn)
    # where no county has sent any of it there is nothing to say
    if any(talent.values()):
        console.print("[bold]人才与帮扶[/bold]")
        console.print(_table(("", "数量"), talent.items()))
    receipt = night_figures.receipt_to_look_at(conn, day)
    # Broken in two a command cannot be copied.
    console.print(_next(settings, day, receipt), soft_wrap=True, markup=True)
    console.print(f"用时 {seconds:.0f} 秒。")
    return page.getvalue()


def _listed(statuses: Mapping[str, int]) -> str:
    parts = [
        f"{STATUSES.get(status, status)} {count}"
        for status, count in statuses.items()
    ]
    return f"{sum(statuses.values())} 个文件：{'，'.join(parts)}"


def _table(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    table = Table(box=None, pad_edge=True, show_edge=False, padding=(0, 2))
    for index, header in enumerate(headers):
        justify: Literal["left", "right"] = "left" if index == 0 else "right"
        table.add_column(header, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table


def _came_in(counts: Sequence[ListCount]) -> Table:
    """Return what came in.

    The lists that everybody knows line by line, the others as families.
    """
    contracts = load_contracts()
    lines: list[tuple[object, ...]] = []
    others: list[ListCount] = []
    for count in counts:
        if not count.template.startswith(_OWN_LINE):
            others.append(count)
            continue
        contract = contracts.get(count.template)
        title = contract.title if contract else "认不出的表"
        lines.append((f"{count.template} {title}", *count[1:]))
    for letter, title in FAMILIES.items():
        family = [
            count for count in others if count.template.startswith(letter)
        ]
        if family:
            name = f"{letter}… {title}（{len(family)}种）"
            lines.append((name, *_sums(family)))
    return _table(("名单", "文件", "读到行", "入库", "退回", "不变"), lines)


def _sums(counts: Sequence[ListCount]) -> list[int]:
    figures = [count[1:] for count in counts]
    return [sum(column) for column in zip(*figures, strict=True)]


def _reasons(counts: Sequence[RuleCount]) -> Table:
    rules = load_rules()
    lines = []
    for count in counts:
        title = rules[count.rule].title if count.rule in rules else ""
        lines.append((f"{count.rule} {title}", count.places, count.files))
    return _table(("问题", "处数", "文件"), lines)


def _holdings(holdings: Sequence[Holding]) -> Table:
    return _table(("", "当日在名单", "历次共有"), holdings)


def _next(settings: Settings, day: date, receipt: str | None) -> str:
    """Return what to look at next, as commands that work as they stand, in this shell and from this folder."""
    yiku = typed_command(settings)
    example = receipt or "回执编号或文件名"
    return f"""
[bold]接着看[/bold]
  退件和回执   {_near(settings.outbox / day.isoformat())}
  某个来件     {yiku} trace {example}
  数据库       {typed_psql()} "$({yiku} dsn)"
               五名单在 mart 模式，给报表用的脱敏表在 mart_masked
  网页         {yiku} up（看每晚的运行），{yiku} down 停掉后台的一切"""


def typed_command(settings: Settings) -> str:
    """Return how ``yiku`` is called here.

    By its name where that finds this one, else by its path; with its home.
    """
    # Another installation may come first where commands are looked for.
    own = Path(sys.executable).parent / "yiku"
    found = shutil.which("yiku")
    command = (
        "yiku"
        if found and Path(found).samefile(own)
        else shlex.quote(_near(own))
    )
    home = (
        ""
        if settings.home == settings.default_home
        else f"YIKU_HOME={shlex.quote(_near(settings.home))} "
    )
    return home + command


def typed_psql() -> str:
    """Return how ``psql`` is called here: the machine's own, else that of the embedded server."""
    return (
        "psql"
        if shutil.which("psql")
        else shlex.quote(_near(binaries() / "psql"))
    )


def _near(path: Path) -> str:
    """Return a path from this folder where it lies below it, else whole."""
    here = Path.cwd()
    return (
        str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
    )
