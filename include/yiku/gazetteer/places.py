"""Towns and villages: what clerks write, resolved to codes. A village name means something only inside its town."""

from __future__ import annotations

import csv
import gzip
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources

from rapidfuzz.distance import Levenshtein

from yiku.cleaning.group_numbers import parse_group

_VILLAGE_TAIL = re.compile(
    r"(村民委员会|村两委|村委|社区居民委员会|社区居委会|居民委员会|村委会|居委会|行政村|社区|村)$"
)
_TOWN_TAIL = re.compile(r"(街道办事处|人民政府|街道|镇|乡|办事处)$")
_BLANKS = re.compile(r"[\s　]+")
# 1.金银村 has the clerk's own number in front, while 3组 and 58队 are names
# that begin with one.
_ORDINAL = re.compile(r"^\d{1,2}[.、．]?(?=[^\d组社队号村])")
_BRACKET = re.compile(r"([^()]{2,30})\(([^()]{1,30})\)([^()]{0,10})")
_FORMER = re.compile(r"^(?:原名|原|曾用名|曾叫|又名|并入|合并前)[:：]?")
_GROUP = re.compile(
    r"(.{2,30}?)(第?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:村民)?(?:小组|生产队|组|社|队))"
)
_LONGEST = 60  # of a village's name with its whole address, in characters
_OFFICE = re.compile(r"(?:党委|人民政府|政府)$")
_COUNTY_TAIL = re.compile(r"[县区市]?(?:委|人民政府|政府)?$")
_SEVERAL = re.compile(r"[、,;/+]|(?<=[村区])[和与及]")
# What has the form of one village's name, and what only looks like it: 各村, 本村, 12个贫困村, 示范村.
_ONE_VILLAGE = re.compile(
    r".{1,30}(?:村|社区|村(?:民)?委(?:员)?会?|村两委|居委会|居民委员会)"
)
_ANY_VILLAGE = re.compile(
    r"^(?:各|全|所有|每|本|我|该|辖区|其他|其余|部分|有关|相关)|\d|[一二三四五六七八九十百两几多]个"
    r"|(?:贫困|行政|示范|重点|试点|帮扶|联系|深度|先进|薄弱)村$"
)


@cache
def divisions() -> Mapping[str, str]:
    """Return the names of all provinces, cities, counties and towns by code (statistical divisions of 2023)."""
    packed = (
        resources.files("yiku.gazetteer")
        .joinpath("divisions.csv.gz")
        .read_bytes()
    )
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode()))
    next(rows)
    return {code: name for code, name in rows}


def division_name(code: str) -> str:
    """Return what a province, city, county or town is called; one that nobody knows by its code."""
    return divisions().get(code, code)


@cache
def _shipped_towns(county_code: str) -> Mapping[str, str]:
    towns = {}
    for code, name in divisions().items():
        is_town = len(code) == 9
        if is_town and code.startswith(county_code):
            towns[name] = code
    return towns


def village_stem(name: str) -> str:
    """Return a village's name without 村, 社区, 村委会 and the like; the whole name when nothing would remain."""
    bare = _BLANKS.sub("", name)
    once = _VILLAGE_TAIL.sub("", bare) or bare
    # 金银村村民委员会 has two tails.
    return _VILLAGE_TAIL.sub("", once) or once


def town_stem(name: str) -> str:
    """Return a town's name without 镇, 乡, 街道 and the like; the whole name when nothing would remain."""
    bare = _BLANKS.sub("", name)
    return _TOWN_TAIL.sub("", bare) or bare


@dataclass(frozen=True)
class Village:
    """One village of the reference list, valid from one day to another."""

    code: str
    name: str
    town_code: str
    aliases: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    is_poor: bool = False

    def valid_on(self, day: date) -> bool:
        """Return whether the village existed on ``day``."""
        has_begun = self.valid_from is None or self.valid_from <= day
        has_ended = self.valid_to is not None and self.valid_to < day
        return has_begun and not has_ended


@dataclass(frozen=True)
class PlaceFound:
    """What a typed name means: ``state`` ok, alias, unknown, ambiguous, unclear, blank or not_checked.

    ``group`` is the villagers' group that stood with the name.
    """

    state: str
    code: str | None = None
    candidates: tuple[str, ...] = ()
    group: int | None = None


def _readings(typed: str) -> Iterator[tuple[str, int | None]]:
    """Yield what a cell may name as a village, the most literal first, with the group that stands beside it."""
    outside = _BRACKET.fullmatch(typed)
    plain = [typed, outside[1] + outside[3]] if outside else [typed]
    for text in plain:
        for name in dict.fromkeys((text, _ORDINAL.sub("", text))):
            yield name, None
            parted = _GROUP.fullmatch(name)
            if parted:
                yield parted[1], _group_no(parted[2])
    if outside:
        yield _FORMER.sub("", outside[2]), None


