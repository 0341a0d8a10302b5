"""The return workbooks of files that were checked without a warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from yiku.batch.collector import resting_collector
from yiku.batch.read import bytes_of, warm_up
from yiku.calendar import answer_by
from yiku.contracts import load_contracts
from yiku.formats.detection import openable
from yiku.isolation import Ended, each_apart
from yiku.pipeline.finding_marks import (
    marks_of,
    needs_answer,
    placed_tables,
    questions_of,
)
from yiku.returns import ReceiptFacts, build_report, build_return, outbox_name
from yiku.tables.line_classes import left_out_text
from yiku.warehouse.settled import Settled
from yiku.whole_files import write_whole


@dataclass(frozen=True)
class CheckReturns:
    """Where return workbooks go, and the day."""

    folder: Path
    day: date

    @resting_collector()
    def write_all(
        self,
        files: Sequence[Settled],
        workers: int,
        watched: Callable[[range], Iterable[int]] = iter,
    ) -> list[Path]:
        """Write the return workbooks; none for files without findings."""
        # Children are forked from here: what they all need is learned once.
        warm_up()
        found = each_apart(self.write, files, workers, watched=watched)
        broken = [
            settled
            for settled, path in zip(files, found, strict=True)
            if isinstance(path, Ended)
        ]
        # What a file broke once it would break again: now its cells are left
        # alone.
        found += each_apart(self.write_plainly, broken, workers)
        return [path for path in found if isinstance(path, Path)]

    def write(self, settled: Settled) -> Path | None:
        """Write the clerk's own file with our marks; None when there is nothing to tell."""
        findings = settled.outcome.findings
        if not needs_answer(findings):
            return None
        arrival = settled.arrival
        reading = settled.file.reading
        data, book_format = b"", ""
        tables = reading.tables if reading else []
        if reading is not None:
            # the reading is at hand: the bytes are wanted to be edited
            data = openable(bytes_of(arrival))
            book_format = reading.book_format
        workbook = build_return(
            data,
            arrival.file_name,
            book_format,
            self._facts(settled),
            marks_of(tables, findings),
            placed_tables(tables, None),
            questions_of(tables),
        )
        return self._put(settled, workbook)

    def write_plainly(self, settled: Settled) -> Path | None:
        """Write the report alone, without the file's own cells.

        None when there is nothing to tell.
        """
        findings = settled.outcome.findings
        if not needs_answer(findings):
            return None
        marks = marks_of((), findings)
        return self._put(settled, build_report(self._facts(settled), marks))

    def _put(self, settled: Settled, workbook: bytes) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / outbox_name(settled.arrival.file_name)
        write_whole(path, workbook)
        return path

    def _facts(self, settled: Settled) -> ReceiptFacts:
        outcome = settled.outcome
        contract = load_contracts().get(outcome.template or "")
        return ReceiptFacts(
            receipt_no="（未上报，仅核对）",
            file_name=settled.arrival.file_name,
            list_title=contract.title if contract else "",
            status=outcome.status,
            business_date=self.day,
            deadline=answer_by(self.day),
            period=outcome.period,
            rows_read=outcome.counts.read,
            rows_loaded=outcome.counts.loaded,
            rows_quarantined=outcome.counts.quarantined,
            rows_dropped=outcome.counts.dropped,
            left_out=left_out_text(settled.file.lines),
        )
