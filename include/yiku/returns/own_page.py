"""A sheet of our own (校验报告, 本次未报人员) before it is a part of a package.

It is written as XML at once: a library would make a whole workbook of it, which cost more than
all the rest of an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from xml.sax.saxutils import escape, quoteattr

from yiku.formats.cells import CellValue
from yiku.returns.cell_names import Place, Span, clean, letters
from yiku.returns.styles import Own, Styles

# A tab or a line's end in front is dropped by programs that read the text
# anew, and what stands behind it may be a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEAD_FILL = "D9E1F2"  # behind the headers of all that we add
HEADER = Own(fill=HEAD_FILL, bold=True, centred=True, wrapped=True)
TEXT_FORM = "@"
_DAY_FORM, _MOMENT_FORM = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
_LONG_NUMBER = 1e10  # from here on programs show 1.2E+10
_FIRST_DAY = datetime(1899, 12, 30)
_DAYS_TO_1904 = 1462
_DAY_SECONDS = 86_400
_PRINTED = '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'


@dataclass(frozen=True)
class Choice:
    """A drop-down: the cells that offer it, and its words."""

    cells: Span
    words: Sequence[str]


@dataclass
class OwnPage:
    """A sheet under construction.

    Heights are points, widths characters. ``is_printed_across``: on A4 across, as wide as the page
    and on as many pages as it takes.
    """

    title: str
    has_grid: bool = True
    is_selected: bool = False
    is_printed_across: bool = False
    frozen_rows: int = 0
    merges: list[Span] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    hidden_columns: set[int] = field(default_factory=set)
    choices: list[Choice] = field(default_factory=list)
    _links: dict[Place, str] = field(default_factory=dict)
    _rows: dict[int, dict[int, tuple[CellValue, Own]]] = field(
        default_factory=dict
    )

    @property
    def last_row(self) -> int:
        """The last row that holds anything, 0 of an empty sheet."""
        return max(self._rows, default=0)

    def put(self, row: int, column: int, value: CellValue, look: Own) -> None:
        """Write a value; text stays text, whatever it begins with."""
        self._rows.setdefault(row, {})[column] = (value, look)

    def put_as_clerk(self, row: int, column: int, value: CellValue) -> None:
        """Write a value of a clerk's as her own sheet would show it."""
        look = Own(plain=True, form=form_of(value))
        self.put(row, column, value, look)

    def merge(self, row: int, first: int, last: int) -> None:
        """Let a cell reach over others of its row."""
        self.merges.append((row, first, row, last))

    def link(self, row: int, column: int, title: str, place: Place) -> None:
        """Let a click lead to a cell of another sheet."""
        # In a link, an apostrophe in a title is written twice.
        quoted = title.replace("'", "''")
        to_row, to_column = place
        location = f"'{quoted}'!{letters(to_column)}{to_row}"
        self._links[row, column] = location

    def xml(self, styles: Styles, is_1904: bool) -> bytes:
        """Return the part, its formats among those of the workbook that it goes into."""
        pieces = [
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
            f'<worksheet xmlns="{styles.ns}">',
            self._properties_xml(),
            self._view_xml(),
            self._columns_xml(),
            "<sheetData>",
            *self._rows_xml(styles, is_1904),
            "</sheetData>",
            self._merges_xml(),
            self._choices_xml(),
            self._links_xml(),
            _PRINTED if self.is_printed_across else "",
            "</worksheet>",
        ]
        return "".join(pieces).encode()

    def _properties_xml(self) -> str:
        if not self.is_printed_across:
            return ""
        return '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'

    def _view_xml(self) -> str:
        attributes = ""
        if not self.has_grid:
            attributes += ' showGridLines="0"'
        # Two selected sheets are edited together: what is typed into one lands in the other.
        if self.is_selected:
            attributes += ' tabSelected="1"'
        pane = ""
        if self.frozen_rows:
            pane = (
                f'<pane ySplit="{self.frozen_rows}" topLeftCell="A{self.frozen_rows + 1}"'
                ' activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>'
            )
        view = f'<sheetView{attributes} workbookViewId="0">{pane}</sheetView>'
        return f"<sheetViews>{view}</sheetViews>"

    def _columns_xml(self) -> str:
        columns = ""
        for column in sorted(self.widths.keys() | self.hidden_columns):
            width = self.widths.get(column, 9)
            hidden = ' hidden="1"' if column in self.hidden_columns else ""
            columns += f'<col min="{column}" max="{column}" width="{width:g}" customWidth="1"{hidden}/>'
        return f"<cols>{columns}</cols>" if columns else ""

    def _rows_xml(self, styles: Styles, is_1904: bool) -> Iterable[str]:
        for row in sorted(self._rows.keys() | self.heights.keys()):
            height = self.heights.get(row)
            size = f' ht="{height:g}" customHeight="1"' if height else ""
            yield f'<row r="{row}"{size}>'
            for column, (value, look) in sorted(
                self._rows.get(row, {}).items()
            ):
                reference = f"{letters(column)}{row}"
                style = styles.own(_guarded(value, look))
                yield _cell_xml(reference, style, value, is_1904)
            yield "</row>"

    def _merges_xml(self) -> str:
        if not self.merges:
            return ""
        merged = "".join(
            f'<mergeCell ref="{_range(span)}"/>' for span in self.merges
        )
        return f'<mergeCells count="{len(self.merges)}">{merged}</mergeCells>'

    def _choices_xml(self) -> str:
        if not self.choices:
            return ""
        offered = ""
        for choice in self.choices:
            words = escape(",".join(choice.words))
            offered += (
                f'<dataValidation type="list" allowBlank="1" sqref="{_range(choice.cells)}">'
                f'<formula1>"{words}"</formula1></dataValidation>'
            )
        return f'<dataValidations count="{len(self.choices)}">{offered}</dataValidations>'

    def _links_xml(self) -> str:
        if not self._links:
            return ""
        links = ""
        for (row, column), location in sorted(self._links.items()):
            links += f'<hyperlink ref="{letters(column)}{row}" location={quoteattr(clean(location))}/>'
        return f"<hyperlinks>{links}</hyperlinks>"


