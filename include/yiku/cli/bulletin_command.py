"""``yiku bulletin``: a county's month, or its quarter's inspection, as Word, workbook and PDF."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import date
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
    from yiku.pipeline.bulletin_issue import Written
    from yiku.settings import Settings

_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2]|Q[1-4])")


@cli.command(
    help="写月通报，或季度督查通报和督查表（docx、xlsx；装了 LibreOffice 时还有 pdf）。定稿一次，以后再写，一字不变。"
)
@click.option(
    "--county", metavar="CODE", required=True, help="县区代码（6 位）。"
)
@click.option(
    "--period",
    metavar="PERIOD",
    required=True,
    help="月份，如 2017-11；或季度，如 2017-Q4。",
)
@click.option("--preview", is_flag=True, help="只看样稿，不定稿。")
@click.option(
    "--correction",
    metavar="TEXT",
    help="另发一期更正，TEXT 说明更正了什么（空的只在有数字变化时发）；原来的一期不动。",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="写到哪个文件夹；默认发件箱里该县区的文件夹。",
)
@AS_JSON
def bulletin(
    county: str,
    period: str,
    preview: bool,
    correction: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write a county's monthly or quarterly bulletin: frozen once, the same bytes ever after."""
    if not is_code(county, 6):
        raise click.UsageError("县区代码应为 6 位数字。")
    if not _PERIOD.fullmatch(period):
        raise click.UsageError("月份应写成 2017-11 的样子，季度写成 2017-Q4。")
    if preview and correction is not None:
        raise click.UsageError("--preview 和 --correction 不能同用。")
    from yiku.calendar import is_quarter

    settings = current_settings()
    written = _written(settings, county, period, preview, correction, out)
    names = [str(path) for path in written.files]
    facts = {
        "issue": written.issue,
        "is_new": written.is_new,
        "files": names,
        "changed": written.changed_count,
    }
    said = "样稿" if not written.issue else f"第 {written.issue} 期"
    said += "，刚刚定稿" if written.is_new else ""
    if written.changed_count == 0:
        said += "，没有变化的数字，只更正文字"
    elif written.changed_count:
        said += f"，更正 {written.changed_count} 个数字"
    paper = "季度督查通报" if is_quarter(period) else "月通报"
    say(as_json, facts, "\n".join([f"{period} {paper}，{said}：", *names]))


def _written(
    settings: Settings,
    county: str,
    period: str,
    preview: bool,
    correction: str | None,
    out: Path | None,
) -> Written:
    from yiku.pipeline.bulletin_delivery import hand_on_bulletin
    from yiku.pipeline.bulletin_issue import (
        Asked,
        bulletin_folder,
        day_of_issue,
        write_bulletin,
    )

    with closing(connection()) as conn:
        today: date = day_of_issue(conn)
        asked = Asked(county, period, today, preview, correction)
        folder = out or bulletin_folder(settings, county, today)
        written = write_bulletin(conn, settings, asked, folder)
        # What was written elsewhere is in the hands of whoever asked for it.
        if out is None and not preview:
            hand_on_bulletin(conn, settings, county, today, written.files)
        return written
