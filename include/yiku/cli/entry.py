"""Run the command line: whatever goes wrong ends in one sentence and an exit status."""

from __future__ import annotations

import sys

import click

from yiku.cli.group import cli, current_settings, echo


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; whatever goes wrong ends in one sentence and an exit status."""
    from yiku import private

    # Before anything is opened: a file made earlier would be open to others.
    private.close_to_others()
    try:
        # Left to itself Click speaks English and ends the process.
        # It then hands back the status with which a command wanted to end.
        status = cli.main(
            args=arguments, prog_name="yiku", standalone_mode=False
        )
    except click.Abort:
        _fail("已中断。", 1)
    except click.ClickException as wrong:
        _fail(wrong.format_message(), wrong.exit_code)
    except Exception as fault:
        if _debug():
            raise
        _fail(_sentence(fault), 1)
    if status:
        sys.exit(status)


def _debug() -> bool:
    from yiku.settings import SettingsError

    try:
        return current_settings().debug
    # The settings themselves may be what is wrong.
    except SettingsError:
        return False


def _sentence(fault: Exception) -> str:
    from yiku.faults import describe, is_refused_login, is_unreachable

    # Text of ours (a class of this package) is written for people; that of others may quote a
    # person's value.
    if type(fault).__module__.startswith("yiku."):
        return str(fault)
    if isinstance(fault, OSError) and fault.strerror and fault.filename:
        # Both are about the path that was typed in, not about what a file holds.
        return (
            f"没有做成：{fault.filename} 打不开或写不进（{fault.strerror}）。"
        )
    if is_unreachable(fault):
        if is_refused_login(fault):
            return "数据库拒绝登录：请核对 YIKU_WAREHOUSE_DSN（或 PGPASSWORD 等）的用户、密码和库名。"
        return "连不上数据库：请核对 YIKU_WAREHOUSE_DSN 的地址和端口，以及数据库是否在运行。"
    return f"没有做成：{describe(fault).splitlines()[0]}（设 YIKU_DEBUG=1 再运行可看详情）。"


def _fail(text: str, status: int) -> None:
    echo(text, err=True)
    sys.exit(status)
