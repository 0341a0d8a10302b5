"""Ports of this machine that a server of ours may take."""

from __future__ import annotations

import socket


def is_free(port: int) -> bool:
    """Return whether a port of this machine can be listened on."""
    with socket.socket() as probe:
        # A port whose last connections are only fading away is free to a
        # server, which asks in the same way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def any_port() -> int:
    """Return a port of this machine that is free now."""
    with socket.socket() as probe:
        # Somebody else may take it before our server does: who starts one
        # tries again.
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
