"""What a strict program would refuse in an xlsx, from ECMA-376 (parts 1 and 2), typed off the standard.

It knows nothing of the product: not its lists, not its ways to write. ``faults`` returns sentences,
none for a package that is sound.
"""

from __future__ import annotations

import io
import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

TYPES = "[Content_Types].xml"
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
# CT_Worksheet, CT_Stylesheet, CT_Workbook, CT_SheetView, CT_Xf, CT_Cell: the order of their children.
WORKSHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios"
    " autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting"
    " dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks"
    " customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture"
    " oleObjects controls webPublishItems tableParts extLst"
).split()
STYLES = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst".split()
WORKBOOK = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences"
    " definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing"
    " fileRecoveryPr webPublishObjects extLst"
).split()
SHEET_VIEW = "pane selection pivotSelection extLst".split()
FORMAT = "alignment protection extLst".split()
CELL = "f v is extLst".split()
_KINDS = {"b", "d", "e", "inlineStr", "n", "s", "str"}
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_FIRST_OWN_FORMAT = 164
_MOST_SIGNS, _MOST_TITLE = 32_767, 31


def faults(data: bytes) -> list[str]:
    """Return what is wrong with a package; nothing of one that is sound."""
    try:
        package = _Package(data)
        return list(package.faults())
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError) as error:
        return [f"no package: {error}"]


def name_of(element: etree._Element) -> str:
    """Return the local name of an element, '' of a comment."""
    tag = element.tag
    return etree.QName(tag).localname if isinstance(tag, str) else ""


def column_of(text: str) -> int:
    """Return the number of a column's letters."""
    column = 0
    for letter in text:
        column = column * 26 + ord(letter) - 64
    return column


def children(root: etree._Element, name: str) -> list[etree._Element]:
    """Return the children of one name, in whatever kind of the standard."""
    return [child for child in root if name_of(child) == name]


