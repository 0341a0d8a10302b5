"""What the styles of an OpenDocument sheet say of its cells: looks, hidden columns, number formats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from yiku.formats.number_format import speaks
from yiku.formats.row_colours import is_marking, plain_rgb
from yiku.formats.sheet_builder import MOST_ROWS
from yiku.formats.xlsx_styles import is_symbol_font
from yiku.formats.xml_parts import (
    attribute,
    children,
    descendants,
    local,
)

_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,20})?)(cm|in|mm|pt)")
# The width of a digit in each unit: other formats tell widths in characters.
_CHARACTER = {"cm": 0.2, "in": 0.0787, "mm": 2.0, "pt": 5.6}
_NUMBER_STYLES = ("number-style", "currency-style")
_MOST_DIGITS = 30  # zeros of a number format
_MOST_PLACES = 20  # behind the point


@dataclass
class OdsStyle:
    """What one style says of the cells that it names."""

    struck: bool = False
    symbol: bool = False
    colour: str | None = None
    # A number format that says more than a number.
    code: str | None = None
    hidden_table: bool = False
    # Of a column, in characters.
    width: float | None = None


NO_STYLE = OdsStyle()


# --- styles


def styles_of(roots: list[Any]) -> dict[str, OdsStyle]:
    """Return what the styles say, by name; those of the content go before the named ones."""
    fonts = {
        attribute(face, "name"): attribute(face, "font-family")
        for face in _in_all(roots, "font-face")
    }
    codes = _number_codes(_number_styles(roots))
    result: dict[str, OdsStyle] = {}
    for node in _in_all(roots, "style"):
        format_name = attribute(node, "data-style-name") or ""
        style = OdsStyle(code=codes.get(format_name))
        for properties in node:
            _enter_properties(properties, style, fonts)
        name = attribute(node, "name") or ""
        result.setdefault(name, style)
    return result


def _in_all(roots: list[Any], name: str) -> Iterator[Any]:
    """Yield the nodes called ``name`` below several roots."""
    for root in roots:
        yield from descendants(root, name)


def _number_styles(roots: list[Any]) -> Iterator[Any]:
    """Yield the number formats, those of numbers before those of money in each part."""
    for root in roots:
        for kind in _NUMBER_STYLES:
            yield from descendants(root, kind)


def _number_codes(nodes: Iterable[Any]) -> dict[str, str]:
    """Return the number formats that say more than a number, by name, as Excel writes them."""
    known: dict[str, str] = {}
    # The parts of a format with conditions stand before it.
    for node in nodes:
        code = _number_code(node)
        for choice in children(node, "map"):
            condition = (attribute(choice, "condition") or "").removeprefix(
                "value()"
            )
            applied_name = attribute(choice, "apply-style-name") or ""
            applied = known.get(applied_name, "0")
            code = f"[{condition}]{applied};{code}"
        name = attribute(node, "name") or ""
        known[name] = code
    return {name: code for name, code in known.items() if speaks(code)}


def _number_code(node: Any) -> str:
    """Return the code of one format: its words and digits in their order."""
    parts = []
    for child in node:
        kind = local(child)
        if kind in ("text", "currency-symbol"):
            words = "".join(child.itertext())
            parts.append(_quoted(words))
        elif kind == "number":
            parts.append(_digits_code(child))
        elif kind in ("scientific-number", "fraction"):
            parts.append("General")
    return "".join(parts)


def _quoted(text: str) -> str:
    """Return words as a code quotes them: a quotation mark inside cannot be written."""
    if not text:
        return ""
    return '"' + text.replace('"', "") + '"'


def _digits_code(node: Any) -> str:
    """Return the digits of a format, with the words that stand between them."""
    words: dict[int, str] = {}
    for word in children(node, "embedded-text"):
        position = count_of(word, "position", _MOST_PLACES)
        words[position] = "".join(word.itertext())
    whole = count_of(node, "min-integer-digits", _MOST_DIGITS)
    # A word at a position needs a digit in front of it.
    whole = max([whole, *(position + 1 for position in words)])
    code = ""
    for place in range(whole - 1, -1, -1):
        code += "0" + _quoted(words.get(place, ""))
    places = min(_digits(attribute(node, "decimal-places"), 0), _MOST_PLACES)
    if places:
        code += "." + "0" * places
    return code + "," * _thousands(node)


def _digits(text: str | None, default: int) -> int:
    """Return the number that a text of digits says; anything else is the default."""
    if text and text.isascii() and text.isdigit():
        return int(text)
    return default


def _thousands(node: Any) -> int:
    """Return how many thousands a format leaves out: its factor is 1000, 1000000 and so on."""
    factor = attribute(node, "display-factor") or "1"
    if not (factor.isascii() and factor.isdigit()):
        return 0
    return (len(factor) - 1) // 3


def _enter_properties(
    part: Any,
    style: OdsStyle,
    fonts: dict[str | None, str | None],
) -> None:
    """Enter what one group of properties says into the style to which it belongs."""
    kind = local(part)
    if kind == "text-properties":
        _enter_text_properties(part, style, fonts)
    elif kind == "table-cell-properties":
        background = _mark(attribute(part, "background-color"))
        style.colour = background or style.colour
    elif kind == "table-column-properties":
        style.width = _characters(attribute(part, "column-width"))
    elif kind == "table-properties":
        style.hidden_table = attribute(part, "display") == "false"


def _enter_text_properties(
    part: Any,
    style: OdsStyle,
    fonts: dict[str | None, str | None],
) -> None:
    """Enter what the letters of a style look like."""
    # Programs name the line by its style, by its type, or by both.
    line_style = attribute(part, "text-line-through-style")
    line_type = attribute(part, "text-line-through-type")
    style.struck = _is_line(line_style) or _is_line(line_type)
    font_name = attribute(part, "font-name")
    family = fonts.get(font_name) or font_name or ""
    style.symbol = is_symbol_font(family.strip("'"))
    style.colour = style.colour or _mark(attribute(part, "color"))


def _is_line(text: str | None) -> bool:
    """Return whether an attribute of a line through the text says that there is one."""
    return text not in (None, "none")


def _characters(text: str | None) -> float | None:
    """Return a length in characters; None where it is none that we know."""
    found = _LENGTH.fullmatch(text or "")
    if not found:
        return None
    length, unit = found.groups()
    return float(length) / _CHARACTER[unit]


def _mark(colour: str | None) -> str | None:
    """Return RRGGBB where a colour can be a mark, else None."""
    rgb = plain_rgb(colour)
    return rgb if is_marking(rgb) else None


def count_of(node: Any, name: str, most: int = MOST_ROWS) -> int:
    """Return a count that an attribute tells, from 1 to ``most``: a stranger may write any."""
    text = attribute(node, name) or "1"
    if not (text.isascii() and text.isdigit()):
        return 1
    return max(1, min(int(text[:9]), most))
