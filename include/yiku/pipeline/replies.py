"""What goes back to the senders: a receipt for every file, and the clerk's own file annotated where it has findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import fsspec

from yiku import calendar
from yiku.batch import Settled, sender_key
from yiku.batch.read import warm_up
from yiku.checking.findings import Finding
from yiku.checking.message import PROPOSAL, sentence
from yiku.contracts import load_contracts
from yiku.formats import RefusedError
from yiku.formats.detection import openable
from yiku.gazetteer.places import Gazetteer
from yiku.isolation import Ended, each_apart
from yiku.redaction import public
from yiku.returns import (
    HeaderQuestion,
    Mark,
    PlacedTable,
    ReceiptFacts,
    VanishedList,
    build_receipt,
    build_report,
    build_return,
    outbox_name,
)
from yiku.tables import Hints, Reading, Table, read_file
from yiku.tables.line_classes import left_out_text
from yiku.tables.table import MatchedColumn
from yiku.warehouse import lookup
from yiku.warehouse.connection import Connection
from yiku.warehouse.load import row_ids

DEADLINE_WORKDAYS = 10
# Verdicts for which a clerk gets the file back; repairs alone do not need an answer.
ANSWERED = frozenset("WQSF")


def read_again(
    source: str,
    name: str,
    confirmed: Mapping[tuple[str, str], str],
    book_format: str | None,
) -> tuple[bytes, Reading | None]:
    """Return a file's bytes, ready to be opened, and its reading; nothing of one that could not be read before."""
    if book_format is None:
        return b"", None
    with fsspec.open(source, "rb") as stream:
        data = openable(stream.read())
    try:
        return data, read_file(data, name, Hints(confirmed=confirmed))
    except RefusedError:
        return data, None


def marks_of(reading: Reading | None, findings: Iterable[Finding]) -> list[Mark]:
    """Turn findings into marks: which cell, and the sentence with the value that stands in it."""
    tables = {(t.sheet, t.part): t for t in reading.tables} if reading else {}
    rows = {key: _positions(t) for key, t in tables.items()}
    at = ((f, (f.sheet, f.part)) for f in findings if f.verdict in ANSWERED)
    return [_mark(f, tables.get(key), rows.get(key, {})) for f, key in at]


def _positions(table: Table) -> dict[int, list[int]]:
    """Return by row of the sheet the positions of the records that stand on it."""
    found: dict[int, list[int]] = {}
    for position, row_no in enumerate(table.rows):
        found.setdefault(row_no, []).append(position)
    return found


def _mark(
    finding: Finding, table: Table | None, rows: Mapping[int, Sequence[int]]
) -> Mark:
    position = (
        None
        if table is None
        else _position(table, finding, rows.get(finding.row_no or 0, ()))
    )
    understood = _column(table, finding, position) if table else None
    value = _value(table, finding, position) if table else None
    told = (
        replace(finding, facts={**finding.facts, "value": value}) if value else finding
    )
    return Mark(
        sheet=finding.sheet,
        row_no=finding.row_no,
        field=finding.field,
        column=understood.column if understood else None,
        rule=finding.rule,
        verdict=finding.verdict,
        sentence=sentence(told),
        header=finding.facts.get("header") if finding.row_no is None else None,
    )


def _position(table: Table, finding: Finding, mine: Sequence[int]) -> int | None:
    """Return which record a finding is about; of several (``mine``) on its row of the sheet the header tells which."""
    named = (
        i
        for i in mine
        if (at := table.where(finding.field or "", i)) and at.header == finding.header
    )
    return next(named, mine[0] if mine else None)


def _column(
    table: Table, finding: Finding, position: int | None
) -> MatchedColumn | None:
    name = finding.field or ""
    return table.matched.get(name) if position is None else table.where(name, position)


def _value(table: Table, finding: Finding, position: int | None) -> str | None:
    if position is None or finding.field not in table.cells:
        return None
    cell = table.cells[finding.field][position]
    return None if cell is None else str(cell)


def placed_tables(
    reading: Reading | None, submission_id: int | None
) -> list[PlacedTable]:
    """Tell where the tables stand and by which references their rows are known; none without a submission."""
    return [
        PlacedTable(
            sheet=t.sheet,
            header_row=t.header_rows[1],
            references={} if submission_id is None else _references(t, submission_id),
            part=t.part,
        )
        for t in (reading.tables if reading else ())
        if t.list_code  # where no list was recognised there is no header to write beside
    ]


