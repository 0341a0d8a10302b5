"""Which rows below a header are data, and what merged, blank and 同上 cells stand for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from operator import itemgetter

from yiku.contracts import Column, Contract
from yiku.workbook.envelope import LABELS, is_footer_text
from yiku.workbook.evidence import clean_text, looks_like_village
from yiku.workbook.model import CellValue, Look
from yiku.workbook.search import OPENING, Grid, Head, is_number_row, text_of

_TOTAL = re.compile(
    r"^.{0,10}?(?:合计|小计|总计|共计|累计|总数|总和)(?:数|人数|金额)?:?(?:[\d.,]+\D{0,3})?(?:\(.{0,8}\))?:?$"
)
_EXAMPLE = re.compile(r"^[(]?(?:填[写表])?(?:示例|样例|范例|举例|例如|例子|例|样表|示范)(?:行|数据|\d)?[)]?[:]?$")
_DITTO = frozenset({"同上", "〃", '"', "″", "''", "“", "”", "“”", '""', "'", "ditto", "同前", "々", "´´", "〞", "＂"})
_HINT = re.compile(r"必填|选填|下拉|填写|请填|格式|^如[:]|^例[:]|文本型|自动生成|可不填")
_SUM = re.compile(r"^=?\s*(?:SUM|SUBTOTAL|SUMPRODUCT|AGGREGATE)\(", re.I)
_COUNTED = re.compile(r"(?:共|计)*[\d.]+(?:[人名户个元行条]|人次)?")  # 101人 beside 合计 is nobody's name
_NEVER_FILLED = frozenset({"name", "id", "id_or_uscc", "phone", "money", "account"})
_ID_DIGITS = 6  # less is a count of people, not an ID


@dataclass
class Block:
    """The rows below one header: data rows, what the notes around them say, and sums that a clerk wrote."""

    rows: list[int] = field(default_factory=list)  # from 0
    notes: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    banners: dict[int, str] = field(default_factory=dict)  # row -> village whose people follow


@dataclass(frozen=True)
class Frame:
    """Where the columns of a table stand (from 0), and which of them say that a row is about something."""

    columns: Mapping[str, int]
    own: frozenset[int]  # all columns of the table, unknown ones too
    serial: int | None
    names: tuple[int, ...]
    ids: tuple[int, ...]
    anchors: tuple[int, ...]
    places: frozenset[int]
    nameless: frozenset[int] = frozenset()  # columns at the left edge that have no header

    @cached_property
    def telling(self) -> tuple[int, ...]:
        """The columns that a plain data row has all filled: who it is about, or whatever the list must have."""
        return (*self.names, *self.ids) if self.names and self.ids else self.anchors

    @classmethod
    def of(
        cls,
        contract: Contract,
        columns: Mapping[str, int],
        own: frozenset[int],
        serial: int | None,
        nameless: frozenset[int] = frozenset(),
    ) -> Frame:
        """Say which columns of ``contract`` carry a row."""
        kinds = {name: contract.column(name) for name in columns}
        person = [contract.person_name, contract.person_id]
        ids = tuple(columns[n] for n, c in kinds.items() if c.kind in ("id", "id_or_uscc") and (n in person))
        names = tuple(columns[n] for n in kinds if n == contract.person_name)
        places = frozenset(columns[n] for n, c in kinds.items() if c.fill_down and n not in person)
        needed = tuple(columns[n] for n, c in kinds.items() if c.need == "M" and columns[n] not in places)
        return cls(columns, own, serial, names, ids, needed, places, nameless)


def is_total_word(value: CellValue) -> bool:
    """Tell whether a cell says that its row is a sum."""
    return isinstance(value, str) and len(value) <= 24 and _TOTAL.match(clean_text(value)) is not None


def is_ditto(value: CellValue) -> bool:
    """Tell whether a cell says 'the same as above'."""
    return isinstance(value, str) and len(value) <= 8 and "".join(value.split()).lower() in _DITTO


def _is_example(cells: Sequence[CellValue]) -> bool:
    return any(isinstance(c, str) and _EXAMPLE.match(clean_text(c)) for c in cells)


def _is_hint_row(cells: Sequence[CellValue]) -> bool:
    texts = [c for c in cells if isinstance(c, str)]
    return len(cells) >= 3 and sum(bool(_HINT.search(t)) for t in texts) * 10 >= len(cells) * 6


def _is_opening(grid: Grid, row: int, own: frozenset[int]) -> bool:
    """Tell whether a row near the header explains the columns and is no data (L07)."""
    cells = [c for at, c in enumerate(grid.rows[row]) if c is not None and at in own]
    return bool(cells) and (is_number_row(cells) or _is_example(cells[:3]) or _is_hint_row(cells))


def read_block(grid: Grid, head: Head, frame: Frame, stop: int) -> Block:
    """Sort the rows from below the header up to ``stop`` into data, sums and notes."""
    block = Block()
    opening = head.bottom + OPENING
    for at in range(head.bottom + 1, stop):
        row = grid.rows[at]
        if not grid.counts[at]:
            continue
        if at in head.again:
            opening = at + OPENING
        elif (at > opening or not _is_opening(grid, at, frame.own | frame.nameless)) and _is_plain(row, frame):
            block.rows.append(at)
        elif at > opening or not _is_opening(grid, at, frame.own | frame.nameless):
            _sort(grid, at, frame, block)
    return block


def _is_plain(row: Sequence[CellValue], frame: Frame) -> bool:
    """Tell quickly whether a row holds a person's name and number, or, where no person is, all that a row must."""
    for column in frame.telling:
        value = row[column]
        if value is None:
            return False
        if type(value) is str and _may_be_aside(value) and (is_total_word(value) or _is_note(value)):
            return False
    return bool(frame.telling)


