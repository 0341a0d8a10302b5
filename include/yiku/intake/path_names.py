"""What names of files and folders say.

Whose they are, what must not be kept of them, what to pass over. Clerks write codes and names in
their own way behind each other: it is the code in front that counts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from yiku.redaction import without_numbers

_COUNTY = re.compile(r"(\d{6})(?!\d)")
_TOWN = re.compile(r"(\d{9})(?!\d)")
_COUNTY_UNIT = re.compile(r"county(?![a-z0-9])", re.IGNORECASE)
# Lock files of Word and Excel, and what a browser, a copying program or an editor has not finished.
_LITTER = re.compile(
    r"^(~\$|\.|thumbs\.db$|desktop\.ini$)|\.(part|filepart|crdownload|swp)$",
    re.IGNORECASE,
)

# What ``yiku check`` writes beside the workbooks that it was given.
CHECK_PAGE = "核对报告.html"
_CORRECTION = re.compile(r"更正|修改|改正|订正|最终|修订|校验")
_SUPPLEMENT = re.compile(r"补报|补充|增补|追加|补录")
_DIGITS = re.compile(r"(\d+)")
# Below a unit's folder: what goes back to it lies here, and nowhere else do we ever write.
ANSWERS_FOLDER = "退回"


@dataclass(frozen=True)
class Sender:
    """Whose folder a file lies in.

    ``unit_code`` is 9 digits or 'county'; None outside every unit's folder (U01).
    """

    county_code: str | None
    unit_code: str | None


def sender_of(path: str) -> Sender:
    """Tell from the folders above a file (a path relative to the inbox) who sent it."""
    folders = PurePosixPath(path).parts[:-1]
    county = _COUNTY.match(folders[0]) if folders else None
    if county is None:
        return Sender(None, None)
    county_code = county[1]
    unit = folders[1] if len(folders) > 1 else ""
    town = _TOWN.match(unit)
    # A town below another county's folder is a slip: whose rows these are is unknown.
    if town and town[1].startswith(county_code):
        return Sender(county_code, town[1])
    if _COUNTY_UNIT.match(unit):
        return Sender(county_code, "county")
    return Sender(county_code, None)


def place_of(path: str) -> str:
    """Return whose a file is and where it lies below its sender's folder.

    It is the same at whatever address the inbox is, however the folders' names go on behind the
    codes, and in whatever way a file system spells accents or the ending.
    """
    sender = sender_of(path)
    whole = PurePosixPath(unicodedata.normalize("NFC", path))
    plain = whole.with_suffix(whole.suffix.lower())
    if sender.county_code is None or sender.unit_code is None:
        return str(plain)
    below = plain.parts[2:]
    return str(PurePosixPath(sender.county_code, sender.unit_code, *below))


def owner_of(path: str) -> str:
    """Return whose a file is and what it is called, wherever it lies below its sender's folder."""
    place = PurePosixPath(place_of(path))
    return str(PurePosixPath(*place.parts[:2], place.name))


def is_litter(path: str) -> bool:
    """Return whether a file is none of the clerk's.

    Lock files (~$), half-copied files, leftovers of the system, our own page about a folder.
    """
    parts = PurePosixPath(path).parts
    if CHECK_PAGE in parts:
        return True
    return any(_LITTER.search(part) for part in parts)


def masked(name: str) -> str:
    """Return a file name without a number of a person in any writing (F14)."""
    return without_numbers(name)


def is_correction(name: str) -> bool:
    """Return whether a name says that the file corrects an earlier one."""
    return _CORRECTION.search(name) is not None


def is_supplement(name: str) -> bool:
    """Return whether a name says that the file adds to an earlier one."""
    return _SUPPLEMENT.search(name) is not None


def arrival_order(path: str) -> tuple[object, ...]:
    """Order the files of one night.

    Lists, then supplements, then corrections; 最终版2 before 最终版10.
    """
    name = PurePosixPath(path).name
    standing = 0
    if is_correction(name):
        standing = 2
    elif is_supplement(name):
        standing = 1
    parts = [_sortable(part) for part in _DIGITS.split(path)]
    return (standing, parts, path)


def _sortable(part: str) -> tuple[int, str]:
    """Return a piece of a path so that digits sort as the number that they are."""
    return (int(part), "") if part.isdecimal() else (-1, part)
