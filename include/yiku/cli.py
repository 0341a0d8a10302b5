"""The ``yiku`` command. Every command imports what it needs when it runs, so that ``--help`` is quick.

Exit status: 0 done, 1 the work failed or the check found faults, 2 wrong usage.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yiku.airflow_glue import NightResult
    from yiku.demo import Manifest
    from yiku.settings import Settings
    from yiku.warehouse.connection import Connection

AS_JSON = click.option(
    "--json", "as_json", is_flag=True, help="输出一个 JSON 对象，供程序读取。"
)
DAY = click.DateTime(formats=["%Y-%m-%d"])


ABOUT = """一库：每晚收乡镇的表格，核对、入库，生成一库五名单，有问题的行退回填表人。

退出状态：0 完成；1 没有做成，或核对发现问题；2 用法不对。
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=ABOUT,
)
@click.version_option(package_name="yiku")
def cli() -> None:
    """Take in townships' hand-made spreadsheets every night; build one database and five lists."""


def _settings() -> Settings:
    from yiku import private
    from yiku.settings import load_settings

    settings = load_settings()
    private.tighten(settings.home)
    return settings


def _settings_for_nights() -> Settings:
    """Return the settings; an archive that no night could keep is wrong usage."""
    from yiku.intake.archive import ArchiveUnfitError, require_fit

    settings = _settings()
    try:
        require_fit(settings.archive)
    except ArchiveUnfitError as wrong:
        raise click.UsageError(str(wrong)) from None
    return settings


def _connect() -> Connection:
    from yiku.warehouse.connection import connect

    return connect(_settings())


def _echo(text: object, err: bool = False) -> None:
    """Print: every word of every command goes through here, and none that a terminal would obey."""
    from yiku.display import printable

    click.echo(printable(str(text)), err=err)


def _say(as_json: bool, facts: dict[str, Any], text: str) -> None:
    from yiku.display import as_json as json_text

    _echo(json_text(facts) if as_json else text)


@cli.command(help="跑一夜：收件、核对、入库、一库五名单、退件和通知。")
@click.option(
    "--inbox",
    required=True,
    metavar="LOCATION",
    help="收件箱：文件夹，或 sftp:// 等 fsspec 地址。",
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
def nightly(inbox: str, day: datetime, publish_old: bool, as_json: bool) -> None:
    """Run one night of the DAG to its end."""
    from yiku import airflow_home, at_work
    from yiku.terminal import NightScreen

    settings = _settings_for_nights()
    where = _located(inbox)
    if where != inbox and "://" in inbox:
        _echo(_IN_THE_OPEN, err=True)
    title = f"业务日期 {day:%Y-%m-%d} 的夜间运行"
    with at_work.written_down(settings, title), airflow_home.quiet(settings) as stdout:
        screen = NightScreen(stdout, silent=as_json)
        screen.say(f"一库夜间运行，业务日期 {day:%Y-%m-%d}，收件箱 {where}")
        try:
            result = _run_night(settings, where, day.date(), screen, publish_old)
        finally:
            screen.close()
    _report_night(settings, day.date(), result, screen.seconds, as_json)


_NOT_PUBLISHED = (
    "注意：{day} 早于已发布的一夜。来件已处理、已答复，但名单没有退回到这一天；"
    "确要发布这一天的名单，请加 --publish-old。"
)
_IN_THE_OPEN = (
    "提醒：写在命令行里的口令，本机其他用户可能看到。请改用 "
    "YIKU_INBOX_PASSWORD、YIKU_INBOX_KEY_FILE 或 YIKU_INBOX。"
)


def _located(inbox: str) -> str:
    """Return the inbox as it may be shown: what is no place is wrong usage, what is away may come back.

    What opens it stays in this process.
    """
    if "://" in inbox:
        from yiku.faults import StepError
        from yiku.intake.inbox import Inbox, InboxMissingError, InboxUnknownError
        from yiku.intake.location import Location, has_secret, keep, locate

        address = keep(Location(inbox)) if has_secret(inbox) else inbox
        if address.startswith(
            "airflow://"
        ):  # only a task of Airflow's can ask for a connection
            return address
        try:
            Inbox.at(locate(address, _settings()))
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
    settings: Settings, inbox: str, day: date, screen: Any, publish_old: bool
) -> NightResult:
    from yiku.warehouse.embedded import ensure_running

    ensure_running(settings)
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
        steps = (
            "、".join(STEPS.get(TASKS.get(task, task), task) for task in result.failed)
            or "未知"
        )
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
    _say(as_json, facts, "" if as_json else _night_page(settings, day, result))
    if not result.summary.get("published", True):
        _echo(_NOT_PUBLISHED.format(day=day), err=as_json)


