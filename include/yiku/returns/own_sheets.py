"""Our own sheets, put into the clerk's package: the report in front of all others, the rest behind them."""

from __future__ import annotations

from collections.abc import Callable

from yiku.formats.return_marks import REPORT_SHEET
from yiku.returns.book_xml import BookXml
from yiku.returns.own_page import OwnSheets


def plant(book: BookXml, write: Callable[[OwnSheets], None]) -> None:
    """Add the sheets that ``write`` makes to the clerk's package."""
    own = OwnSheets(book.titles())
    write(own)
    for page in own.pages:
        name = book.package.free_name("xl/worksheets/sheet{}.xml")
        book.package.put(name, page.xml(book.styles, book.is_1904))
        book.add(page.title, name, first=page.title == REPORT_SHEET)
