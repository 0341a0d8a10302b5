"""The map of a county or town: places by longitude and latitude, coloured by light, as marks of one picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yiku.warehouse.wall_figures import Spot

WIDTH, HEIGHT = 600, 400  # units of the picture's own
_MARGIN = 38
_LETTERS_A_LINE = 5


@dataclass(frozen=True)
class Mark:
    """A place on the picture: where, which light, whether it carries its name."""

    spot: Spot
    light: str
    rate: str
    across: float
    down: float
    is_named: bool

    @property
    def label(self) -> list[str]:
        """The name in lines that do not run into the neighbours' names."""
        name = self.spot.name
        # a place may have no name that may be shown
        count = max(math.ceil(len(name) / _LETTERS_A_LINE), 1)
        length = max(math.ceil(len(name) / count), 1)
        return [
            name[start : start + length]
            for start in range(0, len(name), length)
        ]


@dataclass(frozen=True)
class Shown:
    """A place that is to be drawn, with what its mark says."""

    spot: Spot
    light: str
    rate: str
    is_named: bool


@dataclass(frozen=True)
class _Frame:
    west: float
    north: float
    narrowing: float
    scale: float
    left: float
    top: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        across = self.left + (lon - self.west) * self.narrowing * self.scale
        down = self.top + (self.north - lat) * self.scale
        return round(across, 1), round(down, 1)


def marks_of(places: Iterable[Shown]) -> list[Mark]:
    """Return the marks of the places whose position is known, the named ones last so that nothing covers them."""
    known = [
        (shown, float(shown.spot.lon), float(shown.spot.lat))
        for shown in places
        if shown.spot.lon is not None and shown.spot.lat is not None
    ]
    if not known:
        return []
    frame = _frame([lon for _, lon, _ in known], [lat for *_, lat in known])
    marks = []
    for shown, lon, lat in known:
        across, down = frame.place(lon, lat)
        marks.append(
            Mark(
                shown.spot,
                shown.light,
                shown.rate,
                across,
                down,
                shown.is_named,
            )
        )
    return sorted(marks, key=lambda mark: (mark.is_named, mark.spot.code))


def _frame(lons: Sequence[float], lats: Sequence[float]) -> _Frame:
    west, east = min(lons), max(lons)
    south, north = min(lats), max(lats)
    # A degree of longitude is shorter than one of latitude, the more the
    # further north.
    narrowing = math.cos(math.radians((south + north) / 2))
    wide = max((east - west) * narrowing, 1e-6)
    high = max(north - south, 1e-6)
    room_across, room_down = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
    scale = min(room_across / wide, room_down / high)
    # One village alone, or all on one spot, stands in the middle.
    scale = min(scale, 20_000.0)
    left = (WIDTH - wide * scale) / 2
    top = (HEIGHT - high * scale) / 2 - 4
    return _Frame(west, north, narrowing, scale, left, top)
