"""What a fault of ours may say, and whether trying again can help.

Messages of a database or of a parser quote the value that they stumbled over. Values of people
must not reach a log, so a fault leaves a step with its type and its place in the code, never with
its text.
"""

from __future__ import annotations

import errno
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, TypeGuard

from yiku.settings import SettingsError, load_settings

# Python's own words for a network that fails; EOFError is what SFTP says of a line that was cut.
_NETWORK = (ConnectionError, TimeoutError, socket.gaierror, EOFError)
_NETWORK_ERRNOS = frozenset(
    {
        *(
            errno.ECONNREFUSED,
            errno.ECONNRESET,
            errno.ECONNABORTED,
            errno.EPIPE,
            errno.ETIMEDOUT,
        ),
        *(
            errno.EHOSTUNREACH,
            errno.EHOSTDOWN,
            errno.ENETUNREACH,
            errno.ENETDOWN,
            errno.ENETRESET,
            errno.ESTALE,
        ),
    }
)
# EFBIG is what a limit of files' size says, as a container may set one in place of a quota.
_OF_MACHINE = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
        *(errno.EIO, errno.EMFILE, errno.ENFILE),
    }
)
# What the file systems of fsspec, and our own channels, say of the same; by name, as none of them
# has to be installed.
_NETWORK_NAMES = frozenset(
    {
        *(
            "ChannelDownError",
            "SSHException",
            "ChannelException",
            "NoValidConnectionsError",
        ),
        *(
            "ConnectionClosedError",
            "EndpointConnectionError",
            "ConnectTimeoutError",
            "ReadTimeoutError",
        ),
        *(
            "ClientConnectionError",
            "ServerTimeoutError",
            "ConnectTimeout",
            "ReadTimeout",
            "ConnectError",
            "ReadError",
        ),
        *(
            "RemoteProtocolError",
            "WriteError",
            "WriteTimeout",
            "PoolTimeout",
        ),
        *("HTTPClientError", "IncompleteReadError"),
    }
)
# What paramiko says of a line that was cut, with no number.
_CUT = "Socket is closed"
# The other side was reached and refused us: the same answer comes tomorrow.
_REFUSED_NAMES = frozenset(
    {
        *(
            "AuthenticationException",
            "BadHostKeyException",
            "IncompatiblePeer",
            "PasswordRequiredException",
        ),
        *(
            "PermissionDenied",
            "HostKeyNotVerifiable",
            "ChannelRefusedError",
            "NoCredentialsError",
        ),
    }
)
# Classes of SQL states: a connection that broke, a server that is full, locked or restarts.
_PASSING_STATES = ("08", "53", "55P03", "57P", "40")
_REFUSED_STATES = ("28", "3D")  # wrong password or login, no such database


class DatabaseFault(Protocol):
    """What psycopg raises, told by name: SQL and its driver belong to the warehouse alone."""

    sqlstate: str | None
    diag: Any
    pgconn: Any


class StepError(RuntimeError):
    """A step of the night failed, and running it again would fail again."""


class PassingError(StepError):
    """A step failed for a reason that can pass: the network, a server that restarts."""


def can_pass(fault: BaseException) -> bool:
    """Return whether the same step may succeed a little later.

    The network failed, or a server was not ready.
    """
    names = {c.__name__ for c in type(fault).__mro__}
    if names & _REFUSED_NAMES:
        return False
    if is_of_database(fault):
        return _database_can_pass(fault)
    if (
        isinstance(fault, _NETWORK)
        or names & _NETWORK_NAMES
        or _is_busy(fault)
    ):
        return True
    if not isinstance(fault, OSError):
        return False
    if fault.errno is None:
        return str(fault) == _CUT
    if fault.errno == errno.EBUSY:
        return _is_of_store(fault)
    return fault.errno in _NETWORK_ERRNOS


