"""What of a clerk's workbook is not in the one that goes back.

openpyxl writes cells, not everything around them. The parts of both files are counted rather
than known: whatever a later openpyxl learns to keep is no longer told.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter

import openpyxl

from yiku.formats.cells import RefusedError
from yiku.formats.container import read_part

# Which part holds it, what to count in it (None: the part itself), and what clerks call it, in the
# order of telling.
_DRAWN = re.compile(r"xl/drawings/[^/]+\.xml")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[bytes] | None, str], ...] = (
    (_DRAWN, re.compile(rb"<(?:\w+:)?(?:sp|cxnSp)[ >/]"), "文本框和图形"),
    (re.compile(r"xl/charts/chart[^/]*\.xml"), None, "图表"),
    (_DRAWN, re.compile(rb"<(?:\w+:)?pic[ >/]"), "图片"),
    (re.compile(r"xl/(?:ctrlProps|activeX)/[^/]+\.xml"), None, "按钮等控件"),
    (
        re.compile(r"xl/.{0,255}\.vml"),
        re.compile(rb'ObjectType="(?!Note)\w+"'),
        "按钮等控件",
    ),
    (re.compile(r"xl/embeddings/[^/]+"), None, "嵌入的对象"),
    (
        re.compile(r"xl/cellimages\.xml", re.IGNORECASE),
        re.compile(rb"<(?:\w+:)?cellImage[ >]"),
        "单元格里的图片",
    ),
    (re.compile(r"xl/richData/[^/]+\.xml"), None, "单元格里的图片"),
    (_SHEET, re.compile(rb"<x14:dataValidation[ >]"), "下拉选项"),
    (_SHEET, re.compile(rb"<x14:cfRule[ >]"), "条件格式"),
    (_SHEET, re.compile(rb"<x14:sparkline[ >]"), "迷你图"),
    (re.compile(r"xl/threadedComments/[^/]+\.xml"), None, "批注里的讨论"),
    (
        re.compile(
            r"xl/(?:pivotTables|slicers|timelines|queryTables)/[^/]+\.xml"
        ),
        None,
        "透视表和切片器",
    ),
    (re.compile(r"_xmlsignatures/[^/]+\.xml"), None, "电子签名"),
    (re.compile(r"xl/vbaProject\.bin"), None, "宏"),
)


def lost_in(data: bytes) -> list[str]:
    """Return what clerks call the things in an xlsx that openpyxl does not save again."""
    before = _count(data)
    if not before:
        return []
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(data)).save(out)
    after = _count(out.getvalue())
    kinds = dict.fromkeys(words for _, _, words in _KINDS)
    return [words for words in kinds if after[words] < before[words]]


def _count(data: bytes) -> Counter[str]:
    found: Counter[str] = Counter()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            for part, wanted, words in _KINDS:
                if not part.fullmatch(name):
                    continue
                if wanted is None:
                    found[words] += 1
                else:
                    found[words] += len(
                        wanted.findall(_content(archive, name))
                    )
    # Without what was looked for and not found.
    return +found


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part; nothing of one that is damaged, which nobody could have seen."""
    try:
        return read_part(archive, name) or b""
    except RefusedError:
        return b""
