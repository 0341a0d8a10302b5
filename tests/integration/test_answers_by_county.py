"""Answers in parts of whole counties: each sender hears once, whatever part is run twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest
from yiku import pipeline
from yiku.pipeline.plan import ANSWERED_TOGETHER, parts_of
from yiku.settings import Settings
from yiku.warehouse import unanswered
from yiku.warehouse.connection import Connection

DAY = date(2017, 11, 20)
UNITS = ("510802/510802101", "510821/510821100", "520524/520524100")


def test_parts_are_whole_counties_and_small_ones_share_one() -> None:
    many = ANSWERED_TOGETHER
    waiting = [("", 1), ("510802", 2), ("510821", many), ("520524", 1)]
    parts = list(parts_of(waiting))
    assert [part["counties"] for part in parts] == [
        ["", "510802"],
        ["510821"],
        ["520524"],
    ]
    assert parts[0]["label"] == "不在县区文件夹、利州区"
    assert list(parts_of([])) == []


def test_a_part_answers_its_counties_alone_and_once(
    settings: Settings, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    for number, unit in enumerate(UNITS):
        for name in ("a", "b"):
            file = inbox / unit / f"{name}.pdf"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"%PDF-1.4 " + f"{name}{number}".encode())
    (inbox / "510802" / "stray.pdf").write_bytes(b"%PDF-1.4 stray")
    night = pipeline.open_night(settings, DAY, str(inbox))["night"]
    pulled = pipeline.pull(settings, DAY, str(inbox), night)
    pipeline.load_references(settings, DAY, pulled["reference"], night)
    for batch in pulled["batches"]:
        pipeline.process_batch(settings, DAY, batch=batch, night=night)
    (part,) = pipeline.hand_out_answers(settings, DAY, night)["parts"]
    told = {}
    for county in part["counties"]:
        done = pipeline.send_back(settings, DAY, night, [county])
        told[county] = done["receipts"]
        again = pipeline.send_back(settings, DAY, night, [county])
        assert again["receipts"] == 0
    assert told == {"510802": 3, "510821": 2, "520524": 2}
    assert pipeline.hand_out_answers(settings, DAY, night)["parts"] == []
    assert pipeline.send_back(settings, DAY, night)["receipts"] == 0
    receipts = list(settings.outbox.rglob("R*.txt"))
    assert len(receipts) == sum(told.values())


def test_two_tasks_never_answer_one_county_at_the_same_time(
    warehouse: Connection, database: str
) -> None:
    unanswered.take_turn(warehouse, ["510802", ""])
    with psycopg.connect(database) as other:
        other.execute("set lock_timeout = '200ms'")
        unanswered.take_turn(other, ["510821"])
        with pytest.raises(psycopg.errors.LockNotAvailable):
            unanswered.take_turn(other, ["510802"])
