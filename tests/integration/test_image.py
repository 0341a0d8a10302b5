"""The image: what the Dockerfile leaves on its disk is what the services of the Compose file need, as their user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("image.py")
APART = [
    "unshare",
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
]


def may_go_apart() -> bool:
    """Return whether this machine lets us have mounts, a network and processes of our own."""
    if os.geteuid() or not all(
        map(shutil.which, ("unshare", "ip", "setpriv", "chroot", "useradd"))
    ):
        return False
    with tempfile.TemporaryDirectory() as folder:
        for name in ("upper", "work", "root"):
            (Path(folder) / name).mkdir()
        layers = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
        probe = [
            *APART,
            "mount",
            "-t",
            "overlay",
            "overlay",
            "-o",
            layers,
            f"{folder}/root",
        ]
        return (
            subprocess.run(probe, capture_output=True, check=False).returncode
            == 0
        )


@pytest.mark.skipif(
    not may_go_apart(),
    reason="needs root, unshare and an overlay to stand in for a container engine",
)
def test_every_service_comes_up_in_the_image_as_its_user():
    folder = Path(tempfile.mkdtemp(prefix="yiku-image-"))
    folder.chmod(0o755)
    try:
        done = subprocess.run(
            [*APART, sys.executable, str(SCRIPT), str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        said = json.loads(done.stdout.splitlines()[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert said["user"] == "yiku"
    assert set(said["health"]) >= {
        "metadatabase",
        "scheduler",
        "triggerer",
        "dag_processor",
    }
    assert (
        said["worker"] is True
    )  # it came as far as looking for the queue, which is not there
    status, refused = said["demo"]
    assert status == 2
    assert (
        "yiku.demo" in refused
    )  # production has no demo, and says what to install
