"""An xlsx as a package of parts: read, changed part by part, written again.

What is not touched stays as it is, to the byte. Names of parts and relationships as in ECMA-376,
part 2. Both its kinds are understood, transitional and strict.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from yiku.returns.packed_members import (
    WRITTEN_AT,
    DamagedMemberError,
    copy_packed,
)

Element = etree._Element

CONTENT_TYPES = "[Content_Types].xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONSHIP = f"{{{_PACKAGE}/relationships}}Relationship"
_OVERRIDE = f"{{{_PACKAGE}/content-types}}Override"
_DEFAULT = f"{{{_PACKAGE}/content-types}}Default"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK_TYPE = f"{_SHEETS}.sheet.main+xml"
SHEET_TYPE = f"{_SHEETS}.worksheet+xml"
COMMENTS_TYPE = f"{_SHEETS}.comments+xml"
_RELATIONSHIPS_TYPE = (
    "application/vnd.openxmlformats-package.relationships+xml"
)
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_MAX_PART = 200 * 1024 * 1024  # bytes of one part of XML
_LONG_NUMBER = 10  # digits
_MOST_NAMES = 1_000_000  # that are tried for one that is free
_PACKED = zipfile.ZIP_DEFLATED
# The default level, 6, takes twice the time for a file smaller by a twentieth.
_LEVEL = 4


class NotEditableError(Exception):
    """A workbook that is no package as the standard has it: its cells have to be written anew."""


def parsed(data: bytes) -> Element:
    """Return the root of a part.

    NotEditableError when it is no XML, or one that wants something from outside.
    """
    if len(data) > _MAX_PART:
        raise NotEditableError("a part is too large")
    # Comments and instructions mean nothing here, and would stand where an element is looked for.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise NotEditableError("a part is no XML") from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise NotEditableError("a part has names of its own")
    return root


def written(root: Element) -> bytes:
    """Return the bytes of a part."""
    return etree.tostring(
        root, xml_declaration=True, encoding="UTF-8", standalone=True
    )


def whole(text: str | None) -> int | None:
    """Return the whole number that an attribute says.

    None when it says none, or one that no program would write.
    """
    if not text or len(text) >= _LONG_NUMBER:
        return None
    return int(text) if text.isascii() and text.isdecimal() else None


def local(element: Element | None) -> str:
    """Return the name of an element without its namespace.

    Nothing for comments and instructions, and for what is above the root.
    """
    if element is None or not isinstance(element.tag, str):
        return ""
    return etree.QName(element).localname


def words_of(entry: Element) -> str:
    """Return the words of a shared string or a comment.

    What says how they are read aloud (``rPh``) is none of them.
    """
    words = []
    for piece in entry.iter():
        if local(piece) == "t" and local(piece.getparent()) != "rPh":
            words.append(piece.text or "")
    return "".join(words)


@dataclass(frozen=True)
class Relation:
    """A relationship of a part.

    Its id, its kind (the last word of its type), the part that it leads to.
    """

    rel_id: str
    kind: str
    target: str | None  # None outside the package


@dataclass
class Package:
    """The parts of an xlsx by name, in their order; those that are ``changed`` alone differ."""

    data: bytes
    changed: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    _roots: dict[str, Element] = field(default_factory=dict)
    _peeked: dict[str, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the package.

        NotEditableError when its parts are not named as they should be, or two alike.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(self.data))
        except zipfile.BadZipFile:
            raise NotEditableError("no package") from None
        names = {}
        for member in self._zip.infolist():
            # Some packers write folders with a backslash, and no relationship
            # leads to a part of such a name.
            name = member.filename.replace("\\", "/")
            # Of two alike one is a leftover, and programs differ in which.
            if name in names:
                raise NotEditableError("two parts have one name")
            names[name] = member
        if CONTENT_TYPES not in names:
            raise NotEditableError("no part says what the others are")
        self._names = {
            name: member
            for name, member in names.items()
            if not name.endswith("/")
        }

    def names(self) -> list[str]:
        """Return the names of all parts, new ones last."""
        names = list(self._names)
        names += [name for name in self.changed if name not in self._names]
        return [name for name in names if name not in self.removed]

    def read(self, name: str) -> bytes:
        """Return a part as it is now. NotEditableError when there is none of that name."""
        if name in self._roots:
            return written(self._roots[name])
        if name in self.changed:
            return self.changed[name]
        if name not in self._names or name in self.removed:
            raise NotEditableError("a part is missing")
        return self._unpacked(name)

    def _unpacked(self, name: str) -> bytes:
        """Return a part as it came.

        NotEditableError when it is damaged, locked or packed in a way nobody knows.
        """
        member = self._names[name]
        if member.file_size > _MAX_PART:
            raise NotEditableError("a part is too large")
        try:
            return self._zip.read(member)
        except (
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            NotImplementedError,
            RuntimeError,
            OSError,
            EOFError,
        ):
            raise NotEditableError("a part is damaged") from None

    def peek(self, name: str) -> Element:
        """Return the root of a part that is only read."""
        if name in self._roots:
            return self._roots[name]
        if name not in self._peeked:
            self._peeked[name] = parsed(self.read(name))
        return self._peeked[name]

    def root(self, name: str) -> Element:
        """Return the root of a part to be changed in place.

        It is written back when the package is.
        """
        if name not in self._roots:
            peeked = self._peeked.pop(name, None)
            self._roots[name] = (
                parsed(self.read(name)) if peeked is None else peeked
            )
        return self._roots[name]

    def put(self, name: str, data: bytes) -> None:
        """Add a part, or put other bytes in the place of one."""
        self._roots.pop(name, None)
        self._peeked.pop(name, None)
        self.changed[name] = data
        self.removed.discard(name)

    def remove(self, name: str) -> None:
        """Take a part out, with its own relationships and its content type."""
        for gone in (name, rels_name(name)):
            self._roots.pop(gone, None)
            self._peeked.pop(gone, None)
            self.changed.pop(gone, None)
            self.removed.add(gone)
        types = self.root(CONTENT_TYPES)
        for entry in types.findall(_OVERRIDE):
            if _is_of_part(entry, name):
                types.remove(entry)

    def free_name(self, pattern: str) -> str:
        """Return the first name of a pattern with a place for a number that no part has."""
        # To the standard two names are one if they differ in the size of their
        # letters alone. Parts that were taken out keep theirs.
        taken = {name.lower() for name in (*self._names, *self.changed)}
        for number in range(1, _MOST_NAMES):
            name = pattern.format(number)
            if name.lower() not in taken:
                return name
        raise NotEditableError("no name is free")

    # --- relationships

    def relations(self, source: str) -> list[Relation]:
        """Return the relationships of a part, none when it has no part of them."""
        name = rels_name(source)
        if name not in self.names():
            return []
        folder = posixpath.dirname(source)
        entries = self.peek(name).findall(_RELATIONSHIP)
        return [_relation(entry, folder) for entry in entries]

    def related(self, source: str, kind: str) -> Relation | None:
        """Return the first relationship of a kind that leads to a part of the package."""
        known = set(self.names())
        for relation in self.relations(source):
            if relation.kind == kind and relation.target in known:
                return relation
        return None

    def relate(self, source: str, kind: str, target: str) -> str:
        """Add a relationship to a part; return its id."""
        name = rels_name(source)
        if name not in self.names():
            empty = f'<Relationships xmlns="{_PACKAGE}/relationships"/>'
            self.put(name, empty.encode())
            # Some programs say it of each part of them by its own name.
            self.set_default_type("rels", _RELATIONSHIPS_TYPE)
        root = self.root(name)
        rel_id = _free_id({entry.get("Id") for entry in root})
        office = _OFFICE_STRICT if self._is_strict_part(root) else _OFFICE
        etree.SubElement(
            root,
            _RELATIONSHIP,
            Id=rel_id,
            Type=f"{office}/{kind}",
            Target=posixpath.relpath(target, posixpath.dirname(source)),
        )
        return rel_id

    def unrelate(self, source: str, target: str) -> None:
        """Take the relationships of a part to another out."""
        folder = posixpath.dirname(source)
        root = self.root(rels_name(source))
        for entry in root.findall(_RELATIONSHIP):
            if _relation(entry, folder).target == target:
                root.remove(entry)

    def _is_strict_part(self, relationships: Element) -> bool:
        """Return whether new relationships of a part are to be written in the strict kind."""
        kinds = (entry.get("Type") or "" for entry in relationships)
        if any(kind.startswith(_OFFICE_STRICT) for kind in kinds):
            return True
        return self.is_strict

    @property
    def is_strict(self) -> bool:
        """Whether it is written in the strict kind of the standard."""
        return b"http://purl.oclc.org/ooxml/officeDocument" in self.read(
            "_rels/.rels"
        )

    # --- content types

    def _override(self, types: Element, name: str) -> Element | None:
        """Return what says of a part by its own name what it holds."""
        for entry in types.findall(_OVERRIDE):
            if _is_of_part(entry, name):
                return entry
        return None

    def set_type(self, name: str, content_type: str) -> None:
        """Say what a part holds."""
        types = self.root(CONTENT_TYPES)
        entry = self._override(types, name)
        if entry is not None:
            entry.set("ContentType", content_type)
            return
        etree.SubElement(
            types,
            _OVERRIDE,
            PartName=f"/{name}",
            ContentType=content_type,
        )

    def set_default_type(self, extension: str, content_type: str) -> None:
        """Say what the parts of an extension hold, where nothing says it yet."""
        types = self.root(CONTENT_TYPES)
        for entry in types.findall(_DEFAULT):
            if entry.get("Extension", "").lower() == extension:
                return
        added = etree.Element(
            _DEFAULT, Extension=extension, ContentType=content_type
        )
        types.insert(0, added)

    def type_of(self, name: str) -> str | None:
        """Return what a part is said to hold by its own name."""
        entry = self._override(self.peek(CONTENT_TYPES), name)
        return None if entry is None else entry.get("ContentType")

    # --- writing

    def save(self) -> bytes:
        """Return the package; parts that nobody touched hold the bytes that they held."""
        for name, root in self._roots.items():
            if name not in self.removed:
                self.changed[name] = written(root)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for name in self.names():
                if name in self.changed:
                    entry = zipfile.ZipInfo(name, WRITTEN_AT)
                    target.writestr(entry, self.changed[name], _PACKED, _LEVEL)
                else:
                    self._copy(name, target)
        return out.getvalue()

    def _copy(self, name: str, target: zipfile.ZipFile) -> None:
        """Copy a part that is as it came, packed as it is."""
        try:
            copy_packed(self.data, self._names[name], name, target)
        except DamagedMemberError:
            raise NotEditableError("a part is damaged") from None


def empty_workbook() -> bytes:
    """Return a package that holds a workbook without a sheet."""
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_RELATIONSHIPS_TYPE}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{WORKBOOK_TYPE}"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    workbook = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        f' xmlns:r="{_OFFICE}"><sheets/></workbook>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr(CONTENT_TYPES, types)
        target.writestr("_rels/.rels", relations)
        target.writestr("xl/workbook.xml", workbook)
    return out.getvalue()


def _is_of_part(entry: Element, name: str) -> bool:
    """Return whether a content type is that of a part: names are alike in letters of any size."""
    part_name = entry.get("PartName", "").lstrip("/")
    return part_name.lower() == name.lower()


def _free_id(taken: set[str | None]) -> str:
    """Return an id of a relationship that no other of the part has."""
    for number in range(1, _MOST_NAMES):
        rel_id = f"rIdYk{number}"
        if rel_id not in taken:
            return rel_id
    raise NotEditableError("no name is free")


def _relation(entry: Element, folder: str) -> Relation:
    """Return what an entry says, of a part in a folder."""
    rel_id = entry.get("Id") or ""
    # The kind is the last word of an address, which is another in the strict kind.
    kind = (entry.get("Type") or "").rsplit("/", 1)[-1]
    if entry.get("TargetMode") == "External":
        return Relation(rel_id, kind, None)
    target = entry.get("Target") or ""
    if target.startswith("/"):
        path = target.lstrip("/")
    else:
        path = posixpath.normpath(posixpath.join(folder, target))
    return Relation(rel_id, kind, unquote(path))


def rels_name(source: str) -> str:
    """Return the name of the part that holds the relationships of another."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")
