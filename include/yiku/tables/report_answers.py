"""What a clerk answered on the report of a return workbook: which headers mean what we took them for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from yiku.contracts import Contract
from yiku.formats import return_marks
from yiku.formats.cells import Book, CellValue

_LABELS = (
    return_marks.LIST_LABEL,
    return_marks.HEADER_LABEL,
    return_marks.MEANING_LABEL,
    return_marks.CONFIRM_LABEL,
)


def confirmed_headers(
    book: Book, contracts: Mapping[str, Contract]
) -> dict[tuple[str, str], str]:
    """Return the columns that a clerk said yes to, by list code and the header as it was shown."""
    by_title = {c.title: c for c in contracts.values()}
    found: dict[tuple[str, str], str] = {}
    for title, header, meaning, answer in _answers(book):
        contract = by_title.get(title)
        name = (
            next((c.name for c in contract.columns if c.header == meaning), None)
            if contract
            else None
        )
        if contract and name and header and return_marks.is_yes(answer):
            found[contract.code, header] = name
    return found


def _answers(book: Book) -> Iterable[tuple[str, ...]]:
    """Give the rows below the labels of the questions, in the order of the labels."""
    for sheet in book.sheets:
        places: list[int] = []
        for row in sheet.values if sheet.name == return_marks.REPORT_SHEET else ():
            texts = [_text(cell) for cell in row]
            if all(label in texts for label in _LABELS):
                places = [texts.index(label) for label in _LABELS]
            elif places:
                yield tuple(texts[at] for at in places)


def _text(value: CellValue) -> str:
    return "" if value is None else str(value).strip()
