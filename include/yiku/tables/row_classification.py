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
from yiku.formats.cells import CellValue
from yiku.tables import line_classes
from yiku.tables.header_detection import OPENING, Grid, TableHeader, text_of
from yiku.tables.line_classes import is_number_row
from yiku.tables.sheet_metadata import LABELS
from yiku.tables.value_profile import clean_text, looks_like_village

_DITTO = frozenset(
    {
        "同上",
        "〃",
        '"',
        "″",
        "''",
        "“",
        "”",
        "“”",
        '""',
        "'",
        "ditto",
        "同前",
        "々",
        "´´",
        "〞",
        "＂",
    }
)
_OTHER_HEAD = re.compile(
    r"^(?:序号|名称|项目|指标|类别|类型|单位|乡镇|村|村别|村组|合计|小计|总数|省外|省内|县外|县内|市外|市内|男|女|备注|月份|年度|季度"
    r"|产业|行业|工种|岗位|性别|民族|年龄段?|学历|区域|地区|等级|级别|层级|职称|专业|单位名称|乡镇名称)$"
    r"|(?:村名|人数|户数|人次|数量|金额|个数|比例|占比|名称|面积|产值|数)$"
)
_SHORT_HEAD = 10
# Characters that make a cell worth a closer look, and what it must not turn out to be: most names and texts have none.
_SAID = frozenset({"total", "label", "said"})
_OF_OTHERS = (frozenset(":：计共总额汇注说签章"), _SAID)
_OF_PEOPLE = (
    _OF_OTHERS[0] | frozenset("数人年月/日-—…无*户个"),
    _SAID | {"day", "count", "nothing"},
)
_SUM = re.compile(r"^=?\s*(?:SUM|SUBTOTAL|SUMPRODUCT|AGGREGATE)\(", re.I)
# A line that says only these says where, not what: 村, 户主 above the people. Where a list pairs somebody with a
# household, the household is what the row is about.
_WHERE = frozenset({"town", "village", "group"})
_HOUSEHOLD = frozenset({"household_no", "head_name", "head_id_no"})
_NEVER_SHARED = frozenset({"id", "id_or_uscc", "money", "account", "disability"})
_ONE_EACH = frozenset(
    {"board_no", "post_no", "cert_no", "photo_no"}
)  # numbers that are given once
_COUNTS = frozenset({"integer", "number", "percent"})


@dataclass
class Block:
    """The lines below one header, by row (from 0): what each of them is."""

    classes: dict[int, str] = field(default_factory=dict)
    banners: dict[int, str] = field(
        default_factory=dict
    )  # row -> village whose people follow

    def rows_of(self, *classes: str) -> list[int]:
        """Return the rows of these classes in order."""
        return [at for at, found in self.classes.items() if found in classes]

    @cached_property
    def rows(self) -> list[int]:
        """The data rows, once all lines are told."""
        return self.rows_of(line_classes.DATA)

    @property
    def notes(self) -> list[int]:
        """The lines that say something about the table: who signed it, when, and what is to be known."""
        return self.rows_of(line_classes.FOOTER, line_classes.NOTE, line_classes.PLACE)

    @cached_property
    def totals(self) -> list[int]:
        """The lines that state sums, once all lines are told."""
        return self.rows_of(line_classes.TOTAL)


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
    nameless: frozenset[int] = (
        frozenset()
    )  # columns at the left edge that have no header

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
        ids = tuple(
            columns[n]
            for n, c in kinds.items()
            if c.kind in ("id", "id_or_uscc") and (n in person)
        )
        names = tuple(columns[n] for n in kinds if n == contract.person_name)
        own_house = (
            _HOUSEHOLD
            if contract.person and not contract.names_household
            else frozenset[str]()
        )
        places = frozenset(
            columns[n]
            for n, c in kinds.items()
            if c.kind in _WHERE or (n in own_house and n not in person)
        )
        needed = tuple(
            columns[n]
            for n, c in kinds.items()
            if c.need == "M" and columns[n] not in places
        )
        return cls(columns, own, serial, names, ids, needed, places, nameless)


def is_ditto(value: CellValue) -> bool:
    """Tell whether a cell says 'the same as above'."""
    return (
        isinstance(value, str)
        and len(value) <= 8
        and "".join(value.split()).lower() in _DITTO
    )


