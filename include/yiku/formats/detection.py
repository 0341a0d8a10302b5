"""Bytes to a workbook: what a file is, is found from its content, never from its name.

Clerks rename what does not open, and systems call a page or XML .xls. Whatever is wrong with a
file ends in ``RefusedError`` with its rule: F02 an et that cannot be read, F05 encrypted, F06
damaged or empty, F07 no spreadsheet at all, F13 too large.
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
from yiku.formats.return_marks import (
    REFERENCE_HEADER,
    REPORT_SHEET,
    clerks_comment,
)
from yiku.formats.unlock import unlocked
from yiku.formats.xls import read_xls
from yiku.formats.xlsx import read_xlsb, read_xlsx
from yiku.formats.xml2003 import read_xml2003

__all__ = ["openable", "read_book", "unpack"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_ENTRY = b"PK\x03\x04"
# How a stream of BIFF2 to BIFF8 begins that no OLE file is around.
_BARE_BIFF = (
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x00\x04\x00",
)
_LEAD = 64  # bytes in front of a file that may not belong to it
_MARKS = b"\r\n\t \xef\xbb\xbf"
_BLANKS = "\ufeff \t\r\n"
_HEAD = 4000  # characters in which a page or XML says what it is
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
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE
)
# Streams of an OLE file by which it is locked, a workbook, or a document of another kind.
_LOCKS = ("EncryptedPackage", "\x06DataSpaces", "\tDRMContent")
_WORKBOOKS = ("Workbook", "Book")
_DOCUMENTS = ("WordDocument", "PowerPoint Document", "WpsDocument")
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
    # The libraries meet damaged bytes with any exception there is.
    except Exception as error:
        raise RefusedError("F06", why=type(error).__name__) from error
    make_plain(book)
    for sheet in book.sheets:
        _keep_to_numbers(sheet)
    if any(sheet.name == REPORT_SHEET for sheet in book.sheets):
        _forget_own_look(book)
    return book


def openable(data: bytes) -> bytes:
    """Return a workbook's bytes as any library opens them.

    Nothing in front, not locked, its parts named plainly. What cannot be brought to that comes
    back as it is: reading it says why.
    """
    try:
        found = _from_its_start(data)
        if found.startswith(_OLE):
            found = _without_lock(found)
        if found.startswith(b"PK"):
            found = _with_plain_names(found)
    except MemoryError:
        raise
    # The libraries meet damaged bytes with any exception there is.
    except Exception:
        return data
    return found


def _with_plain_names(data: bytes) -> bytes:
    """Return a zip whose parts are named plainly, if it is a workbook."""
    archive = open_zip(data)
    if kind_of_zip(archive) not in _BOOKS:
        return data
    plain, _ = with_plain_names(data, archive)
    return plain


def _without_lock(data: bytes) -> bytes:
    with olefile.OleFileIO(data) as ole:
        is_locked = ole.exists("EncryptedPackage")
    return unlocked(data) if is_locked else data


def _from_its_start(data: bytes) -> bytes:
    """Return a zip or an OLE file without what stands in front of it.

    Mail and web programs put blank lines and marks of encodings there.
    """
    head = data[:_LEAD]
    at = len(head) - len(head.lstrip(_MARKS))
    if at and data.startswith((_OLE, _ZIP_ENTRY), at):
        return data[at:]
    return data


def _keep_to_numbers(sheet: Sheet) -> None:
    """Forget the number formats of cells that hold no number."""
    look = sheet.look
    formatted = look.percent | look.formats.keys()
    numbers = {cell for cell in formatted if _is_number(sheet, cell)}
    look.percent &= numbers
    look.formats = {
        cell: code for cell, code in look.formats.items() if cell in numbers
    }


def _is_number(sheet: Sheet, cell: tuple[int, int]) -> bool:
    row, column = cell
    values = sheet.values
    if row > len(values) or column > len(values[0]):
        return False
    return type(values[row - 1][column - 1]) in (int, float)


def _forget_own_look(book: Book) -> None:
    """Take what we hid and coloured in a return workbook for what it is: not the clerk's doing."""
    # Saved by another program, our red is no longer told from the clerk's.
    keeps_colours = book.format in ("xlsx", "xlsm")
    for sheet in book.sheets:
        sheet.look.comments = _clerks_comments(sheet)
        sheet.look.hidden_columns -= _reference_columns(sheet)
        if not keeps_colours:
            sheet.look.coloured_rows = frozenset()


def _clerks_comments(sheet: Sheet) -> dict[tuple[int, int], str]:
    """Return what the clerk remarked on cells, without what we wrote there."""
    found = {}
    for cell, text in sheet.look.comments.items():
        theirs = clerks_comment(text)
        if theirs:
            found[cell] = theirs
    return found


def _reference_columns(sheet: Sheet) -> set[int]:
    """Return the columns that we added and hid, wherever they stand now."""
    found = set()
    for row in sheet.values:
        # Asked of the row as a whole first: it is in one of hundreds.
        if REFERENCE_HEADER not in row:
            continue
        for column, value in enumerate(row, start=1):
            if value == REFERENCE_HEADER:
                found.add(column)
    return found


def _read(data: bytes, name: str) -> Book:
    if data.startswith(_OLE):
        return _read_ole(data, name)
    if data.startswith(b"PK"):
        return _read_zip(data)
    if data.startswith(_BARE_BIFF):
        return read_xls(data, "xls")
    for magic, kind in _FOREIGN:
        if data.startswith(magic) and not _is_text_like(magic, data):
            raise RefusedError("F07", kind=kind)
    return _read_text(data)


def _is_text_like(magic: bytes, data: bytes) -> bool:
    """Return whether a file begins like a bitmap and is text: a csv may begin with BM."""
    return magic == b"BM" and b"\x00" not in data[:_LEAD]


def _read_zip(data: bytes) -> Book:
    archive = open_zip(data)
    kind = kind_of_zip(archive)
    if kind == "bundle":
        # Says so when it is beyond the limits of a bundle, damaged or encrypted.
        members(archive)
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
        is_locked = _has_any(ole, _LOCKS)
        is_book = _has_any(ole, _WORKBOOKS)
        is_other = _has_any(ole, _DOCUMENTS)
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


def _has_any(ole: olefile.OleFileIO, names: tuple[str, ...]) -> bool:
    """Return whether an OLE file has one of these streams."""
    return any(ole.exists(name) for name in names)


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
    """Read what is no known program's bytes: XML, a page, or a csv."""
    text = decode(data)
    if not looks_like_text(text):
        raise RefusedError("F06", why="binary")
    if not text.strip("\x00" + _BLANKS):
        raise RefusedError("F06", why="empty")
    head = text[:_HEAD].lstrip(_BLANKS)
    if head.startswith("<"):
        if _XML_BOOK.search(head):
            return read_xml2003(data)
        if _HTML.search(head):
            return read_html(text)
    return read_text(text)
