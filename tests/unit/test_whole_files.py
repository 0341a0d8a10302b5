"""A file is written as a whole or not at all."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from yiku import whole_files
from yiku.whole_files import write_whole


def test_who_is_killed_while_writing_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ("名" * 80 + ".校验.xlsx")
    write_whole(path, b"before")

    def killed(source: Path, target: Path) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(whole_files.os, "replace", killed)
        write_whole(path, b"after")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert path.read_bytes() == b"before"
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"
    # What the killed one left is gone too.
    assert os.listdir(tmp_path) == [path.name]


def test_where_it_cannot_be_moved_to_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_whole(tmp_path / "taken", b"x")
    assert os.listdir(tmp_path) == ["taken"]