def _may_be_aside(value: str) -> bool:
    """Tell quickly whether a cell is worth a closer look: most names and numbers are not."""
    return ":" in value or "：" in value or "计" in value or value in LABELS


def _sort(grid: Grid, at: int, frame: Frame, block: Block) -> None:
    row = grid.rows[at]
    filled = [c for c in grid.filled(at) if c in frame.own]
    told = [c for c in filled if c != frame.serial or (isinstance(row[c], str) and looks_like_village(row[c]))]
    if not told:
        return
    texts = [row[c] for c in (*sorted(frame.nameless), *filled) if isinstance(row[c], str)]
    has_id = any(_is_numbered(row[c]) for c in frame.ids)
    names = [row[c] for c in frame.names if row[c] is not None]
    has_name = any(not is_total_word(n) and not _is_note(n) and not _is_count(n) for n in names)
    if not has_id and not has_name and (any(map(is_total_word, texts)) or _has_sum(grid.sheet.look, at, frame, block)):
        block.totals.append(at)
    elif not has_id and ((texts and _is_note(texts[0])) or (not has_name and any(map(_is_note, texts)))):
        block.notes.append(at)
    elif not has_id and not has_name and _only_places(row, told, frame):
        _note_banner(row, told, at, block)
    else:
        block.rows.append(at)


def _is_note(value: CellValue) -> bool:
    return isinstance(value, str) and (len(value) > 40 or is_footer_text(value))


def _is_count(value: CellValue) -> bool:
    """Tell whether a cell where a name should be only says how many there are."""
    return _COUNTED.fullmatch(clean_text(text_of(value))) is not None


def _is_numbered(value: CellValue) -> bool:
    """Tell whether a cell holds a long number, as an ID is, however damaged."""
    return value is not None and sum(c.isdecimal() for c in str(value)) >= _ID_DIGITS and not _is_note(value)


def _has_sum(look: Look, at: int, frame: Frame, block: Block) -> bool:
    """Tell whether a formula of the row adds up the rows above it."""
    own = [look.formulas.get((at + 1, c + 1), "") for c in frame.own] if look.formulas else []
    return bool(block.rows) and any(_SUM.match(f) and ":" in f for f in own)


def _only_places(row: Sequence[CellValue], told: Sequence[int], frame: Frame) -> bool:
    """Tell whether a row says no more than where: a line prepared for later, or a village's name above its people."""
    alone = len(told) == 1 and told[0] not in frame.anchors and isinstance(row[told[0]], str)
    return alone or all(c in frame.places for c in told)


def _note_banner(row: Sequence[CellValue], told: Sequence[int], at: int, block: Block) -> None:
    value = row[told[0]]
    if len(told) == 1 and isinstance(value, str) and looks_like_village(value):
        block.banners[at] = clean_text(value)
    block.notes.append(at)


@dataclass
class Filled:
    """The values of the columns after filling down, and where that was done or was not allowed."""

    cells: dict[str, list[CellValue]]
    filled: dict[str, set[int]]  # field -> rows (from 1)
    merged: dict[str, set[int]]


def fill(grid: Grid, contract: Contract, frame: Frame, block: Block) -> Filled:
    """Take the cells of the data rows; fill merged, blank and 同上 cells down where the contract allows it."""
    result = Filled({n: _pick(grid.columns[c], block.rows) for n, c in frame.columns.items()}, {}, {})
    _fill_merges(grid, contract, frame, block, result)
    for name in frame.columns:
        column = contract.column(name)
        if column.fill_down or column.kind == "code":
            _fill_dittos(name, block, result)
    blanks = [contract.column(n) for n in frame.columns if contract.column(n).fill_down]
    if blanks and block.rows:
        _fill_blanks(grid, blanks, frame, block, result)
    return result


def _pick(column: Sequence[CellValue], rows: Sequence[int]) -> list[CellValue]:
    return list(itemgetter(*rows)(column)) if len(rows) > 1 else [column[r] for r in rows]


