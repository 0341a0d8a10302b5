"""From the cells of a workbook to its tables, each with its list, columns and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from yiku.contracts import CodeList, Contract, load_codes, load_contracts
from yiku.formats import return_marks
from yiku.formats.cells import Book
from yiku.formats.content_hash import grid_hash
from yiku.formats.detection import read_book
from yiku.tables import header_text, line_classes, reshape
from yiku.tables.grid import Grid
from yiku.tables.header_detection import TableHeader, find_header
from yiku.tables.header_words import header_words
from yiku.tables.passed_over import SheetFindings
from yiku.tables.reading_context import Hints, ReadingContext
from yiku.tables.repeated_headers import side_by_side
from yiku.tables.report_answers import confirmed_headers, receipt_no
from yiku.tables.table import Reading, Table, Unread
from yiku.tables.table_building import TablePlace, build_table
from yiku.tables.work_list_lines import WorkListSheets, work_list_sheets
from yiku.tables.work_list_tables import read_work_list

# A header below another has so many cells that are headers of some list as they stand,
# and most of its texts are headers that a list knows.
_NAMED = 3
_KNOWN = 4


def read_file(
    data: bytes,
    name: str,
    hints: Hints | None = None,
) -> Reading:
    """Read one workbook: its tables, and the sheets that carry none.

    Raises RefusedError when it cannot be read.
    """
    book = read_book(data, name)
    return find_tables(book, load_contracts(), load_codes(), hints)


def find_tables(
    book: Book,
    contracts: Mapping[str, Contract],
    codes: Mapping[str, CodeList],
    hints: Hints | None = None,
) -> Reading:
    """Find the tables of an opened workbook."""
    hints = hints or Hints()
    considered = {
        code: contract
        for code, contract in contracts.items()
        if hints.lists is None or code in hints.lists
    }
    # what this very file confirms counts more than what was said before
    answers = confirmed_headers(book, considered)
    context = ReadingContext(
        contracts=considered,
        codes=codes,
        hints=hints,
        confirmed=_by_key({**hints.confirmed, **answers}),
        words=header_words(considered),
        sessions=tuple(
            contract
            for contract in considered.values()
            if "session" in contract.shape
        ),
        receipt_no=receipt_no(book),
    )
    listed = work_list_sheets(book)
    if listed is not None:
        return _read_listed(book, context, listed)
    findings = _read_sheets(book, context)
    for table in findings.tables:
        _count_lines(table)
    return Reading(
        book_format=book.format,
        tables=findings.tables,
        unread=findings.unread,
        saved_at=book.saved_at,
        grid_hash=grid_hash(book),
        epoch_1904=book.epoch_1904,
        has_macros=book.has_macros,
        external_links=book.external_links,
        confirmed=answers,
    )


def _read_listed(
    book: Book, context: ReadingContext, listed: WorkListSheets
) -> Reading:
    """Read a work list that came back; sheets that are none of ours are passed over, and told of."""
    settled = context.hints.settled
    tables, answers = read_work_list(listed, context.contracts, settled)
    for table in tables:
        _count_lines(table)
    others = [
        Unread(sheet.name, "no_header", lines=len(sheet.values))
        for sheet in book.sheets
        if sheet.name not in listed.sheets and sheet.values
    ]
    return Reading(
        book_format=book.format,
        tables=tables,
        unread=others,
        # Programs that fill in our file keep our day of saving, which is none: it counts as of its arrival.
        saved_at=None,
        grid_hash=grid_hash(book),
        confirmed=answers.confirmed,
        work_list=answers,
    )


def _by_key(
    confirmed: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], str]:
    """Return confirmed headers by the form in which headers are looked up."""
    found: dict[tuple[str, str], str] = {}
    for (code, header), name in confirmed.items():
        for key in header_text.keys(header)[:1]:
            found[code, key] = name
    return found


def _read_sheets(book: Book, context: ReadingContext) -> SheetFindings:
    """Read every sheet but the report, which is ours."""
    findings = SheetFindings()
    for sheet in book.sheets:
        # the report of a return workbook is ours
        if sheet.name == return_marks.REPORT_SHEET:
            continue
        grid = Grid(sheet)
        if not any(grid.counts):
            findings.add_empty(sheet)
            continue
        tables = _tables_of(grid, context)
        for table in tables:
            findings.add_table(grid, table)
        if not tables:
            findings.add_without_header(grid)
    findings.settle_doubts()
    return findings


def _count_lines(table: Table) -> None:
    """Count the lines of a table by class, and keep those that are no rows."""
    table.line_counts = Counter(table.lines.values())
    table.lines = {
        row: found
        for row, found in table.lines.items()
        if found != line_classes.DATA
    }


def _tables_of(grid: Grid, context: ReadingContext) -> list[Table]:
    """Read the tables of one sheet, one below the other or side by side."""
    found: list[Table] = []
    headers = _headers(grid, context)
    # the facts of a session, which stand above its header, begin its table
    begins = [
        reshape.first_fact(context.sessions, grid.rows, header.top)
        for header in headers
    ]
    # a table ends where the next one's facts or header begin
    ends = [*begins[1:], grid.height]
    for number, header in enumerate(headers):
        above_from = _above_from(headers, begins, number)
        beside: list[Table] = []
        for part, columns in enumerate(side_by_side(header.columns)):
            place = TablePlace(
                grid, header, part, columns, above_from, ends[number]
            )
            beside.append(build_table(place, context))
        _share_lines(grid, header, beside, begins[number] if number else 0)
        # half of a row that was torn in two is worth nothing
        _hold_halves(beside)
        found.extend(beside)
    for part, table in enumerate(found):
        table.part = part
    return found


def _share_lines(
    grid: Grid,
    header: TableHeader,
    beside: Sequence[Table],
    start: int,
) -> None:
    """Give the first of the tables side by side the class of every line.

    So that a line is counted once. Lines from ``start`` (from 0) to the header are its
    titles.
    """
    found: dict[int, str] = {}
    for row in range(start, header.bottom + 1):
        if grid.counts[row]:
            is_header = row >= header.top
            found[row + 1] = (
                line_classes.HEADER if is_header else line_classes.TITLE
            )
    classes: dict[int, list[str]] = {}
    for table in beside:
        for row, line_class in table.lines.items():
            classes.setdefault(row, []).append(line_class)
        table.lines = {}
    for row in sorted(classes):
        found[row] = line_classes.foremost(classes[row])
    beside[0].lines = found


def _above_from(
    headers: Sequence[TableHeader],
    begins: Sequence[int],
    number: int,
) -> int:
    """Return where what stands above a table begins.

    With the facts of its session, else behind the header before.
    """
    if not number:
        return 0
    if begins[number] < headers[number].top:
        return begins[number]
    return headers[number - 1].bottom + 1


def _headers(grid: Grid, context: ReadingContext) -> list[TableHeader]:
    """Find the header of a sheet, and any other header below it (L15).

    The same header again begins a new session.
    """
    words = context.words
    first = find_header(grid, words)
    if first is None:
        return []
    headers = [first]
    candidates = set(first.again)
    for row, hits in grid.cells_among(words.raw, first.bottom + 1).items():
        if hits >= _NAMED and hits * 2 >= grid.counts[row]:
            candidates.add(row)
    for row in sorted(candidates):
        last = headers[-1]
        if row <= last.bottom or not _may_begin(grid, context, row, last):
            continue
        header = find_header(grid, words, row, row + 1)
        if header:
            headers.append(header)
    return headers


def _may_begin(
    grid: Grid,
    context: ReadingContext,
    number: int,
    before: TableHeader,
) -> bool:
    """Return whether a row below a header begins another table.

    A header printed again does not, but for the facts of another session above it.
    """
    row = grid.rows[number]
    if number in before.again:
        return reshape.first_fact(context.sessions, grid.rows, number) < number
    hits = len(context.words.raw.intersection(row))
    if hits < _NAMED or hits * 2 < grid.counts[number]:
        return False
    texts = [cell for cell in row if isinstance(cell, str)]
    known = sum(map(context.words.knows, texts))
    return known >= _KNOWN and known * 10 >= grid.counts[number] * 7


def _hold_halves(beside: Sequence[Table]) -> None:
    """Hold all tables side by side when one of them is not complete (L15).

    The left half of a person may stand beside the right half of another.
    """
    if len(beside) < 2 or not any(map(_is_incomplete, beside)):
        return
    for table in beside:
        table.problems = (*table.problems, ("L15", {"sheet": table.sheet}))


def _is_incomplete(table: Table) -> bool:
    """Return whether a table lacks columns, or has no list at all."""
    return any(rule in ("L06", "F12") for rule, _ in table.problems)
