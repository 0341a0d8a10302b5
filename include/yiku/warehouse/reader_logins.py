"""Logins of those who look at dashboards: one a county, and one that sees all that is masked."""

from __future__ import annotations

from dataclasses import dataclass, field

from psycopg.conninfo import conninfo_to_dict

from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.logins import passfile_line, role_dsn

_COUNTIES = "select distinct county_code from mart_masked.place where county_code is not null order by 1"
COUNTY, ANALYST = "yiku_county", "yiku_bi"


@dataclass(frozen=True)
class ReaderLogin:
    """A login of one role; ``place`` is the code of the county that it sees, empty for one that sees all."""

    name: str
    role: str
    place: str
    password: str = field(repr=False)
    # What a file of passwords says of it.
    line: str = field(repr=False)


def reader_logins(
    conn: Connection, settings: Settings, dsn: str
) -> list[ReaderLogin]:
    """Return a login for each county that is shown, and one for analysts; make what is missing."""
    shown = conn.execute(_COUNTIES)
    wanted = [(COUNTY, str(code)) for (code,) in shown]
    wanted.append((ANALYST, ""))
    logins = []
    for role, place in wanted:
        text = role_dsn(conn, settings, dsn, role, place or None)
        parts = conninfo_to_dict(text)
        name, password = str(parts["user"]), str(parts["password"])
        logins.append(
            ReaderLogin(name, role, place, password, passfile_line(text))
        )
    return logins


def server_variables(dsn: str) -> dict[str, str]:
    """Return where the warehouse is, as libpq reads it from the environment."""
    parts = conninfo_to_dict(dsn)
    variables = {
        "host": "PGHOST",
        "port": "PGPORT",
        "dbname": "PGDATABASE",
        "sslmode": "PGSSLMODE",
    }
    return {
        variable: str(parts[name])
        for name, variable in variables.items()
        if parts.get(name)
    }
