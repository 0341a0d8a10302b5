"""Commands for the printer: sign boards with their lists, a page a household, a file an expert."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiku.cli.group import (
    AS_JSON,
    cli,
    connection,
    current_settings,
    is_code,
    say,
)

if TYPE_CHECKING:
    from yiku.pipeline.paper_delivery import HandedOn
    from yiku.pipeline.printing import PrintedCount
    from yiku.warehouse.connection import Connection

_DELIVER = click.option(
    "--deliver",
    is_flag=True,
    help="下一夜随退件送到各单位自己的取件处（不走邮件）。",
)
_OUT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="写到哪个文件夹；默认 YIKU_HOME 下的 paper。",
)


@cli.command(
    help="印明示牌（每村一个 PDF，每户一页）和应挂、应摘、缺失清单（每乡镇一个）。"
)
@click.option(
    "--county", metavar="CODE", help="县区代码（6 位）；默认所有县区。"
)
@_OUT
@_DELIVER
@AS_JSON
def boards(
    county: str | None, out: Path | None, deliver: bool, as_json: bool
) -> None:
    """Print the sign boards, a file a village, and the lists of what to do with them."""
    from yiku.pipeline.printing import print_sign_boards

    _print(
        lambda conn, folder: print_sign_boards(
            conn, folder, _code(county, 6) if county else None
        ),
        _Asked("块明示牌", out, deliver, as_json),
    )


@cli.group(help="打印内部材料：一户一页、一人一档。")
def paper() -> None:
    """Print what is not for a wall."""


@paper.command(
    help="印一个乡镇的一户一页（每村一个 PDF）；有姓名和电话，只给该乡镇。"
)
@click.option(
    "--town", metavar="CODE", required=True, help="乡镇代码（9 位）。"
)
@_OUT
@_DELIVER
@AS_JSON
def households(
    town: str, out: Path | None, deliver: bool, as_json: bool
) -> None:
    """Print a page a household of a town, for its cadre."""
    from yiku.pipeline.printing import print_town_households

    code = _code(town, 9)
    _print(
        lambda conn, folder: print_town_households(conn, folder, code),
        _Asked("户", out, deliver, as_json),
    )


@paper.command(help="印一个县区的一人一档（每位专家、技术员一个 PDF）。")
@click.option(
    "--county", metavar="CODE", required=True, help="县区代码（6 位）。"
)
@_OUT
@_DELIVER
@AS_JSON
def experts(
    county: str, out: Path | None, deliver: bool, as_json: bool
) -> None:
    """Print a file an expert of a county, the evidence for choosing whom to honour."""
    from yiku.pipeline.printing import print_county_experts

    code = _code(county, 6)
    _print(
        lambda conn, folder: print_county_experts(conn, folder, code),
        _Asked("位", out, deliver, as_json),
    )


def _code(code: str, digits: int) -> str:
    if not is_code(code, digits):
        raise click.UsageError(f"代码应为 {digits} 位数字。")
    return code


@dataclass(frozen=True)
class _Asked:
    """What is counted, where it is printed to, whether it is brought to its units, and how that is said."""

    counted: str
    out: Path | None
    is_delivered: bool
    as_json: bool


def _print(
    work: Callable[[Connection, Path], PrintedCount], asked: _Asked
) -> None:
    folder = asked.out or current_settings().home / "paper"
    with closing(connection()) as conn:
        done = work(conn, folder)
        handed_on = _hand_on(conn, done) if asked.is_delivered else None
    facts = {"folder": str(folder), **asdict(done)}
    del facts["paths"]
    text = (
        f"{done.items} {asked.counted}，{done.files} 个 PDF"
        f"（{done.changed} 个有变化），在 {folder}。"
    )
    if done.removed:
        text += f"删去了 {done.removed} 个不再有效的旧文件。"
    if handed_on is not None:
        facts |= asdict(handed_on)
        text += f"{handed_on.file_count} 个下一夜送到各单位的取件处。"
        if handed_on.units_without:
            text += f"{handed_on.units_without} 个单位没有取件处（或只用邮件），请自行转交。"
    say(asked.as_json, facts, text)


def _hand_on(conn: Connection, done: PrintedCount) -> HandedOn:
    from yiku.pipeline.paper_delivery import hand_on_prints
    from yiku.warehouse.night_record import shown_day

    day = shown_day(conn)
    assert day is not None  # without a night nothing was printed
    return hand_on_prints(conn, current_settings(), day, done.paths)
