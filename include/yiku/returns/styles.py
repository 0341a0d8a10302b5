"""The formats of a workbook's cells: ours are appended behind the clerk's, which keep their numbers."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from yiku.returns.package import Element, local, whole

# What we may change of a format, and the others that are ours from the start.
_TEXT_FORMAT = "49"  # the built-in number format @
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
_FONT = '<font xmlns="{ns}">{bold}<sz val="11"/><name val="宋体"/><family val="3"/><charset val="134"/></font>'
_FILL = (
    '<fill xmlns="{ns}"><patternFill patternType="solid"><fgColor rgb="FF{rgb}"/><bgColor indexed="64"/>'
    "</patternFill></fill>"
)
_SIDES = "".join(
    f'<{s} style="thin"><color rgb="FFA6A6A6"/></{s}>'
    for s in ("left", "right", "top", "bottom")
)
_BORDER = '<border xmlns="{ns}">' + _SIDES + "<diagonal/></border>"


@dataclass(frozen=True)
class Change:
    """What a cell's format becomes; None leaves it as it is. ``fill`` is RRGGBB, '' takes the fill away."""

    fill: str | None = None
    text: bool = False
    quoted: bool = False
    unlocked: bool = False


@dataclass(frozen=True)
class Own:
    """A format of ours: 宋体 11 in a box. ``centred`` is across; down they all are."""

    fill: str | None = None
    bold: bool = False
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
                etree.SubElement(fill, f"{{{self.ns}}}patternFill", patternType="none")

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
        xfs, fills = self._group("cellXfs"), self._group("fills")
        if number >= len(xfs):
            return None
        at = whole(xfs[number].get("fillId")) or 0
        pattern = (
            fills[at].find(f"{{{self.ns}}}patternFill") if at < len(fills) else None
        )
        colour = pattern.find(f"{{{self.ns}}}fgColor") if pattern is not None else None
        if pattern is None or colour is None or pattern.get("patternType") != "solid":
            return None
        return (colour.get("rgb") or "")[-6:].upper() or None

    def adopt(self, other: Styles, number: int) -> int:
        """Return the number that a format of another workbook has here, bringing what it is made of along."""
        key = (id(other), number)
        if key not in self._made:
            self._made[key] = self._adopted(other, number)
        return self._made[key]

    def _changed(self, base: int, change: Change) -> int:
        xfs = self._group("cellXfs")
        xf = copy.deepcopy(xfs[base]) if base < len(xfs) else self._blank()
        if change.fill is not None:
            xf.set("fillId", str(self._fill(change.fill) if change.fill else 0))
            xf.set("applyFill", "1")
        if change.text:
            xf.set("numFmtId", _TEXT_FORMAT)
            xf.set("applyNumberFormat", "1")
        if change.quoted:
            xf.set("quotePrefix", "1")
        if change.unlocked:
            self._unlock(xf)
        return self._append("cellXfs", xf)

    def _own(self, wanted: Own) -> int:
        xf = self._blank()
        if not wanted.plain:
            xf.set(
                "fontId",
                str(self._part("fonts", _FONT, bold="<b/>" if wanted.bold else "")),
            )
            xf.set("borderId", str(self._part("borders", _BORDER)))
            xf.set("applyFont", "1")
            xf.set("applyBorder", "1")
        if wanted.fill:
            xf.set("fillId", str(self._fill(wanted.fill)))
            xf.set("applyFill", "1")
        if wanted.quoted:
            xf.set("quotePrefix", "1")
        if wanted.centred or wanted.wrapped:
            placed: dict[str, str] = {"vertical": "center"}
            placed |= {"horizontal": "center"} if wanted.centred else {}
            placed |= {"wrapText": "1"} if wanted.wrapped else {}
            xf.set("applyAlignment", "1")
            etree.SubElement(xf, f"{{{self.ns}}}alignment", placed)
        if wanted.unlocked:
            self._unlock(xf)
        return self._append("cellXfs", xf)

    def _unlock(self, xf: Element) -> None:
        found = xf.find(f"{{{self.ns}}}protection")
        if found is None:
            found = etree.Element(f"{{{self.ns}}}protection")
            at = next(
                (k for k, child in enumerate(xf) if local(child) == "extLst"), len(xf)
            )
            xf.insert(at, found)
        found.set("locked", "0")
        xf.set("applyProtection", "1")

    def _adopted(self, other: Styles, number: int) -> int:
        xf = self._translated(other._group("cellXfs")[number], other)
        for name, attribute in (
            ("fonts", "fontId"),
            ("fills", "fillId"),
            ("borders", "borderId"),
        ):
            source = other._group(name)[int(xf.get(attribute) or 0)]
            xf.set(
                attribute, str(self._append_once(name, self._translated(source, other)))
            )
        xf.set("xfId", "0")
        code = other._number_format(int(xf.get("numFmtId") or 0))
        if code is not None:
            xf.set("numFmtId", str(self._format_number(code)))
        for attribute in ("applyFont", "applyFill", "applyBorder", "applyNumberFormat"):
            xf.set(attribute, "1")
        return self._append("cellXfs", xf)

    def _translated(self, element: Element, other: Styles) -> Element:
        text = etree.tostring(element, encoding="unicode")
        return etree.fromstring(
            text.replace(other.ns, self.ns) if other.ns != self.ns else text
        )

    def _number_format(self, number: int) -> str | None:
        found = (f for f in self._group("numFmts") if f.get("numFmtId") == str(number))
        return next((f.get("formatCode") for f in found), None)

    def _format_number(self, code: str) -> int:
        group = self._group("numFmts")
        known = {f.get("formatCode"): whole(f.get("numFmtId")) or 0 for f in group}
        if code not in known:
            known[code] = max([163, *known.values()]) + 1
            etree.SubElement(
                group,
                f"{{{self.ns}}}numFmt",
                numFmtId=str(known[code]),
                formatCode=code,
            )
            group.set("count", str(len(group)))
        return known[code]

    def _blank(self) -> Element:
        return etree.Element(
            f"{{{self.ns}}}xf",
            numFmtId="0",
            fontId="0",
            fillId="0",
            borderId="0",
            xfId="0",
        )

    def _fill(self, rgb: str) -> int:
        return self._part("fills", _FILL, rgb=rgb)

    def _part(self, group: str, pattern: str, **places: str) -> int:
        return self._append_once(
            group, etree.fromstring(pattern.format(ns=self.ns, **places))
        )

    def _append_once(self, group: str, element: Element) -> int:
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
        """Return a group of the part, in its place in the standard's order; a missing one begins with a default."""
        found = self.root.find(f"{{{self.ns}}}{name}")
        if found is not None:
            return found
        made = etree.Element(f"{{{self.ns}}}{name}", count="0")
        later = _ORDER[_ORDER.index(name) + 1 :]
        at = next(
            (
                k
                for k, child in enumerate(self.root)
                if local(child) not in _ORDER or local(child) in later
            ),
            None,
        )
        self.root.insert(len(self.root) if at is None else at, made)
        default = _DEFAULTS.get(name, ())
        for text in default:
            made.append(etree.fromstring(text.format(ns=self.ns)))
        made.set("count", str(len(made)))
        return made


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