def _references(table: Table, submission_id: int) -> dict[int, str]:
    """Return by row number the reference of its first record; those of the others follow from it."""
    found: dict[int, str] = {}
    for row_no, row_id in zip(
        table.rows,
        row_ids(submission_id, table.sheet, table.part, table.rows),
        strict=True,
    ):
        found.setdefault(row_no, row_id)
    return found


def write_returns(
    files: Sequence[Settled],
    folder: Path,
    day: date,
    workers: int,
    watched: Callable[[range], Iterable[int]] = iter,
) -> list[Path]:
    """Write the return workbooks of files that were checked without a warehouse; none for files without findings."""
    warm_up()
    found = each_apart(
        lambda s: _write_return(s, folder, day, plainly=False),
        files,
        workers,
        watched=watched,
    )
    broken = [
        s for s, path in zip(files, found, strict=True) if isinstance(path, Ended)
    ]
    found += each_apart(
        lambda s: _write_return(s, folder, day, plainly=True), broken, workers
    )
    return [path for path in found if isinstance(path, Path)]


def _write_return(
    settled: Settled, folder: Path, day: date, plainly: bool
) -> Path | None:
    """Write one return workbook; ``plainly`` without the file's own cells. None when there is nothing to tell."""
    arrival, findings = settled.arrival, settled.outcome.findings
    if not any(f.verdict in ANSWERED for f in findings):
        return None
    facts = _facts_of_check(settled, day)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / outbox_name(arrival.file_name)
    if plainly:
        path.write_bytes(build_report(facts, marks_of(None, findings)))
        return path
    data, reading = read_again(
        arrival.source, arrival.inner or arrival.file_name, {}, settled.book_format
    )
    marks, tables = marks_of(reading, findings), placed_tables(reading, None)
    path.write_bytes(
        build_return(
            data,
            arrival.file_name,
            settled.book_format or "",
            facts,
            marks,
            tables,
            questions_of(reading),
        )
    )
    return path


def _facts_of_check(settled: Settled, day: date) -> ReceiptFacts:
    counts, contract = (
        settled.outcome.counts,
        load_contracts().get(settled.outcome.template or ""),
    )
    return ReceiptFacts(
        receipt_no="（未上报，仅核对）",
        file_name=settled.arrival.file_name,
        list_title=contract.title if contract else "",
        status=settled.outcome.status,
        business_date=day,
        deadline=calendar.add_workdays(day, DEADLINE_WORKDAYS),
        period=settled.outcome.period,
        rows_read=counts.read,
        rows_loaded=counts.loaded,
        rows_quarantined=counts.quarantined,
        rows_dropped=counts.dropped,
        left_out=left_out_text(settled.lines),
    )


_PENDING = """
select submission_id, county_code, unit_code, file_name, archive_key, template, period, status, reason, receipt_no,
    rows_read, rows_loaded, rows_quarantined, rows_dropped, line_counts, book_format
from ops.submission
where business_date <= %s and status <> 'received' and undone_at is null
    and (answered_at is null or answered_at < processed_at)
order by submission_id
"""

_FINDINGS = """
select row_id::text, submission_id, sheet, row_no, field, rule, verdict, facts, template, header, part
from ops.finding where submission_id = any (%s) and (closed_on is null or closed_by is not null) order by finding_id
"""


def pending(conn: Connection, business_date: date) -> list[dict[str, Any]]:
    """Return the submissions that arrived by a night and have not been answered since they were last settled."""
    cursor = conn.execute(_PENDING, (business_date,))
    names = [c.name for c in cursor.description or ()]
    lines = [dict(zip(names, row, strict=True)) for row in cursor]
    newest = {
        (s["county_code"], s["unit_code"], s["file_name"]): s["submission_id"]
        for s in lines
    }
    for line in lines:
        is_newest = (
            newest[line["county_code"], line["unit_code"], line["file_name"]]
            == line["submission_id"]
        )
        line["older"] = None if is_newest else line["receipt_no"]
    return lines


def findings_of(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, list[Finding]]:
    """Return the findings of some submissions, by submission; with them whom the register suggests for a bad number."""
    rows = [
        (
            row_id,
            Finding(
                number,
                sheet,
                row_no,
                name,
                rule,
                verdict,
                facts,
                template,
                header,
                part,
            ),
        )
        for row_id, number, sheet, row_no, name, rule, verdict, facts, template, header, part in conn.execute(
            _FINDINGS, (list(submissions),)
        )
    ]
    proposed = _proposed(conn, rows)
    found: dict[int, list[Finding]] = {s: [] for s in submissions}
    for row_id, finding in rows:
        number = proposed.get(row_id) if _is_about_number(finding) else None
        found[finding.file].append(
            replace(finding, facts={**finding.facts, PROPOSAL: number})
            if number
            else finding
        )
    return found


