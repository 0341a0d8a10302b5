"""The bundle of the checkout, with everything that can be said against it."""

from __future__ import annotations

from collections.abc import Mapping

from yiku.bi.bundle import read_bundle
from yiku.bi.bundle_check import bundle_faults
from yiku.bi.bundle_parts import FOLDERS, Fault, parse_bundle
from yiku.bi.shown_tables import read_shown_tables
from yiku.bi.surroundings_faults import surroundings_faults
from yiku.bi.write_bundle import bundle_files
from yiku.settings import Settings


def checked_bundle(
    settings: Settings,
) -> tuple[dict[str, str], list[Fault]]:
    """Return the files of the bundle, and what is wrong with them, with the roles and with Superset's settings.

    DeclarationError when nothing can be written.
    """
    files = read_bundle(settings.superset / "assets")
    written = bundle_files(settings)
    tables = read_shown_tables(settings.dbt_project)
    faults = bundle_faults(files, written, tables)
    faults += surroundings_faults(settings.superset)
    return files, faults


def identities(files: Mapping[str, str]) -> set[str]:
    """Return the UUIDs of everything in a bundle."""
    parts, _ = parse_bundle(files)
    found = set()
    for folder in FOLDERS:
        for part in parts.of_folder(folder).values():
            found.add(str(part["uuid"]))
    return found
