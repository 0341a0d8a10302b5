"""``yiku wall``: the wall pages of what is published."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from yiku.cli.group import (
    AS_JSON,
    cli,
    connection,
    current_settings,
    is_code,
    say,
)


@cli.command(
    help="画挂图作战：每县一页、每乡镇一页，一个 HTML 文件，不用服务器就能看、能打印成一张 A3。"
)
@click.option(
    "--county", metavar="CODE", help="县区代码（6 位）；默认所有县区。"
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="写到哪个文件夹；默认 YIKU_HOME 下的 wall。",
)
@AS_JSON
def wall(county: str | None, out: Path | None, as_json: bool) -> None:
    """Draw the wall pages of what is published."""
    from yiku.pipeline.wall_pages import write_wall_pages

    if county is not None and not is_code(county, 6):
        raise click.UsageError(f"县区代码应为 6 位数字：{county}")
    folder = out or current_settings().home / "wall"
    with closing(connection()) as conn:
        page_count = len(write_wall_pages(conn, folder, county))
    facts = {"pages": page_count, "folder": str(folder)}
    say(as_json, facts, f"已写 {page_count} 页挂图，在 {folder}。")
