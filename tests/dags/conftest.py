"""Airflow reads its configuration when it is first imported: it is given a home of its own before that."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from yiku import airflow_home
from yiku.settings import Settings, load_settings

_HOME = Path(tempfile.mkdtemp(prefix="yiku-dags-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_SETTINGS = load_settings({"YIKU_HOME": str(_HOME)})
airflow_home.prepare(_SETTINGS)
os.environ.update(airflow_home.environment(_SETTINGS))


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings of a throwaway home that holds nothing but Airflow's."""
    return _SETTINGS
