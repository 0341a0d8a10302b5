"""Comments on cells: the part that holds their words, and the drawing that holds their boxes.

A comment without its box is not shown, a box without its comment is taken for damage: both parts
are changed together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from yiku.formats.return_marks import (
    COMMENT_START,
    KEPT_COMMENT,
    clerks_comment,
)
from yiku.returns.cell_names import REFERENCE, Place, clean, letters, number
from yiku.returns.package import (
    COMMENTS_TYPE,
    VML_TYPE,
    Element,
    Package,
    words_of,
)
from yiku.returns.sheet_xml import SheetXml

AUTHOR = "一库"
_TRANSITIONAL = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)
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
_PER_LINE = 18  # Chinese characters that fit into a line of a box
_MOST_LINES = 12
# The drawing that we make claims the numbers of block 90, of 1024 each: ours begin behind this one.
_LAST_BOX = 90 * 1024 - 1
_BOX_ROW = re.compile(r"<x:Row>(\d{1,7})</x:Row>")
_BOX_COLUMN = re.compile(r"<x:Column>(\d{1,5})</x:Column>")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# Possessive throughout: in a drawing of thousands of boxes, one that is never
# closed would else be gone through again from each of them.
_SHAPE = re.compile(r"<v:shape\b[^<]*+(?:<(?!/?v:shape\b)[^<]*+)*+</v:shape>")
_SHAPE_ID = re.compile(r"_x0000_s(\d{1,9})")


def height_of(text: str) -> int:
    """Return how many pixels a box needs for its text."""
    lines = sum(1 + len(line) // _PER_LINE for line in text.split("\n"))
    return 24 + 20 * min(lines, _MOST_LINES)


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
        self.threaded = self._threaded()

    def _threaded(self) -> frozenset[Place]:
        """Return the cells on which people talk.

        What a comment says there, newer programs do not show.
        """
        threads = self.package.related(self.part, "threadedComment")
        if not threads or not threads.target:
            return frozenset()
        entries = self.package.peek(threads.target)
        places = (_place(entry.get("ref") or "") for entry in entries)
        return frozenset(place for place in places if place)

    def _tag(self, name: str) -> str:
        """Return the full name of an element."""
        return f"{{{self.sheet.ns}}}{name}"

    def texts(self) -> dict[Place, str]:
        """Return what is remarked where."""
        return {
            place: words_of(entry) for place, entry in self._entries().items()
        }

    def _entries(self) -> dict[Place, Element]:
        """Return the comments by their cells."""
        found: dict[Place, Element] = {}
        if self._root is None:
            return found
        for entry in self._root.iter(self._tag("comment")):
            place = _place(entry.get("ref") or "")
            if place:
                found[place] = entry
        return found

    def clear_ours(self, columns: frozenset[int] = frozenset()) -> None:
        """Take out what we said in an earlier round; what the clerk had said stays.

        In ``columns``, which are our own, nothing stays.
        """
        ours = {}
        for place, entry in self._entries().items():
            _, column = place
            if column in columns or words_of(entry).startswith(COMMENT_START):
                ours[place] = entry
        if ours:
            # From here on the part is one that changes.
            self._made()
        gone = []
        for place, entry in ours.items():
            _, column = place
            kept = "" if column in columns else clerks_comment(words_of(entry))
            if kept:
                self._write(entry, kept, entry.get("authorId") or "0")
            else:
                _take_out(entry)
                gone.append(place)
        self._drop_boxes(gone)

    def put(self, ours: Mapping[Place, str]) -> None:
        """Say something on cells, before what stands there already."""
        wanted = {
            place: text
            for place, text in ours.items()
            if place not in self.threaded
        }
        if not wanted:
            return
        root = self._made()
        entries = self._entries()
        author = self._author(root)
        new = {}
        for place, text in sorted(wanted.items()):
            said = COMMENT_START + text
            entry = entries.get(place)
            if entry is None:
                new[place] = said
                self._write(self._insert(root, place), said, author)
            else:
                self._write(
                    entry, said + KEPT_COMMENT + words_of(entry), author
                )
        self._add_boxes(new)

    def _made(self) -> Element:
        """Return the root of the part of comments, which is made where there is none."""
        if self._root is None or self._name is None:
            self._name = self.package.free_name("xl/comments{}.xml")
            empty = f'<comments xmlns="{self.sheet.ns}"><authors/><commentList/></comments>'
            self.package.put(self._name, empty.encode())
            self.package.relate(self.part, "comments", self._name)
            self.package.set_type(self._name, COMMENTS_TYPE)
        self._root = self.package.root(self._name)
        return self._root

    def _author(self, root: Element) -> str:
        """Return our number among the authors, among whom we are put where we are not yet."""
        authors = root.find(self._tag("authors"))
        if authors is None:
            authors = etree.Element(self._tag("authors"))
            root.insert(0, authors)
        names = [author.text for author in authors]
        if AUTHOR not in names:
            etree.SubElement(authors, self._tag("author")).text = AUTHOR
            names.append(AUTHOR)
        return str(names.index(AUTHOR))

    def _insert(self, root: Element, place: Place) -> Element:
        """Add an empty comment on a cell."""
        listed = root.find(self._tag("commentList"))
        if listed is None:
            listed = etree.SubElement(root, self._tag("commentList"))
        row, column = place
        reference = f"{letters(column)}{row}"
        return etree.SubElement(listed, self._tag("comment"), ref=reference)

    def _write(self, entry: Element, text: str, author: str) -> None:
        """Let a comment say something else, in one run without a format."""
        for child in list(entry):
            entry.remove(child)
        entry.set("authorId", author)
        body = etree.SubElement(entry, self._tag("text"))
        run = etree.SubElement(body, self._tag("r"))
        words = etree.SubElement(run, self._tag("t"))
        words.text = clean(text)
        words.set(_SPACE, "preserve")

    # --- boxes: an old drawing may be no XML, so it is changed as the text that it is

    def _drawing(self) -> str | None:
        """Return the drawing of the cells; that of the page's header is of the same kind."""
        relations = _STRICT if self.package.is_strict else _TRANSITIONAL
        rel_id = self.sheet.notes_id(relations)
        known = set(self.package.names())
        for relation in self.package.relations(self.part):
            if relation.rel_id == rel_id and relation.target in known:
                return relation.target
        return None

    def _made_drawing(self) -> str:
        """Return the name of the drawing, which is made where there is none."""
        found = self._drawing()
        if found is not None:
            return found
        name = self.package.free_name("xl/drawings/vmlDrawing{}.vml")
        self.package.put(name, _EMPTY_VML.encode())
        self.package.set_default_type("vml", VML_TYPE)
        rel_id = self.package.relate(self.part, "vmlDrawing", name)
        relations = _STRICT if self.package.is_strict else _TRANSITIONAL
        self.sheet.show_notes(rel_id, relations)
        return name

    def _add_boxes(self, new: Mapping[Place, str]) -> None:
        """Add the boxes of comments that there were not before."""
        if not new:
            return
        name = self._made_drawing()
        drawing = self._read(name)
        numbers = map(int, _SHAPE_ID.findall(drawing))
        box_id = max([_LAST_BOX, *numbers])
        added = "" if "_x0000_t202" in drawing else _BOX_TYPE
        for (row, column), text in sorted(new.items()):
            box_id += 1
            added += _BOX.format(
                id=box_id,
                width=_WIDTH,
                height=height_of(text),
                row=row - 1,
                column=column - 1,
            )
        head, end, tail = drawing.rpartition("</xml>")
        self._put(name, f"{head}{added}{end}{tail}")

    def _drop_boxes(self, gone: list[Place]) -> None:
        """Take the boxes of comments out that are there no more."""
        name = self._drawing()
        if not gone or name is None:
            return
        places = set(gone)

        def kept(shape: re.Match[str]) -> str:
            return "" if _box_place(shape[0]) in places else shape[0]

        self._put(name, _SHAPE.sub(kept, self._read(name)))

    # Bytes that are no UTF-8 come back as they were.

    def _read(self, name: str) -> str:
        return self.package.read(name).decode("utf-8", "surrogateescape")

    def _put(self, name: str, drawing: str) -> None:
        self.package.put(name, drawing.encode("utf-8", "surrogateescape"))


def _box_place(shape: str) -> Place | None:
    """Return the cell to which a box belongs; None where it belongs to none."""
    row = _BOX_ROW.search(shape)
    column = _BOX_COLUMN.search(shape)
    if not (row and column) or 'ObjectType="Note"' not in shape:
        return None
    # Boxes count from 0.
    return int(row[1]) + 1, int(column[1]) + 1


def _place(reference: str) -> Place | None:
    """Return the row and column of a reference; None where it is none."""
    found = REFERENCE.fullmatch(reference.replace("$", ""))
    if not found:
        return None
    column, row = found.groups()
    return int(row), number(column)


def _take_out(entry: Element) -> None:
    parent = entry.getparent()
    if parent is not None:
        parent.remove(entry)
