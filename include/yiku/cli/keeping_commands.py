"""Commands that keep the warehouse: back up, restore, rebuild, prepare."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

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
from yiku.cli.source_commands import uses_sources, visit_line, visits_now


@cli.command(help="备份数据库和归档到 FOLDER；可以反复备份到同一个文件夹。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@AS_JSON
def backup(folder: Path, as_json: bool) -> None:
    """Write the warehouse and the archive to a folder."""
    from yiku import at_work
    from yiku.terminal import progress
    from yiku.warehouse.backup import backup as write

    settings = settings_for_nights()
    # So that yiku down ends it first: a dump whose server stops under it would
    # look like a fault.
    with at_work.written_down(settings, "备份"):
        done = write(
            settings,
            folder.absolute(),
            lambda items, title: progress(items, title, as_json),
        )
    text = f"已备份 {done.night} 的数据库（{done.size / 1e6:.1f} MB）和 {done.contents} 份新的归档，在 {folder}。"
    say(as_json, done.as_dict(), text)


@cli.command(
    help="用 FOLDER 里的备份恢复数据库和归档；默认恢复到最近备份的一夜。"
)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--night", type=DAY, help="恢复到哪一夜（业务日期）。")
@AS_JSON
def restore(folder: Path, night: datetime | None, as_json: bool) -> None:
    """Bring the warehouse back as it was after a night."""
    from yiku import at_work
    from yiku.terminal import progress
    from yiku.warehouse.backup import restore as bring_back

    settings, chosen = settings_for_nights(), night.date() if night else None
    with at_work.written_down(settings, "恢复"):
        done = bring_back(
            settings,
            folder.absolute(),
            chosen,
            lambda items, title: progress(items, title, as_json),
        )
    text = f"数据库已恢复到 {done.night} 那一夜之后的样子，归档补回 {done.contents} 份。"
    say(as_json, done.as_dict(), text)


@cli.command(
    help="只凭归档重建整个数据库（须是空库）：每一夜照原样再跑一遍，不再答复任何人。"
)
@AS_JSON
def rebuild(as_json: bool) -> None:
    """Build the whole warehouse anew from the archive alone."""
    from yiku import airflow_home, at_work
    from yiku.pipeline.rebuild import rebuild as build
    from yiku.terminal import progress

    settings = settings_for_nights()
    # The steps of a night look for the folders of logs and of runs.
    airflow_home.prepare(settings)
    with at_work.written_down(settings, "重建"):
        done = build(
            settings, lambda nights, title: progress(nights, title, as_json)
        )
    say(
        as_json,
        done,
        f"已按归档重建：{done['nights']} 夜，{done['files']} 个文件。",
    )


_KINDS = {
    "build_nodes": "dbt 节点结果",
    "wall_pages": "挂图作战送达记录",
    "work_lists": "待办清单记录",
    "digests": "通知记录",
    "source_visits": "来源取件记录",
    "gone_files": "收件箱里已没有的文件",
    "logs": "日志文件",
    "outbox": "发件箱文件",
    "large_logs": "过大的日志",
}


@cli.command(
    help="清理过期的日志、发件箱旧文件、台账里的过程记录和 Airflow 的旧运行；期限见 retention.yml。"
)
@click.option("--dry-run", is_flag=True, help="只说会清理什么，不动。")
@AS_JSON
def tidy(dry_run: bool, as_json: bool) -> None:
    """Take away what is older than its period; each night does it too."""
    from yiku import airflow_home
    from yiku.calendar import SHANGHAI
    from yiku.housekeeping import load_retention
    from yiku.pipeline.tidying import take_away
    from yiku.warehouse.night_record import shown_day

    settings = settings_for_nights()
    with connection() as conn:
        day = shown_day(conn) or datetime.now(SHANGHAI).date()
        done = take_away(conn, settings, day, dry_run=dry_run)
    if not dry_run:
        airflow_home.prepare(settings)
        days = load_retention(settings).airflow_runs
        airflow_home.clean(settings, days)
    found = [
        f"{title} {done[kind]}" for kind, title in _KINDS.items() if done[kind]
    ]
    what = "会清理" if dry_run else "已清理"
    text = f"{what}：{'，'.join(found) or '没有过期的'}；文件 {done['bytes'] / 1e6:.1f} MB。"
    say(as_json, done, text)


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
    from yiku.warehouse.parameters_kept import (
        changed_parameters,
        keep_parameters,
    )

    settings = current_settings()
    # The embedded server is prepared by whatever needs it.
    if not settings.warehouse_dsn:
        raise click.UsageError("请先用 YIKU_WAREHOUSE_DSN 指明数据库。")
    has_file = uses_sources(settings)
    own = own_parameters(settings)
    echo(f"需要的权限：{NEEDED_RIGHTS}")
    with connection() as conn:
        # Before it is tried and refused: these are words for the
        # administrator.
        if lacking := missing_rights(conn):
            echo(f"还缺：{'；'.join(lacking)}")
        steps = prepare(conn, dry_run=dry_run)
        steps += changed_parameters(conn, own)
        if not dry_run:
            keep_parameters(conn, own)
        leaks = logs_statements(conn)
    for line in steps or ["数据库已经是这个版本需要的样子。"]:
        echo(line)
    if has_file:
        for found in visits_now(settings):
            echo(visit_line(found))
    # At the end, where it is not overlooked; it is no reason to stop.
    if leaks:
        echo(
            "注意：这台数据库的日志会记下出错语句中的人员信息。请把 log_min_messages 设为 log。",
            err=True,
        )
