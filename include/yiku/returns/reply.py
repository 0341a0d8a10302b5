"""What a return workbook is made of, beside the clerk's own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from yiku.formats.cells import CellValue
from yiku.returns.cell_names import clean

BACK = frozenset("QSF")  # verdicts that send something back; W asks, A tells
STATUS_TEXTS = {
    "loaded": "全部接收",
    "partly_loaded": "部分接收，有退回的行",
    "held": "整表暂缓，未接收",
    "rejected": "未接收",
    "duplicate": "重复文件，未再处理",
}


DEFAULT_SHEET = "数据"
_MAX_TITLE = 31  # characters
_NOT_IN_TITLES = r"[]:*?/\\"


def sheet_title(name: str | None) -> str:
    """Return the title that a sheet gets in a return workbook.

    Csv and html have none of their own.
    """
    plain = ""
    for character in clean(name or ""):
        plain += "_" if character in _NOT_IN_TITLES else character
    # At an end of it programs take an apostrophe for the sign that quotes it.
    return plain[:_MAX_TITLE].strip("'") or DEFAULT_SHEET


@dataclass(frozen=True)
class Mark:
    """One finding as the clerk sees it.

    ``column`` is the sheet's column; ``row_no`` None says it of the sheet. ``header`` is then what
    stands above the columns that it is about, if it is about any.
    """

    sheet: str | None
    row_no: int | None
    field: str | None
    column: int | None
    rule: str
    verdict: str
    sentence: str
    header: str | None = None

    @property
    def back(self) -> bool:
        """Return whether it sends a row, a sheet or the file back."""
        return self.verdict in BACK


@dataclass(frozen=True)
class PlacedTable:
    """Where one table stands on its sheet, and how each of its rows is known again."""

    sheet: str | None
    header_row: int  # the last row of its header
    # The id of each row, by its line.
    references: Mapping[int, str] = field(default_factory=dict)
    part: int = 0


@dataclass(frozen=True)
class HeaderQuestion:
    """A header outside the list of wordings, and the column that it was taken for."""

    list_title: str
    header: str
    meaning: str


@dataclass(frozen=True)
class VanishedList:
    """The people of an earlier version of a list whom the file no longer names.

    ``rows`` holds for each a reference and the values below ``headers``.
    """

    list_title: str
    period: str | None
    fill_date: date | None
    headers: Sequence[str]
    rows: Sequence[tuple[str, Sequence[CellValue]]]


@dataclass(frozen=True)
class ReceiptFacts:
    """What the receipt and the report say of the file as a whole.

    ``reason`` is the sentence of a refusal.
    """

    receipt_no: str
    file_name: str
    list_title: str
    status: str
    business_date: date
    deadline: date
    unit_name: str = ""
    period: str | None = None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_dropped: int = 0
    # What stood below the headers and was not read as a row:
    # 合计行2行、签名行1行.
    left_out: str = ""
    reason: str | None = None
    # By earlier receipt, how many rows of it are still wrong.
    carried: Mapping[str, int] = field(default_factory=dict)
    # What is said of a work list that came back, which gets no return workbook.
    remarks: Sequence[str] = ()

    @property
    def list_text(self) -> str:
        """The list and its period.

        Nothing where no list was recognised, for a period alone says nothing.
        """
        if self.period and self.list_title:
            return f"{self.list_title}（{self.period}）"
        return self.list_title

    @property
    def status_text(self) -> str:
        """The status in the clerk's words."""
        return STATUS_TEXTS[self.status]
