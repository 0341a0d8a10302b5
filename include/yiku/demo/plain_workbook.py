"""A workbook written straight as XML: for lists by the ten thousand, where a library's care is too dear.

It holds what a page of plain cells needs: texts, numbers, days, shares, formulas with their results and
merged cells. No looks, no hidden rows, no comments.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from yiku.demo.page import DAY_WIDTH, Cell, Formula, Page, Percent

_ZIP_DAY = (2017, 11, 12, 9, 30, 0)
_FIRST_DAY = date(1899, 12, 30)  # serial number 0 of a spreadsheet program
_DAY_STYLE, _SHARE_STYLE = 1, 2  # places in the cell formats of _STYLES
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)


def to_plain_xlsx(pages: Sequence[Page]) -> bytes:
    """Write an xlsx of plain cells; the same pages always give the same bytes."""
    strings: dict[str, int] = {}
    sheets = [_sheet(page, strings) for page in pages]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        _add(z, "[Content_Types].xml", _content_types(len(pages)))
        _add(
            z,
            "_rels/.rels",
            _relationships([("officeDocument", "xl/workbook.xml")]),
        )
        _add(z, "xl/workbook.xml", _workbook(pages))
        parts = [
            ("worksheet", f"worksheets/sheet{number}.xml")
            for number in range(1, len(pages) + 1)
        ]
        parts += [
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ]
        _add(z, "xl/_rels/workbook.xml.rels", _relationships(parts))
        _add(z, "xl/styles.xml", _STYLES)
        _add(z, "xl/sharedStrings.xml", _shared(strings))
        for number, sheet in enumerate(sheets, 1):
            _add(z, f"xl/worksheets/sheet{number}.xml", sheet)
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    member = zipfile.ZipInfo(name, _ZIP_DAY)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, text.encode(), compresslevel=1)


def _sheet(page: Page, strings: dict[str, int]) -> str:
    letters = _letters(max((len(row) for row in page.cells), default=0))
    rows = []
    for number, values in enumerate(page.cells, 1):
        cells = []
        for letter, value in zip(letters, values, strict=False):
            if value is not None:
                cells.append(_cell(f"{letter}{number}", value, strings))
        rows.append(f'<row r="{number}">{"".join(cells)}</row>')
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}">{_widths(page)}'
        f"<sheetData>{''.join(rows)}</sheetData>{_merges(page, letters)}</worksheet>"
    )


def _cell(place: str, value: Cell, strings: dict[str, int]) -> str:
    if isinstance(value, str):
        number = strings.setdefault(value, len(strings))
        return f'<c r="{place}" t="s"><v>{number}</v></c>'
    if isinstance(value, date):
        days = (value - _FIRST_DAY).days
        return f'<c r="{place}" s="{_DAY_STYLE}"><v>{days}</v></c>'
    if isinstance(value, Percent):
        return f'<c r="{place}" s="{_SHARE_STYLE}"><v>{value.share!r}</v></c>'
    if isinstance(value, Formula):
        return _formula(place, value)
    return f'<c r="{place}"><v>{value!r}</v></c>'


def _formula(place: str, formula: Formula) -> str:
    text = escape(formula.text.removeprefix("="))
    result = formula.result
    if result is None:
        return f'<c r="{place}"><f>{text}</f></c>'
    # the results of the demo's formulas are errors (#DIV/0!) or numbers
    kind = ' t="e"' if isinstance(result, str) else ""
    return f'<c r="{place}"{kind}><f>{text}</f><v>{result}</v></c>'


def _letters(count: int) -> list[str]:
    """Return the names of the first columns: A to Z, AA to ZZ."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = list(alphabet)
    for first in alphabet:
        names += [first + second for second in alphabet]
    return names[:count]


def _widths(page: Page) -> str:
    columns = [
        f'<col min="{column + 1}" max="{column + 1}" width="{DAY_WIDTH}" customWidth="1"/>'
        for column in page.day_columns()
    ]
    return f"<cols>{''.join(columns)}</cols>" if columns else ""


def _merges(page: Page, letters: Sequence[str]) -> str:
    if not page.merges:
        return ""
    found = []
    for first, left, last, right in page.merges:
        span = f"{letters[left]}{first + 1}:{letters[right]}{last + 1}"
        found.append(f'<mergeCell ref="{span}"/>')
    return f'<mergeCells count="{len(found)}">{"".join(found)}</mergeCells>'


def _shared(strings: dict[str, int]) -> str:
    items = []
    for text in strings:
        is_padded = text != text.strip()
        kept = ' xml:space="preserve"' if is_padded else ""
        items.append(f"<si><t{kept}>{escape(text)}</t></si>")
    count = len(strings)
    return (
        f'{_HEAD}<sst xmlns="{_MAIN}" count="{count}" uniqueCount="{count}">'
        f"{''.join(items)}</sst>"
    )


def _workbook(pages: Sequence[Page]) -> str:
    sheets = [
        f'<sheet name="{escape(page.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, page in enumerate(pages, 1)
    ]
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{''.join(sheets)}</sheets></workbook>"
    )


def _relationships(parts: Sequence[tuple[str, str]]) -> str:
    found = [
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, 1)
    ]
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{''.join(found)}</Relationships>"
    )


def _content_types(sheets: int) -> str:
    parts = [("workbook", "sheet.main"), ("styles", "styles")]
    parts.append(("sharedStrings", "sharedStrings"))
    for number in range(1, sheets + 1):
        parts.append((f"worksheets/sheet{number}", "worksheet"))
    overrides = [
        f'<Override PartName="/xl/{name}.xml" ContentType="{_SHEET_TYPE}.{kind}+xml"/>'
        for name, kind in parts
    ]
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f"{''.join(overrides)}</Types>"
    )
