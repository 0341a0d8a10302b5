"""What goes back to the senders.

A receipt for every file, and the clerk's own file annotated where it has findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import fsspec

from yiku.batch.collector import resting_collector
from yiku.batch.read import warm_up
from yiku.calendar import answer_by
from yiku.checking.findings import Finding
from yiku.checking.message import PROPOSAL, sentence
from yiku.contracts import load_contracts
from yiku.formats import RefusedError
from yiku.formats.detection import openable
from yiku.gazetteer.places import Gazetteer
from yiku.intake.arrival import sender_key
from yiku.isolation import Ended, each_apart
from yiku.pipeline.finding_marks import (
    marks_of,
    needs_answer,
    placed_tables,
    questions_of,
)
from yiku.pipeline.kept_readings import KeptReading, WithRow
from yiku.pipeline.outbox_folder import outbox_folder
from yiku.redaction import public
from yiku.returns import (
    Mark,
    ReceiptFacts,
    VanishedList,
    build_receipt,
    build_report,
    build_return,
    outbox_name,
)
from yiku.tables import Hints, Table, read_file
from yiku.tables.line_classes import left_out_text
from yiku.warehouse import lookup
from yiku.warehouse.connection import Connection
from yiku.warehouse.unanswered import Unanswered
from yiku.whole_files import write_whole

_STILL_WRONG = "改过仍不对的行，见新的一份待办清单。"


def read_again(
    source: str,
    name: str,
    confirmed: Mapping[tuple[str, str], str],
    book_format: str | None,
) -> tuple[bytes, list[Table]]:
    """Return a file's bytes, ready to be opened, and its tables.

    Nothing of one that could not be read before.
    """
    if book_format is None:
        return b"", []
    data = openable(_bytes_at(source))
    # With what its clerk confirmed, or columns would be understood otherwise
    # than when it was judged.
    try:
        return data, read_file(data, name, Hints(confirmed=confirmed)).tables
    except RefusedError:
        return data, []


def _bytes_at(source: str) -> bytes:
    with fsspec.open(source, "rb") as stream:
        data: bytes = stream.read()
    return data


def findings_of(
    conn: Connection, submissions: Sequence[int], with_rows: Sequence[WithRow]
) -> dict[int, list[Finding]]:
    """Return the findings of some submissions, by submission.

    With them whom the register suggests for a bad number.
    """
    proposed = proposed_numbers(conn, with_rows)
    found: dict[int, list[Finding]] = {number: [] for number in submissions}
    for row_id, finding in with_rows:
        suggested = proposed.get(row_id) if is_about_number(finding) else None
        if suggested:
            finding = replace(
                finding, facts={**finding.facts, PROPOSAL: suggested}
            )
        found[finding.file].append(finding)
    return found


def is_about_number(finding: Finding) -> bool:
    """Return whether a row was sent back for the number of its person."""
    contract = load_contracts().get(finding.template or "")
    if contract is None or finding.field is None:
        return False
    return finding.verdict == "Q" and finding.field == contract.person_id


def proposed_numbers(
    conn: Connection, findings: Iterable[tuple[str | None, Finding]]
) -> dict[str | None, str]:
    """Return the numbers that were proposed for some rows, with all but the first and last four digits hidden."""
    wanted: dict[str, list[str]] = {}
    for row_id, finding in findings:
        if row_id and finding.template and is_about_number(finding):
            wanted.setdefault(finding.template, []).append(row_id)
    contracts = load_contracts()
    hidden: dict[str | None, str] = {}
    for code, row_ids in wanted.items():
        proposals = lookup.proposals(conn, [contracts[code]], row_ids)
        for row_id, (number, _) in proposals.items():
            # It may be somebody else's: she sees enough to know it by, and no
            # more.
            hidden[row_id] = f"{number[:4]}{'*' * 10}{number[-4:]}"
    return hidden


@dataclass(frozen=True)
class Replies:
    """What a night's answers are made of.

    ``confirmed`` goes by sender, the others by submission.
    """

    outbox: Path
    day: date
    findings: Mapping[int, Sequence[Finding]]
    sources: Mapping[int, str]
    gazetteer: Gazetteer
    confirmed: Mapping[str, Mapping[tuple[str, str], str]]
    vanished: Mapping[int, Sequence[VanishedList]]
    # what sheets are called in their files, where the ledger leaves out a number or a person;
    # such persons by name
    sheets: Mapping[int, Mapping[str | None, str]] = field(
        default_factory=dict
    )
    persons: frozenset[str] = frozenset()
    # what is known since they were judged; the others are read again
    kept: Mapping[int, KeptReading] = field(default_factory=dict)
    # receipts whose rows came again, with how many
    carried: Mapping[int, Mapping[str, int]] = field(default_factory=dict)


@dataclass
class Answered:
    """How many return workbooks were written, and what of ours broke on the way, by submission (type and place)."""

    workbooks: int = 0
    faults: dict[int, str] = field(default_factory=dict)

    def add(self, told: Unanswered, done: bool | Ended) -> None:
        """Count what came of one answer."""
        if not isinstance(done, Ended):
            self.workbooks += done
        elif done.fault:
            self.faults[told.submission_id] = done.fault


@resting_collector()
def answer_all(
    replies: Replies, waiting: Sequence[Unanswered], workers: int
) -> Answered:
    """Write receipts and return workbooks into the outbox, in processes that may be ended.

    Where a file is too large to be annotated, or breaks something of ours, its sender gets the
    report alone.
    """
    # the long ones first: else one of them may be what all others have been done for an hour ago
    ordered = sorted(
        waiting, key=lambda told: -len(replies.findings[told.submission_id])
    )
    warm_up()
    answers = Answered()
    broken: list[Unanswered] = []
    written = each_apart(partial(_answer, replies), ordered, workers)
    for told, done in zip(ordered, written, strict=True):
        answers.add(told, done)
        if isinstance(done, Ended):
            broken.append(told)
    plain = each_apart(partial(_answer_plainly, replies), broken, workers)
    for told, done in zip(broken, plain, strict=True):
        answers.add(told, done)
    return answers


def _answer(replies: Replies, told: Unanswered) -> bool:
    """Answer one submission; return whether it got a return workbook."""
    number = told.submission_id
    name = told.file_name.rsplit("/", 1)[-1]
    data = b""
    tables: list[Table] = []
    if _needs_return(replies, told):
        data, tables = _opened(replies, told, name)
    marks = _marks(replies, number, tables)
    facts = _receipt_facts(replies, told)
    path = _put_receipt(replies, told, facts, marks)
    if path is None:
        return False
    workbook = build_return(
        data,
        name,
        told.book_format or "",
        facts,
        marks,
        placed_tables(tables, number),
        questions_of(tables),
        replies.vanished.get(number, ()),
    )
    write_whole(path, workbook)
    return True


def _opened(
    replies: Replies, told: Unanswered, name: str
) -> tuple[bytes, list[Table]]:
    """Return the bytes of a file that is answered and its tables: as they were judged, or read once more."""
    source = replies.sources[told.submission_id]
    kept = replies.kept.get(told.submission_id)
    if kept is not None:
        return openable(_bytes_at(source)), kept.tables()
    sender = sender_key(told.county_code, told.unit_code)
    confirmed = replies.confirmed.get(sender, {})
    return read_again(source, name, confirmed, told.book_format)


def _answer_plainly(replies: Replies, told: Unanswered) -> bool:
    """Answer one submission without its own cells; return whether it got a return workbook."""
    number = told.submission_id
    marks = _marks(replies, number, ())
    facts = _receipt_facts(replies, told)
    path = _put_receipt(replies, told, facts, marks)
    if path is None:
        return False
    vanished = replies.vanished.get(number, ())
    write_whole(path, build_report(facts, marks, vanished))
    return True


def _marks(
    replies: Replies, number: int, tables: Sequence[Table]
) -> list[Mark]:
    """Return a submission's findings as marks, its sheets by the names that they have in the file."""
    in_file = replies.sheets.get(number, {})
    findings = replies.findings[number]
    kept = replies.kept.get(number)
    # Without the file's own cells a report tells no value.
    if kept is not None and tables:
        findings = [kept.with_text(finding) for finding in findings]
    named = [
        replace(finding, sheet=in_file.get(finding.sheet, finding.sheet))
        for finding in findings
    ]
    return marks_of(tables, named)


