"""How far it is from a helper to a place: along the great circle, or by steps of the division where that is unknown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yiku.pairing.model import Rules, Spot

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EARTH_KM = 6371.0088  # mean radius
BASIS = ("坐标", "同村估算", "同乡镇估算", "同县估算")


def _radians(values: Sequence[float | None]) -> Floats:
    return np.radians(np.array([np.nan if v is None else v for v in values], dtype=np.float64))


def great_circle_km(a: Sequence[Spot], b: Sequence[Spot]) -> Floats:
    """Return the kilometres between each of ``a`` and each of ``b``; NaN where coordinates are missing."""
    lat_a, lon_a = _radians([s.lat for s in a])[:, None], _radians([s.lon for s in a])[:, None]
    lat_b, lon_b = _radians([s.lat for s in b])[None, :], _radians([s.lon for s in b])[None, :]
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))), dtype=np.float64)


def _same(a: Sequence[str | None], b: Sequence[str | None]) -> NDArray[np.bool_]:
    numbers = {code: n for n, code in enumerate(sorted({c for c in (*a, *b) if c is not None}))}
    left = np.array([-1 if c is None else numbers[c] for c in a], dtype=np.int64)[:, None]
    right = np.array([-2 if c is None else numbers[c] for c in b], dtype=np.int64)[None, :]
    return np.asarray(left == right, dtype=np.bool_)


def distances(a: Sequence[Spot], b: Sequence[Spot], rules: Rules) -> tuple[Floats, Ints]:
    """Return kilometres and, as a number in ``BASIS``, what they rest on."""
    km = great_circle_km(a, b)
    basis = np.where(_same([s.town for s in a], [s.town for s in b]), 2, 3)
    basis = np.where(_same([s.village for s in a], [s.village for s in b]), 1, basis)
    basis = np.where(np.isnan(km), basis, 0).astype(np.int64)
    steps = np.array([np.nan, rules.same_village_km, rules.same_town_km, rules.same_county_km])
    return np.where(basis == 0, km, steps[basis]), basis