def _group_no(text: str) -> int | None:
    number = parse_group(text).value
    return number if isinstance(number, int) else None


@dataclass
class Gazetteer:
    """All towns and villages that a night knows, for look-ups by what clerks type."""

    towns: dict[str, str] = field(default_factory=dict)
    villages: list[Village] = field(default_factory=list)
    # By town, and by county.
    _by_area: dict[str, list[Village]] = field(default_factory=dict)
    _by_code: dict[str, Village] = field(default_factory=dict)
    # Names of towns, by county.
    _names: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for village in self.villages:
            for area in (village.town_code, village.town_code[:6]):
                self._by_area.setdefault(area, []).append(village)
            self._by_code[village.code] = village

    def town_name(self, code: str | None) -> str | None:
        """Return a town's name: from the county's own list, else from the shipped table of divisions, else None."""
        if not code:
            return None
        return self.towns.get(code) or divisions().get(code)

    def town_codes(self, county_code: str) -> dict[str, str]:
        """Return the codes of a county's towns by name, the county's own list before the shipped table."""
        shipped = _shipped_towns(county_code) if county_code else {}
        names = dict(shipped)
        for code, name in self.towns.items():
            if code.startswith(county_code):
                names[name] = code
        return names

    def find_town(self, county_code: str, typed: str | None) -> str | None:
        """Return the code of the town that ``typed`` names in a county; None when it names none or several."""
        if not typed:
            return None
        if typed.isdigit() and len(typed) == 9:
            return typed
        names = self.town_codes(county_code)
        bare = _BLANKS.sub("", typed)
        if bare in names:
            return names[bare]
        # Some counties have a 大石镇 and a 大石乡: 大石 alone then names
        # neither.
        stem = town_stem(bare)
        hits = {
            code for name, code in names.items() if town_stem(name) == stem
        }
        return hits.pop() if len(hits) == 1 else None

    def find_village(
        self, area: str | None, typed: str | None, day: date
    ) -> PlaceFound:
        """Resolve a village name inside a town or county, as of ``day``; proposes neighbours one character away."""
        if not typed:
            return PlaceFound("blank")
        # Before a county has sent its villages nobody can say that one of them
        # is wrong.
        if not self._by_area.get(area or "", []):
            return PlaceFound("not_checked")
        bare = _plain(typed)[:_LONGEST]
        nearest: tuple[str, ...] = ()
        for text, group in _readings(bare):
            where, name = self._without_address(text, area or "")
            known = self._by_area.get(where, []) if where else []
            for state, hits in _matches(known, name):
                if hits:
                    return replace(self._decide(state, hits, day), group=group)
            nearest = nearest or _near(name, known)
        return PlaceFound("unknown", candidates=nearest)

    def find_place(
        self,
        county: str,
        typed: str | None,
        day: date,
        levels: Collection[str],
        near: str | None = None,
    ) -> PlaceFound:
        """Resolve the name of a place of some ``levels`` (county, town, village) in a county, as of ``day``.

        The larger place goes before the smaller one. A village that several towns have is that of the town ``near``,
        else 'unclear', as several villages in one cell are. Where units of other kinds may stand too only what has the
        form of a village's name can be 'unknown'.
        """
        bare = _plain(typed or "")
        if not bare:
            return PlaceFound("blank")
        larger = self._larger_place(county, bare, levels)
        if larger:
            return PlaceFound("ok", larger)
        if "village" not in levels:
            return PlaceFound("not_checked")
        found = self.find_village(county, bare, day)
        if found.state == "ambiguous":
            nearer = self.find_village(near, bare, day) if near else found
            return nearer if nearer.code else replace(found, state="unclear")
        if found.state != "unknown":
            return found
        only_villages = len(levels) == 1
        parts = [part for part in _SEVERAL.split(bare) if part]
        if len(parts) > 1:
            of_parts = [
                self.find_place(county, part, day, levels, near)
                for part in parts
            ]
            return _several(of_parts, parts, only_villages)
        is_named = only_villages or _looks_like_one_village(bare)
        return found if is_named else PlaceFound("not_checked")

    def _larger_place(
        self, county: str, bare: str, levels: Collection[str]
    ) -> str | None:
        """Return the code of the county or town that a text names, with or without its office."""
        own = divisions().get(county, "")
        if "county" in levels and own:
            is_literal = bare in (county, own)
            if is_literal or _stem_of_county(bare) == _stem_of_county(own):
                return county
        if "town" not in levels:
            return None
        town = _OFFICE.sub("", bare)
        return self.find_town(county, town.removeprefix(own) if own else town)

    def _without_address(
        self, typed: str, area: str
    ) -> tuple[str | None, str]:
        """Take province, city, county and town off a name; a town that is not the row's own makes it nobody's."""
        towns = self._towns_in(area[:6])
        for name, code in towns:
            before, found, rest = typed.partition(name)
            is_address = found and len(before) <= _LONGEST // 2
            # what is left must be able to name a village
            if is_address and len(rest) > 1:
                is_own = area in (code, area[:6])
                return (code if is_own else None), rest
        for code in (area[:2], area[:4], area[:6]):
            name = divisions().get(code, "")
            if name and len(typed) > len(name) + 1:
                typed = typed.removeprefix(name)
        return area, typed

    def _towns_in(self, county: str) -> list[tuple[str, str]]:
        """Return names and codes of a county's towns, long names first; names without a tail may be villages too."""
        if county not in self._names:
            found = []
            for name, code in self.town_codes(county).items():
                if _TOWN_TAIL.search(name) and len(name) > 2:
                    found.append((name, code))
            found.sort(key=lambda town: (-len(town[0]), town))
            self._names[county] = found
        return self._names[county]

    def _decide(
        self, state: str, hits: list[Village], day: date
    ) -> PlaceFound:
        current = [village for village in hits if village.valid_on(day)]
        codes = {village.code for village in current}
        if not codes:
            # what a merged village is now, where the list says so
            codes = {code for village in hits for code in village.successors}
        if not codes:
            codes = {village.code for village in hits}
        if len(codes) == 1:
            return PlaceFound(state if current else "alias", codes.pop())
        return PlaceFound("ambiguous", candidates=self._shown(codes))

    def _shown(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return the names of some villages as a clerk tells them apart: with their towns where those differ."""
        villages = [
            self._by_code[code] for code in codes if code in self._by_code
        ]
        has_several_towns = (
            len({village.town_code for village in villages}) > 1
        )
        names = []
        for village in villages:
            town = (
                self.town_name(village.town_code)
                if has_several_towns
                else None
            )
            names.append((town or "") + village.name)
        return tuple(sorted(names))

    def town_of(self, code: str | None) -> str | None:
        """Return the code of the town in which a village lies, or None."""
        village = self._by_code.get(code or "")
        return village.town_code if village else None

    def village_name(self, code: str | None) -> str | None:
        """Return a village's name by its code, or None."""
        village = self._by_code.get(code or "")
        return village.name if village else None


def _plain(typed: str) -> str:
    """Return a text in the usual width of its characters, without blanks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", typed))


def _matches(
    known: list[Village], bare: str
) -> Iterator[tuple[str, list[Village]]]:
    """Yield which villages a name may mean, the surest kind first; often the first is all that is asked for."""
    yield (
        "ok",
        [village for village in known if bare in (village.name, village.code)],
    )
    stem = village_stem(bare)
    alike = [
        village for village in known if village_stem(village.name) == stem
    ]
    # 金银村 is the village rather than the community 金银社区 of the same stem
    if "村" in bare:
        is_community = _is_community(bare)
        yield (
            "alias",
            [
                village
                for village in alike
                if _is_community(village.name) == is_community
            ],
        )
    yield "alias", alike
    yield "alias", [village for village in known if _has_alias(village, stem)]


def _has_alias(village: Village, stem: str) -> bool:
    return any(village_stem(alias) == stem for alias in village.aliases)


def _looks_like_one_village(bare: str) -> bool:
    has_form = _ONE_VILLAGE.fullmatch(bare) is not None
    return has_form and _ANY_VILLAGE.search(bare) is None


def _stem_of_county(name: str) -> str:
    return _COUNTY_TAIL.sub("", name) or name


def _several(
    found: Sequence[PlaceFound], parts: Sequence[str], only_villages: bool
) -> PlaceFound:
    """Return what several names in one cell mean together; places of several kinds may well share a task."""
    candidates: list[str] = []
    for place in found:
        if place.state == "unknown":
            candidates += place.candidates
    if any(place.state == "unknown" for place in found):
        return PlaceFound("unknown", candidates=tuple(candidates))
    codes = {place.code for place in found}
    if len(codes) == 1 and None not in codes:
        return found[0]
    if only_villages:
        return PlaceFound("unclear", candidates=tuple(parts))
    return PlaceFound("not_checked")


def _is_community(name: str) -> bool:
    return re.search(r"社区|居委|居民", name) is not None


def _near(bare: str, known: list[Village]) -> tuple[str, ...]:
    """Return the names of the villages that differ by one character at most."""
    # Names have two or three characters: with two of them changed any village
    # would be like any other, and a list of candidates no help.
    stem = village_stem(bare)
    near = []
    for village in known:
        if Levenshtein.distance(stem, village_stem(village.name)) <= 1:
            near.append(village.name)
    return tuple(sorted(near))