def _needs_return(replies: Replies, told: Unanswered) -> bool:
    # a copy is answered by its receipt alone: the marks went out with the file that it repeats;
    # what is still wrong in a work list stands on tonight's list
    if told.status == "duplicate" or told.is_work_list:
        return False
    return needs_answer(replies.findings[told.submission_id])


def _return_name(replies: Replies, told: Unanswered) -> str | None:
    if not _needs_return(replies, told):
        return None
    return outbox_name(
        told.file_name, None if told.is_newest else told.receipt_no
    )


def answer_files(replies: Replies, told: Unanswered) -> dict[str, Path]:
    """Return what was written for a submission, by kind: its receipt, and its return workbook where it got one."""
    county, unit = told.county_code or "unknown", told.unit_code or "unknown"
    folder = outbox_folder(replies.outbox, replies.day, county, unit)
    written = {"receipt": folder / f"{told.receipt_no}.txt"}
    name = _return_name(replies, told)
    if name:
        written["return_workbook"] = folder / name
    # A process that was ended may have left nothing.
    return {kind: path for kind, path in written.items() if path.is_file()}


def _put_receipt(
    replies: Replies,
    told: Unanswered,
    facts: ReceiptFacts,
    marks: Sequence[Mark],
) -> Path | None:
    """Write the receipt of a submission.

    Return where its return workbook goes, None when it gets none.
    """
    county, unit = told.county_code or "unknown", told.unit_code or "unknown"
    folder = outbox_folder(replies.outbox, replies.day, county, unit)
    folder.mkdir(parents=True, exist_ok=True)
    name = _return_name(replies, told)
    in_file = replies.sheets.get(told.submission_id, {})
    receipt = _receipt(replies, facts, marks, name, in_file)
    write_whole(folder / f"{told.receipt_no}.txt", receipt.encode())
    return folder / name if name else None


