"""The workbook part under change: which sheets there are, and what goes in front of them or out.

Sheets are known by their title to a clerk, by their part to the package, and by their place to
the names that formulas use. A sheet that is added or taken out moves the places of all behind
it.
"""

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
    words_of,
)
from yiku.returns.sheet_xml import SheetXml
from yiku.returns.styles import Styles
from yiku.returns.text_starts import may_begin

_TRANSITIONAL = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_STYLES = '<styleSheet xmlns="{ns}"/>'
_STYLES_TYPE = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
)
_SIGNED = "_xmlsignatures/"
_LOCAL = "localSheetId"  # the place of the sheet on which a name holds
_MACRO_KINDS = ("vbaProject", "wbVbaProject")
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
        relations = _STRICT if self.package.is_strict else _TRANSITIONAL
        self._id_name = f"{{{relations}}}id"
        self.styles = Styles(self._styles_root())

    def _styles_root(self) -> Element:
        found = self.package.related(self.part, "styles")
        if found is not None and found.target is not None:
            return self.package.root(found.target)
        # Some programs look for it by this name alone.
        name = "xl/styles.xml"
        promised = [
            relation.target
            for relation in self.package.relations(self.part)
            if relation.kind == "styles" and relation.target
        ]
        if promised:
            # Named and not there: two that are named would be one too many.
            name = promised[0]
        else:
            self.package.relate(self.part, "styles", name)
        self.package.put(name, _STYLES.format(ns=self.ns).encode())
        self.package.set_type(name, _STYLES_TYPE)
        return self.package.root(name)

    @property
    def is_1904(self) -> bool:
        """Whether its days are counted from 1904, as older Macs did."""
        properties = self.root.find(self._tag("workbookPr"))
        if properties is None:
            return False
        return properties.get("date1904") in ("1", "true")

    # --- sheets

    def _tag(self, name: str) -> str:
        """Return the full name of an element."""
        return f"{{{self.ns}}}{name}"

    def _listed(self) -> Element:
        """Return the list of sheets. NotEditableError when there is none."""
        found = self.root.find(self._tag("sheets"))
        if found is None:
            raise NotEditableError("no list of sheets")
        return found

    def parts(self) -> dict[str, str]:
        """Return the parts of the worksheets by title.

        Sheets of charts and dialogues are left out.
        """
        relations = {
            relation.rel_id: relation
            for relation in self.package.relations(self.part)
        }
        known = set(self.package.names())
        found = {}
        for entry in self._listed():
            relation = relations.get(entry.get(self._id_name) or "")
            if relation is None or relation.kind != "worksheet":
                continue
            if relation.target in known:
                title = entry.get("name") or ""
                found[title] = relation.target or ""
        return found

    def titles(self) -> list[str]:
        """Return the titles of all sheets, in their order."""
        return [entry.get("name") or "" for entry in self._listed()]

    def sheet(self, part: str) -> SheetXml:
        """Return a worksheet to be changed."""
        if part not in self._sheets:
            self._sheets[part] = SheetXml(self.package.root(part), self.string)
        return self._sheets[part]

    def forget_sheets(self) -> None:
        """Let go of the sheets under change: each knows its workbook, and both would stay.

        Hundreds of workbooks are written one after the other while the collector rests.
        """
        self._sheets.clear()

    def string(self, at: int) -> str:
        """Return a shared string; '' where there is none."""
        strings = self.strings()
        return strings[at] if at < len(strings) else ""

    def strings(self) -> list[str]:
        """Return the shared strings, without what says how they are read aloud."""
        if self._strings is None:
            found = self.package.related(self.part, "sharedStrings")
            self._strings = []
            if found and found.target:
                entries = self.package.peek(found.target)
                self._strings = [_string_words(entry) for entry in entries]
        return self._strings

    def strings_beginning_with(
        self, starts: tuple[str, ...]
    ) -> frozenset[str]:
        """Return the numbers of the shared strings that begin with one of some signs, as cells name them."""
        found = self.package.related(self.part, "sharedStrings")
        if found is None or found.target is None:
            return frozenset()
        # Most workbooks have none, which their bytes say before they are
        # parsed.
        if not may_begin(self.package.read(found.target), starts):
            return frozenset()
        numbers = set()
        for number, text in enumerate(self.strings()):
            if text.startswith(starts):
                numbers.add(str(number))
        return frozenset(numbers)

    def add(self, title: str, part: str, first: bool) -> None:
        """Put a worksheet, whose part is there, in front of all others or behind them."""
        listed = self._listed()
        numbers = [whole(entry.get("sheetId")) or 0 for entry in listed]
        # Ids stay with their sheets when tabs are moved: a place in the list
        # may be the id of another, and two alike are taken for damage.
        sheet_id = max([0, *numbers]) + 1
        rel_id = self.package.relate(self.part, "worksheet", part)
        self.package.set_type(part, SHEET_TYPE)
        entry = etree.Element(
            self._tag("sheet"), name=title, sheetId=str(sheet_id)
        )
        entry.set(self._id_name, rel_id)
        if first:
            listed.insert(0, entry)
            self._renumber(_one_further)
        else:
            listed.append(entry)

    def remove(self, title: str) -> None:
        """Take a worksheet out, and the names that hold on it alone."""
        part = self.parts().get(title)
        gone = self.titles().index(title)

        def moved(place: int) -> int | None:
            if place == gone:
                return None
            return place - 1 if place > gone else place

        listed = self._listed()
        listed.remove(listed[gone])
        self._renumber(moved)
        if part:
            self.package.unrelate(self.part, part)
            self.package.remove(part)

    def _renumber(self, moved: Callable[[int], int | None]) -> None:
        """Let the names that hold on one sheet hold on it still.

        ``moved`` gives the new place of an old one, None for a sheet that is gone.
        """
        for names in self.root.findall(self._tag("definedNames")):
            for name in list(names):
                if name.get(_LOCAL) is None:
                    continue
                old = whole(name.get(_LOCAL))
                new = None if old is None else moved(old)
                # Gone with its sheet, or never of any.
                if new is None:
                    names.remove(name)
                else:
                    name.set(_LOCAL, str(new))

    def open_at_first(self) -> None:
        """Let the first sheet be the one that is shown when the workbook is opened."""
        views = self.root.find(self._tag("bookViews"))
        if views is None:
            views = etree.Element(self._tag("bookViews"))
            self._listed().addprevious(views)
        if len(views) == 0:
            etree.SubElement(views, self._tag("workbookView"))
        views[0].set("activeTab", "0")
        # The leftmost tab in view: left as it was, the report would be
        # scrolled out of sight in a workbook of many villages.
        views[0].set("firstSheet", "0")

    # --- what a workbook that goes back cannot have

    def strip(self) -> list[str]:
        """Take out what would be false or refused.

        Macros below the name .xlsx, a signature of other bytes. Return what clerks call that.
        """
        lost = []
        if self._strip_macros():
            lost.append("宏")
        if self._strip_signatures():
            lost.append("电子签名")
        return lost

    def _strip_macros(self) -> bool:
        """Take the macros out; return whether there were any."""
        # The type itself says that there are macros: a program refuses it below .xlsx.
        if self.package.type_of(self.part) not in (None, WORKBOOK_TYPE):
            self.package.set_type(self.part, WORKBOOK_TYPE)
        parts = set(_MACROS)
        for relation in self.package.relations(self.part):
            if relation.kind in _MACRO_KINDS and relation.target:
                self.package.unrelate(self.part, relation.target)
                parts.add(relation.target)
        found = parts & set(self.package.names())
        for name in found:
            self.package.remove(name)
        return bool(found)

    def _strip_signatures(self) -> bool:
        """Take the signatures out; return whether there were any."""
        signed = [
            name for name in self.package.names() if name.startswith(_SIGNED)
        ]
        for relation in self.package.relations(""):
            if relation.target and relation.target.startswith(_SIGNED):
                self.package.unrelate("", relation.target)
        for name in signed:
            self.package.remove(name)
        return bool(signed)


def _one_further(place: int) -> int:
    return place + 1


def _string_words(entry: Element) -> str:
    """Return the words of a shared string."""
    # Nearly all are plain.
    if len(entry) == 1 and len(entry[0]) == 0:
        return entry[0].text or ""
    return words_of(entry)
