"""The workbook part under change: which sheets there are, and what goes in front of them or out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from yiku.returns.package import (
    SHEET_TYPE,
    WORKBOOK_TYPE,
    Element,
    NotEditableError,
    Package,
    whole,
)
from yiku.returns.sheet_xml import SheetXml
from yiku.returns.styles import Styles

_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_STYLES = '<styleSheet xmlns="{ns}"/>'
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_SIGNED = "_xmlsignatures/"
_MACROS = ("xl/vbaProject.bin", "xl/vbaProjectSignature.bin")


@dataclass
class BookXml:
    """A workbook in its package."""

    package: Package
    _sheets: dict[str, SheetXml] = field(default_factory=dict)
    _strings: list[str] | None = None

    def __post_init__(self) -> None:
        """Find the workbook's part. NotEditableError when there is none."""
        found = self.package.related("", "officeDocument")
        if found is None or found.target is None:
            raise NotEditableError("no workbook")
        self.part = found.target
        self.root = self.package.root(self.part)
        self.ns = etree.QName(self.root).namespace or ""
        self._r = _STRICT if self.package.is_strict else _TRANSITIONAL
        self.styles = Styles(self._styles_root())

    def _styles_root(self) -> Element:
        found = self.package.related(self.part, "styles")
        if found is not None and found.target is not None:
            return self.package.root(found.target)
        # Some programs look for it by this name alone.
        name = "xl/styles.xml"
        self.package.put(name, _STYLES.format(ns=self.ns).encode())
        self.package.relate(self.part, "styles", name)
        self.package.set_type(name, _STYLES_TYPE)
        return self.package.root(name)

    # --- sheets

    def _listed(self) -> Element:
        found = self.root.find(f"{{{self.ns}}}sheets")
        if found is None:
            raise NotEditableError("no list of sheets")
        return found

    def parts(self) -> dict[str, str]:
        """Return the parts of the worksheets by title; sheets of charts and dialogues are left out."""
        leads = {r.rel_id: r for r in self.package.relations(self.part)}
        known = set(self.package.names())
        found = {}
        for entry in self._listed():
            relation = leads.get(entry.get(f"{{{self._r}}}id") or "")
            if relation and relation.kind == "worksheet" and relation.target in known:
                found[entry.get("name") or ""] = relation.target or ""
        return found

    def titles(self) -> list[str]:
        """Return the titles of all sheets, in their order."""
        return [entry.get("name") or "" for entry in self._listed()]

    def sheet(self, part: str) -> SheetXml:
        """Return a worksheet to be changed."""
        if part not in self._sheets:
            self._sheets[part] = SheetXml(self.package.root(part), self.string)
        return self._sheets[part]

    def string(self, at: int) -> str:
        """Return a shared string; '' where there is none."""
        strings = self.strings()
        return strings[at] if at < len(strings) else ""

    def strings(self) -> list[str]:
        """Return the shared strings, without what says how they are read aloud."""
        if self._strings is None:
            found = self.package.related(self.part, "sharedStrings")
            root = self.package.peek(found.target) if found and found.target else ()
            self._strings = [_words(entry) for entry in root]
        return self._strings

    def add(self, title: str, part: str, first: bool) -> None:
        """Put a worksheet, whose part is there, in front of all others or behind them."""
        listed = self._listed()
        number = max([0, *(whole(e.get("sheetId")) or 0 for e in listed)]) + 1
        rel_id = self.package.relate(self.part, "worksheet", part)
        self.package.set_type(part, SHEET_TYPE)
        entry = etree.Element(f"{{{self.ns}}}sheet", name=title, sheetId=str(number))
        entry.set(f"{{{self._r}}}id", rel_id)
        listed.insert(0 if first else len(listed), entry)
        if first:
            self._renumber(lambda at: at + 1)

    def remove(self, title: str) -> None:
        """Take a worksheet out, and the names that hold on it alone."""
        part, at = self.parts().get(title), self.titles().index(title)
        listed = self._listed()
        listed.remove(listed[at])
        self._renumber(lambda k: None if k == at else k - (k > at))
        if part:
            self.package.unrelate(self.part, part)
            self.package.remove(part)

    def _renumber(self, moved: Callable[[int], int | None]) -> None:
        """Let the names that hold on one sheet hold on it still, now that the sheets have other places."""
        for names in self.root.findall(f"{{{self.ns}}}definedNames"):
            for name in list(names):
                if name.get("localSheetId") is None:
                    continue
                at = whole(name.get("localSheetId"))
                place = None if at is None else moved(at)
                if place is None:  # gone with its sheet, or never of any
                    names.remove(name)
                else:
                    name.set("localSheetId", str(place))

    def open_at_first(self) -> None:
        """Let the first sheet be the one that is shown when the workbook is opened."""
        views = self.root.find(f"{{{self.ns}}}bookViews")
        if views is None:
            views = etree.Element(f"{{{self.ns}}}bookViews")
            self._listed().addprevious(views)
        if len(views) == 0:
            etree.SubElement(views, f"{{{self.ns}}}workbookView")
        views[0].set("activeTab", "0")
        views[0].set("firstSheet", "0")

    # --- what a workbook that goes back cannot have

    def strip(self) -> list[str]:
        """Take out what would be false or refused: macros below the name .xlsx, a signature of other bytes.

        Return what clerks call that.
        """
        lost = ["宏"] if self._strip_macros() else []
        return lost + (["电子签名"] if self._strip_signatures() else [])

    def _strip_macros(self) -> bool:
        if self.package.type_of(self.part) not in (None, WORKBOOK_TYPE):
            self.package.set_type(self.part, WORKBOOK_TYPE)
        here = [
            r.target
            for r in self.package.relations(self.part)
            if r.kind in ("vbaProject", "wbVbaProject")
        ]
        for name in filter(None, here):
            self.package.unrelate(self.part, name)
        found = {*filter(None, here), *_MACROS} & set(self.package.names())
        for name in found:
            self.package.remove(name)
        return bool(found)

    def _strip_signatures(self) -> bool:
        signed = [n for n in self.package.names() if n.startswith(_SIGNED)]
        for relation in self.package.relations(""):
            if relation.target and relation.target.startswith(_SIGNED):
                self.package.unrelate("", relation.target)
        for name in signed:
            self.package.remove(name)
        return bool(signed)


def _words(entry: Element) -> str:
    if len(entry) == 1 and len(entry[0]) == 0:  # nearly all are plain
        return entry[0].text or ""
    pieces = (
        e
        for e in entry.iter()
        if isinstance(e.tag, str) and etree.QName(e).localname == "t"
    )
    return "".join(
        p.text or "" for p in pieces if etree.QName(p.getparent()).localname != "rPh"
    )
