"""Which cell styles and which shared strings of an xlsx mean something beside their text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yiku.formats.number_format import is_percent, speaks
from yiku.formats.row_colours import is_marking, plain_rgb
from yiku.formats.xml_parts import attribute, descendants, first, parse_xml

SYMBOL_FONTS = ("wingdings", "webdings", "symbol", "marlett")
_PERCENT_FORMATS = frozenset({9, 10})
_ITEM_END = re.compile(rb"</(?:\w{1,20}:)?si>|<(?:\w{1,20}:)?si\s*+/>")
_RUN_WORDS = (b"strike", b"dings", b"ymbol", b"arlett")
_STRIKE_RUN = re.compile(rb'<(?:\w{1,20}:)?strike(?:\s++val="(?:1|true)")?\s*+/>')
_SYMBOL_RUN = re.compile(
    rb'<(?:\w{1,20}:)?rFont\s++val="(?:Wingdings|Webdings|Symbol|Marlett)',
    re.IGNORECASE,
)


@dataclass
class Styles:
    """Style numbers (of ``cellXfs``) that mean something: colours, strikes, percent, symbol fonts, formats."""

    struck: set[int] = field(default_factory=set)
    percent: set[int] = field(default_factory=set)
    symbol: set[int] = field(default_factory=set)
    colours: dict[int, str] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)

    @property
    def interesting(self) -> set[int]:
        """All numbers worth searching for."""
        return (
            self.struck
            | self.percent
            | self.symbol
            | self.colours.keys()
            | self.formats.keys()
        )


@dataclass
class Strings:
    """Numbers of the shared strings whose runs are struck through or set in a symbol font."""

    struck: set[int] = field(default_factory=set)
    symbol: set[int] = field(default_factory=set)

    @property
    def interesting(self) -> set[int]:
        """All numbers worth searching for."""
        return self.struck | self.symbol


def is_symbol_font(name: str | None) -> bool:
    """Tell whether a font shows pictures for letters (Wingdings and the like)."""
    return (name or "").lower().startswith(SYMBOL_FONTS)


def read_styles(
    xml: bytes | None, ignored_fills: frozenset[str] = frozenset()
) -> Styles:
    """Read ``xl/styles.xml``; colours in ``ignored_fills`` (RRGGBB) are not taken for marks."""
    styles = Styles()
    if not xml:
        return styles
    root = parse_xml(xml)
    fonts = [_font(f) for f in _items(root, "fonts")]
    fills = [_fill(f) for f in _items(root, "fills")]
    formats = {
        int(attribute(n, "numFmtId") or 0): attribute(n, "formatCode") or ""
        for n in _items(root, "numFmts")
    }
    for number, xf in enumerate(_items(root, "cellXfs")):
        font = _pick(fonts, attribute(xf, "fontId"), _NO_FONT)
        fill = _pick(fills, attribute(xf, "fillId"), None)
        _enter_looks(styles, number, font, None if fill in ignored_fills else fill)
        enter_format(styles, number, int(attribute(xf, "numFmtId") or 0), formats)
    return styles


@dataclass(frozen=True)
class _Font:
    struck: bool
    symbol: bool
    colour: str | None


_NO_FONT = _Font(False, False, None)


def _items(root: Any, name: str) -> list[Any]:
    parent = first(root, name)
    return [] if parent is None else [n for n in parent if isinstance(n.tag, str)]


def _pick(items: list[Any], number: str | None, default: Any) -> Any:
    index = int(number or 0)
    return items[index] if 0 <= index < len(items) else default


def _enter_looks(styles: Styles, number: int, font: _Font, fill: str | None) -> None:
    if font.struck:
        styles.struck.add(number)
    if font.symbol:
        styles.symbol.add(number)
    if fill or font.colour:
        styles.colours[number] = f"{fill or ''}/{font.colour or ''}"


def enter_format(
    styles: Styles, number: int, format_id: int, formats: Mapping[int, str]
) -> None:
    """Keep what the number format of style ``number`` says; ``formats`` are the workbook's own, by their id."""
    code = formats.get(format_id, "")
    if format_id in _PERCENT_FORMATS or is_percent(code):
        styles.percent.add(number)
    if speaks(code):
        styles.formats[number] = code


def _font(node: Any) -> _Font:
    strike = first(node, "strike")
    name = first(node, "name")
    return _Font(
        struck=strike is not None and attribute(strike, "val") not in ("0", "false"),
        symbol=name is not None and is_symbol_font(attribute(name, "val")),
        colour=_colour(first(node, "color"), plain_themes=("0", "1")),
    )


def _fill(node: Any) -> str | None:
    pattern = first(node, "patternFill")
    if pattern is None or attribute(pattern, "patternType") in (
        None,
        "none",
        "gray125",
    ):
        return None
    return _colour(first(pattern, "fgColor"), plain_themes=())


def _colour(node: Any | None, plain_themes: tuple[str, ...]) -> str | None:
    """Return a name for a colour that can be a mark: RRGGBB, or theme and tint, or a place of the old palette."""
    if node is None:
        return None
    if (rgb := plain_rgb(attribute(node, "rgb"))) is not None:
        return rgb if is_marking(rgb) else None
    tint = attribute(node, "tint") or ""
    if (theme := attribute(node, "theme")) is not None:
        plain = theme in plain_themes or (theme == "0" and tint in ("", "0"))
        return None if plain else f"theme{theme}{tint}"
    indexed = attribute(node, "indexed")
    return (
        None
        if indexed is None or int(indexed) in (0, 1, 8, 9, 64, 65)
        else f"indexed{indexed}"
    )


def read_strings(xml: bytes | None) -> Strings:
    """Find the shared strings with struck-through or symbol runs in ``xl/sharedStrings.xml``."""
    strings = Strings()
    if not xml or not any(word in xml for word in _RUN_WORDS):
        return strings
    begin = 0
    for number, end in enumerate(_ITEM_END.finditer(xml)):
        item, begin = xml[begin : end.end()], end.end()
        if _STRIKE_RUN.search(item):
            strings.struck.add(number)
        if _SYMBOL_RUN.search(item):
            strings.symbol.add(number)
    return strings


def text_of(node: Any) -> str:
    """Return the text of every ``t`` below a node."""
    return "".join(t.text or "" for t in descendants(node, "t"))