def read_block(grid: Grid, head: TableHeader, frame: Frame, stop: int) -> Block:
    """Say of each line from below the header up to ``stop`` what it is."""
    block, teller = Block(), _Teller(grid, frame)
    opening, other = head.bottom + OPENING, False
    for at in range(head.bottom + 1, stop):
        if not grid.counts[at]:
            continue
        if at in head.again:
            block.classes[at], opening, other = line_classes.AGAIN, at + OPENING, False
            continue
        opened = teller.opening(at) if at <= opening else None
        if opened:
            block.classes[at], opening = opened, at + OPENING
            continue
        if teller.is_plain(at):
            found, other = line_classes.DATA, False
        else:
            found = teller.tell(at)
            other = (other or teller.begins_other(at)) and not teller.has_number(at)
            found = (
                line_classes.OTHER if other and found != line_classes.FOOTER else found
            )
        if found == line_classes.DATA and teller.heads_next(at, head, stop):
            found = line_classes.NOTE
        block.classes[at] = found
        teller.rows_seen += found == line_classes.DATA
        if found == line_classes.PLACE and (village := teller.village_alone(at)):
            block.banners[at] = village
    return block


class _Teller:
    """Tells what the lines below a header are."""

    def __init__(self, grid: Grid, frame: Frame) -> None:
        self.grid, self.frame = grid, frame
        self.columns = sorted(frame.own | frame.nameless)
        self.rows_seen = 0
        people = {*frame.names, *frame.ids}
        self._aside = {
            c: _OF_PEOPLE if c in people else _OF_OTHERS for c in frame.telling
        }
        self._first = [
            *sorted(frame.nameless),
            *([] if frame.serial is None else [frame.serial]),
        ]

    def _filled(self, at: int) -> list[int]:
        row = self.grid.rows[at]
        return [c for c in self.columns if row[c] is not None]

    def opening(self, at: int) -> str | None:
        """Tell whether a row near the header explains the columns and is no data (L07)."""
        cells = [self.grid.rows[at][c] for c in self._filled(at)]
        if not cells:
            return None
        if is_number_row(cells) and len(cells) * 2 >= len(self.frame.own):
            return line_classes.NUMBERS
        if line_classes.is_example(cells):
            return line_classes.EXAMPLE
        return line_classes.HINT if line_classes.is_hint_row(cells) else None

    def is_plain(self, at: int) -> bool:
        """Tell quickly whether a row holds a person's name and number, or, where no person is, all that a row must."""
        row = self.grid.rows[at]
        for column, (signs, aside) in self._aside.items():
            value = row[column]
            if value is None:
                return False
            if (
                type(value) is str
                and (not signs.isdisjoint(value) or value in LABELS)
                and line_classes.sort_of(value) in aside
            ):
                return False
        return bool(self.frame.telling) and not self._says_example(row)

    def _says_example(self, row: Sequence[CellValue]) -> bool:
        return any(
            type(row[c]) is str and line_classes.says_example(row[c])
            for c in self._first
        )

    def tell(self, at: int) -> str:
        """Tell by its whole shape what a line is that lacks something a row must have."""
        row, frame = self.grid.rows[at], self.frame
        filled = self._filled(at)
        if self._says_example(row):
            return line_classes.EXAMPLE
        sorts = dict(
            zip(filled, line_classes.sorts_of([row[c] for c in filled]), strict=True)
        )
        if any(
            line_classes.is_numbered(row[c], sorts[c]) for c in frame.ids if c in sorts
        ):
            return line_classes.DATA
        told = [
            c
            for c in filled
            if sorts[c] != "nothing" and not self._is_serial(c, row[c], sorts[c])
        ]
        if not told:
            return line_classes.PREPARED if filled else line_classes.NOTE
        if len(told) == 1:
            return self._lone(row[told[0]], sorts[told[0]], told[0], at)
        if all(line_classes.is_pair(row[c]) for c in told):
            return line_classes.FOOTER
        if any(
            line_classes.is_person(row[c], sorts[c]) for c in frame.names if c in sorts
        ):
            return line_classes.DATA
        kinds = [
            "place" if c in frame.places and sorts[c] == "text" else sorts[c]
            for c in told
        ]
        if self._is_sum(at, told, kinds):
            return line_classes.TOTAL
        if {"label", "said"} & set(kinds) and all(
            k == "place"
            or line_classes.is_explained(row[c], k)
            or line_classes.is_pair(row[c])
            for c, k in zip(told, kinds, strict=True)
        ):
            return line_classes.FOOTER
        return (
            line_classes.PLACE
            if all(k == "place" for k in kinds)
            else line_classes.DATA
        )

    def _is_serial(self, column: int, value: CellValue, sort: str) -> bool:
        return column == self.frame.serial and (
            sort == "number" or (isinstance(value, str) and value.isascii())
        )

    def _lone(self, value: CellValue, sort: str, column: int, at: int) -> str:
        """Tell what a line is on which, a number beside, one cell alone is filled."""
        if sort == "total" or (sort == "number" and self._adds_up(at)):
            return line_classes.TOTAL
        if sort in ("label", "said", "day"):
            return line_classes.FOOTER
        if (
            column in self.frame.places
            and isinstance(value, str)
            and not line_classes.is_long(value)
        ):
            return line_classes.PLACE
        if sort in ("text", "count") and (
            column not in self.frame.anchors or line_classes.is_long(value)
        ):
            return (
                line_classes.PLACE if looks_like_village(value) else line_classes.NOTE
            )
        return line_classes.DATA

    def _is_sum(self, at: int, told: Sequence[int], kinds: Sequence[str]) -> bool:
        """Tell whether a row without a person states sums: a word says so, or a formula adds up the rows above."""
        strange = sum(k in ("text", "day") for k in kinds)
        if "total" in kinds:
            first = next(k for k in kinds if k not in ("number", "count", "day"))
            return strange * 2 <= len(kinds) and (
                self._about_people or first in ("total", "place")
            )
        return not strange and self._adds_up(at)

    @property
    def _about_people(self) -> bool:
        return bool(self.frame.names and self.frame.ids)

    def _adds_up(self, at: int) -> bool:
        """Tell whether a formula of the row adds up the rows above it."""
        formulas = self.grid.sheet.look.formulas
        own = (
            [formulas.get((at + 1, c + 1), "") for c in self.frame.own]
            if formulas
            else []
        )
        return self.rows_seen > 0 and any(_SUM.match(f) and ":" in f for f in own)

    def village_alone(self, at: int) -> str | None:
        """Return the village that a line names and nothing else."""
        row = self.grid.rows[at]
        told = [
            c
            for c in self._filled(at)
            if not self._is_serial(c, row[c], line_classes.sort_of(row[c]))
        ]
        value = row[told[0]] if len(told) == 1 else None
        return (
            clean_text(value)
            if isinstance(value, str) and looks_like_village(value)
            else None
        )

    def heads_next(self, at: int, head: TableHeader, stop: int) -> bool:
        """Tell whether a line is one text right above another header, whose title it is."""
        row, filled = self.grid.rows[at], self._filled(at)
        below = next(
            (r for r in range(at + 1, self.grid.height) if self.grid.counts[r]), stop
        )
        if (
            len(filled) != 1
            or below >= self.grid.height
            or (below != stop and below not in head.again)
        ):
            return False
        return (
            line_classes.sort_of(row[filled[0]]) == "text"
            and len(clean_text(str(row[filled[0]]))) > 3
        )

    def has_number(self, at: int) -> bool:
        """Tell whether a line holds somebody's number: such a line is a row of the list wherever it stands."""
        row = self.grid.rows[at]
        return any(
            line_classes.is_numbered(row[c], line_classes.sort_of(row[c]))
            for c in self.frame.ids
            if row[c] is not None
        )

    def begins_other(self, at: int) -> bool:
        """Tell whether a line below the rows heads a small table of something else: 村名, 人数."""
        if not self.rows_seen:
            return False
        cells = [self.grid.rows[at][c] for c in self.grid.filled(at)]
        if len(cells) < 2 or len(set(cells)) < len(cells):
            return False
        texts = [clean_text(c) for c in cells if isinstance(c, str)]
        if len(set(texts)) < len(cells):
            return False
        heads = sum(
            len(t) <= _SHORT_HEAD and _OTHER_HEAD.search(t) is not None for t in texts
        )
        alone = self.grid.counts[at - 1] <= 1
        return heads >= 2 and (
            heads * 2 >= len(texts) if alone else heads == len(texts)
        )


