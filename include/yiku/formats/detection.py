"""Bytes to a workbook: what a file is, is found from its content, never from its name.

Whatever is wrong with a file ends in ``RefusedError`` with its rule: F02 an et that cannot be read, F05 encrypted,
F06 damaged or empty, F07 no spreadsheet at all, F13 too large.
"""

from __future__ import annotations

import re

import olefile  # type: ignore[import-untyped]

from yiku.formats.cells import Book, RefusedError, Sheet
from yiku.formats.container import (
    check_size,
    kind_of_zip,
    members,
    open_zip,
    unpack,
    with_plain_names,
)
from yiku.formats.delimited import decode, looks_like_text, read_text
from yiku.formats.html import read_html
from yiku.formats.normalise import make_plain
from yiku.formats.ods import read_ods
from yiku.formats.return_marks import REFERENCE_HEADER, REPORT_SHEET, clerks_comment
from yiku.formats.unlock import unlocked
from yiku.formats.xls import read_xls
from yiku.formats.xlsx import read_xlsb, read_xlsx
from yiku.formats.xml2003 import read_xml2003

__all__ = ["openable", "read_book", "unpack"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_BIFF = (
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x00\x04\x00",
)
_LEAD = 64
_BOOKS = frozenset({"xlsx", "xlsm", "xlsb", "ods"})
_FOREIGN = (
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "word"),
)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_XML_BOOK = re.compile(r"<(?:\w+:)?Workbook\b")


def read_book(data: bytes, name: str) -> Book:
    """Read a workbook of any format. ``name`` only tells et from xls, which are the same inside.

    Raises RefusedError (F02, F05, F06, F07, F13), and nothing else whatever the bytes are.
    """
    check_size(data)
    data = _from_its_start(data)
    try:
        book = _read(data, name)
    except RefusedError:
        raise
    except (MemoryError, RecursionError) as error:
        raise RefusedError("F13", why="memory") from error
    except (
        Exception
    ) as error:  # the libraries meet damaged bytes with any exception there is
        raise RefusedError("F06", why=type(error).__name__) from error
    make_plain(book)
    for sheet in book.sheets:
        _keep_to_numbers(sheet)
    if any(sheet.name == REPORT_SHEET for sheet in book.sheets):
        _forget_own_look(book)
    return book


def openable(data: bytes) -> bytes:
    """Return a workbook's bytes as any library opens them: nothing in front, not locked, its parts named plainly.

    What cannot be brought to that comes back as it is: reading it says why.
    """
    try:
        found = _from_its_start(data)
        if found.startswith(_OLE):
            found = _without_lock(found)
        if (
            found.startswith(b"PK")
            and kind_of_zip(archive := open_zip(found)) in _BOOKS
        ):
            found, _ = with_plain_names(found, archive)
    except MemoryError:
        raise
    except Exception:  # the libraries meet damaged bytes with any exception there is
        return data
    return found


def _without_lock(data: bytes) -> bytes:
    with olefile.OleFileIO(data) as ole:
        is_locked = ole.exists("EncryptedPackage")
    return unlocked(data) if is_locked else data


def _from_its_start(data: bytes) -> bytes:
    """Return a zip or an OLE file without the blank lines and marks that a mail or web program put in front of it."""
    head = data[:_LEAD]
    at = len(head) - len(head.lstrip(b"\r\n\t \xef\xbb\xbf"))
    return data[at:] if at and data.startswith((_OLE, b"PK\x03\x04"), at) else data


def _keep_to_numbers(sheet: Sheet) -> None:
    """Forget the number formats of cells that hold no number."""
    look, values = sheet.look, sheet.values
    numbers = {
        (row, column)
        for row, column in look.percent | look.formats.keys()
        if row <= len(values)
        and column <= len(values[0])
        and type(values[row - 1][column - 1]) in (int, float)
    }
    look.percent &= numbers
    look.formats = {
        cell: code for cell, code in look.formats.items() if cell in numbers
    }


def _forget_own_look(book: Book) -> None:
    """Take what we hid and coloured in a return workbook for what it is: not the clerk's doing."""
    for sheet in book.sheets:
        theirs = (
            (cell, clerks_comment(text)) for cell, text in sheet.look.comments.items()
        )
        sheet.look.comments = {cell: text for cell, text in theirs if text}
        own = {
            n
            for row in sheet.values
            for n, value in enumerate(row, start=1)
            if value == REFERENCE_HEADER
        }
        sheet.look.hidden_columns -= own
        if book.format not in ("xlsx", "xlsm"):
            # Saved by another program, our red is no longer told from the clerk's.
            sheet.look.coloured_rows = frozenset()


def _read(data: bytes, name: str) -> Book:
    if data.startswith(_OLE):
        return _read_ole(data, name)
    if data.startswith(b"PK"):
        return _read_zip(data)
    if data.startswith(_BARE_BIFF):
        return read_xls(data, "xls")
    for magic, kind in _FOREIGN:
        if data.startswith(magic) and not (magic == b"BM" and b"\x00" not in data[:64]):
            raise RefusedError("F07", kind=kind)
    return _read_text(data)


def _read_zip(data: bytes) -> Book:
    archive = open_zip(data)
    kind = kind_of_zip(archive)
    if kind == "bundle":
        members(
            archive
        )  # says so when it is beyond the limits of a bundle, damaged or encrypted
        raise RefusedError("F07", kind="archive")
    if kind in _BOOKS:
        data, archive = with_plain_names(data, archive)
    if kind in ("xlsx", "xlsm"):
        return read_xlsx(data, archive, kind)
    if kind == "xlsb":
        return read_xlsb(data, archive)
    if kind == "ods":
        return read_ods(archive)
    raise RefusedError("F07", kind=kind)


def _read_ole(data: bytes, name: str) -> Book:
    with olefile.OleFileIO(data) as ole:
        is_locked = (
            ole.exists("EncryptedPackage")
            or ole.exists("\x06DataSpaces")
            or ole.exists("\tDRMContent")
        )
        is_book = ole.exists("Workbook") or ole.exists("Book")
        is_other = any(
            ole.exists(n)
            for n in ("WordDocument", "PowerPoint Document", "WpsDocument")
        )
    if is_locked:
        return _read_zip(unlocked(data))
    if is_other and not is_book:
        raise RefusedError("F07", kind="word")
    if name.lower().endswith(".et"):
        return _read_et(data, is_book)
    if not is_book:
        raise RefusedError("F06", why="ole")
    try:
        return read_xls(data, "xls")
    except RefusedError as refused:
        if refused.rule != "F05":
            raise
        return read_xls(unlocked(data), "xls")


def _read_et(data: bytes, is_book: bool) -> Book:
    """Read a file of WPS; F02 where its container is sound and what it holds is not known."""
    try:
        if is_book:
            return read_xls(data, "et")
    except RefusedError as refused:
        if refused.rule != "F06":
            raise
    raise RefusedError("F02")


def _read_text(data: bytes) -> Book:
    text = decode(data)
    if not looks_like_text(text):
        raise RefusedError("F06", why="binary")
    if not text.strip("\x00 \t\r\n﻿"):
        raise RefusedError("F06", why="empty")
    head = text[:4000].lstrip("﻿ \t\r\n")
    if head.startswith("<"):
        if _XML_BOOK.search(head):
            return read_xml2003(data)
        if _HTML.search(head):
            return read_html(text)
    return read_text(text)
