"""Which cell styles and which shared strings of an xlsx mean something beside their text.

A workbook has hundreds of styles, of which nearly all say nothing. Cells are searched afterwards
only for the few that are found here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yiku.formats.number_format import is_percent, speaks
from yiku.formats.row_colours import is_marking, plain_rgb
from yiku.formats.xml_parts import attribute, descendants, first, parse_xml

SYMBOL_FONTS = ("wingdings", "webdings", "symbol", "marlett")
_PERCENT_FORMATS = frozenset({9, 10})  # 0% and 0.00%: built in, so not listed
# Black, white, and "automatic" of the old palette.
_PLAIN_INDEXES = (0, 1, 8, 9, 64, 65)
_NO_FILL = (None, "none", "gray125")
_ITEM_END = re.compile(rb"</(?:\w{1,20}:)?si>|<(?:\w{1,20}:)?si\s*+/>")
# The cheap test before the dear one: nearly no workbook has any of these words.
_RUN_WORDS = (b"strike", b"dings", b"ymbol", b"arlett")
_STRIKE_RUN = re.compile(
    rb'<(?:\w{1,20}:)?strike(?:\s++val="(?:1|true)")?\s*+/>'
)
_SYMBOL_RUN = re.compile(
    rb'<(?:\w{1,20}:)?rFont\s++val="(?:Wingdings|Webdings|Symbol|Marlett)',
    re.IGNORECASE,
)


@dataclass
class Styles:
    """Style numbers (of ``cellXfs``) that mean something, by what they mean.

    ``colours`` holds a name of the colour, ``formats`` the number format of a style.
    """

    struck: set[int] = field(default_factory=set)
    percent: set[int] = field(default_factory=set)
    symbol: set[int] = field(default_factory=set)
    colours: dict[int, str] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)

    @property
    def interesting(self) -> set[int]:
        """All numbers worth searching for."""
        flagged = self.struck | self.percent | self.symbol
        return flagged | self.colours.keys() | self.formats.keys()


@dataclass
class Strings:
    """Numbers of the shared strings whose runs are struck through or set in a symbol font."""

    struck: set[int] = field(default_factory=set)
    symbol: set[int] = field(default_factory=set)

    @property
    def interesting(self) -> set[int]:
        """All numbers worth searching for."""
        return self.struck | self.symbol


@dataclass(frozen=True)
class _Font:
    struck: bool
    symbol: bool
    colour: str | None


_NO_FONT = _Font(struck=False, symbol=False, colour=None)


def is_symbol_font(name: str | None) -> bool:
    """Return whether a font shows pictures for letters (Wingdings and the like)."""
    return (name or "").lower().startswith(SYMBOL_FONTS)


def read_styles(
    xml: bytes | None,
    ignored_fills: frozenset[str] = frozenset(),
) -> Styles:
    """Read ``xl/styles.xml``; colours in ``ignored_fills`` (RRGGBB) are not taken for marks."""
    styles = Styles()
    if not xml:
        return styles
    root = parse_xml(xml)
    fonts = [_font(node) for node in _items(root, "fonts")]
    fills = [_fill(node) for node in _items(root, "fills")]
    formats = {}
    for node in _items(root, "numFmts"):
        format_id = int(attribute(node, "numFmtId") or 0)
        formats[format_id] = attribute(node, "formatCode") or ""
    for number, style in enumerate(_items(root, "cellXfs")):
        font = _pick(fonts, attribute(style, "fontId"), _NO_FONT)
        fill = _pick(fills, attribute(style, "fillId"), None)
        if fill in ignored_fills:
            fill = None
        _enter_looks(styles, number, font, fill)
        format_id = int(attribute(style, "numFmtId") or 0)
        enter_format(styles, number, format_id, formats)
    return styles


def _items(root: Any, name: str) -> list[Any]:
    """Return the elements of a group, comments in the XML left out."""
    parent = first(root, name)
    if parent is None:
        return []
    return [node for node in parent if isinstance(node.tag, str)]


def _pick(items: list[Any], number: str | None, default: Any) -> Any:
    """Return the item that a style names; the default where there is none of that number."""
    index = int(number or 0)
    if 0 <= index < len(items):
        return items[index]
    return default


def _enter_looks(
    styles: Styles, number: int, font: _Font, fill: str | None
) -> None:
    """Keep what the font and the fill of style ``number`` say."""
    if font.struck:
        styles.struck.add(number)
    if font.symbol:
        styles.symbol.add(number)
    if fill or font.colour:
        styles.colours[number] = f"{fill or ''}/{font.colour or ''}"


def enter_format(
    styles: Styles,
    number: int,
    format_id: int,
    formats: Mapping[int, str],
) -> None:
    """Keep what the number format of style ``number`` says.

    ``formats`` are the workbook's own formats by their id; the built-in ones are listed nowhere.
    """
    code = formats.get(format_id, "")
    if format_id in _PERCENT_FORMATS or is_percent(code):
        styles.percent.add(number)
    if speaks(code):
        styles.formats[number] = code


def _font(node: Any) -> _Font:
    strike = first(node, "strike")
    name = first(node, "name")
    # The element alone means yes.
    is_struck = strike is not None and attribute(strike, "val") not in (
        "0",
        "false",
    )
    return _Font(
        struck=is_struck,
        symbol=name is not None and is_symbol_font(attribute(name, "val")),
        colour=_colour(first(node, "color"), plain_themes=("0", "1")),
    )


def _fill(node: Any) -> str | None:
    pattern = first(node, "patternFill")
    if pattern is None or attribute(pattern, "patternType") in _NO_FILL:
        return None
    return _colour(first(pattern, "fgColor"), plain_themes=())


def _colour(node: Any | None, plain_themes: tuple[str, ...]) -> str | None:
    """Return a name for a colour that can be a mark, else None.

    RRGGBB, or theme and tint, or a place of the old palette: what matters is that rows of one
    colour have one name.
    """
    if node is None:
        return None
    rgb = plain_rgb(attribute(node, "rgb"))
    if rgb is not None:
        return rgb if is_marking(rgb) else None
    theme = attribute(node, "theme")
    if theme is not None:
        tint = attribute(node, "tint") or ""
        # Theme 0 without a tint is the white of the paper.
        is_paper = theme == "0" and tint in ("", "0")
        return (
            None
            if theme in plain_themes or is_paper
            else f"theme{theme}{tint}"
        )
    indexed = attribute(node, "indexed")
    if indexed is None or int(indexed) in _PLAIN_INDEXES:
        return None
    return f"indexed{indexed}"


def read_strings(xml: bytes | None) -> Strings:
    """Find the shared strings with struck-through or symbol runs in ``xl/sharedStrings.xml``."""
    strings = Strings()
    if not xml or not any(word in xml for word in _RUN_WORDS):
        return strings
    begin = 0
    for number, end in enumerate(_ITEM_END.finditer(xml)):
        item = xml[begin : end.end()]
        begin = end.end()
        if _STRIKE_RUN.search(item):
            strings.struck.add(number)
        if _SYMBOL_RUN.search(item):
            strings.symbol.add(number)
    return strings


def text_of(node: Any) -> str:
    """Return the text of every ``t`` below a node."""
    return "".join(piece.text or "" for piece in descendants(node, "t"))