def _night_page(settings: Settings, day: date, result: NightResult) -> str:
    from yiku.night_page import night_page

    with _connect() as conn:
        return night_page(conn, settings, day, result.new, result.seconds)


@cli.command(
    help="不用数据库，直接核对表格（文件，或文件夹里的所有文件）；有问题时退出状态为 1。"
)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="把标注好的退件写到这个文件夹。",
)
@AS_JSON
def check(files: tuple[Path, ...], out: Path | None, as_json: bool) -> None:
    """Read and check workbooks without any database; exit status 1 when there are findings."""
    from yiku import pipeline
    from yiku.terminal import progress

    result = pipeline.check_files(
        list(files), out, lambda numbers, what: progress(numbers, what, as_json)
    )
    if as_json:
        _say(True, result.as_dict(), "")
    else:
        for line in result.lines():
            _echo(line)
    if result.findings:
        sys.exit(1)


@cli.command(help="写出名单 CODE（如 L1、E12）的空白填报表。")
@click.argument("code")
@click.option(
    "--town", metavar="CODE", help="乡镇代码（9 位）：从库中预先填好该乡镇的人员。"
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到哪个文件；默认“<名单>.xlsx”。",
)
def template(code: str, town: str | None, out: Path | None) -> None:
    """Write a workbook to fill in for the list CODE (L1 … E12)."""
    from yiku.contracts.contract import load_contracts

    contract = next(
        (c for c in load_contracts().values() if c.code.upper() == code.upper()), None
    )
    if contract is None:
        raise click.UsageError(
            f"没有代码为 {code} 的名单。可用：{'、'.join(load_contracts())}。"
        )
    from yiku.returns import build_template

    name, rows = _form_of_town(contract.code, town) if town else (None, None)
    target = out or Path(f"{contract.title}.xlsx")
    target.write_bytes(build_template(contract, rows=rows, town=name))
    _echo(f"已写好 {target}" + (f"，预填 {len(rows)} 行" if rows is not None else ""))


def _form_of_town(code: str, town: str) -> Any:
    from yiku import pipeline

    if not (town.isdecimal() and len(town) == 9):
        raise click.UsageError("乡镇代码应为 9 位数字。")
    with _connect() as conn:
        try:
            return pipeline.town_form(conn, code, town)
        except LookupError:
            raise click.UsageError(f"不认识乡镇代码 {town}。") from None


@cli.command(help="把 dbt 的文档写成一个网页：用浏览器打开即可，不用联网，不读数据库。")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="写到哪个文件夹；默认 YIKU_HOME 下的 docs。",
)
def docs(out: Path | None) -> None:
    """Write dbt's documentation as one static page and say where it lies."""
    from yiku.dbt_docs import write_docs

    settings = _settings()
    page = write_docs(settings, out or settings.home / "docs")
    _echo(f"已写好 {page}，用浏览器打开：{page.absolute().as_uri()}")


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
def new_list(code: str, name: str, title: str, area: str, of_persons: bool) -> None:
    """Write the skeleton of a list into the checkout; what is there stays as it is."""
    from yiku.new_list import NewList, NewListError, next_steps, write_list

    wanted = NewList(code, name, title, area, of_persons)
    try:
        written = write_list(_settings(), wanted)
    except NewListError as wrong:
        raise click.UsageError(str(wrong)) from None
    for path in written:
        _echo(f"已写好 {path}")
    _echo(
        "dbt 的来源和 staging 已按合同重写。骨架跑过 make docs 就能通过全部测试；接着："
    )
    for step in next_steps(wanted):
        _echo(step)


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
    "--seed", default=2017, show_default=True, help="随机种子；同一种子写出同样的文件。"
)
@AS_JSON
def demo_inbox(folder: Path, scale: int, seed: int, as_json: bool) -> None:
    """Write the demo counties' workbooks (fictitious people, real names of towns) below FOLDER."""
    from yiku.terminal import progress

    write_inbox = _demo_writer()
    manifest = write_inbox(
        folder,
        scale=scale,
        seed=seed,
        watched=lambda files, name: progress(files, name, as_json),
    )
    count = len(manifest.files)
    _say(
        as_json,
        {"folder": str(folder), "files": count},
        f"演示收件箱已写好：{folder}，{count} 个文件。",
    )


