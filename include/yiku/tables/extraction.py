"""From the cells of a workbook to its tables: which list each sheet carries, its columns and its data rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from yiku.contracts import CodeList, Column, Contract, load_codes, load_contracts
from yiku.formats import return_marks
from yiku.formats.cells import Book, CellValue, Sheet
from yiku.formats.content_hash import grid_hash
from yiku.formats.detection import read_book
from yiku.tables import header_text, line_classes, reshape, row_classification
from yiku.tables.header_detection import (
    Grid,
    HeaderWords,
    TableHeader,
    find_header,
    header_words,
    nameless_columns,
    serial_column,
    side_by_side,
)
from yiku.tables.header_matching import (
    MARGIN,
    ColumnHeader,
    HeaderMatching,
    Match,
    counts_up,
    is_complete,
    is_serial,
    missing_columns,
    score,
)
from yiku.tables.report_answers import confirmed_headers
from yiku.tables.row_classification import Block, Frame
from yiku.tables.sheet_metadata import read_metadata, village_in
from yiku.tables.table import MatchedColumn, Reading, SheetMetadata, Table, Unread
from yiku.tables.value_profile import cell_text, clean_text, judge, looks_like_id

LIST_ENOUGH = 0.6
_CLEAR = 0.15  # by the letter, a list this far ahead of the next is the one
_SURE = 0.9
_NAMED = 3  # a header below another has so many cells that are headers of some list as they stand
_FAR = 0.35  # by the letter, a list this far behind the first is not looked at again
_SUMMARY = re.compile(r"汇总|统计表|小结|分析|进度表")
_NOTES = re.compile(
    r"说明|须知|封面|目录|首页|要求|样表|示例|模板说明|填报指南|readme", re.I
)
_DICTIONARY = re.compile(
    r"字典|代码|下拉|选项|数据源|参数|码表|dict|lookup|有效性|序列|hidden|wpsreserved",
    re.I,
)
_SHEET_VILLAGE = re.compile(
    r"^\d{0,3}[.、_\-]?([^\W\d_a-zA-Z]{1,8}?(?:村|社区|居委会|居))(?:[\d(_\-].*|名单|名册|花名册|台账|表)?$"
)
_MARKS = (
    return_marks.RESULT_HEADER,
    return_marks.ADVICE_HEADER,
    return_marks.REFERENCE_HEADER,
)

Problem = tuple[str, Mapping[str, object]]


@dataclass(frozen=True)
class Hints:
    """What is known before a workbook is opened.

    ``confirmed`` maps (list, header as it was shown) to the field that a clerk of this unit confirmed; ``lists`` are
    the codes of the lists to consider (None: all); ``towns`` and ``villages`` are names that the county has.
    """

    confirmed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lists: frozenset[str] | None = None
    towns: frozenset[str] = frozenset()
    villages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Context:
    """What every sheet of one workbook is read with."""

    contracts: Mapping[str, Contract]
    codes: Mapping[str, CodeList]
    hints: Hints
    lex: HeaderWords
    sessions: tuple[
        Contract, ...
    ]  # the lists whose tables have the facts of a session above them
    receipt_no: str | None = None


@dataclass(frozen=True)
class _Choice:
    """The list that a header row carries, or why none can be named."""

    understanding: HeaderMatching | None
    best: float
    rivals: tuple[str, ...] = ()


def read_file(data: bytes, name: str, hints: Hints | None = None) -> Reading:
    """Read one workbook: its tables, and the sheets that carry none. Raises RefusedError when it cannot be read."""
    return find_tables(
        read_book(data, name), load_contracts(), load_codes(), hints or Hints()
    )


def find_tables(
    book: Book,
    contracts: Mapping[str, Contract],
    codes: Mapping[str, CodeList],
    hints: Hints | None = None,
) -> Reading:
    """Find the tables of an opened workbook."""
    hints = hints or Hints()
    considered = {
        k: c for k, c in contracts.items() if hints.lists is None or k in hints.lists
    }
    answers = confirmed_headers(book, considered)
    said = {**hints.confirmed, **answers}
    confirmed = {
        (code, key): name
        for (code, h), name in said.items()
        for key in header_text.keys(h)[:1]
    }
    hints = replace(hints, confirmed=confirmed)
    sessions = tuple(c for c in considered.values() if "session" in c.shape)
    context = _Context(
        considered, codes, hints, header_words(considered), sessions, _receipt_no(book)
    )
    tables: list[Table] = []
    unread: list[Unread] = []
    doubtful: list[tuple[Table, Unread]] = []
    for sheet in book.sheets:
        if sheet.name == return_marks.REPORT_SHEET:
            continue
        _read_sheet(sheet, context, tables, unread, doubtful)
    _settle_doubts(tables, unread, doubtful)
    for table in tables:
        table.line_counts = Counter(table.lines.values())
        table.lines = {
            at: found for at, found in table.lines.items() if found != line_classes.DATA
        }
    return Reading(
        book_format=book.format,
        tables=tables,
        unread=unread,
        saved_at=book.saved_at,
        grid_hash=grid_hash(book),
        epoch_1904=book.epoch_1904,
        has_macros=book.has_macros,
        external_links=book.external_links,
        confirmed=answers,
    )


def _settle_doubts(
    tables: list[Table], unread: list[Unread], doubtful: list[tuple[Table, Unread]]
) -> None:
    """Pass over what is no list beside a list; hold it where the workbook holds nothing else."""
    if any(t.list_code for t in tables):
        unread.extend(u for _, u in doubtful)
        return
    lists = [t for t, u in doubtful if t.list_code]
    kept = (
        lists
        or [t for t, u in doubtful if u.why == "no_header"]
        or [t for t, _ in doubtful]
    )
    tables.extend(kept)
    unread.extend(u for t, u in doubtful if all(t is not k for k in kept))


def _receipt_no(book: Book) -> str | None:
    """Read the receipt number off the report sheet of a return workbook that comes back."""
    for sheet in book.sheets:
        if sheet.name != return_marks.REPORT_SHEET:
            continue
        for row in sheet.values:
            texts = [
                cell_text(c).strip()
                for c in row
                if c is not None and cell_text(c).strip()
            ]
            for at, text in enumerate(texts):
                label, _, value = text.replace("：", ":").partition(":")
                if label.strip() == return_marks.RECEIPT_LABEL:
                    return value.strip() or (
                        texts[at + 1] if at + 1 < len(texts) else None
                    )
    return None


def _read_sheet(
    sheet: Sheet,
    context: _Context,
    tables: list[Table],
    unread: list[Unread],
    doubtful: list[tuple[Table, Unread]],
) -> None:
    grid = Grid(sheet)
    filled = sum(map(bool, grid.counts))
    if not filled:
        unread.append(Unread(sheet.name, "empty"))
        return
    name = sheet.name or ""
    found = _tables_of(grid, context)
    if not found:
        _pass_over(grid, name, filled, tables, doubtful)
        return
    doubt = (
        "summary" if _SUMMARY.search(name) else "notes" if _NOTES.search(name) else ""
    )
    for table in found:
        people = [] if doubt or table.list_code else _people(grid, table.rows)
        if people and _why(sheet, name) == "no_header":
            _keep_rows(table, people)
            tables.append(table)  # nobody is passed over in silence
        elif doubt or (
            not table.list_code and table.problems[0][1].get("best", 0) == 0
        ):
            doubtful.append(
                (
                    table,
                    Unread(
                        sheet.name,
                        doubt or "no_header",
                        len(table.rows),
                        len(table.lines),
                    ),
                )
            )
        elif not table.list_code and not table.problems[0][1].get("rivals"):
            doubtful.append(
                (
                    table,
                    Unread(
                        sheet.name, _why(sheet, name), len(table.rows), len(table.lines)
                    ),
                )
            )
        else:
            tables.append(table)


def _why(sheet: Sheet, name: str) -> str:
    if _DICTIONARY.search(name) or not sheet.visible:
        return "dictionary"
    return (
        "summary"
        if _SUMMARY.search(name)
        else "notes"
        if _NOTES.search(name)
        else "no_header"
    )


def _keep_rows(table: Table, rows: list[int]) -> None:
    """Leave a table no rows but these; the others say something about it."""
    table.rows = rows
    table.lines = {
        at: line_classes.NOTE if c == line_classes.DATA and at not in rows else c
        for at, c in table.lines.items()
    }


def _people(grid: Grid, rows: Iterable[int]) -> list[int]:
    """Return those of ``rows`` (from 1) on which some cell was meant to hold a resident ID number."""
    return [r for r in rows if any(map(looks_like_id, grid.rows[r - 1]))]


def _pass_over(
    grid: Grid,
    name: str,
    filled: int,
    tables: list[Table],
    doubtful: list[tuple[Table, Unread]],
) -> None:
    """Note a sheet on which no header was found; hold it if people stand on it."""
    why = _why(grid.sheet, name)
    wide = [at + 1 for at, n in enumerate(grid.counts) if n >= 2]
    if why == "no_header" and not wide and filled <= 3:
        why = "notes"
    people = _people(grid, wide) if why == "no_header" else []
    table = _unknown_table(grid, [r - 1 for r in people or wide], (0, 0), 0.0, ())
    rows = set(table.rows)
    table.lines = {
        at: line_classes.DATA if at in rows else line_classes.NOTE
        for at, n in enumerate(grid.counts, 1)
        if n
    }
    if people:
        tables.append(table)
        return
    doubtful.append((table, Unread(grid.sheet.name, why, len(wide), filled)))


def _unknown_table(
    grid: Grid,
    rows: Sequence[int],
    header_rows: tuple[int, int],
    best: float,
    rivals: tuple[str, ...],
) -> Table:
    return Table(
        sheet=grid.sheet.name,
        part=0,
        list_code="",
        header_rows=header_rows,
        matched={},
        rows=[r + 1 for r in rows],
        cells={},
        metadata=SheetMetadata(),
        visible=grid.sheet.visible,
        problems=(
            (
                "F12",
                {"best": round(best, 2), "rivals": rivals, "sheet": grid.sheet.name},
            ),
        ),
        width=grid.width,
        look=grid.sheet.look,
    )


def _tables_of(grid: Grid, context: _Context) -> list[Table]:
    """Read the tables that stand on one sheet, one below the other or side by side."""
    found: list[Table] = []
    heads = _heads(grid, context)
    begins = [reshape.first_fact(context.sessions, grid.rows, h.top) for h in heads]
    for number, head in enumerate(heads):
        stop = begins[number + 1] if number + 1 < len(heads) else grid.height
        above_from = _above_from(heads, begins, number)
        row = [
            _read_part(grid, context, head, part, (above_from, stop))
            for part in _parts(head)
        ]
        _count_lines(grid, head, row, begins[number] if number else 0)
        found.extend(row)
        _hold_halves(found, len(found) - len(row))
    for number, table in enumerate(found):
        table.part = number
    return found


def _count_lines(
    grid: Grid, head: TableHeader, row: Sequence[Table], start: int
) -> None:
    """Give the first of the tables side by side below a header the class of every line from ``start`` (from 0) on."""
    found: dict[int, str] = {}
    for at in range(start, head.bottom + 1):
        if grid.counts[at]:
            found[at + 1] = (
                line_classes.HEADER if at >= head.top else line_classes.TITLE
            )
    for at in sorted({at for table in row for at in table.lines}):
        found[at] = line_classes.foremost(
            table.lines[at] for table in row if at in table.lines
        )
    for table in row:
        table.lines = {}
    row[0].lines = found


def _above_from(
    heads: Sequence[TableHeader], begins: Sequence[int], number: int
) -> int:
    """Return where what stands above a table begins: behind the header before, or with the facts of its session."""
    if not number:
        return 0
    return (
        begins[number]
        if begins[number] < heads[number].top
        else heads[number - 1].bottom + 1
    )


def _heads(grid: Grid, context: _Context) -> list[TableHeader]:
    """Find the header of a sheet and any other header below it (L15); the same header again begins a new session."""
    lex = context.lex
    first = find_header(grid, lex)
    if first is None:
        return []
    heads = [first]
    known = grid.cells_among(lex.raw, first.bottom + 1)
    named = (
        row for row, n in known.items() if n >= _NAMED and n * 2 >= grid.counts[row]
    )
    for at in sorted({*first.again, *named}):
        last = heads[-1]
        if (
            at > last.bottom
            and _may_begin(grid, context, at, last)
            and (head := find_header(grid, lex, at, at + 1))
        ):
            heads.append(head)
    return heads


def _may_begin(grid: Grid, context: _Context, at: int, before: TableHeader) -> bool:
    """Tell whether a row below a header begins another table; a header printed again does not."""
    row = grid.rows[at]
    if (
        at in before.again
    ):  # printed again, but for the facts of another session above it
        return reshape.first_fact(context.sessions, grid.rows, at) < at
    hits = len(context.lex.raw.intersection(row))
    if hits < _NAMED or hits * 2 < grid.counts[at]:
        return False
    words = [c for c in row if c is not None]
    named = sum(isinstance(c, str) and context.lex.knows(c) for c in words)
    return named >= 4 and named * 10 >= len(words) * 7


def _parts(head: TableHeader) -> list[tuple[int, list[ColumnHeader]]]:
    return list(enumerate(side_by_side(head.headings)))


def _hold_halves(found: list[Table], first: int) -> None:
    """Hold all tables of a row of tables when one of them is not complete (L15)."""
    row = found[first:]
    if len(row) > 1 and any(
        any(p[0] in ("L06", "F12") for p in t.problems) for t in row
    ):
        for table in row:
            table.problems = (*table.problems, ("L15", {"sheet": table.sheet}))


def _choose(
    context: _Context,
    headings: list[ColumnHeader],
    names: str,
    above: Sequence[Sequence[CellValue]],
) -> _Choice:
    """Decide by its headers which list a table is.

    Between lists that are equally near a title decides, then whether the headers are those of one of them, all of them.
    """
    quick = sorted(
        (
            (reshape.quick(c, headings, above), code)
            for code, c in context.contracts.items()
        ),
        reverse=True,
    )
    near = [q for q in quick if quick[0][0] - q[0] < _FAR or quick[0][0] < LIST_ENOUGH]
    if len(quick) > 1 and quick[0][0] - quick[1][0] >= _CLEAR and quick[0][0] >= _SURE:
        near = quick[:1]
    read = []
    for _, code in near:
        contract = context.contracts[code]
        guess = reshape.understand_shaped(
            contract, headings, above, context.codes, context.hints.confirmed
        )
        read.append((score(guess, len(headings)), code, guess))
    read.sort(key=lambda r: (-r[0], r[1]))
    if not read or read[0][0] < LIST_ENOUGH:
        return _Choice(None, read[0][0] if read else 0.0)
    rivals = [r for r in read if read[0][0] - r[0] < MARGIN]
    if len(rivals) == 1:
        return _Choice(read[0][2], read[0][0])
    told = sorted(
        ((_told(context.contracts[code], names), code) for _, code, _ in rivals),
        reverse=True,
    )
    if told[0][0] > told[1][0]:
        return next(_Choice(u, s) for s, code, u in rivals if code == told[0][1])
    complete = [r for r in rivals if is_complete(r[2])] or [
        r for r in rivals if not _surely_lacks(r[2], context.codes)
    ]
    if len(complete) == 1:
        return _Choice(complete[0][2], complete[0][0])
    return _Choice(None, read[0][0], tuple(code for _, code, _ in rivals))


def _surely_lacks(understanding: HeaderMatching, codes: Mapping[str, CodeList]) -> bool:
    """Tell whether a list lacks a column that it must have and that none of the headers nobody knows can be."""
    contract = understanding.contract
    return any(
        all(
            (fit := judge(h.sample, contract.column(name), codes)).support < 0
            or not fit.fits
            for h in understanding.unknown
        )
        for name in missing_columns(understanding)
    )


def _told(contract: Contract, names: str) -> int:
    """Return the length of the longest title word of a list that a title or sheet name holds."""
    return max(
        (len(w) for w in (*contract.title_words, contract.title) if w in names),
        default=0,
    )


def _read_part(
    grid: Grid,
    context: _Context,
    head: TableHeader,
    part: tuple[int, list[ColumnHeader]],
    bounds: tuple[int, int],
) -> Table:
    number, headings = part
    nameless = nameless_columns(grid, headings, number)
    serial = serial_column(grid, headings, nameless, head.bottom)
    marks = {h.leaf: h.column for h in headings if h.leaf in _MARKS}
    told = [h for h in headings if not is_serial(h) and h.leaf not in _MARKS]
    above = grid.rows[bounds[0] : head.top]
    envelope = read_metadata(above, [], context.hints.towns, context.receipt_no)
    choice = _choose(context, told, f"{envelope.title} {grid.sheet.name or ''}", above)
    own = frozenset(h.column for h in headings)
    if choice.understanding is None:
        frame = Frame({}, own, serial, (), (), (), frozenset(), nameless)
        block = row_classification.read_block(grid, head, frame, bounds[1])
        table = _unknown_table(
            grid,
            block.rows,
            (head.top + 1, head.bottom + 1),
            choice.best,
            choice.rivals,
        )
        table.lines = {at + 1: found for at, found in block.classes.items()}
        return table
    understanding = choice.understanding
    problems = [*_tell_apart(understanding, told)]
    contract = understanding.contract
    columns = {n: m.heading.column for n, m in understanding.matches.items()}
    frame = Frame.of(contract, columns, own, serial, nameless)
    block = row_classification.read_block(grid, head, frame, bounds[1])
    below = [grid.rows[r] for r in block.notes]
    envelope = read_metadata(above, below, context.hints.towns, context.receipt_no)
    table = _table(grid, head, number, understanding, frame, block, envelope)
    _keep_beside(table, grid, head, block, headings)
    _add_marks(table, grid, block, marks)
    _derive_village(table, contract, block, context.hints)
    reshape.reshape(table, contract, understanding, grid.rows)
    unclear = {str(facts["field"]) for _, facts in problems}
    table.problems = (*problems, *_missing(table, contract, unclear))
    return table


def _table(
    grid: Grid,
    head: TableHeader,
    part: int,
    understanding: HeaderMatching,
    frame: Frame,
    block: Block,
    envelope: SheetMetadata,
) -> Table:
    contract = understanding.contract
    values = row_classification.fill(grid, contract, frame, block)
    unknown = _unknown(understanding)
    return Table(
        sheet=grid.sheet.name,
        part=part,
        list_code=contract.code,
        header_rows=(head.top + 1, head.bottom + 1),
        matched={n: _understood(m) for n, m in understanding.matches.items()},
        rows=[r + 1 for r in block.rows],
        cells=values.cells,
        metadata=envelope,
        visible=grid.sheet.visible,
        unknown=unknown,
        extra={
            name: [grid.rows[r][c - 1] for r in block.rows]
            for c, name in unknown.items()
        },
        filled={n: frozenset(rows) for n, rows in values.filled.items()},
        merged={n: frozenset(rows) for n, rows in values.merged.items()},
        units=_units(contract, understanding.matches, envelope),
        totals=row_classification.stated_totals(grid, contract, frame, block),
        lines={at + 1: found for at, found in block.classes.items()},
        width=grid.width,
        look=grid.sheet.look,
    )


def _keep_beside(
    table: Table,
    grid: Grid,
    head: TableHeader,
    block: Block,
    headings: Sequence[ColumnHeader],
) -> None:
    """Keep what stands beside the rows in columns without a header, as below a header that nobody knows (L05)."""
    headed = {h.column for h in head.headings}
    first, last = min(h.column for h in headings), max(h.column for h in headings)
    after = min((c for c in headed if c > last), default=grid.width)
    free = [c for c in range(first if table.part else 0, after) if c not in headed]
    found = {c: [grid.rows[r][c] for r in block.rows] for c in free}
    for column, values in found.items():
        told = [v for v in values if v is not None]
        if told and not (column < first and counts_up(told)):
            name = f"第{column + 1}列（无表头）"
            table.unknown = {**table.unknown, column + 1: name}
            table.extra[name] = values


def _unknown(understanding: HeaderMatching) -> dict[int, str]:
    """Name the columns that nobody knows; of two with one name the second says where it stands."""
    found: dict[int, str] = {}
    for heading in sorted(understanding.unknown, key=lambda h: h.column):
        name = _shown(heading)
        found[heading.column + 1] = (
            f"{name}（第{heading.column + 1}列）" if name in found.values() else name
        )
    return found


def _shown(heading: ColumnHeader) -> str:
    return "/".join(heading.levels)


def _understood(match: Match) -> MatchedColumn:
    return MatchedColumn(
        match.field,
        match.heading.column + 1,
        _shown(match.heading),
        match.how,
        match.score,
    )


def _units(
    contract: Contract, matches: Mapping[str, Match], envelope: SheetMetadata
) -> dict[str, str]:
    """Say in which unit each money column is written: its own header first, then the sheet."""
    found = {}
    for name, match in matches.items():
        if contract.column(name).kind == "money":
            unit = header_text.money_unit(match.heading.text) or envelope.money_unit
            if unit:
                found[name] = unit
    return found


def _tell_apart(
    understanding: HeaderMatching, headings: Sequence[ColumnHeader]
) -> list[Problem]:
    """Tell two headers of one name apart by the name column before each; what cannot be told is a problem (L03)."""
    contract, problems = understanding.contract, list[Problem]()
    order = sorted(headings, key=lambda h: h.column)
    for name, rivals in list(understanding.twice.items()):
        own = [
            h for h in rivals if _owner(understanding, order, h) == contract.person_name
        ]
        heads = [h for h in rivals if _owner(understanding, order, h) == "head_name"]
        twin = (
            "head_id_no"
            if contract.column(name).kind == "id" and contract.has("head_id_no")
            else None
        )
        if (
            len(own) == 1
            and len(own) + len(heads) == len(rivals)
            and name != "head_id_no"
        ):
            understanding.matches[name] = replace(
                understanding.matches[name], heading=own[0]
            )
            if twin and twin not in understanding.matches and len(heads) == 1:
                understanding.matches[twin] = replace(
                    understanding.matches[name], field=twin, heading=heads[0]
                )
            else:
                understanding.unknown.extend(heads)
        elif contract.column(name).need == "M":
            problems.append(
                ("L03", {"header": rivals[0].leaf, "field": name, "n": len(rivals)})
            )
        else:  # not worth holding the sheet for: nobody's values are better than the wrong ones
            del understanding.matches[name]
            understanding.unknown.extend(rivals)
    ids = [n for n in understanding.matches if contract.column(n).kind == "id"]
    if (
        contract.person_name == "name"
        and "name" not in understanding.matches
        and "head_name" in understanding.matches
    ):
        problems.append(("L03", {"header": "户主姓名", "field": "name", "n": len(ids)}))
    return problems


def _owner(
    understanding: HeaderMatching, order: Sequence[ColumnHeader], heading: ColumnHeader
) -> str | None:
    """Return whose column this is: the nearest name column to its left."""
    people = {understanding.contract.person_name, "head_name"}
    named = {
        m.heading.column: n for n, m in understanding.matches.items() if n in people
    }
    left = [
        named[h.column]
        for h in order
        if h.column < heading.column and h.column in named
    ]
    return left[-1] if left else None


def _add_marks(
    table: Table, grid: Grid, block: Block, marks: Mapping[str, int]
) -> None:
    """Read what a return workbook carries beside its table: row references and the clerk's answers."""

    def read(header: str) -> dict[int, str]:
        column = marks.get(header)
        if column is None:
            return {}
        values = ((r + 1, grid.rows[r][column]) for r in block.rows)
        return {row: cell_text(v).strip() for row, v in values if v is not None}

    references = read(return_marks.REFERENCE_HEADER)
    table.references = {
        row: text.removeprefix(return_marks.REFERENCE_PREFIX)
        for row, text in references.items()
    }
    table.answers = read(return_marks.ADVICE_HEADER)