@dataclass
class Filled:
    """The values of the columns after filling down, and where that was done or was not allowed."""

    cells: dict[str, list[CellValue]]
    filled: dict[str, set[int]]  # field -> rows (from 1)
    merged: dict[str, set[int]]


def fill(grid: Grid, contract: Contract, frame: Frame, block: Block) -> Filled:
    """Take the cells of the data rows; fill merged, blank and 同上 cells down where the contract allows it."""
    result = Filled(
        {n: _pick(grid.columns[c], block.rows) for n, c in frame.columns.items()},
        {},
        {},
    )
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
    return (
        list(itemgetter(*rows)(column)) if len(rows) > 1 else [column[r] for r in rows]
    )


def _fill_merges(
    grid: Grid, contract: Contract, frame: Frame, block: Block, result: Filled
) -> None:
    places = {row: at for at, row in enumerate(block.rows)}
    fields = {c: n for n, c in frame.columns.items()}
    for r1, c1, r2, _ in grid.sheet.merges:
        name = fields.get(c1 - 1)
        # what is merged with the header is not said of the rows
        if (
            name is None
            or r2 <= r1
            or r1 - 1 not in block.classes
            or grid.rows[r1 - 1][c1 - 1] is None
        ):
            continue
        inside = [r for r in range(r1 - 1, min(r2, grid.height)) if r in places]
        column = contract.column(name)
        if column.fill_down or (_is_shared(contract, column) and r1 - 1 in places):
            for row in (r for r in inside if r >= r1):
                result.cells[name][places[row]] = grid.rows[r1 - 1][c1 - 1]
                result.filled.setdefault(name, set()).add(row + 1)
        elif len(inside) > 1:
            result.merged.setdefault(name, set()).update(r + 1 for r in inside)


