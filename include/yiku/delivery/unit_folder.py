"""Which folder of a place is a unit's own.

Its clerks named it; the code at its beginning says whose it is.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from yiku.faults import StepError
from yiku.intake.inbox import Inbox
from yiku.intake.path_names import ANSWERS_FOLDER, Sender, sender_of


class ForeignFolderError(StepError):
    """A place has no folder that is the unit's own: all of it is another's."""


def answers_folder(place: Inbox, sender: Sender, day: date | None) -> str:
    """Return the folder for the answers of a night (None: of all), below the place's root; it may not be there yet.

    ForeignFolderError when what would be written there were another unit's.
    """
    own = _own_folder(place, sender)
    parts = [own, ANSWERS_FOLDER, day.isoformat() if day else ""]
    folder = "/".join(part for part in parts if part)
    # asked of the same rule by which what lies there would be taken in: no answer may reach
    # anybody else
    if _sender_below(place.prefix, folder) != sender:
        raise ForeignFolderError("the place is another unit's")
    return folder


def _sender_below(prefix: str, folder: str) -> Sender:
    """Return whose a file in a folder would be."""
    above = f"{prefix}/{folder}".strip("/")
    return sender_of(f"{above}/file")


def _own_folder(place: Inbox, sender: Sender) -> str:
    given_count = len(place.prefix.split("/")) if place.prefix else 0
    if given_count == 2:
        return ""  # the whole place is the unit's
    unit_code = str(sender.unit_code)
    if given_count == 1:
        return _unit_folder(place, "", sender) or unit_code
    counties = [
        name
        for name in _folders(place, "")
        if _sender_below(name, "").county_code == sender.county_code
    ]
    for county in counties:
        unit = _unit_folder(place, county, sender)
        if unit:
            return f"{county}/{unit}"
    county = counties[0] if counties else str(sender.county_code)
    return f"{county}/{unit_code}"


def _unit_folder(place: Inbox, county: str, sender: Sender) -> str | None:
    """Return the first folder of a county's that is the unit's; its clerks may have made several."""
    above = county or place.prefix
    for name in _folders(place, county):
        if _sender_below(above, name) == sender:
            return name
    return None


def _folders(place: Inbox, folder: str) -> list[str]:
    path = f"{place.root}/{folder}".rstrip("/")
    names: list[str] = []
    for facts in _listing(place.files, path):
        name = str(facts["name"]).rstrip("/")
        is_folder = facts["type"] == "directory"
        # some list a folder among what lies in it
        if is_folder and name != path:
            last = name.rsplit("/", 1)[-1]
            names.append(last)
    return sorted(names)


def _listing(files: Any, path: str) -> list[dict[str, Any]]:
    try:
        listing: list[dict[str, Any]] = files.ls(path or "/", detail=True)
    except FileNotFoundError:
        return []  # of an object store in which nothing lies yet
    return listing