def _derive_village(
    table: Table, contract: Contract, block: Block, hints: Hints
) -> None:
    """Take the village from a line above its people, the sheet's name or the title, where no column says it."""
    if not contract.has("village_name"):
        return
    values = table.cells.get("village_name")
    if values is not None and any(v is not None for v in values):
        return
    source, village = _village_of(table, hints)
    column: list[CellValue] = [_banner(block, row - 1) or village for row in table.rows]
    if not any(column):
        return
    table.cells["village_name"] = column
    table.filled = {**table.filled, "village_name": frozenset(table.rows)}
    if values is None:
        understood = MatchedColumn("village_name", 0, source or "", "sheet")
        table.matched = {**table.matched, "village_name": understood}


def _banner(block: Block, row: int) -> str | None:
    above = [at for at in block.banners if at < row]
    return block.banners[max(above)] if above else None


def _village_of(table: Table, hints: Hints) -> tuple[str | None, str | None]:
    name = clean_text(table.sheet or "")
    match = _SHEET_VILLAGE.match(name)
    if match and not match[1].startswith(("各", "贫困", "行政", "全")):
        return table.sheet, match[1]
    for known in hints.villages:
        if name and name == known.removesuffix("村").removesuffix("社区"):
            return table.sheet, known
    title = village_in(table.metadata.title) or village_in(
        table.metadata.reporting_unit or ""
    )
    return (table.metadata.title, title) if title else (None, None)


