"""Fixtures that many tests share: a throwaway embedded Postgres for the session, a fresh database for a test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from yiku.settings import Settings, load_settings
from yiku.warehouse import embedded


@pytest.fixture
def own_home() -> Iterator[Path]:
    """Give a folder that any user can pass through (pytest's own are closed) and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="yiku-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[Settings]:
    """Start one embedded Postgres for the whole session."""
    folder = Path(tempfile.mkdtemp(prefix="yiku-"))
    folder.chmod(0o711)
    settings = load_settings({"YIKU_HOME": str(folder)})
    embedded.ensure_running(settings)
    yield settings
    embedded.stop(settings)
    shutil.rmtree(folder)
