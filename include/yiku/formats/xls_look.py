"""What an xls shows beside its values: hidden rows and columns, marks, formats, comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yiku.formats.cells import Look
from yiku.formats.number_format import is_percent, speaks
from yiku.formats.row_colours import coloured_rows, is_marking
from yiku.formats.xlsx_styles import is_symbol_font

Cell = tuple[int, int]
# Built-in formats of money: each country's programs show their own sign, whatever the list of
# formats says.
_CURRENCY_OF_THE_PLACE = frozenset({5, 6, 7, 8, 41, 42, 43, 44})
_AUTO_COLOURS = frozenset({None, 0, 1, 8, 9, 64, 65, 32767})
_SOLID = 1  # a fill's pattern


def look_of(book: Any, sheet: Any, height: int) -> Look:
    """Return what rows, columns and styles show, down to the last row that holds anything."""
    styled = list(
        _styled_cells(sheet, _Styles(book), min(sheet.nrows, height))
    )
    hidden_rows = {
        row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden
    }
    hidden_columns = {
        column + 1 for column, info in sheet.colinfo_map.items() if info.hidden
    }
    coloured = [
        (row, column, facts.colour)
        for (row, column), facts in styled
        if facts.colour
    ]
    comments = {
        (row + 1, column + 1): note.text
        for (row, column), note in sheet.cell_note_map.items()
    }
    return Look(
        hidden_rows=frozenset(row for row in hidden_rows if row <= height),
        hidden_columns=frozenset(
            column for column in hidden_columns if column <= sheet.ncols
        ),
        struck_rows=frozenset(
            cell[0] for cell, facts in styled if facts.struck
        ),
        coloured_rows=coloured_rows(coloured, height),
        comments=comments,
        percent=frozenset(cell for cell, facts in styled if facts.percent),
        symbol_font=frozenset(cell for cell, facts in styled if facts.symbol),
        formats={cell: facts.code for cell, facts in styled if facts.code},
    )


def _styled_cells(
    sheet: Any,
    styles: _Styles,
    height: int,
) -> Iterator[tuple[Cell, _Facts]]:
    """Yield the cells whose style says something, with what it says."""
    for row in range(height):
        # One call a cell through xlrd's public interface would cost more than reading the file.
        for column, number in enumerate(sheet._cell_xf_indexes[row]):
            facts = styles.facts(number)
            if facts is not _PLAIN:
                yield (row + 1, column + 1), facts


class _Facts:
    """What one style says beside borders and widths."""

    def __init__(
        self,
        colour: str = "",
        struck: bool = False,
        percent: bool = False,
        symbol: bool = False,
        code: str | None = None,
    ) -> None:
        self.colour = colour
        self.struck = struck
        self.percent = percent
        self.symbol = symbol
        self.code = code  # a number format that says more than a number

    @property
    def is_plain(self) -> bool:
        """Return whether there is nothing to tell."""
        if self.colour or self.struck or self.percent:
            return False
        return not (self.symbol or self.code)


_PLAIN = _Facts()


class _Styles:
    """The styles of a workbook, each looked at once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int | None, _Facts] = {None: _PLAIN}

    def facts(self, number: int | None) -> _Facts:
        """Return the facts of style ``number``; the one object ``_PLAIN`` where there are none."""
        if number not in self._known:
            found = self._read(number or 0)
            self._known[number] = _PLAIN if found.is_plain else found
        return self._known[number]

    def _read(self, number: int) -> _Facts:
        if number >= len(self._book.xf_list):
            return _PLAIN
        style = self._book.xf_list[number]
        font = self._font(style.font_index)
        colours = [
            self._colour(self._fill(style.background)),
            self._colour(font.colour_index if font else None),
        ]
        code = self._code(style.format_key)
        return _Facts(
            colour="/".join(colours) if any(colours) else "",
            struck=bool(font and font.struck_out),
            percent=is_percent(code),
            symbol=font is not None and is_symbol_font(font.name),
            code=code if speaks(code) else None,
        )

    def _font(self, number: int) -> Any:
        """Return a font; None where a damaged file names one that it does not have."""
        fonts = self._book.font_list
        return fonts[number] if number < len(fonts) else None

    def _fill(self, background: Any) -> int | None:
        """Return the colour of a solid fill by its number in the palette."""
        if background.fill_pattern != _SOLID:
            return None
        number: int = background.pattern_colour_index
        return number

    def _code(self, key: int) -> str:
        """Return the code of a number format; '' where it says nothing that can be relied on."""
        number_format = self._book.format_map.get(key)
        if number_format is None or key in _CURRENCY_OF_THE_PLACE:
            return ""
        return str(number_format.format_str)

    def _colour(self, number: int | None) -> str:
        """Return RRGGBB of a colour that can be a mark, else ''."""
        if number in _AUTO_COLOURS:
            return ""
        rgb = self._book.colour_map.get(number)
        if not rgb:
            return ""
        text = "{:02X}{:02X}{:02X}".format(*rgb)
        return text if is_marking(text) else ""
