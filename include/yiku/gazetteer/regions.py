"""Where an address lies, seen from the home county: 县内, 市内县外, 省内市外, 省外 or 境外."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from yiku.gazetteer.places import divisions

_TAIL = re.compile(
    r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|新区|省|市|区|县|盟)$"
)
_ABROAD = re.compile(
    r"香港|澳门|台湾|国外|境外|海外|新加坡|日本|韩国|越南|泰国|美国|非洲|迪拜|沙特"
)
# A village's or a firm's name may contain the two characters of a county's short name: only places stand in front.
_SHORTEST = 2

CLOSER = {"乡镇内": "县内"}


def _forms(name: str) -> set[str]:
    short = _TAIL.sub("", name)
    return {name, short} if len(short) >= _SHORTEST else {name}


@cache
def _level(digits: int) -> Mapping[str, frozenset[str]]:
    """Codes of one level (2 province, 4 city, 6 county) by full and short name."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, name in divisions().items():
        # Fillers of the statistical table, and no places: an address that
        # begins with 县 would lie in all of them.
        if len(code) == digits and name not in (
            "市辖区",
            "县",
            "省直辖县级行政区划",
        ):
            for form in _forms(name):
                found[form].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def _starts(text: str, names: Iterable[str]) -> str | None:
    return max((n for n in names if text.startswith(n)), key=len, default=None)


@lru_cache(maxsize=50_000)
def place_code(address: str, home: str) -> str | None:
    """Return the code of the smallest division (2, 4 or 6 digits) that an address begins with, or None.

    Names that several divisions bear mean the one nearest to the ``home`` county.
    """
    rest, code = re.sub(r"[\s,，、·/\-—]+", "", address), ""
    for digits in (2, 4, 6):
        names = _level(digits)
        name = _starts(rest, names)
        if name is None:
            continue
        inside = [c for c in names[name] if c.startswith(code)]
        nearest = [c for c in inside if c.startswith(home[:digits])] or [
            c for c in inside if c.startswith(home[:2])
        ]
        chosen = nearest if len(inside) > 1 else inside
        if len(chosen) == 1:
            # A short name may carry an older tail: 阆中县 is 阆中市 today, and
            # its 县 is no part of what follows.
            code, rest = (
                chosen[0],
                rest[len(name) :]
                if len(name) > _SHORTEST
                else rest[len(name) :].lstrip("省市区县"),
            )
    return code or None


def region_of(address: str, home: str) -> str | None:
    """Return the region of an address seen from the ``home`` county; None where either does not tell."""
    if _ABROAD.search(address):
        return "境外"
    code = place_code(address, home) if home else None
    if code is None:
        return None
    if code[:2] != home[:2]:
        return "省外"
    if len(code) < 4:
        return None
    if code[:4] != home[:4]:
        return "省内市外"
    if len(code) < 6:
        return None
    return "县内" if code == home else "市内县外"


def region_agrees(
    stated: str | None, address: str | None, home: str
) -> bool | None:
    """Tell whether a stated region fits an address; None where either does not tell."""
    found = region_of(address, home) if stated and address else None
    return None if found is None else CLOSER.get(stated or "", stated) == found