def _missing(table: Table, contract: Contract, unclear: set[str]) -> list[Problem]:
    """Say which columns the list must have and this table has not (L06)."""
    later = reshape.absent_stage_columns(contract, table.matched)
    excused = {*table.matched, *later, *unclear}
    wanted = [c for c in contract.columns if _must_stand(c) and c.name not in excused]
    absent = [c for c in wanted if not _some_do_without(c, table, contract)]
    if not absent:
        return []
    names = "、".join(c.header for c in absent)
    return [
        (
            "L06",
            {
                "headers": names,
                "fields": tuple(c.name for c in absent),
                "sheet": table.sheet,
            },
        )
    ]


def _some_do_without(column: Column, table: Table, contract: Contract) -> bool:
    """Tell whether a row says what makes it do without the column: no code where nobody is registered.

    Then its rows are judged one by one, and those that need it go back by themselves (R01).
    """
    said = (
        _excuses(table, contract.column(name), words)
        for name, words in column.required_unless.items()
    )
    return any(map(any, said))


def _excuses(table: Table, column: Column, words: Sequence[object]) -> list[bool]:
    codes, values = load_codes()[column.codes or ""], table.cells.get(column.name)
    return [
        codes.label(clean_text(cell_text(v))) in words
        for v in values or [None] * len(table.rows)
    ]


def _must_stand(column: Column) -> bool:
    """Tell whether a list needs a column. The town is always known from the folder."""
    return column.need == "M" and column.kind != "town" and not column.required_if
