"""Tell whether a title speaks for a town of another county: a sheet in the wrong county's folder (F11).

A title may name its own county, a place of work, or a town of its own that went in a merger. So only the unit with
which it begins counts. With a county before it that is any town of that county in the same province; alone it must be
known of no county but others of the same prefecture, and the county must have sent the list of its own towns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from yiku.gazetteer.places import Gazetteer, divisions

_COUNTY, _TOWN = 6, 9  # digits of a code
_BLANKS = re.compile(r"[\s　]+")
_BEFORE = re.compile(
    r"(?:附件\d*[:：]?)?(?:[\d〇零一二三四五六七八九十]{2,4}年(?:度|第?[一二三四1-4]季度|[\d一二三四五六七八九十]{1,3}月份?)?)?"
)
# A title that goes on like this says where people work, not who reports.
_WORKPLACE = re.compile(
    r"(?:境内|辖区内?)?(?:外出|就近|就地)?(?:务工|打工|用工|工业|产业园|开发区|园区|企业|公司|对口|帮扶)"
)


def foreign_town(
    gazetteer: Gazetteer, county_code: str, title: str
) -> str | None:
    """Return the code of another county's town for which ``title`` speaks, or None."""
    text = _BLANKS.sub("", title)
    text = text[_BEFORE.match(text).end() :]  # type: ignore[union-attr]  # it matches nothing at least
    counties, rest = _leading_counties(text)
    if county_code in counties or _names(
        rest, gazetteer.town_codes(county_code)
    ):
        return None
    asked = (
        # Several provinces have a 鼓楼区: a title means the one at home.
        [c for c in counties if c[:2] == county_code[:2]]
        if counties
        else _neighbours(gazetteer, county_code)
    )
    found = {
        code
        for county in asked
        for code in _names(rest, gazetteer.town_codes(county))
    }
    return found.pop() if len(found) == 1 else None


def _names(text: str, towns: Mapping[str, str]) -> set[str]:
    """Return the towns with whose full name a text begins, unless it goes on as of a place of work."""
    return {
        code
        for name, code in towns.items()
        if text.startswith(name) and not _WORKPLACE.match(text[len(name) :])
    }


def _neighbours(gazetteer: Gazetteer, county_code: str) -> list[str]:
    if not any(code.startswith(county_code) for code in gazetteer.towns):
        return []
    return [
        c
        for c in divisions()
        if len(c) == _COUNTY and c[:4] == county_code[:4] and c != county_code
    ]


def _leading_counties(text: str) -> tuple[set[str], str]:
    """Take the provinces, cities and counties off the front of a text; return the counties named, and the rest."""
    counties: set[str] = set()
    while name := next(
        (text[:n] for n in range(len(text), 1, -1) if text[:n] in _areas()),
        None,
    ):
        counties |= {c for c in _areas()[name] if len(c) == _COUNTY}
        text = text[len(name) :]
    return counties, text


@cache
def _areas() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for code, name in divisions().items():
        if len(code) < _TOWN:
            found[name].append(code)
    return {name: tuple(codes) for name, codes in found.items()}
