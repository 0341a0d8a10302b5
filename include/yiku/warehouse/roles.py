"""Who may see what: group roles that cannot log in, rights on relations, row policies.

Policies ask ``ops.login_scope`` for ``session_user``, so no session can widen its own view.
Marts, masked marts and what is published are tables, each with policies of its own: a reader
needs no right on what they were made from.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import LiteralString

from psycopg import errors, sql

from yiku.warehouse.connection import Connection
from yiku.warehouse.mart_rights import (
    audit_policy,
    grant_select,
    grant_usage,
    is_read_as_reader,
    relations_of,
)

GROUPS = (
    "yiku_pipeline",
    "yiku_town",
    "yiku_county",
    "yiku_finance",
    "yiku_bi",
    "yiku_audit",
)
_OURS = "yiku_pipeline"  # our login is a member of it
_LOGIN_NOTE = "yiku_note_login"
# server_version_num: event triggers at login came with 17.
_KNOWS_LOGINS = 170000
# What a person's session waits for and holds at most. She may change them: they are against what
# is forgotten, and no night waits for a reader.
_PATIENCE = {
    "statement_timeout": "15min",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
    "idle_session_timeout": "12h",
}
# what the auditor reads beside the marts; of the register all but the key, of the ledger all but
# what nights lock
_AUDITED = ("ops", "raw", "register", "pairing")
_NOT_AUDITED = frozenset(
    [
        ("register", "identity_key"),
        ("ops", "night_turn"),
        ("ops", "night_gate"),
    ]
)


_PIPELINE_RIGHTS: tuple[LiteralString, ...] = (
    "grant usage, create on schema {} to yiku_pipeline",
    "grant all on all tables in schema {} to yiku_pipeline",
    "grant usage on all sequences in schema {} to yiku_pipeline",
)


def missing_roles(conn: Connection) -> list[str]:
    """Return the roles that this server does not have yet."""
    found = conn.execute(
        "select rolname from pg_roles where rolname like 'yiku\\_%'"
    )
    there = {str(role) for (role,) in found}
    return [role for role in GROUPS if role not in there]


def roles_not_ours(conn: Connection) -> list[str]:
    """Return the role that is there already and that our login is no member of, as it has to be."""
    query = "select rolname from pg_roles where rolname = %s and not pg_has_role(current_user, oid, 'usage')"
    return [str(name) for (name,) in conn.execute(query, (_OURS,))]


def ensure_roles(conn: Connection) -> None:
    """Create the group roles and make our own login a member of the pipeline's."""
    for role in missing_roles(conn):
        # roles belong to all databases of a server: another one may be prepared at the same
        # moment
        with (
            suppress(errors.DuplicateObject, errors.UniqueViolation),
            conn.transaction(),
        ):
            conn.execute(
                sql.SQL("create role {} nologin").format(sql.Identifier(role))
            )
    for role in roles_not_ours(conn):
        conn.execute(
            sql.SQL("grant {} to current_user").format(sql.Identifier(role))
        )


def grant_ledger(conn: Connection) -> None:
    """Give the rights on what is not rebuilt every night.

    The pipeline writes, the auditor reads and is logged.
    """
    for schema in ("raw", "ops", "register", "stg", "core", "pairing"):
        for rights in _PIPELINE_RIGHTS:
            conn.execute(sql.SQL(rights).format(sql.Identifier(schema)))
    # A new function may be called by everybody until that is taken away.
    conn.execute(
        "revoke execute on all routines in schema ops, guard from public"
    )
    conn.execute(
        "grant execute on all routines in schema ops to yiku_pipeline"
    )
    # Policies run with the rights of whoever reads: she calls these too.
    everybody = ", ".join(GROUPS)
    masks = "ops.mask_name, ops.mask_id, ops.mask_phone, ops.mask_account, ops.strip_numbers, ops.age_band"
    asked = (
        "ops.my_towns, ops.my_counties, ops.reads_all_masked, ops.shows_whole"
    )
    conn.execute(f"grant usage on schema ops to {everybody}")
    conn.execute(
        f"grant execute on function {masks}, {asked}, ops.business_date to {everybody}"
    )
    conn.execute(
        "grant execute on routine ops.unmask, ops.reveal to yiku_county"
    )
    conn.execute(
        "grant execute on function ops.open_audit, ops.log_read to yiku_audit"
    )
    _grant_audit(conn)
    if lacks_login_note(conn):
        conn.execute(
            f"create event trigger {_LOGIN_NOTE} on login execute function guard.note_login()"
        )


def lacks_login_note(conn: Connection) -> bool:
    """Tell whether the server could note the logins of auditors and does not.

    It takes Postgres 17 and a superuser.
    """
    if conn.info.server_version < _KNOWS_LOGINS:
        return False
    row = conn.execute(
        "select rolsuper and not exists (select from pg_event_trigger where evtname = %s)"
        " from pg_roles where rolname = current_user",
        (_LOGIN_NOTE,),
    ).fetchone()
    return bool(row and row[0])


def _grant_audit(conn: Connection) -> None:
    """Let the auditor read tables through a policy that logs it, and the views that read them with her rights."""
    for schema in _AUDITED:
        grant_usage(conn, schema, "yiku_audit")
        for name, kind in relations_of(conn, schema):
            if kind == "r" and (schema, name) not in _NOT_AUDITED:
                audit_policy(conn, schema, name, f"{schema}.{name}")
            elif kind == "v" and is_read_as_reader(conn, schema, name):
                grant_select(conn, schema, name, ("yiku_audit",))


# --- logins


def create_login(
    conn: Connection,
    login: str,
    password: str,
    role: str,
    scope: Iterable[tuple[str, str | None]],
) -> None:
    """Make a login a member of ``role`` and give it its places.

    (county code, town code or None for the county).

    ValueError when ``role`` is not one of ours.
    """
    if role not in GROUPS:
        raise ValueError(f"unknown role {role}")
    there = conn.execute(
        "select 1 from pg_roles where rolname = %s", (login,)
    ).fetchone()
    verb = "alter" if there else "create"
    # what the server keeps is sent, not the password: its log may hold the statement
    kept = conn.pgconn.encrypt_password(
        password.encode(), login.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("{} role {} login password {}")
    conn.execute(
        statement.format(
            sql.SQL(verb), sql.Identifier(login), sql.Literal(kept)
        )
    )
    conn.execute(
        sql.SQL("grant {} to {}").format(
            sql.Identifier(role), sql.Identifier(login)
        )
    )
    if role != "yiku_pipeline":
        _limit(conn, login)
    # A clerk who goes to another town must not keep her old one.
    conn.execute("delete from ops.login_scope where login = %s", (login,))
    for county, town in scope:
        conn.execute(
            "insert into ops.login_scope values (%s, %s, %s)",
            (login, county, town),
        )


def _limit(conn: Connection, login: str) -> None:
    for name, value in _PATIENCE.items():
        statement = sql.SQL("alter role {} set {} = {}")
        conn.execute(
            statement.format(
                sql.Identifier(login), sql.Identifier(name), sql.Literal(value)
            )
        )
