"""Which lines below a header are rows of the list, and what the others are.

The order of questions matters: a line with somebody's number is a row wherever it
stands, and only what lacks something that a row must have is looked at as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from yiku.formats.cells import CellValue
from yiku.tables import line_classes
from yiku.tables.grid import Grid
from yiku.tables.header_detection import TableHeader
from yiku.tables.header_levels import OPENING
from yiku.tables.line_classes import is_number_row
from yiku.tables.sheet_metadata import LABELS
from yiku.tables.table_layout import TableColumns, TableLines
from yiku.tables.value_profile import clean_text, looks_like_village

# what heads a summary below a list: 村名 人数, 省内 省外
_OTHER_HEADER = re.compile(
    r"^(?:序号|名称|项目|指标|类别|类型|单位|乡镇|村|村别|村组|合计|小计|总数|省外|省内"
    r"|县外|县内|市外|市内|男|女|备注|月份|年度|季度|产业|行业|工种|岗位|性别|民族|年龄段?"
    r"|学历|区域|地区|等级|级别|层级|职称|专业|单位名称|乡镇名称)$"
    r"|(?:村名|人数|户数|人次|数量|金额|个数|比例|占比|名称|面积|产值|数)$"
)
_SHORT_HEADER = 10
_SHORT_TITLE = 3  # a title is longer
# Characters that make a cell worth a closer look, and what it must not turn out to be.
# Most names and texts have none of them, and are told at a glance.
_SIGNS = frozenset(":：计共总额汇注说签章")
_SIGNS_IN_PERSON = _SIGNS | frozenset("数人年月/日-—…无*户个")
_ASIDE = frozenset({"total", "label", "said"})
_ASIDE_IN_PERSON = _ASIDE | {"day", "count", "nothing"}
# formulas that add up, whatever the program that wrote them
_SUM = re.compile(r"^=?\s*(?:SUM|SUBTOTAL|SUMPRODUCT|AGGREGATE)\(", re.I)
_NO_WORD = frozenset(
    {"number", "count", "day"}
)  # sorts of cells that say no word


def classify_lines(
    grid: Grid,
    header: TableHeader,
    columns: TableColumns,
    stop: int,
) -> TableLines:
    """Say of each line from below the header up to ``stop`` (from 0) what it is."""
    lines = TableLines()
    classifier = _LineClassifier(grid, header, columns, stop)
    for row in range(header.bottom + 1, stop):
        if not grid.counts[row]:
            continue
        found = classifier.classify(row)
        lines.classes[row] = found
        if found == line_classes.PLACE:
            village = classifier.village_alone(row)
            if village:
                lines.villages[row] = village
    return lines


def _has_any(cells: Sequence[CellValue], signs: frozenset[str]) -> bool:
    """Return whether any text of a column holds one of some signs, or is a label."""
    texts = {cell for cell in cells if type(cell) is str}
    return not (signs.isdisjoint("".join(texts)) and texts.isdisjoint(LABELS))


class _LineClassifier:
    """Tells one line after the other what it is.

    ``_opening_end`` is the last row that may explain the columns; ``_in_other`` is true
    below the header of a small table of something else.
    """

    def __init__(
        self,
        grid: Grid,
        header: TableHeader,
        columns: TableColumns,
        stop: int,
    ) -> None:
        self._grid = grid
        self._header = header
        self._columns = columns
        self._stop = stop
        self._rows_seen = 0
        self._opening_end = header.bottom + OPENING
        self._in_other = False
        self._own = sorted(columns.own | columns.nameless)
        people = {*columns.names, *columns.ids}
        self._closer_look: dict[
            int, tuple[frozenset[str], frozenset[str]]
        ] = {}
        for column in columns.telling:
            look = (_SIGNS, _ASIDE)
            if column in people:
                look = (_SIGNS_IN_PERSON, _ASIDE_IN_PERSON)
            # Of most columns no cell has any of the signs: then it is only looked whether a cell is filled.
            signs = look[0]
            if _has_any(grid.columns[column], signs):
                self._closer_look[column] = look
        self._telling = list(columns.telling)
        self._beside = sorted(columns.nameless)
        if columns.serial is not None:
            self._beside.append(columns.serial)

    def classify(self, row: int) -> str:
        """Return the class of a line; lines are asked for from the first one on."""
        if row in self._header.again:
            self._opening_end = row + OPENING
            self._in_other = False
            return line_classes.AGAIN
        if row <= self._opening_end:
            opening = self._opening(row)
            if opening:
                self._opening_end = row + OPENING
                return opening
        found = self._of_body(row)
        if found == line_classes.DATA:
            if self._heads_next(row):
                return line_classes.NOTE
            self._rows_seen += 1
        return found

    def _of_body(self, row: int) -> str:
        """Return the class of a line that is no header and explains no column."""
        if self._is_plain(row):
            self._in_other = False
            return line_classes.DATA
        found = self._by_shape(row)
        # once such a table has begun, only somebody's number ends it
        begins_other = self._in_other or self._begins_other(row)
        self._in_other = begins_other and not self._has_number(row)
        if self._in_other and found != line_classes.FOOTER:
            return line_classes.OTHER
        return found

    def _filled(self, row: int) -> list[int]:
        """Return the columns of the table that hold something on a row."""
        cells = self._grid.rows[row]
        return [column for column in self._own if cells[column] is not None]

    def _opening(self, row: int) -> str | None:
        """Return the class of a row that explains the columns and is no data (L07)."""
        cells = [self._grid.rows[row][column] for column in self._filled(row)]
        if not cells:
            return None
        if is_number_row(cells) and len(cells) * 2 >= len(self._columns.own):
            return line_classes.NUMBERS
        if line_classes.is_example(cells):
            return line_classes.EXAMPLE
        if line_classes.is_hint_row(cells):
            return line_classes.HINT
        return None

    def _is_plain(self, row: int) -> bool:
        """Return quickly whether a row has all that says what it is about.

        A person's name and number, or, where no person is, all that a row must have.
        """
        cells = self._grid.rows[row]
        for column in self._telling:
            if cells[column] is None:
                return False
        for column, (signs, aside) in self._closer_look.items():
            value = cells[column]
            if type(value) is not str:
                continue
            if signs.isdisjoint(value) and value not in LABELS:
                continue
            if line_classes.sort_of(value) in aside:
                return False
        return bool(self._columns.telling) and not self._says_example(cells)

    def _says_example(self, cells: Sequence[CellValue]) -> bool:
        """Return whether a cell beside the row says that it is an example."""
        for column in self._beside:
            value = cells[column]
            if type(value) is str and line_classes.says_example(value):
                return True
        return False

    def _by_shape(self, row: int) -> str:
        """Return the class of a line that lacks something a row must have."""
        cells = self._grid.rows[row]
        filled = self._filled(row)
        if self._says_example(cells):
            return line_classes.EXAMPLE
        sorts = dict(
            zip(
                filled,
                line_classes.sorts_of([cells[column] for column in filled]),
                strict=True,
            )
        )
        for column in self._columns.ids:
            if column in sorts:
                if line_classes.is_numbered(cells[column], sorts[column]):
                    return line_classes.DATA
        telling = [
            column
            for column in filled
            if sorts[column] != "nothing"
            and not self._is_serial(column, cells[column], sorts[column])
        ]
        if not telling:
            return line_classes.PREPARED if filled else line_classes.NOTE
        if len(telling) == 1:
            only = telling[0]
            return self._lone(cells[only], sorts[only], only, row)
        return self._of_several(row, telling, sorts)

    def _of_several(
        self,
        row: int,
        telling: Sequence[int],
        sorts: dict[int, str],
    ) -> str:
        """Return the class of a line on which several cells say something."""
        cells = self._grid.rows[row]
        # 审核人:某某 | 填表人:某某 are signatures, even in the column of names
        if all(line_classes.is_pair(cells[column]) for column in telling):
            return line_classes.FOOTER
        for column in self._columns.names:
            if column in sorts:
                if line_classes.is_person(cells[column], sorts[column]):
                    return line_classes.DATA
        kinds = [self._kind(column, sorts[column]) for column in telling]
        if self._is_sum(row, kinds):
            return line_classes.TOTAL
        if "label" in kinds or "said" in kinds:
            values = [cells[column] for column in telling]
            if _are_signatures(values, kinds):
                return line_classes.FOOTER
        if set(kinds) == {"place"}:
            return line_classes.PLACE
        return line_classes.DATA

    def _kind(self, column: int, sort: str) -> str:
        """Return the sort of a cell, or ``place`` where a text only says where."""
        if sort == "text" and column in self._columns.places:
            return "place"
        return sort

    def _is_serial(
        self,
        column: int,
        value: CellValue,
        sort: str,
    ) -> bool:
        """Return whether a cell only numbers its row."""
        if column != self._columns.serial:
            return False
        return sort == "number" or (isinstance(value, str) and value.isascii())

    def _lone(
        self,
        value: CellValue,
        sort: str,
        column: int,
        row: int,
    ) -> str:
        """Return the class of a line with one cell filled, a number beside at most."""
        if sort == "total" or (sort == "number" and self._adds_up(row)):
            return line_classes.TOTAL
        if sort in ("label", "said", "day"):
            return line_classes.FOOTER
        is_long = line_classes.is_long(value)
        if (
            column in self._columns.places
            and isinstance(value, str)
            and not is_long
        ):
            return line_classes.PLACE
        if sort not in ("text", "count"):
            return line_classes.DATA
        if column in self._columns.anchors and not is_long:
            return line_classes.DATA
        return (
            line_classes.PLACE
            if looks_like_village(value)
            else line_classes.NOTE
        )

    def _is_sum(self, row: int, kinds: Sequence[str]) -> bool:
        """Return whether a row without a person states sums.

        A word says so, or a formula adds up the rows above.
        """
        strange = kinds.count("text") + kinds.count("day")
        if "total" not in kinds:
            return not strange and self._adds_up(row)
        if strange * 2 > len(kinds):
            return False
        if self._columns.is_about_people:
            return True
        # in a list of firms 合计 may be a part of a firm's name further right
        first_word = next(kind for kind in kinds if kind not in _NO_WORD)
        return first_word in ("total", "place")

    def _adds_up(self, row: int) -> bool:
        """Return whether a formula of the row adds up the rows above it."""
        formulas = self._grid.sheet.look.formulas
        if not formulas or not self._rows_seen:
            return False
        for column in self._columns.own:
            # formulas are kept by row and column from 1
            formula = formulas.get((row + 1, column + 1), "")
            if ":" in formula and _SUM.match(formula):
                return True
        return False

    def village_alone(self, row: int) -> str | None:
        """Return the village that a line names and nothing else."""
        cells = self._grid.rows[row]
        telling: list[CellValue] = []
        for column in self._filled(row):
            value = cells[column]
            if not self._is_serial(column, value, line_classes.sort_of(value)):
                telling.append(value)
        if len(telling) != 1:
            return None
        only = telling[0]
        if not isinstance(only, str) or not looks_like_village(only):
            return None
        return clean_text(only)

    def _heads_next(self, row: int) -> bool:
        """Return whether a line is one text right above another header: its title."""
        # Columns outside of the table may be filled too: these alone are not taken for sure.
        outside = self._grid.width - len(self._own)
        if self._grid.counts[row] > outside + 1:
            return False
        filled = self._filled(row)
        if len(filled) != 1:
            return False
        # the title of the next table stands right above its header
        below = self._next_filled(row)
        if below >= self._grid.height:
            return False
        if below != self._stop and below not in self._header.again:
            return False
        value = self._grid.rows[row][filled[0]]
        if line_classes.sort_of(value) != "text":
            return False
        return len(clean_text(str(value))) > _SHORT_TITLE

    def _next_filled(self, row: int) -> int:
        """Return the next row that is not blank, else where the table ends."""
        counts = self._grid.counts
        for below in range(row + 1, self._grid.height):
            if counts[below]:
                return below
        return self._stop

    def _has_number(self, row: int) -> bool:
        """Return whether a line holds somebody's number.

        Such a line is a row of the list wherever it stands.
        """
        cells = self._grid.rows[row]
        for column in self._columns.ids:
            value = cells[column]
            if value is None:
                continue
            if line_classes.is_numbered(value, line_classes.sort_of(value)):
                return True
        return False

    def _begins_other(self, row: int) -> bool:
        """Return whether a line heads a small table of something else: 村名, 人数."""
        if not self._rows_seen:
            return False
        cells = [
            self._grid.rows[row][column] for column in self._grid.filled(row)
        ]
        texts = [clean_text(cell) for cell in cells if isinstance(cell, str)]
        if len(cells) < 2 or len(set(texts)) < len(cells):
            return False
        headers = sum(map(_is_other_header, texts))
        # a table of its own has a blank line or a title above it
        is_apart = self._grid.counts[row - 1] <= 1
        needed = len(texts) / 2 if is_apart else len(texts)
        return headers >= 2 and headers >= needed


def _is_other_header(text: str) -> bool:
    """Return whether a text heads a column of a small summary."""
    return (
        len(text) <= _SHORT_HEADER and _OTHER_HEADER.search(text) is not None
    )


def _are_signatures(values: Sequence[CellValue], kinds: Sequence[str]) -> bool:
    """Return whether all that a line says is who signs, where, when and how to call."""
    for value, kind in zip(values, kinds, strict=True):
        if kind == "place" or line_classes.is_explained(value, kind):
            continue
        if not line_classes.is_pair(value):
            return False
    return True
