"""Every way in which libpq learns of a server reaches our connections and dbt's alike."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from yiku.pipeline.marts import connection_variables
from yiku.warehouse.connection import connect

DAY = date(2017, 11, 20)
PROFILE = {
    "HOST": "host",
    "PORT": "port",
    "USER": "user",
    "PASSWORD": "password",
    "DBNAME": "dbname",
}


def as_dbt_connects(monkeypatch, variables):
    """Connect as dbt's profile does: its five words by name, all else from libpq's environment."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return psycopg.connect(
        **{
            word: os.environ.get(f"YIKU_DBT_{name}", "")
            for name, word in PROFILE.items()
        }
    )


def without(dsn, *words):
    return make_conninfo(
        **{k: v for k, v in conninfo_to_dict(dsn).items() if k not in words}
    )


def by_environment(monkeypatch, settings, folder):
    parts = conninfo_to_dict(settings.warehouse_dsn)
    monkeypatch.setenv("PGPASSWORD", parts["password"])
    monkeypatch.setenv("PGHOST", parts["host"])
    return without(settings.warehouse_dsn, "password", "host")


def by_password_file(monkeypatch, settings, folder):
    passfile = folder / "pgpass"
    passfile.write_text(
        f"*:*:*:*:{conninfo_to_dict(settings.warehouse_dsn)['password']}\n"
    )
    passfile.chmod(0o600)
    return make_conninfo(
        without(settings.warehouse_dsn, "password"), passfile=str(passfile)
    )


def by_service(monkeypatch, settings, folder):
    services = folder / "services.conf"
    parts = conninfo_to_dict(settings.warehouse_dsn)
    services.write_text(
        "[yiku]\n" + "".join(f"{k}={v}\n" for k, v in parts.items())
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    return "service=yiku"


@pytest.mark.parametrize("way", [by_environment, by_password_file, by_service])
def test_dbt_reaches_the_server_that_we_reach(
    way, settings, tmp_path, monkeypatch
):
    dsn = way(monkeypatch, settings, tmp_path)
    variables = connection_variables(replace(settings, warehouse_dsn=dsn), DAY)
    with as_dbt_connects(monkeypatch, variables) as conn:
        assert (
            conn.info.dbname
            == conninfo_to_dict(settings.warehouse_dsn)["dbname"]
        )
        assert conn.execute("select ops.business_date()").fetchone() == (DAY,)


def test_what_a_connection_string_asks_for_holds_for_dbt_too(
    settings, monkeypatch
):
    dsn = make_conninfo(
        settings.warehouse_dsn,
        sslmode="disable",
        connect_timeout=7,
        keepalives_idle=30,
        options="-c work_mem=5MB -c timezone=UTC",
    )
    settings = replace(settings, warehouse_dsn=dsn)
    variables = connection_variables(settings, DAY)
    assert (variables["PGSSLMODE"], variables["PGCONNECT_TIMEOUT"]) == (
        "disable",
        "7",
    )
    with (
        as_dbt_connects(monkeypatch, variables) as theirs,
        closing(connect(settings, DAY)) as ours,
    ):
        for conn in (theirs, ours):
            assert conn.execute("show work_mem").fetchone() == ("5MB",)
            assert conn.execute("show timezone").fetchone() == (
                "Asia/Shanghai",
            )
