"""The levels of a header: which rows above and below belong to it, and what they say.

务工信息 over 务工地址 | 务工单位 is one header of two levels. A merge may mark a group,
or only the blanks to its right.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from yiku.formats.cells import CellValue
from yiku.tables.column_fit import ColumnSample
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.grid import Grid, text_of
from yiku.tables.header_cells import could_be_header, is_data, is_short
from yiku.tables.header_words import HeaderWords
from yiku.tables.line_classes import is_number_row
from yiku.tables.sheet_metadata import is_label_row

SEARCH_ROWS = 30
OPENING = (
    3  # rows below a header where column numbers, examples and hints may stand
)
MOST_LEVELS = 3
_SPARSE = 3  # a data row holds at least a third of what the fullest does

Merge = tuple[int, int, int, int]


def header_rows(
    grid: Grid,
    words: HeaderWords,
    row: int,
    start: int,
) -> tuple[int, int]:
    """Return the first and the last row (from 0) of the header at ``row``.

    No level is looked for above ``start``.
    """
    first_allowed = _below_facts(grid, words, row, start)
    top = bottom = row
    while top > first_allowed and bottom - top < MOST_LEVELS - 1:
        step = _group_rows(grid, top, first_allowed)
        if not step:
            break
        top -= step
    while bottom + 1 < grid.height and bottom - top < MOST_LEVELS - 1:
        if not _is_leaf_row(grid, bottom, bottom + 1):
            break
        bottom += 1
    top = max(top, bottom - MOST_LEVELS + 1)
    return top, _reach(grid, top, bottom)


def _below_facts(
    grid: Grid,
    words: HeaderWords,
    row: int,
    start: int,
) -> int:
    """Return the first row that may hold a level of the header at ``row``.

    Label and value in one cell, as 讲师：王建国, are no groups.
    """
    for above in range(row - 1, max(start, row - MOST_LEVELS) - 1, -1):
        if _tells_facts(grid.rows[above], words):
            return above + 1
    return start


def _tells_facts(row: Sequence[CellValue], words: HeaderWords) -> bool:
    """Return whether most cells of a row say what is so of the whole table.

    讲师：王建国 | 地点：大石镇 does.
    """
    cells = [cell for cell in row if cell is not None]
    facts = 0
    for cell in cells:
        text = text_of(cell).replace("：", ":")
        label, _, value = text.partition(":")
        if value and words.knows(label):
            facts += 1
    return facts > 0 and facts * 2 >= len(cells)


def _reach(
    grid: Grid,
    top: int,
    bottom: int,
) -> int:
    """Return the last row to which merged headers reach down.

    Blank rows between the levels are included; a merge that reaches over data is not
    followed.
    """
    reached = bottom
    lowest = min(top + MOST_LEVELS, grid.height)
    for first_row, first_column, last_row, _ in grid.sheet.merges:
        merge_top, merge_bottom = first_row - 1, last_row - 1
        if not top <= merge_top <= bottom < merge_bottom < lowest:
            continue
        if grid.rows[merge_top][first_column - 1] is not None:
            reached = max(reached, merge_bottom)
    for row in range(bottom + 1, reached + 1):
        for value in grid.rows[row]:
            if value is None:
                continue
            if not isinstance(value, str) or is_data(text_of(value)):
                return bottom
    return reached


def _group_rows(
    grid: Grid,
    row: int,
    start: int,
) -> int:
    """Return how many rows above a header row belong to it.

    1, or 2 where few columns have a level between; 0 for none.
    """
    if _is_group_row(grid, row - 1, row):
        return 1
    upper = row - 2
    if upper < start:
        return 0
    between = grid.filled(row - 1)
    leaves = set(grid.filled(row))
    is_joined = _spans(grid, upper, row) or _completes(grid, upper, leaves)
    if not between and not is_joined:
        return 0
    for column in between:
        # a text in the first column is no level between but a row of its own
        if not column or not isinstance(grid.rows[row - 1][column], str):
            return 0
    if not leaves.issuperset(between) or not could_be_header(grid.rows[upper]):
        return 0
    return 2 if _is_group_row(grid, upper, row) else 0


def _completes(
    grid: Grid,
    row: int,
    leaves: set[int],
) -> bool:
    """Return whether a row names just the columns that lack a header among leaves.

    Then it is the upper half of a header that was written in two rows.
    """
    both = leaves | set(grid.filled(row))
    if len(both) == len(leaves):
        return False
    return both == set(range(min(both), max(both) + 1))


def _spans(
    grid: Grid,
    upper: int,
    lower: int,
) -> bool:
    """Return whether a merge reaches from one row into the next.

    序号 is often merged over all levels of a header.
    """
    for first_row, _, last_row, _ in grid.sheet.merges:
        if first_row - 1 <= upper and last_row - 1 >= lower:
            return True
    return False


def _is_group_row(grid: Grid, upper: int, lower: int) -> bool:
    """Return whether the row above a header row holds the groups of its columns.

    Its cells are short texts and no labels of who sends the table. Some of them stands
    over a blank, as a header of its own that has no leaf, or over two leaves.
    """
    above = grid.filled(upper)
    if not above:
        return False
    if len(above) < 2 and not _spans(grid, upper, lower):
        return False  # a title
    cells = [grid.rows[upper][column] for column in above]
    texts = [text_of(cell) for cell in cells]
    if is_label_row(texts):
        return False
    for cell, text in zip(cells, texts, strict=True):
        if not isinstance(cell, str) or not is_short(text):
            return False
    below = set(grid.filled(lower))
    if not below.issuperset(above):
        return True
    for column in above:
        following = column + 1
        if following in below and following not in above:
            return True
    return False


def _is_leaf_row(
    grid: Grid,
    upper: int,
    lower: int,
) -> bool:
    """Return whether the row below a header row holds the leaves of its groups."""
    below = grid.filled(lower)
    cells = [grid.rows[lower][column] for column in below]
    if not below or not all(isinstance(cell, str) for cell in cells):
        return False
    if not _group_columns(grid, upper).issuperset(below):
        return False
    if set(grid.filled(upper)).issuperset(below):
        return False
    for cell in cells:
        text = text_of(cell)
        if not is_short(text) or is_data(text):
            return False
    return True


def _group_columns(grid: Grid, row: int) -> set[int]:
    """Return the columns below cells of a row that span several columns.

    They do so by a merge, or by blanks to their right.

    Below them leaves may stand.
    """
    found: set[int] = set()
    for first_row, first_column, last_row, last_column in grid.sheet.merges:
        if first_row == last_row == row + 1 and last_column > first_column:
            found.update(range(first_column - 1, last_column))
    above = grid.filled(row)
    for column, following in pairwise(above):
        if following - column > 1:
            found.update(range(column, following))
    return found


def column_headers(
    grid: Grid,
    top: int,
    bottom: int,
) -> tuple[ColumnHeader, ...]:
    """Return the header of each column that has one, from the group to the leaf."""
    rows = range(top, bottom + 1)
    levels = [grid.merged_text(row, top, bottom) for row in rows]
    for upper, lower in pairwise(levels):
        _spread(upper, lower)
    body = body_rows(grid, bottom + 1)
    found: list[ColumnHeader] = []
    for column in range(grid.width):
        texts = [level[column] for level in levels if level[column]]
        if texts:
            # a header merged over two rows is said once
            said = tuple(dict.fromkeys(texts))
            found.append(
                ColumnHeader(column, said, ColumnSample(body, column))
            )
    return tuple(found)


def _spread(upper: list[str], lower: Sequence[str]) -> None:
    """Let a group that no merge marks stand above the leaves to its right.

    培训情况 | '' | '' over 时间 | 地点 | 内容 stands above all three.
    """
    group = ""
    for column, text in enumerate(upper):
        leaf = lower[column]
        if text:
            # a label merged downwards is no group
            group = text if leaf not in ("", text) else ""
        elif leaf and group:
            upper[column] = group
        else:
            group = ""


def body_rows(grid: Grid, start: int) -> list[list[CellValue]]:
    """Return the rows from ``start`` on that may be data.

    Column numbers are none, nor is what is nearly empty, as notes are.
    """
    opening = range(start, min(start + OPENING, grid.height))
    numbered = {row for row in opening if is_number_row(grid.rows[row])}
    rows = [row for row in range(start, grid.height) if row not in numbered]
    fullest = max((grid.counts[row] for row in rows[:SEARCH_ROWS]), default=0)
    kept = [row for row in rows if grid.counts[row] * _SPARSE >= fullest]
    return [grid.rows[row] for row in kept or rows]
