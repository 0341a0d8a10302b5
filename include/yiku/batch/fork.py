"""Run several pieces of work at once, each in a forked child that inherits everything by copy-on-write.

A pool would have to pickle the frames of a batch into every worker. A child made by fork has them already, which is
why it works the same inside a Celery worker, a scheduler's task or a command.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from yiku.faults import PassingError, StepError, can_pass, describe
from yiku.parent import end_with_parent

T = TypeVar("T")


def _child(work: Callable[[], Any], answer: Connection, parent: int) -> None:
    # A child that outlived a killed night would go on loading beside the next
    # one.
    end_with_parent(parent)
    try:
        answer.send((True, work()))
    except BaseException as fault:
        # Whatever it is, the parent must hear of it.
        answer.send(
            (
                False,
                (PassingError if can_pass(fault) else StepError)(
                    describe(fault)
                ),
            )
        )
    finally:
        answer.close()


def _start(
    work: Callable[[], Any],
) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(work, theirs, os.getpid()))
    process.start()
    # While this process holds the writing end too, a child that dies gives no
    # end of file, and would be waited for for ever.
    theirs.close()
    return process, mine


def _collect(
    process: multiprocessing.process.BaseProcess, answer: Connection
) -> Any:
    try:
        # Received before the child is joined: one that has more to say than a
        # pipe holds ends only when it was heard.
        done, result = answer.recv()
    except EOFError:
        process.join()
        raise StepError(
            f"a worker process died with exit code {process.exitcode}"
        ) from None
    process.join()
    if not done:
        raise result
    return result


def _run_here(work: Callable[[], T]) -> T:
    """Run a piece of work in this process; what goes wrong is told like the fault of a child."""
    try:
        return work()
    except StepError:
        raise
    except Exception as fault:
        raise (PassingError if can_pass(fault) else StepError)(
            describe(fault)
        ) from None


def run_forked(work: Sequence[Callable[[], T]]) -> list[T]:
    """Run every piece of work and return the results in order; the first runs in this process.

    What it learns in its caches, the children of the next call begin with.

    Raises StepError when any fails, after all have ended: a fault of ours, never of a file.
    """
    if len(work) < 2:
        return [w() for w in work]
    # A task in a Celery worker is a plain fork of a daemonic process and inherits its mark, which forbids children.
    # Ours are waited for below, so that the reason for it does not hold here.
    multiprocessing.current_process().daemon = False
    started = [_start(w) for w in work[1:]]
    results: list[T] = []
    failure: StepError | None = None
    # All are heard even after one has failed: a child left alone would go on
    # delivering behind a task that counts as ended.
    for piece in (
        partial(_run_here, work[0]),
        *(partial(_collect, *child) for child in started),
    ):
        try:
            results.append(piece())
        except StepError as error:
            failure = failure or error
    if failure:
        raise failure
    return results


def split_evenly(
    items: Sequence[T], weight: Callable[[T], float], parts: int
) -> list[list[T]]:
    """Split items into at most ``parts`` groups of about equal weight, heaviest first; none is empty."""
    groups: list[list[T]] = [[] for _ in range(max(1, parts))]
    loads = [0.0] * len(groups)
    # The heaviest first: a large town that came last would be put on top of a
    # share that is full already.
    for item in sorted(items, key=weight, reverse=True):
        lightest = loads.index(min(loads))
        groups[lightest].append(item)
        loads[lightest] += weight(item)
    return [g for g in groups if g]
