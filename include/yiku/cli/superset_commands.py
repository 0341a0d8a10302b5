"""``yiku superset``: the dashboards' bundle checked without a server, and brought into a Superset."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from yiku.cli.group import AS_JSON, cli, current_settings, echo, say

_USER = "YIKU_SUPERSET_USER"


@cli.group(
    "superset", help="看板（Superset）：核对源码里的看板，导入到服务器。"
)
def superset() -> None:
    """Gather the commands about dashboards."""


@superset.command(
    help="不用服务器，核对看板包里的列、度量、图表种类、引用、数据来源和中文名称。"
)
@AS_JSON
def check(as_json: bool) -> None:
    """Check the bundle as it lies in the checkout; exit status 1 when anything is wrong with it."""
    from yiku.bi.checked_checkout import checked_bundle

    files, faults = checked_bundle(current_settings())
    lines = [f"{fault.file}：{fault.what}。" for fault in faults]
    summary = f"看板包 {len(files)} 个文件，发现 {len(faults)} 处问题。"
    facts = {"files": len(files), "faults": lines}
    say(as_json, facts, "\n".join([*lines, summary]))
    if faults:
        sys.exit(1)


@superset.command(
    "import",
    help="把看板包导入 URL 的 Superset；源码里已删去的图表也从那里删去。"
    "用户须有 Admin 角色，密码从 YIKU_SUPERSET_PASSWORD 读取，没有就询问。",
)
@click.argument("url")
@click.option(
    "--user",
    envvar=_USER,
    default="admin",
    show_default=True,
    help=f"Superset 的用户名，也可用环境变量 {_USER}。",
)
@AS_JSON
def bring_in(url: str, user: str, as_json: bool) -> None:
    """Bring the bundle into a Superset; nothing is sent while the check finds a fault."""
    from yiku.bi.bundle import packed
    from yiku.bi.checked_checkout import checked_bundle, identities
    from yiku.bi.superset_client import Superset

    settings = current_settings()
    files, faults = checked_bundle(settings)
    if faults:
        echo(
            "看板包有问题，没有导入：请先运行 yiku superset check。", err=True
        )
        sys.exit(1)
    password = settings.superset_password or click.prompt(
        f"{user} 的密码", hide_input=True, err=True
    )
    server = Superset(url, user, password)
    server.bring_in(packed(files))
    gone = server.take_out(identities(files))
    removed = f"，删去 {'、'.join(gone)}" if gone else ""
    facts = {"files": len(files), "removed": gone}
    say(as_json, facts, f"已导入 {len(files)} 个文件{removed}。")


@superset.command(
    help="在本机启动一个 Superset 看演示（先 make bi-setup）；按 Ctrl-C 停。"
)
@click.option(
    "--python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="装有 superset.lock 的环境里的 python。",
)
@click.option("--port", default=8088, show_default=True, help="端口。")
def serve(python: Path, port: int) -> None:
    """Serve a Superset of this machine on the warehouse, with the dashboards in it, until it is interrupted."""
    from yiku import at_work
    from yiku.superset_trial import (
        ADMIN,
        bring_dashboards,
        running_superset,
    )
    from yiku.warehouse.free_ports import any_port, is_free

    settings = current_settings()
    free = port if is_free(port) else any_port()
    echo("正在启动 Superset，约半分钟 …")
    with (
        at_work.written_down(settings, "看板服务器"),
        running_superset(settings, python, free) as trial,
    ):
        bring_dashboards(settings, trial)
        echo(f"看板：{trial.url}/superset/dashboard/xianqing/")
        for login in trial.logins:
            sees = f"县区 {login.place}" if login.place else "所有县区"
            echo(f"  {sees}：用户 {login.name}  密码 {login.password}")
        echo(f"  管理：用户 {ADMIN}  密码 {trial.admin_password}")
        echo("按 Ctrl-C 停。")
        signal.pause()
