"""Python's collector of cycles, put to rest while a batch makes millions of values."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector() -> Iterator[None]:
    """Keep the collector from looking at every cell again and again, and children from copying what it touches.

    Frames, rows and findings go as soon as nobody holds them; the few cycles that a batch leaves go at its end.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
