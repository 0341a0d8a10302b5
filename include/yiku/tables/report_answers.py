"""What a return workbook that comes back says on its report.

Its receipt number, and which headers the clerk confirmed to mean what we took them for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from yiku.contracts import Contract
from yiku.formats import return_marks
from yiku.formats.cells import Book, CellValue
from yiku.tables.value_profile import cell_text

_LABELS = (
    return_marks.LIST_LABEL,
    return_marks.HEADER_LABEL,
    return_marks.MEANING_LABEL,
    return_marks.CONFIRM_LABEL,
)


def confirmed_headers(
    book: Book,
    contracts: Mapping[str, Contract],
) -> dict[tuple[str, str], str]:
    """Return the columns that a clerk said yes to.

    By list code and the header as it was shown.
    """
    # the report shows lists by their titles and columns by their headers
    by_title = {contract.title: contract for contract in contracts.values()}
    found: dict[tuple[str, str], str] = {}
    for title, header, meaning, answer in _answers(book):
        contract = by_title.get(title)
        if contract is None or not header or not return_marks.is_yes(answer):
            continue
        for column in contract.columns:
            if column.header == meaning:
                found[contract.code, header] = column.name
                break
    return found


def _answers(book: Book) -> Iterator[tuple[str, ...]]:
    """Give the rows below the labels of the questions, in the order of the labels."""
    for sheet in book.sheets:
        if sheet.name != return_marks.REPORT_SHEET:
            continue
        places: list[int] = []
        for row in sheet.values:
            texts = [_text(cell) for cell in row]
            # clerks move columns of the report, so they are found by their labels
            if all(label in texts for label in _LABELS):
                places = [texts.index(label) for label in _LABELS]
            elif places:
                yield tuple(texts[place] for place in places)


def _text(value: CellValue) -> str:
    """Return a cell of the report as text; '' for a blank."""
    return "" if value is None else str(value).strip()


def receipt_no(book: Book) -> str | None:
    """Read the receipt number off the report of a return workbook that comes back."""
    for sheet in book.sheets:
        if sheet.name != return_marks.REPORT_SHEET:
            continue
        for row in sheet.values:
            stripped = (
                cell_text(cell).strip() for cell in row if cell is not None
            )
            texts = [text for text in stripped if text]
            for place, text in enumerate(texts):
                # in one cell, or label and number side by side
                label, _, value = text.replace("：", ":").partition(":")
                if label.strip() == return_marks.RECEIPT_LABEL:
                    return value.strip() or _after(texts, place)
    return None


def _after(texts: Sequence[str], place: int) -> str | None:
    """Return the text in the cell behind a label, None when nothing stands there."""
    return texts[place + 1] if place + 1 < len(texts) else None
