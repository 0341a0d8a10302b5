"""What a fault of ours may say, and whether trying again can help.

Messages of a database or of a parser quote the value that they stumbled over. Values of people must not reach a log,
so a fault leaves a step with its type and its place in the code, never with its text.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import psycopg

from yiku.settings import SettingsError, load_settings

_PASSING = (psycopg.OperationalError, psycopg.InterfaceError, ConnectionError, TimeoutError)
_PASSING_NAMES = frozenset({"ChannelDownError", "SSHException"})


class StepError(RuntimeError):
    """A step of the night failed, and running it again would fail again."""


class PassingError(StepError):
    """A step failed for a reason that can pass: the network, a server that restarts."""


def can_pass(fault: BaseException) -> bool:
    """Tell whether the same step may succeed a little later."""
    return isinstance(fault, _PASSING) or any(c.__name__ in _PASSING_NAMES for c in type(fault).__mro__)


def describe(fault: BaseException) -> str:
    """Say what failed and where, with no value of anybody: type, SQL state, table, file and line."""
    parts = [type(fault).__name__]
    if isinstance(fault, psycopg.Error):
        diag = fault.diag
        found = {"sqlstate": fault.sqlstate, "table": diag.table_name, "column": diag.column_name}
        parts += [f"{k}={v}" for k, v in {**found, "constraint": diag.constraint_name}.items() if v]
    elif isinstance(fault, SettingsError | StepError):
        parts.append(str(fault))
    elif isinstance(fault, OSError) and fault.strerror:
        parts.append(fault.strerror)
    return " ".join(parts) + _where(fault.__traceback__)


def _where(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-6:]
    return "".join(f"\n  {f.filename}:{f.lineno} {f.name}" for f in frames)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever a step raises into a StepError without values; YIKU_DEBUG=1 lets it through as it is."""
    try:
        yield
    except StepError:
        raise
    except Exception as fault:
        if load_settings().debug:
            raise
        kind = PassingError if can_pass(fault) else StepError
        raise kind(describe(fault)) from None