@dataclass
class OwnSheets:
    """The sheets that are added to a workbook, whose own titles are ``taken``."""

    taken: Sequence[str]
    pages: list[OwnPage] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """The titles of all sheets, the clerk's and ours."""
        return [*self.taken, *(page.title for page in self.pages)]

    def add(self, title: str) -> OwnPage:
        """Begin a sheet of ours."""
        page = OwnPage(title)
        self.pages.append(page)
        return page


def form_of(value: CellValue) -> str | None:
    """Return the number format in which a value is seen as it is; None where any shows it."""
    # In a cell of the general format an ID turns into 5.1E+17 as soon as
    # somebody edits it, and its last three digits are gone.
    if isinstance(value, str):
        return TEXT_FORM
    if isinstance(value, datetime):
        return _MOMENT_FORM
    if isinstance(value, date):
        return _DAY_FORM
    is_long = isinstance(value, float) and abs(value) >= _LONG_NUMBER
    return "0" if is_long and float(value or 0).is_integer() else None


def _guarded(value: CellValue, look: Own) -> Own:
    """Return the format in which text does not become a formula when somebody edits its cell."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return replace(look, quoted=True)
    return look


def _cell_xml(
    reference: str, style: int, value: CellValue, is_1904: bool
) -> str:
    if value is None:
        return f'<c r="{reference}" s="{style}"/>'
    if isinstance(value, str):
        words = escape(clean(value), {"\r": "&#13;"})
        return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{reference}" s="{style}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        number = repr(_serial(value, is_1904))
    else:
        number = repr(value)
    return f'<c r="{reference}" s="{style}"><v>{number}</v></c>'


def _serial(day: date, is_1904: bool) -> float:
    """Return a day as the number of days by which a workbook counts."""
    moment = (
        day if isinstance(day, datetime) else datetime.combine(day, time())
    )
    passed = moment.replace(tzinfo=None) - _FIRST_DAY
    serial = passed.total_seconds() / _DAY_SECONDS
    return serial - _DAYS_TO_1904 if is_1904 else serial


def _range(span: Span) -> str:
    top, left, bottom, right = span
    return f"{letters(left)}{top}:{letters(right)}{bottom}"
