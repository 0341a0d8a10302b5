"""A file to print, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Printed:
    """A file to print. ``unit_code`` is the town's, or county where no town is known or meant."""

    county_code: str
    unit_code: str
    name: str
    data: bytes
