"""Prepare a warehouse: roles, migrations, raw tables, rights.

Running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from yiku.contracts.contract import Contract
from yiku.contracts.contract_files import load_contracts
from yiku.warehouse import evolution, roles
from yiku.warehouse.connection import Connection
from yiku.warehouse.contract_facts import (
    ensure_duties,
    ensure_words,
    stale_duties,
    stale_words,
)
from yiku.warehouse.migrating import migrate, pending_migrations
from yiku.warehouse.raw_tables import ensure_raw_tables, missing_raw

OLDEST = 150000  # server_version_num: views with security_invoker came with 15
# levels of log_min_messages that leave failed statements out
_SILENT = frozenset({"log", "fatal", "panic"})


class TooOldError(Exception):
    """The server is older than Postgres 15."""


class MissingRightsError(Exception):
    """The login lacks rights that preparing the warehouse needs.

    The message says which, and how they are given.
    """


NEEDED_RIGHTS = "建模式（数据库的 create 权限）、建角色（createrole）、成为所建角色的成员；不需要超级用户。"


def missing_rights(conn: Connection) -> list[str]:
    """Return the statements that give our login the rights it lacks for preparing this warehouse.

    None if it may.
    """
    login, database, is_super, may_create, may_add_roles = _rights(conn)
    if is_super:
        return []
    lacking = []
    if not may_create:
        lacking.append(f'grant create on database "{database}" to "{login}"')
    if roles.missing_roles(conn) and not may_add_roles:
        lacking.append(f'alter role "{login}" createrole')
    return lacking + [
        f'grant {role} to "{login}"' for role in roles.roles_not_ours(conn)
    ]


def _rights(conn: Connection) -> tuple[str, str, bool, bool, bool]:
    row = conn.execute(
        "select current_user, current_database(), rolsuper,"
        " has_database_privilege(current_database(), 'create'), rolcreaterole"
        " from pg_roles where rolname = current_user"
    ).fetchone()
    assert row is not None
    return row


def plan(conn: Connection, contracts: Iterable[Contract]) -> list[str]:
    """Return in Chinese what ``prepare`` would do."""
    contracts = list(contracts)
    steps = [f"创建角色 {role}" for role in roles.missing_roles(conn)]
    steps += [f"执行迁移 {name}" for name in pending_migrations(conn)]
    steps += [
        str(change) for change in evolution.plan_changes(conn, contracts)
    ]
    for table, columns in missing_raw(conn, contracts).items():
        steps.append(f"原始表 raw.{table}：增加 {len(columns)} 列")
    for contract in stale_duties(conn, contracts):
        steps.append(f"名单 {contract.code}：更新填报单位和周期")
    if roles.lacks_login_note(conn):
        steps.append("登记审计登录的触发器")
    if stale_words(conn, contracts):
        steps.append("更新代码表用语")
    return steps


def logs_statements(conn: Connection) -> bool:
    """Return whether the server's own log takes the messages of failed statements, which quote rows of people."""
    row = conn.execute("show log_min_messages").fetchone()
    return row is None or row[0] not in _SILENT


def prepare(
    conn: Connection,
    dry_run: bool = False,
    contracts: Iterable[Contract] | None = None,
) -> list[str]:
    """Bring the warehouse to the shape that this version needs, in one transaction.

    Return what was (to be) done.

    Raises TooOldError for a server before Postgres 15, MissingRightsError before anything is
    begun.
    """
    if conn.info.server_version < OLDEST:
        raise TooOldError("数据库版本过低：需要 Postgres 15 或更新版本。")
    lists = list(load_contracts().values() if contracts is None else contracts)
    with conn.transaction():
        # Looked at without a lock: on all nights but the first there is
        # nothing to do, and nobody is kept waiting.
        steps = plan(conn, lists)
        if not steps or dry_run:
            return steps
        _refuse_without(missing_rights(conn))
        _alone(conn)
        # another command may have prepared it while this one waited
        steps = plan(conn, lists)
        if steps:
            # Columns are renamed before missing ones are added, so that what
            # they hold goes with the name. Rights come last, on all that is
            # there by then.
            roles.ensure_roles(conn)
            migrate(conn)
            evolution.apply_changes(conn, evolution.plan_changes(conn, lists))
            ensure_raw_tables(conn, lists)
            ensure_duties(conn, lists)
            if stale_words(conn, lists):
                ensure_words(conn, lists)
            roles.grant_ledger(conn)
    return steps


def _refuse_without(lacking: list[str]) -> None:
    if lacking:
        statements = "".join(f"\n  {statement};" for statement in lacking)
        raise MissingRightsError(
            f"这个登录的权限不够，什么也没有做。请数据库管理员执行：{statements}"
        )


def _alone(conn: Connection) -> None:
    """Wait for other commands that prepare, and for the steps of a night.

    Readers can keep none of them waiting.
    """
    there = conn.execute(
        "select to_regclass('ops.migration'), to_regclass('ops.night_gate')"
    ).fetchone()
    locked = [name for name in there or () if name]
    # nobody can read yet what is not there
    if not locked:
        conn.execute("select pg_advisory_xact_lock(hashtext('yiku'))")
    for name in locked:
        conn.execute(
            sql.SQL("lock table {} in exclusive mode").format(sql.SQL(name))
        )