def _fill_merges(grid: Grid, contract: Contract, frame: Frame, block: Block, result: Filled) -> None:
    places = {row: at for at, row in enumerate(block.rows)}
    fields = {c: n for n, c in frame.columns.items()}
    for r1, c1, r2, _ in grid.sheet.merges:
        name = fields.get(c1 - 1)
        inside = [r for r in range(r1 - 1, r2) if r in places] if name and r2 > r1 else []
        if name is None or grid.rows[r1 - 1][c1 - 1] is None:
            continue
        column = contract.column(name)
        if column.fill_down:
            for row in (r for r in inside if r >= r1):
                result.cells[name][places[row]] = grid.rows[r1 - 1][c1 - 1]
                result.filled.setdefault(name, set()).add(row + 1)
        elif column.kind in _NEVER_FILLED and len(inside) > 1:
            result.merged.setdefault(name, set()).update(r + 1 for r in inside)


def _fill_dittos(name: str, block: Block, result: Filled) -> None:
    values = result.cells[name]
    if not any(map(is_ditto, set(values))):
        return
    for at, value in enumerate(values):
        if at and type(value) is str and is_ditto(value) and values[at - 1] is not None:
            values[at] = values[at - 1]
            result.filled.setdefault(name, set()).add(block.rows[at] + 1)


def _fill_blanks(grid: Grid, columns: list[Column], frame: Frame, block: Block, result: Filled) -> None:
    """Fill a place that is written in the first row only (L11), where the rows surely belong together."""
    serials = [_serial(grid.rows[r][frame.serial]) if frame.serial is not None else None for r in block.rows]
    households = list(result.cells.get("household_no", [None] * len(block.rows)))
    order = sorted(columns, key=lambda c: c.kind not in ("town", "village"))
    towns = list(result.cells.get("town_name", [None] * len(block.rows)))
    for column in order:
        values = result.cells[column.name]
        if all(v is not None for v in values) or not _first_row_only(values):
            joined = _same(households)
        else:
            joined = [s or h for s, h in zip(_running(serials, block, towns), _same(households), strict=True)]
        if column.name == "household_no" or column.kind in ("name", "id"):
            joined = [j and not head for j, head in zip(joined, _heads(result), strict=True)]
        for at in range(1, len(values)):
            if values[at] is None and values[at - 1] is not None and joined[at]:
                values[at] = values[at - 1]
                result.filled.setdefault(column.name, set()).add(block.rows[at] + 1)


def _heads(result: Filled) -> list[bool]:
    """Tell for each row whether it is a household's head, with whom another household begins."""
    relation = result.cells.get("rel_to_head") or [None] * len(next(iter(result.cells.values())))
    return [isinstance(v, str) and clean_text(v) in ("户主", "本人", "本人或户主") for v in relation]


def _first_row_only(values: Sequence[CellValue]) -> bool:
    """Tell whether a column is written where it changes only; where it is repeated, a blank is a blank."""
    pairs = list(pairwise(values))
    repeated = sum(a is not None and a == b for a, b in pairs)
    blanks = sum(v is None for v in values)
    return values[0] is not None and (repeated == 0 or blanks >= 3 * repeated)


def _serial(value: CellValue) -> int | None:
    try:
        return int(float(value)) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        return None


def _running(serials: Sequence[int | None], block: Block, towns: Sequence[CellValue]) -> list[bool]:
    """Tell for each row whether its number follows the one above, in the same town and with no sum between."""
    breaks, found = sorted([*block.totals, *block.banners]), [False]
    stride = _stride(serials)
    for at in range(1, len(serials)):
        before, now = serials[at - 1], serials[at]
        cut = any(block.rows[at - 1] < b < block.rows[at] for b in breaks)
        moved = towns[at] is not None and towns[at - 1] is not None and towns[at] != towns[at - 1]
        found.append(before is not None and now is not None and now - before == stride and not cut and not moved)
    return found


def _stride(serials: Sequence[int | None]) -> int:
    """Return the usual step of the numbers: 1, or 2 where two tables side by side are numbered across."""
    steps = Counter(b - a for a, b in pairwise(serials) if a is not None and b is not None)
    return 2 if steps[2] > steps[1] else 1


def _same(households: Sequence[CellValue]) -> list[bool]:
    return [False, *(a is not None and a == b for a, b in pairwise(households))]


def stated_totals(grid: Grid, contract: Contract, frame: Frame, block: Block) -> dict[str, tuple[int, float]]:
    """Return the sums that the last row of totals states, by field; nothing when it cannot cover all rows."""
    last = max(block.totals, default=-1)
    if not block.rows or last < block.rows[-1]:
        return {}
    texts = "".join(text_of(v) for v in grid.rows[last])
    if len(block.totals) > 1 and "小计" in texts:
        return {}
    found = {}
    for name, column in frame.columns.items():
        value = grid.rows[last][column]
        number = _amount(value) if contract.column(name).kind in ("money", "number", "integer") else None
        if number is not None:
            found[name] = (last + 1, number)
    return found


def _amount(value: CellValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    text = clean_text(str(value)).replace(",", "").removesuffix("元")
    try:
        return float(text)
    except ValueError:
        return None
