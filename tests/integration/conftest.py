"""A county whose reference lists are loaded, once for all tests of nights; each test gets a copy of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from database_copies import put_copy
from nights import NIGHTS, Nights
from yiku.settings import Settings, load_settings

BASE = "nights_base"


@pytest.fixture(scope="session")
def copy_database(server: Settings) -> Callable[[str, str], str]:
    """Give a way to put a copy of one database, by name, in the place of another."""
    return lambda source, name: put_copy(server, source, name)


def _installation(folder: Path, dsn: str) -> Nights:
    # One process: what Great Expectations has put together once is there for the next test.
    environment = {
        "YIKU_HOME": str(folder / "home"),
        "YIKU_WAREHOUSE_DSN": dsn,
        "YIKU_WORKERS": "1",
    }
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    return Nights(load_settings(environment), inbox)


@pytest.fixture(scope="module", autouse=True)
def whole_sentences() -> Iterator[None]:
    """Let a sentence that lacks a fact fail the test: in production a clerk reads an ellipsis there."""

    def fail(self: object, key: str) -> str:
        raise AssertionError(f"a sentence lacks the fact {key}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yiku.contracts.rules._Blank.__missing__", fail)
        yield


@pytest.fixture(scope="session")
def base(
    server: Settings, prepared: str, tmp_path_factory: pytest.TempPathFactory
) -> Nights:
    """Load the county's reference lists."""
    nights = _installation(
        tmp_path_factory.mktemp("base"), put_copy(server, prepared, BASE)
    )
    nights.put_references()
    nights.take_in()
    nights.end()
    return nights


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the one folder where dbt keeps what it parsed."""
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="session")
def share_parse(dbt_target: Path) -> Callable[[Settings], None]:
    """Give a way to let an installation begin with what dbt parsed; its database has to be called NIGHTS."""

    def share(settings: Settings) -> None:
        settings.run.mkdir(parents=True, exist_ok=True)
        (settings.run / "dbt").symlink_to(dbt_target)

    return share


def _fresh(
    server: Settings, base: Nights, dbt_target: Path, folder: Path
) -> Nights:
    copy = _installation(folder, put_copy(server, BASE, NIGHTS))
    shutil.copytree(base.settings.archive, copy.settings.archive)
    copy.settings.run.mkdir(parents=True, exist_ok=True)
    (copy.settings.run / "dbt").symlink_to(dbt_target)
    return copy


@pytest.fixture
def nights(
    server: Settings, base: Nights, dbt_target: Path, tmp_path: Path
) -> Nights:
    """Give an installation with an empty inbox in which the reference lists are loaded."""
    return _fresh(server, base, dbt_target, tmp_path)


@pytest.fixture(scope="session")
def fresh_nights(
    server: Settings, base: Nights, dbt_target: Path
) -> Callable[[Path], Nights]:
    """Give a way to get one installation after the other, each in a folder of its own; a new one ends the last."""
    return lambda folder: _fresh(server, base, dbt_target, folder)


@pytest.fixture(scope="module")
def shared_nights(
    server: Settings,
    base: Nights,
    dbt_target: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Nights:
    """Give one installation to all tests of a module, whose night none of them changes."""
    return _fresh(server, base, dbt_target, tmp_path_factory.mktemp("shared"))