def _is_about_number(finding: Finding) -> bool:
    contract = load_contracts().get(finding.template or "")
    return (
        finding.verdict == "Q"
        and contract is not None
        and finding.field is not None
        and (finding.field == contract.person_id)
    )


def _proposed(
    conn: Connection, findings: Iterable[tuple[str | None, Finding]]
) -> dict[str | None, str]:
    """Return the numbers that were proposed for some rows, with all but the first and last four digits hidden."""
    wanted: dict[str, list[str]] = {}
    for row_id, finding in findings:
        if row_id and finding.template and _is_about_number(finding):
            wanted.setdefault(finding.template, []).append(row_id)
    contracts = load_contracts()
    found = [
        lookup.proposals(conn, [contracts[code]], ids) for code, ids in wanted.items()
    ]
    return {
        row_id: f"{n[:4]}{'*' * 10}{n[-4:]}"
        for one in found
        for row_id, (n, _) in one.items()
    }


@dataclass(frozen=True)
class Replies:
    """What a night's answers are made of. ``confirmed`` goes by sender, the others by submission."""

    outbox: Path
    day: date
    findings: Mapping[int, Sequence[Finding]]
    sources: Mapping[int, str]
    gazetteer: Gazetteer
    confirmed: Mapping[str, Mapping[tuple[str, str], str]]
    vanished: Mapping[int, Sequence[VanishedList]]
    # what sheets are called in their files, where the ledger leaves out a number or a person; such persons by name
    sheets: Mapping[int, Mapping[str | None, str]] = field(default_factory=dict)
    persons: frozenset[str] = frozenset()
    carried: Mapping[int, Mapping[str, int]] = field(
        default_factory=dict
    )  # receipts whose rows came again, with rows