def _is_shared(contract: Contract, column: Column) -> bool:
    """Tell whether a cell merged over rows is the value of each: the facts of a firm, a class, a visit.

    Never who a row is about, nor money: an amount over three rows is one amount (L10). So are counts, but of what
    persons have in common.
    """
    if column.fill_down:
        return True
    if (
        column.kind in _NEVER_SHARED
        or column.name in _ONE_EACH
        or (column.kind == "phone" and column.block is not None)
    ):
        return False
    if column.kind == "name":
        keys = {name for part in contract.keys for name in part.columns}
        return column.name not in keys and column.name not in (
            contract.person_name,
            "account_name",
        )
    return column.kind not in _COUNTS or contract.person_id is not None


def _fill_dittos(name: str, block: Block, result: Filled) -> None:
    values = result.cells[name]
    if not any(map(is_ditto, set(values))):
        return
    for at, value in enumerate(values):
        if at and type(value) is str and is_ditto(value) and values[at - 1] is not None:
            values[at] = values[at - 1]
            result.filled.setdefault(name, set()).add(block.rows[at] + 1)


def _fill_blanks(
    grid: Grid, columns: list[Column], frame: Frame, block: Block, result: Filled
) -> None:
    """Fill a place that is written in the first row only (L11), where the rows surely belong together."""
    serials = [
        _serial(grid.rows[r][frame.serial]) if frame.serial is not None else None
        for r in block.rows
    ]
    households = list(result.cells.get("household_no", [None] * len(block.rows)))
    order = sorted(columns, key=lambda c: c.kind not in ("town", "village"))
    towns = list(result.cells.get("town_name", [None] * len(block.rows)))
    for column in order:
        values = result.cells[column.name]
        if all(v is not None for v in values) or not _first_row_only(values):
            joined = _same(households)
        else:
            joined = [
                s or h
                for s, h in zip(
                    _running(serials, block, towns), _same(households), strict=True
                )
            ]
        if column.name == "household_no" or column.kind in ("name", "id"):
            joined = [
                j and not head for j, head in zip(joined, _heads(result), strict=True)
            ]
        for at in range(1, len(values)):
            if values[at] is None and values[at - 1] is not None and joined[at]:
                values[at] = values[at - 1]
                result.filled.setdefault(column.name, set()).add(block.rows[at] + 1)


def _heads(result: Filled) -> list[bool]:
    """Tell for each row whether it is a household's head, with whom another household begins."""
    relation = result.cells.get("rel_to_head") or [None] * len(
        next(iter(result.cells.values()))
    )
    return [
        isinstance(v, str) and clean_text(v) in ("户主", "本人", "本人或户主")
        for v in relation
    ]


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


def _running(
    serials: Sequence[int | None], block: Block, towns: Sequence[CellValue]
) -> list[bool]:
    """Tell for each row whether its number follows the one above, in the same town and with no sum between."""
    breaks, found = sorted([*block.totals, *block.banners]), [False]
    stride = _stride(serials)
    for at in range(1, len(serials)):
        before, now = serials[at - 1], serials[at]
        cut = any(block.rows[at - 1] < b < block.rows[at] for b in breaks)
        moved = (
            towns[at] is not None
            and towns[at - 1] is not None
            and towns[at] != towns[at - 1]
        )
        found.append(
            before is not None
            and now is not None
            and now - before == stride
            and not cut
            and not moved
        )
    return found


def _stride(serials: Sequence[int | None]) -> int:
    """Return the usual step of the numbers: 1, or 2 where two tables side by side are numbered across."""
    steps = Counter(
        b - a for a, b in pairwise(serials) if a is not None and b is not None
    )
    return 2 if steps[2] > steps[1] else 1


def _same(households: Sequence[CellValue]) -> list[bool]:
    return [False, *(a is not None and a == b for a, b in pairwise(households))]


def stated_totals(
    grid: Grid, contract: Contract, frame: Frame, block: Block
) -> dict[str, tuple[int, float]]:
    """Return the sums that the last row of totals states, by field; nothing when it cannot cover all rows."""
    last = max(block.totals, default=-1)
    if not block.rows or last < block.rows[-1]:
        return {}
    texts = "".join(text_of(v) for v in grid.rows[last])
    if "均" in texts or (len(block.totals) > 1 and "小计" in texts):
        return {}
    found = {}
    for name, column in frame.columns.items():
        value = grid.rows[last][column]
        number = (
            _amount(value)
            if contract.column(name).kind in ("money", "number", "integer")
            else None
        )
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
