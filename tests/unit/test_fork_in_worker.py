"""A batch shares its work among processes wherever it runs, in the daemonic process of a worker too."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection

from yiku.batch.fork import run_forked


def _share(answer: Connection) -> None:
    answer.send(run_forked([lambda: "one", lambda: "two"]))


def test_a_daemonic_process_can_share_its_work():
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_share, args=(theirs,), daemon=True)
    worker.start()
    theirs.close()
    assert mine.poll(30)
    assert mine.recv() == ["one", "two"]
    worker.join()
