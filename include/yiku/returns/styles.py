"""The formats of a workbook's cells.

Ours are appended behind the clerk's, which keep their numbers. A cell names its format by
number, a format its font, fill and border by theirs. Nothing is taken out or moved: cells that
are not touched name what they named.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from yiku.returns.package import Element, local, whole

_BUILT_IN = {"0": 1, "@": 49}  # number formats by their codes
# Number formats of a workbook's own have numbers behind this one.
_LAST_BUILT_IN = 163
# The order of the part's children (ECMA-376 part 1, CT_Stylesheet).
_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
)
# 134 is the character set of simplified Chinese, by which older programs
# choose a font that has the signs.
_FONT = (
    '<font xmlns="{ns}">{bold}{underlined}<sz val="{size:g}"/>{colour}<name val="宋体"/>'
    '<family val="3"/><charset val="134"/></font>'
)
_FILL = (
    '<fill xmlns="{ns}"><patternFill patternType="solid"><fgColor rgb="FF{rgb}"/><bgColor indexed="64"/>'
    "</patternFill></fill>"
)
_SIDES = "".join(
    f'<{side} style="thin"><color rgb="FFA6A6A6"/></{side}>'
    for side in ("left", "right", "top", "bottom")
)
_BORDER = '<border xmlns="{ns}">' + _SIDES + "<diagonal/></border>"


@dataclass(frozen=True)
class Change:
    """What a cell's format becomes; None leaves it as it is.

    ``fill`` is RRGGBB, '' takes the fill away.
    """

    fill: str | None = None
    text: bool = False
    quoted: bool = False
    unlocked: bool = False


@dataclass(frozen=True)
class Own:
    """A format of ours: 宋体 in a box. ``centred`` is across; down they all are.

    ``size`` is points, ``colour`` that of the letters (RRGGBB), ``form`` the number format.
    """

    fill: str | None = None
    bold: bool = False
    underlined: bool = False
    size: float = 11
    colour: str | None = None
    form: str | None = None
    boxed: bool = True
    centred: bool = False
    wrapped: bool = False
    unlocked: bool = False
    quoted: bool = False
    plain: bool = False  # neither font nor box


@dataclass
class Styles:
    """The part ``styles.xml`` under change."""

    root: Element
    _made: dict[object, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Mend what stricter programs refuse to open: a fill that says nothing."""
        self.ns = etree.QName(self.root).namespace or ""
        for fill in self._group("fills"):
            if len(fill) == 0:
                etree.SubElement(
                    fill, self._tag("patternFill"), patternType="none"
                )

    def _tag(self, name: str) -> str:
        """Return the full name of an element."""
        return f"{{{self.ns}}}{name}"

    def changed(self, base: int, change: Change) -> int:
        """Return the number of a format that is like ``base`` but for a change."""
        key = (base, change)
        if key not in self._made:
            self._made[key] = self._changed(base, change)
        return self._made[key]

    def own(self, wanted: Own) -> int:
        """Return the number of a format of ours."""
        if wanted not in self._made:
            self._made[wanted] = self._own(wanted)
        return self._made[wanted]

    def fill_of(self, number: int) -> str | None:
        """Return the colour (RRGGBB) of a format's solid fill, or None."""
        formats = self._group("cellXfs")
        if number >= len(formats):
            return None
        fills = self._group("fills")
        place = whole(formats[number].get("fillId")) or 0
        if place >= len(fills):
            return None
        pattern = fills[place].find(self._tag("patternFill"))
        if pattern is None or pattern.get("patternType") != "solid":
            return None
        colour = pattern.find(self._tag("fgColor"))
        if colour is None:
            return None
        # Of AARRGGBB; a colour of the theme has none.
        rgb = (colour.get("rgb") or "")[-6:]
        return rgb.upper() or None

    def _changed(self, base: int, change: Change) -> int:
        formats = self._group("cellXfs")
        made = (
            copy.deepcopy(formats[base])
            if base < len(formats)
            else self._blank()
        )
        if change.fill == "":
            _apply(made, "applyFill", "fillId", 0)
        elif change.fill is not None:
            _apply(made, "applyFill", "fillId", self._fill(change.fill))
        if change.text:
            made.set("numFmtId", str(_BUILT_IN["@"]))
            made.set("applyNumberFormat", "1")
        if change.quoted:
            made.set("quotePrefix", "1")
        if change.unlocked:
            self._unlock(made)
        return self._append("cellXfs", made)

    def _own(self, wanted: Own) -> int:
        made = self._blank()
        if not wanted.plain:
            _apply(made, "applyFont", "fontId", self._font(wanted))
        if wanted.boxed and not wanted.plain:
            border = self._part("borders", _BORDER)
            _apply(made, "applyBorder", "borderId", border)
        if wanted.form:
            form = self._form_number(wanted.form)
            _apply(made, "applyNumberFormat", "numFmtId", form)
        if wanted.fill:
            _apply(made, "applyFill", "fillId", self._fill(wanted.fill))
        if wanted.quoted:
            made.set("quotePrefix", "1")
        if wanted.centred or wanted.wrapped:
            self._align(made, wanted)
        if wanted.unlocked:
            self._unlock(made)
        return self._append("cellXfs", made)

    def _align(self, made: Element, wanted: Own) -> None:
        """Say how the words of a format of ours stand in its cell."""
        placed = {"vertical": "center"}
        if wanted.centred:
            placed["horizontal"] = "center"
        if wanted.wrapped:
            placed["wrapText"] = "1"
        made.set("applyAlignment", "1")
        etree.SubElement(made, self._tag("alignment"), placed)

    def _unlock(self, made: Element) -> None:
        """Let cells of a format be edited on a protected sheet."""
        found = made.find(self._tag("protection"))
        if found is None:
            found = etree.Element(self._tag("protection"))
            # Behind it the standard has extensions alone.
            extensions = made.find(self._tag("extLst"))
            if extensions is None:
                made.append(found)
            else:
                extensions.addprevious(found)
        found.set("locked", "0")
        made.set("applyProtection", "1")

    def _format_number(self, code: str) -> int:
        """Return the number of a number format, which is added where it is missing."""
        group = self._group("numFmts")
        known = {}
        for entry in group:
            known[entry.get("formatCode")] = whole(entry.get("numFmtId")) or 0
        if code in known:
            return known[code]
        number = max([_LAST_BUILT_IN, *known.values()]) + 1
        etree.SubElement(
            group,
            self._tag("numFmt"),
            numFmtId=str(number),
            formatCode=code,
        )
        group.set("count", str(len(group)))
        return number

    def _blank(self) -> Element:
        # Every format names one of the formats behind the named styles.
        self._group("cellStyleXfs")
        return etree.Element(
            self._tag("xf"),
            numFmtId="0",
            fontId="0",
            fillId="0",
            borderId="0",
            xfId="0",
        )

    def _font(self, wanted: Own) -> int:
        colour = wanted.colour
        return self._part(
            "fonts",
            _FONT,
            bold="<b/>" if wanted.bold else "",
            underlined="<u/>" if wanted.underlined else "",
            size=wanted.size,
            colour=f'<color rgb="FF{colour}"/>' if colour else "",
        )

    def _form_number(self, code: str) -> int:
        """Return the number of a number format: a built-in one's, or one of the workbook's own."""
        built_in = _BUILT_IN.get(code)
        return self._format_number(code) if built_in is None else built_in

    def _fill(self, rgb: str) -> int:
        return self._part("fills", _FILL, rgb=rgb)

    def _part(self, group: str, pattern: str, **places: Any) -> int:
        """Return the number of a font, fill or border of ours."""
        text = pattern.format(ns=self.ns, **places)
        return self._append_once(group, etree.fromstring(text))

    def _append_once(self, group: str, element: Element) -> int:
        # Programs take some 64,000 formats and no more: what is the same is added once.
        key = (group, etree.tostring(element, method="c14n"))
        if key not in self._made:
            self._made[key] = self._append(group, element)
        return self._made[key]

    def _append(self, group: str, element: Element) -> int:
        found = self._group(group)
        found.append(element)
        found.set("count", str(len(found)))
        return len(found) - 1

    def _group(self, name: str) -> Any:
        """Return a group of the part, in its place in the standard's order.

        A missing one begins with a default, for number 0 is what cells name that name nothing.
        """
        found = self.root.find(self._tag(name))
        if found is not None:
            return found
        made = etree.Element(self._tag(name), count="0")
        self.root.insert(self._place_of(name), made)
        for text in _DEFAULTS.get(name, ()):
            made.append(etree.fromstring(text.format(ns=self.ns)))
        made.set("count", str(len(made)))
        return made

    def _place_of(self, name: str) -> int:
        """Return where a group belongs: before the first child that the standard has behind it."""
        before = _ORDER[: _ORDER.index(name) + 1]
        place = 0
        for child in self.root:
            if local(child) not in before:
                break
            place += 1
        return place


def _apply(made: Element, applied: str, attribute: str, number: int) -> None:
    """Let a format name another piece, and say that it does."""
    made.set(attribute, str(number))
    made.set(applied, "1")


# Of the fills programs take the first two for none and for a grid of grey,
# whatever stands there: a fill of ours has to be the third at least.
_DEFAULTS = {
    "fonts": ('<font xmlns="{ns}"><sz val="11"/><name val="宋体"/></font>',),
    "fills": (
        '<fill xmlns="{ns}"><patternFill patternType="none"/></fill>',
        '<fill xmlns="{ns}"><patternFill patternType="gray125"/></fill>',
    ),
    "borders": (
        '<border xmlns="{ns}"><left/><right/><top/><bottom/><diagonal/></border>',
    ),
    "cellXfs": (
        '<xf xmlns="{ns}" numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
    ),
    "cellStyleXfs": (
        '<xf xmlns="{ns}" numFmtId="0" fontId="0" fillId="0" borderId="0"/>',
    ),
}
