"""A login of one role alone, for ``yiku dsn --role``.

Made once for each role and place, kept in a file of ours.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from yiku import private
from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.roles import create_login


def role_dsn(
    conn: Connection,
    settings: Settings,
    dsn: str,
    role: str,
    place: str | None,
) -> str:
    """Return the connection string of a login that has ``role`` and nothing else.

    Make the login where needed.

    ``place`` is the code of the county or the town that it sees; without one it keeps to what
    needs no place.
    """
    login, password = _kept(settings, _server(dsn), role, place)
    scope = [(place[:6], place if len(place) == 9 else None)] if place else []
    with conn.transaction():
        create_login(conn, login, password, role, scope)
        _take_other_roles(conn, login, role)
    return make_conninfo(dsn, user=login, password=password)


def _take_other_roles(conn: Connection, login: str, role: str) -> None:
    """Leave a login one role: whatever else somebody granted it would go with the string."""
    query = (
        "select g.rolname from pg_auth_members as m join pg_roles as g on g.oid = m.roleid"
        " join pg_roles as l on l.oid = m.member where l.rolname = %s and g.rolname <> %s"
    )
    for (other,) in conn.execute(query, (login, role)).fetchall():
        conn.execute(
            sql.SQL("revoke {} from {}").format(
                sql.Identifier(other), sql.Identifier(login)
            )
        )


def _server(dsn: str) -> str:
    # Neither port nor password, which may change: the login stays the same.
    parts = conninfo_to_dict(dsn)
    return "/".join(str(parts.get(name, "")) for name in ("host", "dbname"))


def _kept(
    settings: Settings, server: str, role: str, place: str | None
) -> tuple[str, str]:
    """Return name and password of the login for a role and place on a server.

    The file is for us alone.
    """
    path, key = (
        settings.home / "logins.json",
        " ".join(filter(None, [server, role, place])),
    )
    held: dict[str, list[str]] = (
        json.loads(path.read_text("utf-8")) if path.exists() else {}
    )
    if key not in held:
        # a name of this installation's own: two that share a server must not change each other's
        # password
        held[key] = [
            f"{role}_{secrets.token_hex(4)}",
            secrets.token_urlsafe(24),
        ]
        private.make_folder(settings.home)
        private.write(path, json.dumps(held, ensure_ascii=False, indent=1))
    login, password = held[key]
    return login, password


def without_password(dsn: str, folder: Path) -> str:
    """Return a connection string that may stand on a command line.

    Its password lies in a file of ours.

    A string without a password is returned as it is.
    """
    parts = conninfo_to_dict(dsn)
    password = parts.pop("password", None)
    if not password:
        return dsn
    line = passfile_line(dsn)
    path = folder / f"pgpass-{parts.get('user')}"
    private.make_folder(folder)
    private.write(path, f"{line}\n")
    return make_conninfo("", **{**parts, "passfile": str(path)})


def passfile_line(dsn: str) -> str:
    """Return the line of a libpq file of passwords that a connection string stands for."""
    parts = conninfo_to_dict(dsn)
    # A star means anything: who names no port takes the default one.
    words = [
        _escaped(str(parts.get(name) or "*"))
        for name in ("host", "port", "dbname", "user")
    ]
    words.append(_escaped(str(parts["password"])))
    return ":".join(words)


def _escaped(text: str) -> str:
    return (
        text if text == "*" else text.replace("\\", r"\\").replace(":", r"\:")
    )
