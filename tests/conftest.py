"""Fixtures that many tests share: a throwaway embedded Postgres for the session, a fresh database for a test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from database_copies import drop, put_copy
from hypothesis import settings as hypothesis_settings
from memory_folder import memory_folder
from psycopg import sql
from yiku.settings import Settings, load_settings
from yiku.warehouse import embedded
from yiku.warehouse.connection import Connection
from yiku.warehouse.init import prepare
from yiku.warehouse.server_setup import USER, password_of

# A build must not fail for what another build would not have tried; developers' runs go on looking for more.
hypothesis_settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("ci")


# Each database that a test drops would wait for the disk; a server that is killed loses nothing by it, only a machine
# that loses its power would. Servers that a command of the product starts are as it ships them.
_NOT_TO_DISK = {
    "fsync": "off",
    "full_page_writes": "off",
    # what lies in memory may not take up gigabytes
    "max_wal_size": "256MB",
}


@pytest.fixture(scope="session", autouse=True)
def quick_servers() -> Iterator[None]:
    """Let the servers that the tests start themselves not wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _NOT_TO_DISK.items():
            patch.setitem(embedded._OPTIONS, name, value)
        yield


@pytest.fixture
def own_home() -> Iterator[Path]:
    """Give a folder with a short name, for sockets have few letters for theirs, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="yiku-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server(quick_servers: None) -> Iterator[Settings]:
    """Start one embedded Postgres for the whole session."""
    with memory_folder("server") as folder:
        settings = load_settings({"YIKU_HOME": str(folder)})
        embedded.ensure_running(settings)
        _quicken_logins(settings)
        yield settings
        embedded.stop(settings)


def _quicken_logins(server: Settings) -> None:
    # dbt logs in for every node anew. Thousands of rounds of hashing guard a password that can be guessed: this one is
    # chance, and gone with the session.
    password = sql.Literal(password_of(server))
    change = sql.SQL("alter role {} password {}")
    with psycopg.connect(embedded.dsn(server), autocommit=True) as conn:
        conn.execute("set scram_iterations = 1")
        conn.execute(change.format(sql.Identifier(USER), password))


@pytest.fixture(scope="session")
def prepared(server: Settings) -> str:
    """Prepare one warehouse that tests copy; return its database's name."""
    with psycopg.connect(embedded.dsn(server)) as conn:
        prepare(conn)
    return embedded.WAREHOUSE


@pytest.fixture
def database(server: Settings, prepared: str) -> Iterator[str]:
    """Give the connection string of a fresh prepared warehouse of this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    yield put_copy(server, prepared, name)
    drop(server, name)


@pytest.fixture
def warehouse(database: str) -> Iterator[Connection]:
    """Give a connection to a fresh prepared warehouse."""
    with psycopg.connect(database) as conn:
        yield conn


@pytest.fixture
def settings(own_home: Path, database: str) -> Settings:
    """Give the settings of a throwaway installation on a fresh prepared warehouse."""
    return load_settings(
        {
            "YIKU_HOME": str(own_home / "home"),
            "YIKU_WAREHOUSE_DSN": database,
            "YIKU_WORKERS": "2",
        }
    )
