"""What every step of a night begins with: its turn and its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from yiku.settings import Settings
from yiku.warehouse import night_lock
from yiku.warehouse.connection import Connection, connect

# Counts and ids alone: they end up in Airflow's database.
Facts = dict[str, Any]


@contextmanager
def night_step(
    settings: Settings,
    business_date: date,
    night: int | None,
    shared: bool = False,
) -> Iterator[tuple[Connection, int]]:
    """Give a step its connection and the number of its night (None: the newest) when it is its turn."""
    with (
        night_lock.standing(settings, night, shared=shared) as number,
        closing(connect(settings, business_date)) as conn,
    ):
        yield conn, number