def _receipt(
    replies: Replies,
    facts: ReceiptFacts,
    marks: Sequence[Mark],
    return_name: str | None,
    in_file: Mapping[str | None, str],
) -> str:
    """Return the text of a receipt: it names files and sheets as everybody may read them."""
    # A receipt goes from hand to hand, the workbook to its clerk alone.
    in_ledger = {name: sheet for sheet, name in in_file.items()}
    shown = [
        replace(mark, sheet=in_ledger.get(mark.sheet or "", mark.sheet))
        for mark in marks
    ]
    public_name = public(facts.file_name, replies.persons)
    public_return = return_name and public(return_name, replies.persons)
    return build_receipt(
        replace(facts, file_name=public_name), shown, public_return
    )


def _receipt_facts(replies: Replies, told: Unanswered) -> ReceiptFacts:
    number = told.submission_id
    contract = load_contracts().get(told.template or "")
    return ReceiptFacts(
        receipt_no=told.receipt_no,
        file_name=told.file_name,
        list_title=contract.title if contract else "",
        status=told.status,
        business_date=replies.day,
        deadline=answer_by(replies.day),
        unit_name=replies.gazetteer.town_name(told.unit_code) or "",
        period=told.period,
        rows_read=told.rows_read,
        rows_loaded=told.rows_loaded,
        rows_quarantined=told.rows_quarantined,
        rows_dropped=told.rows_dropped,
        left_out=left_out_text(told.line_counts),
        reason=_reason(replies.findings[number], told.reason),
        carried=replies.carried.get(number, {}),
        remarks=_remarks(replies, told),
    )


def _remarks(replies: Replies, told: Unanswered) -> list[str]:
    """Return what is said of a work list in whole sentences: there is no workbook in which it could stand."""
    if not told.is_work_list:
        return []
    findings = replies.findings[told.submission_id]
    of_file = [
        sentence(finding) for finding in findings if finding.sheet is None
    ]
    if told.rows_quarantined:
        of_file.append(_STILL_WRONG)
    return of_file


def _reason(findings: Iterable[Finding], rule: str | None) -> str | None:
    """Return the sentence of the rule for which a whole file was refused or held."""
    for finding in findings:
        if finding.rule == rule and finding.row_no is None:
            return sentence(finding)
    return None
