"""Commands about what runs in the background.

Start it, stop it, say what runs and how to reach it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from yiku.cli.group import (
    AS_JSON,
    cli,
    connection,
    current_settings,
    echo,
    say,
    settings_for_nights,
)
from yiku.cli.source_commands import uses_sources

if TYPE_CHECKING:
    from yiku.settings import Settings


@cli.command(help="在后台启动内嵌数据库和 Airflow（含网页）。")
def up() -> None:
    """Start the embedded Postgres and Airflow with its web page in the background."""
    from yiku import airflow_home
    from yiku.housekeeping import load_retention
    from yiku.warehouse import embedded

    settings = settings_for_nights()
    # What is wrong with it is said before anything is started.
    has_file = uses_sources(settings)
    embedded.ensure_running(settings)
    # Airflow keeps its own tables in the embedded server even where the warehouse is a real one.
    embedded.ensure_running(replace(settings, warehouse_dsn=None))
    database = embedded.airflow_dsn(settings).replace(
        "postgresql://", "postgresql+psycopg://", 1
    )
    days = load_retention(settings).airflow_runs
    airflow_home.start(settings, database, click.echo)
    airflow_home.clean_now_and_then(settings, days, database)
    _print_status(settings)
    if not settings.inbox and not has_file:
        echo(
            "没有设 YIKU_INBOX：每晚 01:00 的自动运行找不到收件箱，会失败并报警。"
        )
        echo("设好它再 yiku up；或在网页里手动运行，填上 inbox 和 date。")


@cli.command(
    help="停掉后台运行的一切（另一个终端里正在运行的一夜也停下），不留进程。"
)
def down() -> None:
    """Stop all that ``yiku up`` (or any other command) left running, a night in another terminal too."""
    from yiku import airflow_home, at_work
    from yiku.warehouse import embedded

    settings = current_settings()
    # The database goes last: to whoever is at work its end is a fault.
    for title in at_work.end(settings):
        echo(
            f"另一个终端里的{title}被停下了：已做完的不会丢，再运行一次会接着做完。"
        )
    stopped = airflow_home.stop(settings)
    # A real server is not ours to stop.
    was_running = embedded.stop(replace(settings, warehouse_dsn=None))
    database = "已停" if was_running else "本来没有运行"
    echo(f"Airflow 停了 {stopped} 个组件；内嵌数据库{database}。")


@cli.command(help="看什么在运行、网页地址和登录方式。")
@AS_JSON
def status(as_json: bool) -> None:
    """Say what runs, where the web page is and how to log in."""
    _print_status(current_settings(), as_json)


def _print_status(settings: Settings, as_json: bool = False) -> None:
    from yiku import airflow_home
    from yiku.warehouse import embedded

    server = embedded.status(replace(settings, warehouse_dsn=None))
    parts = {
        part.name: part.alive for part in airflow_home.components(settings)
    }
    user, password = airflow_home.login(settings) or (None, None)
    # an address at which nobody answers helps nobody
    page = airflow_home.web_page(settings) if any(parts.values()) else None
    facts = {
        "postgres": server.running,
        "airflow": parts,
        "web": page,
        "user": user,
        "password": password,
    }
    where = f"运行中，端口 {server.port}" if server.running else "没有运行"
    lines = [f"内嵌数据库：{where}"]
    for name, is_alive in parts.items():
        lines.append(f"Airflow {name}：{'运行中' if is_alive else '已停'}")
    if not parts:
        lines.append("Airflow：没有运行")
    if page:
        lines.append(f"网页：{page}  用户 {user}  密码 {password}")
    say(as_json, facts, "\n".join(lines))


@cli.command(help="给出数据仓库的 libpq 连接串；连接串里有密码，请勿外传。")
@click.option(
    "--role", help="给出只有这个角色的登录名，如 yiku_bi；第一次用时建立。"
)
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
    # Some roles need no place, but a place without a role means nothing.
    if place and not (role and place.isdecimal() and len(place) in (6, 9)):
        raise click.UsageError(
            "--place 应为 6 位县区代码或 9 位乡镇代码，与 --role 一起用。"
        )
    settings = current_settings()
    text = ensure_running(settings)
    if role:
        text = _dsn_of_role(settings, text, role, place)
    echo(without_password(text, settings.home) if no_password else text)


def _dsn_of_role(
    settings: Settings, text: str, role: str, place: str | None
) -> str:
    from yiku.warehouse.init import prepare
    from yiku.warehouse.logins import role_dsn

    with connection() as conn:
        # The embedded one is ours to prepare; of a real one its administrator
        # wants to know first.
        if not settings.warehouse_dsn:
            prepare(conn)
        elif prepare(conn, dry_run=True):
            raise click.ClickException(
                "数据库还没有建好，请先运行 yiku init。"
            )
        return role_dsn(conn, settings, text, role, place)
