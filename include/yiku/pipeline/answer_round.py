"""Tonight's round of the places that answers go to: what every way of bringing them needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from yiku.intake.archive import fingerprint
from yiku.intake.journal import Delivered, Journal
from yiku.pipeline.outbox_folder import outbox_folder
from yiku.warehouse import answers_sent
from yiku.warehouse.answers_sent import Waiting
from yiku.warehouse.connection import Connection

GONE = "发件箱里已没有这个文件。"


@dataclass
class BroughtBack:
    """How many answers were laid down tonight, and how many could not be."""

    delivered: int = 0
    undelivered: int = 0


@dataclass(frozen=True)
class Round:
    """Tonight's round of the places."""

    conn: Connection
    outbox: Path
    journal: Journal
    done: BroughtBack = field(default_factory=BroughtBack)


def content_of(rounds: Round, answer: Waiting) -> bytes | None:
    """Return an answer as it was written; None where it no longer lies in the outbox as it was."""
    folder = outbox_folder(
        rounds.outbox,
        answer.business_date,
        answer.county_code,
        answer.unit_code,
    )
    path = folder / answer.file_name
    data = path.read_bytes() if path.is_file() else b""
    return data if fingerprint(data) == answer.sha256 else None


def entry_of(answer: Waiting, is_pending: bool) -> Delivered:
    """Return an answer as the archive's journal knows it: about to go, or gone."""
    return Delivered(
        receipt_no=answer.receipt_no,
        kind=answer.kind,
        county_code=answer.county_code,
        unit_code=answer.unit_code,
        source=answer.source,
        file_name=answer.file_name,
        sha256=answer.sha256,
        size=answer.size_bytes,
        business_date=answer.business_date,
        at=datetime.now(UTC),
        is_pending=is_pending,
    )


def note_failed(
    rounds: Round, answers: Sequence[Waiting], problem: str
) -> None:
    """Write down why answers were not brought tonight."""
    numbers = [answer.delivery_id for answer in answers]
    answers_sent.note_not_laid_down(rounds.conn, numbers, problem)
    rounds.conn.commit()
    rounds.done.undelivered += len(numbers)
