"""Commands for whoever works on the checkout: its documentation, the skeleton of a new list."""

from __future__ import annotations

from pathlib import Path

import click

from yiku.cli.group import cli, current_settings, echo


@cli.command(
    help="把 dbt 的文档写成一个网页：用浏览器打开即可，不用联网，不读数据库。"
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="写到哪个文件夹；默认 YIKU_HOME 下的 docs。",
)
def docs(out: Path | None) -> None:
    """Write dbt's documentation as one static page and say where it lies."""
    from yiku.dbt_docs import write_docs

    settings = current_settings()
    page = write_docs(settings, out or settings.home / "docs")
    echo(f"已写好 {page}，用浏览器打开：{page.absolute().as_uri()}")


@cli.command("new-list", help="在源码目录写出新名单 CODE（如 N05）的骨架。")
@click.argument("code")
@click.option(
    "--name",
    required=True,
    help="一行是什么：英文单词，下划线连接，也是主题表的名字。",
)
@click.option("--title", required=True, help="名单的中文名称，即表格的标题。")
@click.option(
    "--area",
    default="programmes",
    show_default=True,
    help="主题表放在 dbt_project/models/marts/ 的哪个文件夹。",
)
@click.option(
    "--of-persons", is_flag=True, help="每行说的是一个人（有姓名、身份证号）。"
)
def new_list(
    code: str, name: str, title: str, area: str, of_persons: bool
) -> None:
    """Write the skeleton of a list into the checkout; what is there stays as it is."""
    from yiku.new_list import NewList, NewListError, next_steps, write_list

    wanted = NewList(code, name, title, area, of_persons)
    try:
        written = write_list(current_settings(), wanted)
    except NewListError as wrong:
        # Nothing was written, and asking otherwise helps: no fault.
        raise click.UsageError(str(wrong)) from None
    for path in written:
        echo(f"已写好 {path}")
    echo(
        "dbt 的来源和 staging 已按合同重写。骨架跑过 make docs 就能通过全部测试；接着："
    )
    for step in next_steps(wanted):
        echo(step)
