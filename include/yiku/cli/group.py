"""The group of all commands, and what they share.

Options, settings, and the one way out to the terminal.

Every command imports what it needs when it runs, so that ``--help`` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from yiku.contracts.own_parameters import OwnParameter
    from yiku.settings import Settings
    from yiku.warehouse.connection import Connection

AS_JSON = click.option(
    "--json", "as_json", is_flag=True, help="输出一个 JSON 对象，供程序读取。"
)
DAY = click.DateTime(formats=["%Y-%m-%d"])


ABOUT = """一库：每晚收乡镇的表格，核对、入库，生成一库五名单，有问题的行退回填表人。

退出状态：0 完成；1 没有做成，或核对发现问题；2 用法不对。
"""


def say_version(
    context: click.Context, _option: click.Parameter, asked: bool
) -> None:
    """Print the version, and the fingerprint of the files that run, and end."""
    if not asked:
        return
    from yiku.product import running_version

    echo(f"yiku {running_version()}")
    context.exit()


@click.group(
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    help=ABOUT,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=say_version,
    help="显示版本，和所用代码的指纹。",
)
def cli() -> None:
    """Take in townships' hand-made spreadsheets every night.

    Build one database and five lists.
    """


def current_settings() -> Settings:
    """Return the settings, with the home closed to everybody else on this machine."""
    from yiku import private
    from yiku.settings import load_settings

    settings = load_settings()
    private.tighten(settings.home)
    return settings


def settings_for_nights() -> Settings:
    """Return the settings; an archive that no night could keep is wrong usage."""
    from yiku.intake.archive import ArchiveUnfitError, require_fit

    # Told before a night begins, not when its first file is to be kept.
    settings = current_settings()
    try:
        require_fit(settings.archive)
    except ArchiveUnfitError as wrong:
        raise click.UsageError(str(wrong)) from None
    return settings


def own_parameters(settings: Settings) -> tuple[OwnParameter, ...]:
    """Return the numbers that are set here; a file that cannot be used is wrong usage."""
    from yiku.contracts.own_parameters import (
        ParametersError,
        load_own_parameters,
    )

    try:
        return load_own_parameters(settings)
    except ParametersError as wrong:
        raise click.UsageError(str(wrong)) from None


def is_code(text: str, digits: int) -> bool:
    """Return whether a text has the form of a place's code: told before the database is asked."""
    return text.isdecimal() and len(text) == digits


def connection() -> Connection:
    """Open the warehouse."""
    from yiku.warehouse.connection import connect

    return connect(current_settings())


def echo(text: object, err: bool = False) -> None:
    """Print.

    Every word of every command goes through here, and none that a terminal would obey.
    """
    from yiku.display import printable

    click.echo(printable(str(text)), err=err)


def say(as_json: bool, facts: dict[str, Any], text: str) -> None:
    """Print what was done: as one object for a program, or as a sentence for a person."""
    from yiku.display import as_json as json_text

    told = json_text(facts) if as_json else text
    echo(told)
