"""A forked child ends with its parent.

One that went on would hold its parent's sessions, and the night's turn.

Linux ends it by itself, whatever it is doing. Elsewhere a thread of the child asks who its parent
is.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_LOOK_EVERY = 1.0  # seconds


def end_with_parent(parent: int) -> None:
    """Let this process be killed as soon as ``parent``, which forked it, is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(
            _SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0
        )
    else:
        threading.Thread(target=_look, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it went before we had asked
        _end()


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
