"""Number formats: what a cell shows of its number. A format may write words, scale, pad with zeros, or hide a point.

Only formats that do more than round and group are of interest; ``speaks`` tells which these are. The code is that of
Excel (``0.00"万元"``, ``0!.0,"万元"``, ``"GY"0000``); formats of other programs are brought to it by their readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|[_*](?P<skipped>.)|\[\$(?P<currency>[^\[\]\-]*+)(?P<locale>-[^\[\]]*+)?\]'
    r"|\[(?P<bracket>[^\[\]]*+)\]|(?P<general>G/通用格式|General)|(?P<science>E[+\-])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)(-?\d+(?:\.\d+)?)")
_DIGITS, _QUIET, _OF_DATES = "0#?", " ()-+/,.:;%¥￥_", "ymdhsaYMDHSA"
_LONGEST = 400  # a format in characters; Excel allows 255
_JAPAN = "-411"


@dataclass(frozen=True)
class Shown:
    """How a format shows a number.

    ``number`` is what the digits say (a percent sign counts as part of the words), ``prefix`` and ``suffix`` are the
    words around it, ``text`` is all of it.
    """

    number: Decimal
    prefix: str
    suffix: str
    text: str
    percent: bool = False


@dataclass(frozen=True)
class _Section:
    prefix: str = ""
    suffix: str = ""
    inner: tuple[
        tuple[int, str], ...
    ] = ()  # words among the digits: how many digits stand behind them
    whole: int = 0  # zeros before the point
    places: int = 0  # digits behind the point
    commas: int = 0  # thousands that are left out
    percent: int = 0
    digits: bool = False
    general: bool = False  # no fixed form: General, 1E+05, 1/2
    date: bool = False
    condition: tuple[str, Decimal] | None = None

    def holds(self, value: Decimal) -> bool:
        """Tell whether the section's own condition is met."""
        if self.condition is None:
            return False
        sign, limit = self.condition
        return {
            "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit,
            "=": value == limit, "<>": value != limit,
        }[sign]  # fmt: skip


def speaks(code: str | None) -> bool:
    """Tell whether a format code may change what a number says: words, scaling or padding zeros."""
    if not code or len(code) > _LONGEST:
        return False
    sections = _sections(code)
    return not any(s.date for s in sections) and any(_speaks(s) for s in sections)


def _speaks(section: _Section) -> bool:
    loud = any(char not in _QUIET for char in section.prefix + section.suffix)
    return section.digits and (
        loud
        or (bool(section.inner) and not section.general)
        or section.commas > 0
        or section.whole > 1
    )


def is_percent(code: str | None) -> bool:
    """Tell whether a format code shows a number as a percentage."""
    return (
        bool(code)
        and len(code or "") <= _LONGEST
        and any(s.percent and s.digits for s in _sections(code or "")[:1])
    )


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["plain"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(tokens) for tokens in parts[:4])


class _Reading:
    """One section on its way: words, digits and commas in order."""

    def __init__(self) -> None:
        self.words: list[tuple[int, str]] = []  # how many digits stand before a word
        self.marks: list[str] = []
        self.percent = 0
        self.general = self.date = False
        self.condition: tuple[str, Decimal] | None = None

    def take(self, token: re.Match[str]) -> None:
        """Take one token of the code."""
        if token["quoted"] is not None or token["escaped"]:
            self._word(token["quoted"] or token["escaped"] or "")
        elif token["currency"] is not None:
            japanese = (token["locale"] or "").lower() == _JAPAN
            self._word(
                "日元"
                if japanese and token["currency"] in "¥￥" and token["currency"]
                else token["currency"]
            )
        elif token["bracket"] is not None:
            found = _CONDITION.fullmatch(token["bracket"])
            self.condition = (found[1], Decimal(found[2])) if found else self.condition
        elif token["general"]:
            self.general = True
            self.marks.append("0")
        elif token["science"]:
            self.general = True
        elif plain := token["plain"]:
            self._plain(plain)

    def _plain(self, char: str) -> None:
        self.date = self.date or char in _OF_DATES
        if char == "/" and self.marks:
            self.general = True  # a fraction
        elif char in _DIGITS or char in ".,":
            self.marks.append(char)
        elif char == "%":
            self.percent += 1
            self._word(char)
        elif char not in "@\n":
            self._word(char)

    def _word(self, text: str) -> None:
        if text:
            self.words.append((sum(m in _DIGITS for m in self.marks), text))


def _section(tokens: list[re.Match[str]]) -> _Section:
    read = _Reading()
    for token in tokens:
        read.take(token)
    marks = "".join(read.marks)
    total = sum(m in _DIGITS for m in marks)
    before, _, behind = marks.partition(".")
    last = behind or before
    return _Section(
        prefix="".join(word for seen, word in read.words if total and not seen),
        suffix="".join(word for seen, word in read.words if total and seen == total),
        inner=tuple(
            (total - seen, word) for seen, word in read.words if 0 < seen < total
        ),
        whole=0 if read.general else before.count("0"),
        places=sum(m in _DIGITS for m in behind),
        commas=len(last) - len(last.rstrip(",")),
        percent=read.percent,
        digits=total > 0,
        general=read.general,
        date=read.date,
        condition=read.condition,
    )


def _chosen(sections: tuple[_Section, ...], value: Decimal) -> _Section:
    if any(s.condition for s in sections):
        return next(
            (s for s in sections if s.condition is None or s.holds(value)), sections[-1]
        )
    numeric = sections[:3]
    if value < 0 and len(numeric) > 1:
        return numeric[1]
    return numeric[2] if value == 0 and len(numeric) > 2 else numeric[0]


def shown(value: Decimal, code: str) -> Shown | None:
    """Return what a cell shows of ``value`` in this format; None where the format shows no digits of it."""
    if not code or len(code) > _LONGEST:
        return None
    section = _chosen(_sections(code), value)
    if not section.digits:
        return None
    number = (
        abs(value) * Decimal(100) ** section.percent / Decimal(1000) ** section.commas
    )
    number = number.copy_sign(value)
    if any(not word.strip(".") for _, word in section.inner):
        behind = min(places for places, word in section.inner if not word.strip("."))
        number = number / Decimal(10) ** (
            behind - section.places
        )  # 0!.0 writes a point that is none
    return Shown(
        number,
        section.prefix,
        section.suffix,
        _text(abs(value), section),
        section.percent > 0,
    )


def _text(value: Decimal, section: _Section) -> str:
    """Return the digits as the format writes them, with all words; a general format writes what there is."""
    scaled = value * Decimal(100) ** section.percent / Decimal(1000) ** section.commas
    rounded = (
        scaled.normalize()
        if section.general
        else scaled.quantize(Decimal(1).scaleb(-section.places))
    )
    whole, _, behind = format(rounded, "f").partition(".")
    body = whole.zfill(section.whole) + behind
    words = [*section.inner, *([(len(behind), ".")] if behind else [])]
    for place, word in sorted(
        words, key=lambda w: w[0], reverse=True
    ):  # from the left; words at one place as written
        at = max(len(body) - place, 0)
        body = body[:at] + word + body[at:]
    return f"{section.prefix}{body}{section.suffix}"