def is_of_machine(fault: BaseException) -> bool:
    """Return whether this machine has no room, or cannot write or open any more: no file is to blame for that."""
    return isinstance(fault, OSError) and fault.errno in _OF_MACHINE


def blames_no_file(fault: BaseException) -> bool:
    """Return whether a fault that was met with a file says nothing of the file: its task has to be tried again."""
    is_passing = can_pass(fault) or isinstance(fault, PassingError)
    return is_passing or is_of_machine(fault)


def is_in_use(fault: BaseException) -> bool:
    """Return whether one file is locked: on a share somebody has it open."""
    is_busy = isinstance(fault, OSError) and fault.errno == errno.EBUSY
    return is_busy and not _is_of_store(fault)


def _is_of_store(fault: BaseException) -> bool:
    """Return whether an object store answered, whose "slow down" comes as "busy"."""
    cause = type(fault.__cause__)
    return cause.__module__.split(".")[0] == "botocore"


def is_of_database(fault: object) -> TypeGuard[DatabaseFault]:
    """Return whether the driver of the database raised it."""
    return "Error" in _driver_classes(fault)


def is_unreachable(fault: object) -> TypeGuard[DatabaseFault]:
    """Return whether no connection came about.

    Such an error has no SQL state, and its text may hold a password.
    """
    if not is_of_database(fault):
        return False
    return (
        "OperationalError" in _driver_classes(fault) and fault.sqlstate is None
    )


def _driver_classes(fault: object) -> set[str]:
    """Return the names of the classes of psycopg that a fault is of."""
    return {
        kind.__name__
        for kind in type(fault).__mro__
        if kind.__module__.split(".")[0] == "psycopg"
    }


def _is_busy(fault: BaseException) -> bool:
    """Return whether a web server answered that it cannot serve anybody now."""
    status = getattr(getattr(fault, "response", None), "status_code", None)
    return isinstance(status, int) and (status == 429 or status >= 500)


def _database_can_pass(fault: DatabaseFault) -> bool:
    if fault.sqlstate is not None:
        return fault.sqlstate.startswith(_PASSING_STATES)
    is_connection = _driver_classes(fault) & {
        "OperationalError",
        "InterfaceError",
    }
    return bool(is_connection) and not is_refused_login(fault)


def is_refused_login(fault: DatabaseFault) -> bool:
    """Return whether a server was reached and refused the login.

    A connection that failed has no SQL state. libpq knows whether a password was asked for: a
    server that is away, full or starting never comes so far.
    """
    if fault.sqlstate is not None:
        return fault.sqlstate.startswith(_REFUSED_STATES)
    failed = fault.pgconn
    return failed is not None and bool(
        failed.used_password or failed.needs_password
    )


def describe(fault: BaseException) -> str:
    """Say what failed and where, with no value of anybody.

    Type, SQL state, table, file and line.
    """
    parts = [type(fault).__name__]
    if is_of_database(fault):
        # Names of things alone: its detail and message quote the row.
        diag = fault.diag
        found = {
            "sqlstate": fault.sqlstate,
            "table": diag.table_name,
            "column": diag.column_name,
        }
        parts += [
            f"{k}={v}"
            for k, v in {**found, "constraint": diag.constraint_name}.items()
            if v
        ]
    elif isinstance(fault, SettingsError | StepError):
        parts.append(str(fault))
    # Not the whole text: the path in it may hold the number of a person.
    elif isinstance(fault, OSError) and fault.strerror:
        parts.append(fault.strerror)
    return " ".join(parts) + _where(fault.__traceback__)


def _where(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-6:]
    return "".join(f"\n  {f.filename}:{f.lineno} {f.name}" for f in frames)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever a step raises into a StepError without values.

    YIKU_DEBUG=1 lets it through as it is.
    """
    try:
        yield
    except StepError:
        raise
    except Exception as fault:
        if load_settings().debug:
            raise
        kind = PassingError if can_pass(fault) else StepError
        raise kind(describe(fault)) from None
