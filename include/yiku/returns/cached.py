"""The results of the clerk's formulas, put back: openpyxl saves formulas without them.

Without its result a formula shows as a blank on a phone, and is sent back as never calculated
when the file returns.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from xml.sax.saxutils import escape

from openpyxl.utils.datetime import to_excel

from yiku.formats.cells import CellValue
from yiku.formats.xlsx_formatting import column_number

_FORMULA_CELL = re.compile(
    rb'<c r="([A-Z]+)(\d+)"([^>]*)>(<f\b[^>]*(?:/>|>[^<]*</f>))<v\s*(?:/>|></v>)</c>'
)
# The type of a formula's cell is that of its result, which it has not yet.
_TYPE = re.compile(rb'(?<!\s)\s++t="\w++"')

Results = Mapping[tuple[int, int], CellValue]


def put_results(data: bytes, results: Mapping[str, Results]) -> bytes:
    """Return the workbook with the result of each formula.

    ``results`` are by part name of the sheet, then by row and column.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            known = results.get(entry.filename)
            if known:
                content = _FORMULA_CELL.sub(
                    partial(_with_result, known), content
                )
            new.writestr(entry, content)
    return out.getvalue()


def _with_result(known: Results, found: re.Match[bytes]) -> bytes:
    letters, row, attributes, formula = found.groups()
    value = known.get((int(row), column_number(letters)))
    if value is None:
        return found.group()
    kind, text = _written(value)
    plain = _TYPE.sub(b"", attributes)
    return b'<c r="%s%s"%s%s>%s<v>%s</v></c>' % (
        letters,
        row,
        plain,
        kind,
        formula,
        escape(text).encode(),
    )


def _written(value: CellValue) -> tuple[bytes, str]:
    """Return the attribute of a result's type, and the result as the part holds it."""
    if isinstance(value, bool):
        return b' t="b"', str(int(value))
    if isinstance(value, (datetime, date)):
        return b"", repr(to_excel(value))  # type: ignore[no-untyped-call]
    if isinstance(value, str):
        return (b' t="e"' if value.startswith("#") else b' t="str"'), value
    return b"", repr(value)