def rows_carried(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Return for each submission of which earlier receipts it brings rows again that are still wrong, and how many."""
    query = (
        "select f.closed_by, s.receipt_no, count(distinct f.row_id) from ops.finding as f"
        " inner join ops.submission as s using (submission_id) where f.closed_by = any (%s) and f.carried group by 1, 2"
    )
    found: dict[int, dict[str, int]] = {}
    for number, receipt, rows in conn.execute(query, (list(submissions),)):
        found.setdefault(number, {})[receipt] = rows
    return found


def sheets_in_files(
    conn: Connection, submissions: Sequence[int]
) -> dict[int, dict[str | None, str]]:
    """Return for each submission what its sheets are called in the file, where the ledger calls them otherwise."""
    found: dict[int, dict[str | None, str]] = {}
    for number, sheet, name in conn.execute(
        "select submission_id, sheet, named_in_file from ops.submission_sheet"
        " where submission_id = any (%s) and named_in_file is not null",
        (list(submissions),),
    ):
        found.setdefault(number, {})[sheet] = name
    return found


@dataclass
class Answered:
    """How many return workbooks were written, and what of ours broke on the way, by submission (type and place)."""

    workbooks: int = 0
    faults: dict[int, str] = field(default_factory=dict)


def answer_all(
    replies: Replies, lines: Sequence[dict[str, Any]], workers: int
) -> Answered:
    """Write receipts and return workbooks into the outbox, in processes that may be ended.

    Where a file is too large to be annotated, or breaks something of ours, its sender gets the report alone.
    """
    ordered = sorted(
        lines, key=lambda s: -len(replies.findings[s["submission_id"]])
    )  # the long ones first
    warm_up()
    answers, broken = Answered(), []
    for line, done in zip(
        ordered, each_apart(partial(_answer, replies), ordered, workers), strict=True
    ):
        if isinstance(done, Ended):
            broken.append(line)
            _note_fault(answers, line, done)
        else:
            answers.workbooks += done
    for line, done in zip(
        broken,
        each_apart(partial(_answer_plainly, replies), broken, workers),
        strict=True,
    ):
        if isinstance(done, Ended):
            _note_fault(answers, line, done)
        else:
            answers.workbooks += done
    return answers


def _note_fault(answers: Answered, line: Mapping[str, Any], ended: Ended) -> None:
    if ended.fault:
        answers.faults[line["submission_id"]] = ended.fault


def _answer(replies: Replies, line: Mapping[str, Any]) -> bool:
    """Answer one submission; tell whether it got a return workbook."""
    number, needs_return = line["submission_id"], _needs_return(replies, line)
    name = line["file_name"].rsplit("/", 1)[-1]
    data, reading = b"", None
    if needs_return:
        known = replies.confirmed.get(
            sender_key(line["county_code"], line["unit_code"]), {}
        )
        data, reading = read_again(
            replies.sources[number], name, known, line["book_format"]
        )
    named = replies.sheets.get(number, {})
    marks, facts = _marks(replies, number, reading), _receipt_facts(replies, line)
    path = _put_receipt(
        replies,
        line,
        _receipt(replies, facts, marks, _return_name(replies, line), named),
    )
    if path:
        tables = placed_tables(reading, number)
        asked, gone = questions_of(reading), replies.vanished.get(number, ())
        path.write_bytes(
            build_return(
                data, name, line["book_format"] or "", facts, marks, tables, asked, gone
            )
        )
    return path is not None


def _answer_plainly(replies: Replies, line: Mapping[str, Any]) -> bool:
    """Answer one submission without its own cells; tell whether it got a return workbook."""
    number = line["submission_id"]
    named = replies.sheets.get(number, {})
    marks, facts = _marks(replies, number, None), _receipt_facts(replies, line)
    path = _put_receipt(
        replies,
        line,
        _receipt(replies, facts, marks, _return_name(replies, line), named),
    )
    if path:
        path.write_bytes(build_report(facts, marks, replies.vanished.get(number, ())))
    return path is not None


def _marks(replies: Replies, number: int, reading: Reading | None) -> list[Mark]:
    """Return a submission's findings as marks, its sheets by the names that they have in the file."""
    named = replies.sheets.get(number, {})
    return marks_of(
        reading,
        [
            replace(f, sheet=named.get(f.sheet, f.sheet))
            for f in replies.findings[number]
        ],
    )


def _needs_return(replies: Replies, line: Mapping[str, Any]) -> bool:
    told = any(f.verdict in ANSWERED for f in replies.findings[line["submission_id"]])
    return told and line["status"] != "duplicate"


def _return_name(replies: Replies, line: Mapping[str, Any]) -> str | None:
    return (
        outbox_name(line["file_name"], line["older"])
        if _needs_return(replies, line)
        else None
    )


def _put_receipt(replies: Replies, line: Mapping[str, Any], text: str) -> Path | None:
    """Write the receipt of a submission; return where its return workbook goes, None when it gets none."""
    folder = (
        replies.outbox
        / f"{replies.day}"
        / (line["county_code"] or "unknown")
        / _unit(line)
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{line['receipt_no']}.txt").write_text(text, "utf-8")
    name = _return_name(replies, line)
    return folder / name if name else None


def _receipt(
    replies: Replies,
    facts: ReceiptFacts,
    marks: Sequence[Mark],
    return_name: str | None,
    named: Mapping[str | None, str],
) -> str:
    """Return the text of a receipt: it names files and sheets as everybody may read them."""
    shown = {name: sheet for sheet, name in named.items()}
    own = [replace(m, sheet=shown.get(m.sheet or "", m.sheet)) for m in marks]
    name = public(facts.file_name, replies.persons)
    return build_receipt(
        replace(facts, file_name=name),
        own,
        return_name and public(return_name, replies.persons),
    )


def questions_of(reading: Reading | None) -> list[HeaderQuestion]:
    """Return the headers of a file that were understood by their meaning, for its clerk to confirm."""
    found: dict[tuple[str, str], HeaderQuestion] = {}
    for table in reading.tables if reading else ():
        contract = load_contracts().get(table.list_code)
        for guess in table.matched.values() if contract else ():
            if contract and guess.how == "guess":
                question = HeaderQuestion(
                    contract.title, guess.header, contract.column(guess.field).header
                )
                found[contract.code, guess.header] = question
    return list(found.values())


def _unit(line: Mapping[str, Any]) -> str:
    return line["unit_code"] or "unknown"


def _receipt_facts(replies: Replies, line: Mapping[str, Any]) -> ReceiptFacts:
    findings = replies.findings[line["submission_id"]]
    contract = load_contracts().get(line["template"] or "")
    reason = next(
        (
            sentence(f)
            for f in findings
            if f.rule == line["reason"] and f.row_no is None
        ),
        None,
    )
    return ReceiptFacts(
        receipt_no=line["receipt_no"],
        file_name=line["file_name"],
        list_title=contract.title if contract else "",
        status=line["status"],
        business_date=replies.day,
        deadline=calendar.add_workdays(replies.day, DEADLINE_WORKDAYS),
        unit_name=replies.gazetteer.town_name(line["unit_code"]) or "",
        period=line["period"],
        rows_read=line["rows_read"],
        rows_loaded=line["rows_loaded"],
        rows_quarantined=line["rows_quarantined"],
        rows_dropped=line["rows_dropped"],
        left_out=left_out_text(line["line_counts"]),
        reason=reason,
        carried=replies.carried.get(line["submission_id"], {}),
    )
