"""An xlsx as a package of parts: read, changed part by part, written again. What is not touched stays as it is.

Names of parts and relationships as in ECMA-376, part 2. Both its kinds are understood, transitional and strict.
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

Element = etree._Element

CONTENT_TYPES = "[Content_Types].xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONSHIP, _TYPES = f"{{{_PACKAGE}/relationships}}", f"{{{_PACKAGE}/content-types}}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK_TYPE = f"{_SHEETS}.sheet.main+xml"
SHEET_TYPE, COMMENTS_TYPE = f"{_SHEETS}.worksheet+xml", f"{_SHEETS}.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_MAX_PART = 200 * 1024 * 1024  # bytes of one part of XML


class NotEditableError(Exception):
    """A workbook that is no package as the standard has it: its cells have to be written anew."""


def parsed(data: bytes) -> Element:
    """Return the root of a part. NotEditableError when it is no XML, or one that wants something from outside."""
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
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def whole(text: str | None) -> int | None:
    """Return the whole number that an attribute says; None when it says none, or one that no program would write."""
    return (
        int(text)
        if text and text.isascii() and text.isdecimal() and len(text) < 10
        else None
    )


def local(element: Element) -> str:
    """Return the name of an element without its namespace; nothing for comments and instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


@dataclass(frozen=True)
class Relation:
    """A relationship of a part: its id, its kind (the last word of its type), the part that it leads to."""

    rel_id: str
    kind: str
    target: str | None  # None outside the package


@dataclass
class Package:
    """The parts of an xlsx by name, in their order; ``changed`` and ``added`` are the only ones that differ."""

    data: bytes
    changed: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    _roots: dict[str, Element] = field(default_factory=dict)
    _peeked: dict[str, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the package. NotEditableError when its parts are not named as they should be, or two alike."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(self.data))
        except zipfile.BadZipFile:
            raise NotEditableError("no package") from None
        names = self._zip.namelist()
        if (
            len(set(names)) != len(names)
            or CONTENT_TYPES not in names
            or any("\\" in n for n in names)
        ):
            raise NotEditableError("parts are not named as they should be")
        self._names = dict.fromkeys(n for n in names if not n.endswith("/"))

    def names(self) -> list[str]:
        """Return the names of all parts, new ones last."""
        return [
            n
            for n in (*self._names, *(c for c in self.changed if c not in self._names))
            if n not in self.removed
        ]

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
        """Return a part as it came. NotEditableError when it is damaged, locked or packed in a way nobody knows."""
        if self._zip.getinfo(name).file_size > _MAX_PART:
            raise NotEditableError("a part is too large")
        try:
            return self._zip.read(name)
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
        """Return the root of a part to be changed in place: it is written back when the package is."""
        if name not in self._roots:
            peeked = self._peeked.pop(name, None)
            self._roots[name] = parsed(self.read(name)) if peeked is None else peeked
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
        for entry in types.findall(f"{_TYPES}Override"):
            if entry.get("PartName", "").lstrip("/").lower() == name.lower():
                types.remove(entry)

    def free_name(self, pattern: str) -> str:
        """Return the first name of a pattern with a place for a number that no part has."""
        taken = {n.lower() for n in (*self._names, *self.changed)}
        return next(
            n
            for k in range(1, 1_000_000)
            if (n := pattern.format(k)).lower() not in taken
        )

    # --- relationships

    def relations(self, source: str) -> list[Relation]:
        """Return the relationships of a part, none when it has no part of them."""
        name = rels_name(source)
        if name not in self.names():
            return []
        base = posixpath.dirname(source)
        found = self.peek(name).findall(f"{_RELATIONSHIP}Relationship")
        return [_relation(r, base) for r in found]

    def related(self, source: str, kind: str) -> Relation | None:
        """Return the first relationship of a kind that leads to a part of the package."""
        known = set(self.names())
        return next(
            (r for r in self.relations(source) if r.kind == kind and r.target in known),
            None,
        )

    def relate(self, source: str, kind: str, target: str) -> str:
        """Add a relationship to a part; return its id."""
        name = rels_name(source)
        if name not in self.names():
            self.put(
                name, f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode()
            )
        root = self.root(name)
        taken = {r.get("Id") for r in root}
        rel_id = next(n for k in range(1, 1_000_000) if (n := f"rIdYk{k}") not in taken)
        strict = (
            any((r.get("Type") or "").startswith(_OFFICE_STRICT) for r in root)
            or self.is_strict
        )
        etree.SubElement(
            root,
            f"{_RELATIONSHIP}Relationship",
            Id=rel_id,
            Type=f"{_OFFICE_STRICT if strict else _OFFICE}/{kind}",
            Target=posixpath.relpath(target, posixpath.dirname(source)),
        )
        return rel_id

    def unrelate(self, source: str, target: str) -> None:
        """Take the relationships of a part to another out."""
        base = posixpath.dirname(source)
        root = self.root(rels_name(source))
        for entry in root.findall(f"{_RELATIONSHIP}Relationship"):
            if _relation(entry, base).target == target:
                root.remove(entry)

    @property
    def is_strict(self) -> bool:
        """Whether it is written in the strict kind of the standard."""
        return b"http://purl.oclc.org/ooxml/officeDocument" in self.read("_rels/.rels")

    # --- content types

    def set_type(self, name: str, content_type: str) -> None:
        """Say what a part holds."""
        types = self.root(CONTENT_TYPES)
        for entry in types.findall(f"{_TYPES}Override"):
            if entry.get("PartName", "").lstrip("/").lower() == name.lower():
                entry.set("ContentType", content_type)
                return
        etree.SubElement(
            types, f"{_TYPES}Override", PartName=f"/{name}", ContentType=content_type
        )

    def set_default_type(self, extension: str, content_type: str) -> None:
        """Say what the parts of an extension hold, where nothing says it yet."""
        types = self.root(CONTENT_TYPES)
        if all(
            e.get("Extension", "").lower() != extension
            for e in types.findall(f"{_TYPES}Default")
        ):
            types.insert(
                0,
                etree.Element(
                    f"{_TYPES}Default", Extension=extension, ContentType=content_type
                ),
            )

    def type_of(self, name: str) -> str | None:
        """Return what a part is said to hold by its own name."""
        for entry in self.peek(CONTENT_TYPES).findall(f"{_TYPES}Override"):
            if entry.get("PartName", "").lstrip("/").lower() == name.lower():
                return entry.get("ContentType")
        return None

    # --- writing

    def save(self) -> bytes:
        """Return the package; parts that nobody touched hold the bytes that they held."""
        for name, root in self._roots.items():
            if name not in self.removed:
                self.changed[name] = written(root)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
            for name in self.names():
                data = (
                    self.changed[name] if name in self.changed else self._unpacked(name)
                )
                target.writestr(
                    zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)),
                    data,
                    zipfile.ZIP_DEFLATED,
                )
        return out.getvalue()


def _relation(entry: Element, base: str) -> Relation:
    target, kind = (
        entry.get("Target") or "",
        (entry.get("Type") or "").rsplit("/", 1)[-1],
    )
    if entry.get("TargetMode") == "External":
        return Relation(entry.get("Id") or "", kind, None)
    path = (
        target.lstrip("/")
        if target.startswith("/")
        else posixpath.normpath(posixpath.join(base, target))
    )
    return Relation(entry.get("Id") or "", kind, unquote(path))


def rels_name(source: str) -> str:
    """Return the name of the part that holds the relationships of another."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")
