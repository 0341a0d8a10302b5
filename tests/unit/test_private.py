"""What lies below YIKU_HOME is for its owner alone, from the first moment, and again after an older version."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from yiku import cli, private
from yiku.settings import SettingsError, load_settings


def open_ones(folder):
    """Everything from a folder down that its group or others may use."""
    found = [folder, *folder.rglob("*")]
    return [
        p.name
        for p in found
        if not p.is_symlink() and p.stat().st_mode & 0o077
    ]


@pytest.fixture
def loose_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_an_open_home_is_closed_with_all_that_is_in_it(tmp_path, loose_umask):
    home = tmp_path / "home"
    (home / "outbox/2017-11-20").mkdir(parents=True)
    (home / "outbox/2017-11-20/名单.校验.xlsx").write_text("values of people")
    outside = tmp_path / "outside.txt"
    outside.write_text("of somebody else")
    (home / "link").symlink_to(outside)
    private.tighten(home)
    assert open_ones(home) == []
    assert outside.stat().st_mode & 0o777 == 0o644
    assert (
        home / "outbox/2017-11-20/名单.校验.xlsx"
    ).stat().st_mode & 0o777 == 0o600


def test_a_closed_home_is_not_walked_through(tmp_path, loose_umask):
    (tmp_path / "a").write_text("")
    tmp_path.chmod(0o700)
    private.tighten(tmp_path)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_all_share_is_refused_and_left_alone(tmp_path):
    shared = tmp_path / "like tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(SettingsError, match="YIKU_HOME"):
        private.tighten(shared)
    assert shared.stat().st_mode & 0o7777 == 0o1777


def test_a_file_was_never_open(tmp_path, loose_umask):
    private.make_folder(tmp_path / "a/b")
    private.write(tmp_path / "a/b/secret", "x")
    assert open_ones(tmp_path / "a") == []


def test_what_a_command_writes_is_for_us_alone(
    tmp_path, loose_umask, monkeypatch
):
    home = tmp_path / "home"
    monkeypatch.setenv("YIKU_HOME", str(home))
    home.mkdir()
    cli.main(["status"])
    cli.main(["template", "L1", "--out", str(home / "blank.xlsx")])
    assert (home / "blank.xlsx").exists()
    assert open_ones(home) == []


def test_airflow_makes_its_files_for_us_alone(tmp_path):
    from yiku import airflow_home

    airflow_home.prepare(load_settings({"YIKU_HOME": str(tmp_path / "home")}))
    script = "import os, airflow_local_settings; print(oct(os.umask(0)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "PYTHONPATH": str(tmp_path / "home/airflow/config"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0o77"
