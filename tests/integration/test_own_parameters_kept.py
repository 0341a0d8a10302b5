"""The numbers that a county sets for itself, from its file into the warehouse and out of it with the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from nights import DAY, Nights
from psycopg import Connection
from yiku import pipeline
from yiku.contracts.own_parameters import OwnParameter, ParametersError
from yiku.warehouse.parameters_kept import (
    changed_parameters,
    keep_parameters,
)

NEAR = OwnParameter("pairing_km_most", "510821", 30, date(2018, 1, 1))
ANSWERS = OwnParameter(
    "answer_days", "*", 3, date(2010, 1, 1), date(2019, 12, 31)
)


def kept(conn: Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "select name, jurisdiction, value, valid_from, valid_to from ops.parameter order by name"
    ).fetchall()


def test_what_the_file_says_is_said_and_then_kept(
    warehouse: Connection,
) -> None:
    assert changed_parameters(warehouse, [NEAR, ANSWERS]) == [
        "参数 pairing_km_most（510821）：30，2018-01-01起",
        "参数 answer_days（全部）：3，2010-01-01至2019-12-31",
    ]
    assert kept(warehouse) == []
    keep_parameters(warehouse, [NEAR, ANSWERS])
    assert kept(warehouse) == [
        ("answer_days", "*", 3, date(2010, 1, 1), date(2019, 12, 31)),
        ("pairing_km_most", "510821", 30, date(2018, 1, 1), None),
    ]
    assert changed_parameters(warehouse, [ANSWERS, NEAR]) == []
    assert changed_parameters(warehouse, [ANSWERS]) == [
        "参数不再另设，pairing_km_most（510821）：30，2018-01-01起"
    ]
    keep_parameters(warehouse, [])
    assert kept(warehouse) == []


def test_a_night_takes_the_file_as_it_is_when_it_begins(
    nights: Nights, tmp_path: Path
) -> None:
    file = tmp_path / "own.yml"
    settings = replace(nights.settings, parameters=file)
    entry = "{name: answer_days, jurisdiction: 510802, value: 5}"
    file.write_text(f"parameters:\n  - {entry}\n", "utf-8")
    nights.end()
    pipeline.open_night(settings, DAY, str(nights.inbox))
    query = "select jurisdiction, value from ops.parameter"
    assert nights.rows(query) == [("510802", 5)]
    # One that cannot be used changes nothing, and no night begins.
    begun = nights.rows("select count(*) from ops.night")
    nights.end()
    file.write_text("parameters:\n  - {name: answer_day}\n", "utf-8")
    with pytest.raises(ParametersError, match="第1项的 name 应为"):
        pipeline.open_night(settings, DAY, str(nights.inbox))
    assert nights.rows("select count(*) from ops.night") == begun
    assert nights.rows(query) == [("510802", 5)]
