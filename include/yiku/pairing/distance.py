"""How far it is from a helper to a place.

Along the great circle, or by steps of the division where that is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yiku.pairing.problem import Rules, Spot

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EARTH_KM = 6371.0088  # mean radius
BASIS = ("坐标", "同村估算", "同乡镇估算", "同县估算")
_BY_COORDINATES, _SAME_VILLAGE, _SAME_TOWN, _SAME_COUNTY = range(len(BASIS))


def _radians(degrees: Sequence[float | None]) -> Floats:
    known = [np.nan if value is None else value for value in degrees]
    return np.radians(np.array(known, dtype=np.float64))


def great_circle_km(starts: Sequence[Spot], ends: Sequence[Spot]) -> Floats:
    """Return the kilometres between each start and each end.

    NaN where coordinates are missing.

    By the haversine formula, which keeps its digits where two places are close to each
    other.
    """
    start_lat = _radians([spot.lat for spot in starts])[:, None]
    start_lon = _radians([spot.lon for spot in starts])[:, None]
    end_lat = _radians([spot.lat for spot in ends])[None, :]
    end_lon = _radians([spot.lon for spot in ends])[None, :]
    half_lat = (end_lat - start_lat) / 2
    half_lon = (end_lon - start_lon) / 2
    along_meridian = np.sin(half_lat) ** 2
    along_parallel = np.sin(half_lon) ** 2
    # Meridians come together towards the poles: a degree of longitude shrinks.
    narrowing = np.cos(start_lat) * np.cos(end_lat)
    haversine = along_meridian + narrowing * along_parallel
    # rounding may carry it past the ends of the range, where the root has no value
    clipped = np.clip(haversine, 0.0, 1.0)
    angle = 2 * np.arcsin(np.sqrt(clipped))
    return np.asarray(EARTH_KM * angle, dtype=np.float64)


def _is_same(
    starts: Sequence[str | None], ends: Sequence[str | None]
) -> NDArray[np.bool_]:
    """Return for each start and each end whether they have one code.

    What is unknown is like nothing.
    """
    known = {code for code in (*starts, *ends) if code is not None}
    numbers = {code: number for number, code in enumerate(sorted(known))}
    # Two numbers for what is unknown: with one, two villages that nobody knows
    # would be the same village.
    start_numbers = [-1 if code is None else numbers[code] for code in starts]
    end_numbers = [-2 if code is None else numbers[code] for code in ends]
    rows = np.array(start_numbers, dtype=np.int64)[:, None]
    columns = np.array(end_numbers, dtype=np.int64)[None, :]
    return np.asarray(rows == columns, dtype=np.bool_)


def distances(
    starts: Sequence[Spot],
    ends: Sequence[Spot],
    rules: Rules,
) -> tuple[Floats, Ints]:
    """Return kilometres and, as a number in ``BASIS``, what they rest on."""
    measured = great_circle_km(starts, ends)
    start_towns = [spot.town for spot in starts]
    end_towns = [spot.town for spot in ends]
    in_town = _is_same(start_towns, end_towns)
    start_villages = [spot.village for spot in starts]
    end_villages = [spot.village for spot in ends]
    in_village = _is_same(start_villages, end_villages)
    estimated = np.where(in_town, _SAME_TOWN, _SAME_COUNTY)
    estimated = np.where(in_village, _SAME_VILLAGE, estimated)
    basis = np.where(np.isnan(measured), estimated, _BY_COORDINATES).astype(
        np.int64
    )
    steps = np.array(
        [
            np.nan,
            rules.same_village_km,
            rules.same_town_km,
            rules.same_county_km,
        ]
    )
    km = np.where(basis == _BY_COORDINATES, measured, steps[basis])
    return km, basis