def child(root: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of a name."""
    return next(iter(children(root, name)), None)


def disorder(
    root: etree._Element, order: list[str], what: str
) -> Iterator[str]:
    """Yield what stands in a place where the standard does not have it."""
    names = [name_of(entry) for entry in root]
    known = [name for name in names if name and name != "AlternateContent"]
    for name in known:
        if name not in order:
            yield f"{what}: {name} does not belong here"
    places = [order.index(name) for name in known if name in order]
    if places != sorted(places):
        yield f"{what}: children out of order: {known}"


class _Package:
    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = self.zip.namelist()
        self.data = data

    def root(self, name: str) -> etree._Element:
        return etree.fromstring(self.zip.read(name))

    def faults(self) -> Iterator[str]:
        bad = self.zip.testzip()
        if bad:
            yield f"{bad}: checksum"
        lower = [name.lower() for name in self.names]
        if len(set(lower)) != len(lower):
            yield "two parts of one name"
        yield from self._type_faults()
        for name in self.names:
            if name.endswith(".rels"):
                yield from self._relation_faults(name)
            elif name.endswith(".xml"):
                yield from self._id_faults(name)
        yield from self._workbook_faults()

    # --- part 2: content types and relationships

    def _type_faults(self) -> Iterator[str]:
        types = self.root(TYPES)
        named = [e.get("PartName") for e in children(types, "Override")]
        endings = [
            e.get("Extension").lower() for e in children(types, "Default")
        ]
        for what in (named, endings):
            if len(set(what)) != len(what):
                yield "content types: one thing said twice"
        for name in named:
            if not name.startswith("/") or name[1:] not in self.names:
                yield f"content types: no part {name}"
        for name in self.names:
            ending = name.rpartition(".")[2].lower()
            is_said = f"/{name}" in named or ending in endings
            if name != TYPES and not name.endswith("/") and not is_said:
                yield f"{name}: without a content type"

    def type_of(self, name: str) -> str:
        types = self.root(TYPES)
        for entry in children(types, "Override"):
            if entry.get("PartName") == f"/{name}":
                return entry.get("ContentType")
        ending = name.rpartition(".")[2].lower()
        for entry in children(types, "Default"):
            if entry.get("Extension").lower() == ending:
                return entry.get("ContentType")
        return ""

    def relations(self, source: str) -> dict[str, tuple[str, str | None]]:
        """Return kind and target of a part's relationships by id."""
        folder, name = posixpath.split(source)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self.names:
            return {}
        found = {}
        for entry in self.root(rels):
            target = None
            if entry.get("TargetMode") != "External":
                target = _resolved(folder, entry.get("Target"))
            kind = entry.get("Type").rpartition("/")[2]
            found[entry.get("Id")] = (kind, target)
        return found

    def _relation_faults(self, name: str) -> Iterator[str]:
        folder = posixpath.dirname(posixpath.dirname(name))
        source = posixpath.join(folder, posixpath.basename(name)[:-5])
        if source not in self.names and name != "_rels/.rels":
            yield f"{name}: of no part"
        ids = [entry.get("Id") for entry in self.root(name)]
        if len(set(ids)) != len(ids):
            yield f"{name}: one id twice"
        for kind, target in self.relations(
            source if name != "_rels/.rels" else ""
        ).values():
            if target is not None and target not in self.names:
                yield f"{name}: {kind} leads to {target}, which is not there"

    def _id_faults(self, name: str) -> Iterator[str]:
        """Yield relationships that a part names and does not have."""
        known = self.relations(name)
        for element in self.root(name).iter():
            if not isinstance(element.tag, str):
                continue
            for attribute, value in element.attrib.items():
                space = etree.QName(attribute).namespace
                if space in _RELATIONS and value and value not in known:
                    yield f"{name}: no relationship {value}"

    # --- part 1: the workbook

    def _workbook_faults(self) -> Iterator[str]:
        starts = [
            t for k, t in self.relations("").values() if k == "officeDocument"
        ]
        if len(starts) != 1 or starts[0] is None:
            yield "not one workbook"
            return
        part = starts[0]
        kind = self.type_of(part)
        if not kind.endswith("sheet.main+xml") and not kind.endswith(
            "macroEnabled.main+xml"
        ):
            yield f"{part}: is said to be {kind}"
        root = self.root(part)
        yield from disorder(root, WORKBOOK, part)
        relations = self.relations(part)
        sheets = children(root.find("{*}sheets"), "sheet")
        yield from _title_faults(sheets)
        yield from self._name_faults(root, len(sheets))
        yield from _view_faults(root, len(sheets))
        formats = yield from self._style_faults(relations)
        string_count = self._string_count(relations)
        parts = []
        for sheet in sheets:
            ids = [
                v
                for k, v in sheet.attrib.items()
                if etree.QName(k).namespace in _RELATIONS
            ]
            found = relations.get(ids[0]) if ids else None
            if found is None or found[1] not in self.names:
                yield f"{sheet.get('name')}: no part"
                continue
            parts.append(found[1])
            if found[0] == "worksheet":
                yield from self._sheet_faults(found[1], formats, string_count)
        if len(set(parts)) != len(parts):
            yield "two sheets share a part"

    def _name_faults(
        self, root: etree._Element, sheet_count: int
    ) -> Iterator[str]:
        seen = set()
        for name in root.iterfind("{*}definedNames/{*}definedName"):
            place = name.get("localSheetId")
            if place is not None and int(place) >= sheet_count:
                yield f"name {name.get('name')}: of no sheet"
            key = (name.get("name").lower(), place)
            if key in seen:
                yield f"name {name.get('name')}: twice"
            seen.add(key)

    def _string_count(self, relations) -> int:
        for kind, target in relations.values():
            if kind == "sharedStrings" and target in self.names:
                return len(children(self.root(target), "si"))
        return 0

    def _style_faults(self, relations) -> Iterator[str]:
        """Yield what is wrong with the formats; return how many there are of cells, and of differences."""
        parts = [t for k, t in relations.values() if k == "styles"]
        if len(parts) > 1:
            yield "two style sheets"
        if not parts or parts[0] not in self.names:
            return 1, 0
        root = self.root(parts[0])
        yield from disorder(root, STYLES, parts[0])
        counts = {}
        for group in root:
            entries = [entry for entry in group if name_of(entry)]
            counts[name_of(group)] = len(entries)
            said = group.get("count")
            if said is not None and int(said) != len(entries):
                yield f"styles: {name_of(group)} says {said}, holds {len(entries)}"
        own = {
            int(e.get("numFmtId"))
            for e in root.iterfind("{*}numFmts/{*}numFmt")
        }
        for path in ("{*}cellStyleXfs/{*}xf", "{*}cellXfs/{*}xf"):
            for number, entry in enumerate(root.iterfind(path)):
                yield from _format_faults(number, entry, counts, own)
        return counts.get("cellXfs", 1), counts.get("dxfs", 0)

    # --- part 1: a sheet

    def _sheet_faults(
        self, part: str, formats: tuple[int, int], string_count: int
    ) -> Iterator[str]:
        if not self.type_of(part).endswith("worksheet+xml"):
            yield f"{part}: is said to be {self.type_of(part)}"
        root = self.root(part)
        yield from disorder(root, WORKSHEET, part)
        for view in root.iterfind("{*}sheetViews/{*}sheetView"):
            yield from disorder(view, SHEET_VIEW, f"{part} sheetView")
        yield from _column_faults(part, root, formats[0])
        yield from _row_faults(part, root, formats[0], string_count)
        yield from _merge_faults(part, root)
        yield from _group_faults(part, root, formats[1])
        yield from self._note_faults(part, root)

    def _note_faults(self, part: str, root: etree._Element) -> Iterator[str]:
        """Yield comments without their boxes, and boxes without comments."""
        relations = self.relations(part).values()
        comments = [
            t for k, t in relations if k == "comments" and t in self.names
        ]
        drawings = [
            t for k, t in relations if k == "vmlDrawing" and t in self.names
        ]
        places = set()
        for name in comments:
            listed = self.root(name)
            authors = len(listed.findall("{*}authors/{*}author"))
            for comment in listed.iterfind("{*}commentList/{*}comment"):
                reference = comment.get("ref")
                if reference in places:
                    yield f"{name}: two comments on {reference}"
                places.add(reference)
                if int(comment.get("authorId")) >= authors:
                    yield f"{name}: no author of {reference}"
        if len(comments) > 1:
            yield f"{part}: two parts of comments"
        if places and child(root, "legacyDrawing") is None:
            yield f"{part}: comments without a drawing"
        boxes = yield from self._box_faults(drawings)
        if len(set(boxes)) != len(boxes):
            yield f"{part}: two boxes on one cell"
        cells = {_numbers(place) for place in places}
        if comments and cells != set(boxes):
            yield f"{part}: comments {sorted(cells)}, boxes {sorted(boxes)}"

    def _box_faults(self, drawings: list[str]) -> Iterator[str]:
        """Yield shapes of one id; return the cells of the boxes."""
        boxes = []
        for name in drawings:
            text = self.zip.read(name).decode("utf-8", "replace")
            ids = re.findall(r"<v:shape\b[^>]*?\bid=[\"']([^\"']+)", text)
            if len(set(ids)) != len(ids):
                yield f"{name}: two shapes of one id"
            boxes += _boxes(text)
        return boxes


def _title_faults(sheets: list[etree._Element]) -> Iterator[str]:
    titles = [sheet.get("name").lower() for sheet in sheets]
    if len(set(titles)) != len(titles):
        yield "two sheets of one title"
    for title in titles:
        if (
            not title
            or len(title) > _MOST_TITLE
            or re.search(r"[\[\]:*?/\\]", title)
        ):
            yield f"no title: {title}"
    numbers = [sheet.get("sheetId") for sheet in sheets]
    if len(set(numbers)) != len(numbers):
        yield "two sheets of one number"
    if all(sheet.get("state") in ("hidden", "veryHidden") for sheet in sheets):
        yield "no sheet is seen"


def _group_faults(
    part: str, root: etree._Element, difference_count: int
) -> Iterator[str]:
    for group in ("mergeCells", "dataValidations", "tableParts"):
        found = child(root, group)
        if (
            found is not None
            and found.get("count")
            and int(found.get("count")) != len(found)
        ):
            yield f"{part}: {group} says {found.get('count')}, holds {len(found)}"
        if found is not None and len(found) == 0:
            yield f"{part}: {group} is empty"
    for rule in root.iterfind("{*}conditionalFormatting/{*}cfRule"):
        if int(rule.get("dxfId") or 0) >= max(difference_count, 1):
            yield f"{part}: no format {rule.get('dxfId')} of a condition"
    for entry in root.iter("{*}dataValidation", "{*}conditionalFormatting"):
        for span in (entry.get("sqref") or "").split():
            if not _RANGE.fullmatch(span):
                yield f"{part}: no range: {span}"


def _view_faults(root: etree._Element, sheet_count: int) -> Iterator[str]:
    for view in root.iter("{*}workbookView"):
        for attribute in ("activeTab", "firstSheet"):
            if int(view.get(attribute) or 0) >= sheet_count:
                yield f"{attribute} is none of the sheets"


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return unquote(target[1:])
    return unquote(posixpath.normpath(posixpath.join(folder, target)))


def _numbers(reference: str) -> tuple[int, int]:
    letters, row = _CELL.fullmatch(reference).groups()
    return int(row), column_of(letters)


def _boxes(text: str) -> list[tuple[int, int]]:
    """Return the cells of the boxes of comments in an old drawing."""
    found = []
    for data in re.findall(
        r"<x:ClientData[^>]*ObjectType=[\"']Note[\"'].*?</x:ClientData>",
        text,
        re.DOTALL,
    ):
        row = re.search(r"<x:Row>\s*(\d+)", data)
        column = re.search(r"<x:Column>\s*(\d+)", data)
        if row and column:
            found.append((int(row[1]) + 1, int(column[1]) + 1))
    return found


def _format_faults(
    number: int, entry: etree._Element, counts: dict[str, int], own: set[int]
) -> Iterator[str]:
    yield from disorder(entry, FORMAT, f"format {number}")
    pieces = {
        "fontId": "fonts",
        "fillId": "fills",
        "borderId": "borders",
        "xfId": "cellStyleXfs",
    }
    for attribute, group in pieces.items():
        said = entry.get(attribute)
        if said is not None and int(said) >= counts.get(group, 0):
            yield f"format {number}: {attribute} {said} is none of {counts.get(group, 0)}"
    form = int(entry.get("numFmtId") or 0)
    if form >= _FIRST_OWN_FORMAT and form not in own:
        yield f"format {number}: no number format {form}"


def _column_faults(
    part: str, root: etree._Element, format_count: int
) -> Iterator[str]:
    cols = child(root, "cols")
    if cols is None:
        return
    if len(cols) == 0:
        yield f"{part}: cols is empty"
    ranges = []
    for col in cols:
        ranges.append((int(col.get("min")), int(col.get("max"))))
        if int(col.get("style") or 0) >= format_count:
            yield f"{part}: no format of column {col.get('min')}"
    for first, last in ranges:
        if not 1 <= first <= last <= _LAST_COLUMN:
            yield f"{part}: no columns {first} to {last}"
    for one, other in itertools.pairwise(ranges):
        if one[1] >= other[0]:
            yield f"{part}: columns {one} and {other}"


def _row_faults(
    part: str, root: etree._Element, format_count: int, string_count: int
) -> Iterator[str]:
    data = child(root, "sheetData")
    if data is None:
        yield f"{part}: no cells"
        return
    last = 0
    for row in children(data, "row"):
        number = int(row.get("r") or last + 1)
        if not last < number <= _LAST_ROW:
            yield f"{part}: row {number} behind row {last}"
        last = number
        if int(row.get("s") or 0) >= format_count:
            yield f"{part}: no format of row {number}"
        yield from _cells_faults(part, row, number, format_count, string_count)


def _cells_faults(
    part: str,
    row: etree._Element,
    number: int,
    format_count: int,
    string_count: int,
) -> Iterator[str]:
    last = 0
    for cell in children(row, "c"):
        reference = cell.get("r")
        column = last + 1
        if reference is not None:
            found = _CELL.fullmatch(reference)
            if not found or int(found[2]) != number:
                yield f"{part}: cell {reference} in row {number}"
                continue
            column = column_of(found[1])
        if not last < column <= _LAST_COLUMN:
            yield f"{part}: cell {reference} behind column {last}"
        last = column
        if int(cell.get("s") or 0) >= format_count:
            yield f"{part}: no format {cell.get('s')} of {reference}"
        yield from disorder(cell, CELL, f"{part} {reference}")
        yield from _value_faults(part, cell, string_count)


def _value_faults(
    part: str, cell: etree._Element, string_count: int
) -> Iterator[str]:
    kind = cell.get("t") or "n"
    reference = cell.get("r")
    value = cell.findtext("{*}v")
    if kind not in _KINDS:
        yield f"{part}: {reference} is of no kind: {kind}"
    if kind == "s" and value is not None and not int(value) < string_count:
        yield f"{part}: {reference} names no string"
    if kind == "inlineStr" and value is not None:
        yield f"{part}: {reference} holds text and a value"
    if kind == "n" and value:
        try:
            float(value)
        except ValueError:
            yield f"{part}: {reference} is no number"
    words = "".join(piece.text or "" for piece in cell.iterfind("{*}is//{*}t"))
    if len(words) > _MOST_SIGNS:
        yield f"{part}: {reference} is too long"


def _merge_faults(part: str, root: etree._Element) -> Iterator[str]:
    covered: dict[int, list[tuple[int, int]]] = {}
    for merge in root.iterfind("{*}mergeCells/{*}mergeCell"):
        found = _RANGE.fullmatch(merge.get("ref") or "")
        if found is None or found[3] is None:
            yield f"{part}: no merge: {merge.get('ref')}"
            continue
        left, top, right, bottom = found.groups()
        span = (column_of(left), column_of(right))
        for row in range(int(top), min(int(bottom), 5000) + 1):
            others = covered.setdefault(row, [])
            if any(
                span[0] <= last and first <= span[1] for first, last in others
            ):
                yield f"{part}: merge {merge.get('ref')} over another"
                break
            others.append(span)