def _demo_writer() -> Callable[..., Manifest]:
    """Return what writes the demo counties; production installs neither it nor the packages it writes with."""
    try:
        from yiku.demo import write_inbox
    except ModuleNotFoundError as missing:
        name = missing.name or ""
        is_ours = name.split(".")[0] == "yiku" and name != "yiku.demo"
        if is_ours:
            raise  # a fault in the room, not its absence
        raise click.UsageError(
            f"没有装演示组件（缺 {name}），正式环境不带它。请在源码目录运行 make setup，"
            "或 pip install -e '.[demo]'，装好后再试。"
        ) from None
    return write_inbox


@cli.command(help="查一个来件（回执编号或文件名）的去向：每行的结果、问题、如何销号。")
@click.argument("receipt_or_file")
@AS_JSON
def trace(receipt_or_file: str, as_json: bool) -> None:
    """Say what became of a file: every row's fate, its findings, what closed them."""
    from yiku.warehouse.trace import trace as follow

    with _connect() as conn:
        found = follow(conn, receipt_or_file)
    if not found:
        raise click.ClickException(
            f"没有找到 {receipt_or_file}：既不是回执编号，也不是收到过的文件名。"
        )
    _say(
        as_json,
        {"submissions": [f.as_dict() for f in found]},
        "\n\n".join(f.page() for f in found),
    )


@cli.command(help="撤回一个来件（回执编号或来件号）；下一夜的名单就像它没来过。")
@click.argument("submission")
@AS_JSON
def undo(submission: str, as_json: bool) -> None:
    """Take one submission back; the next night's marts are as if it had never come."""
    from yiku.warehouse.undo import is_reference, submission_of
    from yiku.warehouse.undo import undo as take_back

    if not is_reference(submission):
        raise click.UsageError(
            f"{submission} 不是回执编号（如 R20171120-510802101-0007），也不是来件号。"
        )
    with _connect() as conn:
        number = submission_of(conn, submission)
        result = take_back(conn, number)
    text = (
        f"第 {number} 号来件以前已经撤回。"
        if result["already"]
        else f"已撤回第 {number} 号来件，下次夜间运行后生效。"
    )
    _say(as_json, {"submission": number, "result": result}, text)


