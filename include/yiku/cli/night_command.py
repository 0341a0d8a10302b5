"""``yiku nightly``: one night to its end, and the page about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yiku.cli.group import (
    AS_JSON,
    DAY,
    cli,
    connection,
    current_settings,
    echo,
    own_parameters,
    say,
    settings_for_nights,
)
from yiku.cli.source_commands import known_sources, uses_sources

if TYPE_CHECKING:
    from yiku.airflow_glue import NightResult
    from yiku.settings import Settings

_NOT_PUBLISHED = (
    "注意：{day} 早于已发布的一夜。来件已处理、已答复，但名单没有退回到这一天；"
    "确要发布这一天的名单，请加 --publish-old。"
)


_IN_THE_OPEN = (
    "提醒：写在命令行里的口令，本机其他用户可能看到。请改用 "
    "YIKU_INBOX_PASSWORD、YIKU_INBOX_KEY_FILE 或 YIKU_INBOX。"
)


@cli.command(help="跑一夜：收件、核对、入库、一库五名单、退件和通知。")
@click.option(
    "--inbox",
    metavar="LOCATION",
    help="收件箱：文件夹，或 sftp:// 等 fsspec 地址；不写：sources.yml 里的各个来源。",
)
@click.option(
    "--date",
    "day",
    required=True,
    type=DAY,
    help="业务日期：年龄、到期和“当日就业”以它为准。",
)
@click.option(
    "--publish-old",
    is_flag=True,
    help="业务日期早于已发布的一夜时也发布：名单退回到那一天。",
)
@AS_JSON
def nightly(
    inbox: str | None, day: datetime, publish_old: bool, as_json: bool
) -> None:
    """Run one night of the DAG to its end."""
    from yiku import airflow_home, at_work
    from yiku.terminal import NightScreen

    settings = settings_for_nights()
    where = _located(inbox) if inbox else None
    # A password was taken out of the address, so it had been typed in the
    # open.
    if inbox and "://" in inbox and where != inbox:
        echo(_IN_THE_OPEN, err=True)
    # With an inbox too: the answers of earlier nights wait for the sources.
    uses_sources(settings)
    own_parameters(settings)
    named = (
        f"收件箱 {where}"
        if where
        else f"{len(known_sources(settings))} 个来源"
    )
    title = f"业务日期 {day:%Y-%m-%d} 的夜间运行"
    with (
        at_work.written_down(settings, title),
        airflow_home.quiet(settings) as stdout,
    ):
        screen = NightScreen(stdout, silent=as_json)
        screen.say(f"一库夜间运行，业务日期 {day:%Y-%m-%d}，{named}")
        try:
            result = _run_night(
                settings, where, day.date(), screen, publish_old
            )
        finally:
            screen.close()
    # Only now words go to the terminal again.
    _report_night(settings, day.date(), result, screen.seconds, as_json)


def _located(inbox: str) -> str:
    """Return the inbox as it may be shown.

    What is no place is wrong usage, what is away may come back.

    What opens it stays in this process.
    """
    if "://" in inbox:
        from yiku.faults import StepError
        from yiku.intake.inbox import (
            Inbox,
            InboxMissingError,
            InboxUnknownError,
        )
        from yiku.intake.location import Location, has_secret, keep, locate

        address = keep(Location(inbox)) if has_secret(inbox) else inbox
        # only a task of Airflow's can ask for a connection
        if address.startswith("airflow://"):
            return address
        try:
            Inbox.at(locate(address, current_settings()))
        except (InboxMissingError, InboxUnknownError) as wrong:
            raise click.UsageError(str(wrong)) from None
        except StepError:
            pass  # the night tries again, and says what is the matter
        return address
    folder = Path(inbox).expanduser()
    if not folder.is_dir():
        raise click.UsageError(f"收件箱 {inbox} 不存在，或不是文件夹。")
    return str(folder.absolute())


def _run_night(
    settings: Settings,
    inbox: str | None,
    day: date,
    screen: Any,
    publish_old: bool,
) -> NightResult:
    from yiku.warehouse.embedded import ensure_running

    ensure_running(settings)
    # Airflow reads its configuration when it is imported: not any earlier.
    from yiku.airflow_glue import run_nightly_once

    return run_nightly_once(settings, inbox, day, screen, publish_old)


def _report_night(
    settings: Settings,
    day: date,
    result: NightResult,
    spent: Mapping[str, float],
    as_json: bool,
) -> None:
    from yiku.terminal import STEPS, TASKS

    log = settings.logs / "nightly.log"
    if not result.succeeded:
        # a task that a step is made of is told of by the step's name
        named = [
            STEPS.get(TASKS.get(task, task), task) for task in result.failed
        ]
        steps = "、".join(named) or "未知"
        why = "".join(f"{reason.rstrip('。')}。" for reason in result.reasons)
        raise click.ClickException(
            f"夜间运行失败，出错的步骤：{steps}。{why}详情见 {log}。"
        )
    seconds = {step: round(n, 2) for step, n in spent.items()}
    facts = {
        "run_id": result.run_id,
        "seconds_total": round(result.seconds, 1),
        "seconds": seconds,
        **result.summary,
    }
    # the page asks the warehouse: a program that reads facts need not wait for it
    page = "" if as_json else _night_page(settings, day, result)
    say(as_json, facts, page)
    if not result.summary.get("published", True):
        # A program reads one object and nothing behind it.
        echo(_NOT_PUBLISHED.format(day=day), err=as_json)


def _night_page(settings: Settings, day: date, result: NightResult) -> str:
    from yiku.night_page import night_page

    with connection() as conn:
        return night_page(conn, settings, day, result.new, result.seconds)
