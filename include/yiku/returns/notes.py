"""Comments on cells: the part that holds their words, and the drawing that holds their boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from yiku.formats.return_marks import COMMENT_START, KEPT_COMMENT, clerks_comment
from yiku.returns.package import COMMENTS_TYPE, VML_TYPE, Element, Package
from yiku.returns.sheet_xml import SheetXml, clean, letters, number

AUTHOR = "一库"
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_EMPTY_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="90"/>'
    "</o:shapelayout></xml>"
)
_BOX_TYPE = (
    '<v:shapetype xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke'
    ' joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{id}" type="#_x0000_t202"'
    ' style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;width:{width}px;height:{height}px;z-index:1;'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black"'
    ' obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div'
    ' style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_WIDTH = 300  # pixels
_SHAPE = re.compile(r"<v:shape\b[^<]*+(?:<(?!/?v:shape\b)[^<]*+)*+</v:shape>")
_SHAPE_ID = re.compile(r"_x0000_s(\d{1,9})")

Place = tuple[int, int]


def height_of(text: str) -> int:
    """Return how many pixels a box needs for its text."""
    return 24 + 20 * min(sum(1 + len(line) // 18 for line in text.split("\n")), 12)


@dataclass
class Notes:
    """The comments of one sheet, by row and column."""

    package: Package
    part: str
    sheet: SheetXml

    def __post_init__(self) -> None:
        """Find the part, if there is one."""
        found = self.package.related(self.part, "comments")
        self._name = found.target if found else None
        self._root = self.package.peek(self._name) if self._name else None
        threads = self.package.related(self.part, "threadedComment")
        self.threaded = (
            self._threaded(threads.target)
            if threads and threads.target
            else frozenset()
        )

    def _threaded(self, name: str) -> frozenset[Place]:
        """Return the cells on which people talk: what a comment says there, newer programs do not show."""
        places = (_place(e.get("ref") or "") for e in self.package.peek(name))
        return frozenset(p for p in places if p)

    def texts(self) -> dict[Place, str]:
        """Return what is remarked where."""
        return {place: _text(entry) for place, entry in self._entries().items()}

    def _entries(self) -> dict[Place, Element]:
        if self._root is None:
            return {}
        entries = self._root.iter(f"{{{self.sheet.ns}}}comment")
        return {place: e for e in entries if (place := _place(e.get("ref") or ""))}

    def clear_ours(self, columns: frozenset[int] = frozenset()) -> None:
        """Take out what we said in an earlier round; what the clerk had said stays."""
        gone = []
        ours = {
            p: e
            for p, e in self._entries().items()
            if p[1] in columns or _text(e).startswith(COMMENT_START)
        }
        if ours:
            self._made()
        for place, entry in ours.items():
            kept = "" if place[1] in columns else clerks_comment(_text(entry))
            if kept:
                self._write(entry, kept, entry.get("authorId") or "0")
            else:
                _out(entry)
                gone.append(place)
        self._drop_boxes(gone)

    def put(self, ours: Mapping[Place, str]) -> None:
        """Say something on cells, before what stands there already."""
        wanted = {
            place: text for place, text in ours.items() if place not in self.threaded
        }
        if not wanted:
            return
        root = self._made()
        entries, author = self._entries(), self._author(root)
        for (row, column), text in sorted(wanted.items()):
            entry = entries.get((row, column))
            before = KEPT_COMMENT + _text(entry) if entry is not None else ""
            if entry is None:
                entry = self._insert(root, row, column)
            self._write(entry, COMMENT_START + text + before, author)
        new = {
            place: COMMENT_START + text
            for place, text in wanted.items()
            if place not in entries
        }
        self._add_boxes(new)

    def _made(self) -> Element:
        if self._root is None or self._name is None:
            self._name = self.package.free_name("xl/comments{}.xml")
            ns = self.sheet.ns
            self.package.put(
                self._name,
                f'<comments xmlns="{ns}"><authors/><commentList/></comments>'.encode(),
            )
            self.package.relate(self.part, "comments", self._name)
            self.package.set_type(self._name, COMMENTS_TYPE)
        self._root = self.package.root(self._name)
        return self._root

    def _author(self, root: Element) -> str:
        ns = self.sheet.ns
        authors = root.find(f"{{{ns}}}authors")
        if authors is None:
            authors = etree.Element(f"{{{ns}}}authors")
            root.insert(0, authors)
        names = [a.text for a in authors]
        if AUTHOR not in names:
            etree.SubElement(authors, f"{{{ns}}}author").text = AUTHOR
            names.append(AUTHOR)
        return str(names.index(AUTHOR))

    def _insert(self, root: Element, row: int, column: int) -> Element:
        ns = self.sheet.ns
        listed = root.find(f"{{{ns}}}commentList")
        if listed is None:
            listed = etree.SubElement(root, f"{{{ns}}}commentList")
        return etree.SubElement(
            listed, f"{{{ns}}}comment", ref=f"{letters(column)}{row}"
        )

    def _write(self, entry: Element, text: str, author: str) -> None:
        ns = self.sheet.ns
        for child in list(entry):
            entry.remove(child)
        entry.set("authorId", author)
        words = etree.SubElement(
            etree.SubElement(etree.SubElement(entry, f"{{{ns}}}text"), f"{{{ns}}}r"),
            f"{{{ns}}}t",
        )
        words.text = clean(text)
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    # --- boxes: an old drawing may be no XML, so it is changed as the text that it is

    def _drawing(self) -> str | None:
        found = self.package.related(self.part, "vmlDrawing")
        return found.target if found else None

    def _add_boxes(self, new: Mapping[Place, str]) -> None:
        if not new:
            return
        name = self._drawing()
        if name is None:
            name = self.package.free_name("xl/drawings/vmlDrawing{}.vml")
            self.package.put(name, _EMPTY_VML.encode())
            self.package.set_default_type("vml", VML_TYPE)
            rel_id = self.package.relate(self.part, "vmlDrawing", name)
            self.sheet.show_notes(
                rel_id, _STRICT if self.package.is_strict else _TRANSITIONAL
            )
        drawing = self.package.read(name).decode("utf-8", "surrogateescape")
        first = max([92_159, *map(int, _SHAPE_ID.findall(drawing))]) + 1
        boxes = [
            _BOX.format(
                id=n,
                width=_WIDTH,
                height=height_of(text),
                row=row - 1,
                column=column - 1,
            )
            for n, ((row, column), text) in enumerate(sorted(new.items()), start=first)
        ]
        kind = "" if "_x0000_t202" in drawing else _BOX_TYPE
        head, end, tail = drawing.rpartition("</xml>")
        self.package.put(
            name,
            f"{head}{kind}{''.join(boxes)}{end}{tail}".encode(
                "utf-8", "surrogateescape"
            ),
        )

    def _drop_boxes(self, gone: list[Place]) -> None:
        name = self._drawing()
        if not gone or name is None:
            return
        drawing = self.package.read(name).decode("utf-8", "surrogateescape")
        places = {(row - 1, column - 1) for row, column in gone}
        kept = _SHAPE.sub(lambda m: "" if _box_place(m[0]) in places else m[0], drawing)
        self.package.put(name, kept.encode("utf-8", "surrogateescape"))


def _box_place(shape: str) -> Place | None:
    row, column = (
        re.search(r"<x:Row>(\d{1,7})</x:Row>", shape),
        re.search(r"<x:Column>(\d{1,5})</x:Column>", shape),
    )
    return (
        (int(row[1]), int(column[1]))
        if 'ObjectType="Note"' in shape and row and column
        else None
    )


def _place(reference: str) -> Place | None:
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    return (int(found[2]), number(found[1])) if found else None


def _text(entry: Element) -> str:
    """Return the words of a comment; what says how they are read aloud is none of them."""
    parts = (
        e
        for e in entry.iter()
        if isinstance(e.tag, str) and etree.QName(e).localname == "t"
    )
    return "".join(
        p.text or "" for p in parts if etree.QName(p.getparent()).localname != "rPh"
    )


def _out(entry: Element) -> None:
    parent = entry.getparent()
    if parent is not None:
        parent.remove(entry)