@cli.command(help="备份数据库和归档到 FOLDER；可以反复备份到同一个文件夹。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@AS_JSON
def backup(folder: Path, as_json: bool) -> None:
    """Write the warehouse and the archive to a folder."""
    from yiku import at_work
    from yiku.terminal import progress
    from yiku.warehouse.backup import backup as write

    settings = _settings_for_nights()
    with at_work.written_down(settings, "备份"):
        done = write(
            settings,
            folder.absolute(),
            lambda items, title: progress(items, title, as_json),
        )
    text = f"已备份 {done.night} 的数据库（{done.size / 1e6:.1f} MB）和 {done.contents} 份新的归档，在 {folder}。"
    _say(as_json, done.as_dict(), text)


@cli.command(help="用 FOLDER 里的备份恢复数据库和归档；默认恢复到最近备份的一夜。")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--night", type=DAY, help="恢复到哪一夜（业务日期）。")
@AS_JSON
def restore(folder: Path, night: datetime | None, as_json: bool) -> None:
    """Bring the warehouse back as it was after a night."""
    from yiku import at_work
    from yiku.terminal import progress
    from yiku.warehouse.backup import restore as bring_back

    settings, chosen = _settings_for_nights(), night.date() if night else None
    with at_work.written_down(settings, "恢复"):
        done = bring_back(
            settings,
            folder.absolute(),
            chosen,
            lambda items, title: progress(items, title, as_json),
        )
    text = (
        f"数据库已恢复到 {done.night} 那一夜之后的样子，归档补回 {done.contents} 份。"
    )
    _say(as_json, done.as_dict(), text)


@cli.command(
    help="只凭归档重建整个数据库（须是空库）：每一夜照原样再跑一遍，不再答复任何人。"
)
@AS_JSON
def rebuild(as_json: bool) -> None:
    """Build the whole warehouse anew from the archive alone."""
    from yiku import airflow_home, at_work
    from yiku.pipeline.rebuild import rebuild as build
    from yiku.terminal import progress

    settings = _settings_for_nights()
    airflow_home.prepare(settings)
    with at_work.written_down(settings, "重建"):
        done = build(settings, lambda nights, title: progress(nights, title, as_json))
    _say(as_json, done, f"已按归档重建：{done['nights']} 夜，{done['files']} 个文件。")


@cli.command(help="在 YIKU_WAREHOUSE_DSN 指明的数据库里建好模式、角色和表。")
@click.option("--dry-run", is_flag=True, help="只说会做什么，不做。")
def init(dry_run: bool) -> None:
    """Prepare a real Postgres given by YIKU_WAREHOUSE_DSN: schemas, roles, migrations."""
    from yiku.warehouse.init import (
        NEEDED_RIGHTS,
        logs_statements,
        missing_rights,
        prepare,
    )

    if not _settings().warehouse_dsn:
        raise click.UsageError("请先用 YIKU_WAREHOUSE_DSN 指明数据库。")
    _echo(f"需要的权限：{NEEDED_RIGHTS}")
    with _connect() as conn:
        if lacking := missing_rights(conn):
            _echo(f"还缺：{'；'.join(lacking)}")
        steps = prepare(conn, dry_run=dry_run)
        leaks = logs_statements(conn)
    for line in steps or ["数据库已经是这个版本需要的样子。"]:
        _echo(line)
    if leaks:
        _echo(
            "注意：这台数据库的日志会记下出错语句中的人员信息。请把 log_min_messages 设为 log。",
            err=True,
        )


@cli.command(help="在后台启动内嵌数据库和 Airflow（含网页）。")
def up() -> None:
    """Start the embedded Postgres and Airflow with its web page in the background."""
    from yiku import airflow_home
    from yiku.warehouse import embedded

    settings = _settings_for_nights()
    embedded.ensure_running(settings)
    # Airflow keeps its own tables in the embedded server even where the warehouse is a real one.
    embedded.ensure_running(replace(settings, warehouse_dsn=None))
    database = embedded.airflow_dsn(settings).replace(
        "postgresql://", "postgresql+psycopg://", 1
    )
    airflow_home.start(settings, database, click.echo)
    _print_status(settings)
    if not settings.inbox:
        _echo("没有设 YIKU_INBOX：每晚 01:00 的自动运行找不到收件箱，会失败并报警。")
        _echo("设好它再 yiku up；或在网页里手动运行，填上 inbox 和 date。")


@cli.command(help="停掉后台运行的一切（另一个终端里正在运行的一夜也停下），不留进程。")
def down() -> None:
    """Stop all that ``yiku up`` (or any other command) left running, a night in another terminal too."""
    from yiku import airflow_home, at_work
    from yiku.warehouse import embedded

    settings = _settings()
    for title in at_work.end(settings):
        _echo(f"另一个终端里的{title}被停下了：已做完的不会丢，再运行一次会接着做完。")
    stopped = airflow_home.stop(settings)
    database = embedded.stop(replace(settings, warehouse_dsn=None))
    _echo(
        f"Airflow 停了 {stopped} 个组件；内嵌数据库{'已停' if database else '本来没有运行'}。"
    )


@cli.command(help="看什么在运行、网页地址和登录方式。")
@AS_JSON
def status(as_json: bool) -> None:
    """Say what runs, where the web page is and how to log in."""
    _print_status(_settings(), as_json)


def _print_status(settings: Settings, as_json: bool = False) -> None:
    from yiku import airflow_home
    from yiku.warehouse import embedded

    server = embedded.status(replace(settings, warehouse_dsn=None))
    parts = {c.name: c.alive for c in airflow_home.components(settings)}
    user, password = airflow_home.login(settings) or (None, None)
    page = airflow_home.web_page(settings) if any(parts.values()) else None
    facts = {
        "postgres": server.running,
        "airflow": parts,
        "web": page,
        "user": user,
        "password": password,
    }
    lines = [
        f"内嵌数据库：{f'运行中，端口 {server.port}' if server.running else '没有运行'}"
    ]
    lines += [
        f"Airflow {name}：{'运行中' if alive else '已停'}"
        for name, alive in parts.items()
    ] or ["Airflow：没有运行"]
    lines += [f"网页：{page}  用户 {user}  密码 {password}"] if page else []
    _say(as_json, facts, "\n".join(lines))


@cli.command(help="给出数据仓库的 libpq 连接串；连接串里有密码，请勿外传。")
@click.option("--role", help="给出只有这个角色的登录名，如 yiku_bi；第一次用时建立。")
@click.option(
    "--place", metavar="CODE", help="登录名能看的县区（6 位）或乡镇（9 位）。"
)
@click.option(
    "--no-password",
    is_flag=True,
    help="连接串里不写密码，改指密码文件：可以写在命令行里。",
)
def dsn(role: str | None, place: str | None, no_password: bool) -> None:
    """Print a libpq connection string for the warehouse."""
    from yiku.warehouse.embedded import ensure_running
    from yiku.warehouse.logins import without_password
    from yiku.warehouse.roles import GROUPS

    if role and role not in GROUPS:
        raise click.UsageError(f"没有角色 {role}。可用：{'、'.join(GROUPS)}。")
    if place and not (role and place.isdecimal() and len(place) in (6, 9)):
        raise click.UsageError(
            "--place 应为 6 位县区代码或 9 位乡镇代码，与 --role 一起用。"
        )
    settings = _settings()
    text = ensure_running(settings)
    if role:
        text = _dsn_of_role(settings, text, role, place)
    _echo(without_password(text, settings.home) if no_password else text)


def _dsn_of_role(settings: Settings, text: str, role: str, place: str | None) -> str:
    from yiku.warehouse.init import prepare
    from yiku.warehouse.logins import role_dsn

    with _connect() as conn:
        if not settings.warehouse_dsn:
            prepare(conn)
        elif prepare(conn, dry_run=True):
            raise click.ClickException("数据库还没有建好，请先运行 yiku init。")
        return role_dsn(conn, settings, text, role, place)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; whatever goes wrong ends in one sentence and an exit status."""
    from yiku import private

    private.close_to_others()
    try:
        cli.main(args=arguments, prog_name="yiku", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        _fail("已中断。", 1)
    except click.ClickException as wrong:
        _fail(wrong.format_message(), wrong.exit_code)
    except Exception as fault:
        if _debug():
            raise
        _fail(_sentence(fault), 1)


def _debug() -> bool:
    from yiku.settings import SettingsError

    try:
        return _settings().debug
    except SettingsError:
        return False


def _sentence(fault: Exception) -> str:
    from yiku.faults import describe, is_refused_login, is_unreachable

    # Text of ours (a class of this package) is written for people; that of others may quote a person's value.
    if type(fault).__module__.startswith("yiku."):
        return str(fault)
    if isinstance(fault, OSError) and fault.strerror and fault.filename:
        # Both are about the path that was typed in, not about what a file holds.
        return f"没有做成：{fault.filename} 打不开或写不进（{fault.strerror}）。"
    if is_unreachable(fault):
        if is_refused_login(fault):
            return "数据库拒绝登录：请核对 YIKU_WAREHOUSE_DSN（或 PGPASSWORD 等）的用户、密码和库名。"
        return "连不上数据库：请核对 YIKU_WAREHOUSE_DSN 的地址和端口，以及数据库是否在运行。"
    return f"没有做成：{describe(fault).splitlines()[0]}（设 YIKU_DEBUG=1 再运行可看详情）。"


def _fail(text: str, status: int) -> None:
    _echo(text, err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
