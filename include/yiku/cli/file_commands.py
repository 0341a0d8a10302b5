"""Commands about files: check them, write a form or the demo, follow one, take one back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yiku.cli.group import AS_JSON, cli, connection, echo, is_code, say

if TYPE_CHECKING:
    from yiku.demo import Manifest
    from yiku.pipeline.check_result import CheckResult


@cli.command(
    help="不用数据库，直接核对表格（文件，或文件夹里的所有文件）；有问题时退出状态为 1。"
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="把标注好的退件写到这个文件夹。",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="核对报告（网页）写到哪个文件；默认写在表格旁边的“核对报告.html”。",
)
@AS_JSON
def check(
    files: tuple[Path, ...],
    out: Path | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Read and check workbooks without any database; exit status 1 when there are findings."""
    from yiku import pipeline
    from yiku.pipeline.check_page import place_of_page
    from yiku.terminal import progress

    result = pipeline.check_files(
        list(files),
        out,
        lambda numbers, what: progress(numbers, what, as_json),
    )
    page = report or place_of_page(files)
    _write_page(result, page, is_asked_for=report is not None)
    if as_json:
        say(True, result.as_dict(), "")
    else:
        for line in result.lines():
            echo(line)
    if result.findings:
        sys.exit(1)


def _write_page(result: CheckResult, path: Path, is_asked_for: bool) -> None:
    """Write the page about what was checked, and note where it lies."""
    from datetime import datetime

    from yiku.calendar import SHANGHAI
    from yiku.pipeline.check_page import write_page

    try:
        write_page(result, path, datetime.now(SHANGHAI))
    except OSError:
        # Workbooks may lie where nothing can be written; what was asked for
        # by name has to be.
        if is_asked_for:
            raise
        result.page_failed = path
    else:
        result.page = path


@cli.command(help="写出名单 CODE（如 L1、E12）的空白填报表。")
@click.argument("code")
@click.option(
    "--town",
    metavar="CODE",
    help="乡镇代码（9 位）：从库中预先填好该乡镇的人员。",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到哪个文件；默认“<名单>.xlsx”。",
)
def template(code: str, town: str | None, out: Path | None) -> None:
    """Write a workbook to fill in for the list CODE (L1 … E12)."""
    from yiku.contracts.contract_files import load_contracts

    # Some codes end in a small letter (T02b): they are found however they are
    # typed.
    by_letters = {known.upper(): known for known in load_contracts()}
    contract = load_contracts().get(by_letters.get(code.upper(), ""))
    if contract is None:
        raise click.UsageError(
            f"没有代码为 {code} 的名单。可用：{'、'.join(load_contracts())}。"
        )
    from yiku.returns import build_template

    name, rows = _form_of_town(contract.code, town) if town else (None, None)
    target = out or Path(f"{contract.title}.xlsx")
    target.write_bytes(build_template(contract, rows=rows, town=name))
    filled = "" if rows is None else f"，预填 {len(rows)} 行"
    echo(f"已写好 {target}{filled}")


def _form_of_town(code: str, town: str) -> Any:
    from yiku import pipeline

    if not is_code(town, 9):
        raise click.UsageError("乡镇代码应为 9 位数字。")
    with connection() as conn:
        try:
            return pipeline.town_form(conn, code, town)
        except LookupError:
            raise click.UsageError(f"不认识乡镇代码 {town}。") from None


@cli.command("demo-inbox", help="在 FOLDER 写出演示县的表格（人员均为虚构）。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--scale",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="人数放大多少倍。",
)
@click.option(
    "--seed",
    default=2017,
    show_default=True,
    help="随机种子；同一种子写出同样的文件。",
)
@click.option(
    "--counties",
    type=click.IntRange(1, 88),
    help="不写三个演示县，改写一个省的若干个县（最多 88 个；--scale 17 时约一千万行）。",
)
@AS_JSON
def demo_inbox(
    folder: Path, scale: int, seed: int, counties: int | None, as_json: bool
) -> None:
    """Write the demo counties' workbooks (fictitious people, real names of towns) below FOLDER."""
    from yiku.terminal import progress

    write_inbox, write_province = _demo_writers()
    write = (
        partial(write_province, count=counties) if counties else write_inbox
    )
    manifest = write(
        folder,
        scale=scale,
        seed=seed,
        watched=lambda files, name: progress(files, name, as_json),
    )
    count, rows = len(manifest.files), manifest.rows.total()
    say(
        as_json,
        {"folder": str(folder), "files": count, "rows": rows},
        f"演示收件箱已写好：{folder}，{count} 个文件，{rows} 行。",
    )


Writer = Callable[..., "Manifest"]


def _demo_writers() -> tuple[Writer, Writer]:
    """Return what writes the demo counties, and what writes a province.

    Production installs neither them nor the packages they write with.
    """
    try:
        from yiku.demo import write_inbox, write_province
    except ModuleNotFoundError as missing:
        name = missing.name or ""
        is_ours = name.split(".")[0] == "yiku" and name != "yiku.demo"
        if is_ours:
            raise  # a fault in the room, not its absence
        raise click.UsageError(
            f"没有装演示组件（缺 {name}），正式环境不带它。请在源码目录运行 make setup，"
            "或 pip install -e '.[demo]'，装好后再试。"
        ) from None
    return write_inbox, write_province


@cli.command(
    help="查一个来件（回执编号或文件名）的去向：每行的结果、问题、如何销号。"
)
@click.argument("receipt_or_file")
@AS_JSON
def trace(receipt_or_file: str, as_json: bool) -> None:
    """Say what became of a file: every row's fate, its findings, what closed them."""
    from yiku.warehouse.trace import trace as follow

    with connection() as conn:
        found = follow(conn, receipt_or_file)
    if not found:
        raise click.ClickException(
            f"没有找到 {receipt_or_file}：既不是回执编号，也不是收到过的文件名。"
        )
    say(
        as_json,
        {"submissions": [f.as_dict() for f in found]},
        "\n\n".join(f.page() for f in found),
    )


@cli.command(
    help="撤回一个来件（回执编号或来件号）；下一夜的名单就像它没来过。"
)
@click.argument("submission")
@AS_JSON
def undo(submission: str, as_json: bool) -> None:
    """Take one submission back; the next night's marts are as if it had never come."""
    from yiku.warehouse.undo import is_reference, submission_of
    from yiku.warehouse.undo import undo as take_back

    # Several files may have one name: what is taken back has to be certain.
    if not is_reference(submission):
        raise click.UsageError(
            f"{submission} 不是回执编号（如 R20171120-510802101-0007），也不是来件号。"
        )
    with connection() as conn:
        number = submission_of(conn, submission)
        result = take_back(conn, number)
    text = (
        f"第 {number} 号来件以前已经撤回。"
        if result["already"]
        else f"已撤回第 {number} 号来件，下次夜间运行后生效。"
    )
    say(as_json, {"submission": number, "result": result}, text)
