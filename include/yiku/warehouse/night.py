"""The line of a night in the ledger: when it ran, for which date, and what came of each step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from yiku.warehouse.connection import Connection


def open_night(conn: Connection, business_date: date, run_id: str | None = None, inbox: str | None = None) -> int:
    """Write the line of a night and return its number; the views ``raw.<list>_now`` look at its date from now on."""
    row = conn.execute(
        "insert into ops.night (business_date, run_id, inbox) values (%s, %s, %s) returning night_id",
        (business_date, run_id, inbox),
    ).fetchone()
    assert row is not None
    return int(row[0])


def note_step(conn: Connection, night_id: int, step: str, seconds: float, counts: Mapping[str, Any]) -> None:
    """Add what a step did to the line of its night; the seconds of a step that ran in parts add up."""
    conn.execute(
        "update ops.night set seconds = seconds || jsonb_build_object(%(step)s::text,"
        " coalesce((seconds ->> %(step)s)::numeric, 0) + %(seconds)s::numeric), counts = counts || %(counts)s"
        " where night_id = %(night)s",
        {"step": step, "seconds": round(seconds, 3), "counts": Jsonb(dict(counts)), "night": night_id},
    )


def close_night(conn: Connection, night_id: int, state: str) -> None:
    """Say how a night ended: published or failed."""
    conn.execute(
        "update ops.night set state = %s, finished_at = clock_timestamp() where night_id = %s", (state, night_id)
    )
