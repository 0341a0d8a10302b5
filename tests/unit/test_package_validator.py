"""The validator of return workbooks finds what is wrong: faults are planted, one at a time."""

from __future__ import annotations

import io
import zipfile

import pytest
from package_validator import faults
from test_returns_edit import MARKS, back, by_xlsxwriter, patched

SOUND = back(
    by_xlsxwriter(
        lambda book, page: (
            page.merge_range("A1:C1", "公岗名单"),
            page.write_comment("A4", "核实过"),
            page.set_column(0, 2, 12),
        )
    )
)
SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
BOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"
PLANTED = {
    "children out of order": (
        SHEET,
        "<sheetData>",
        "<mergeCells/><sheetData>",
    ),
    "cells out of order": (SHEET, 'r="B3"', 'r="A3"'),
    "a cell in another row": (SHEET, 'r="B3"', 'r="B4"'),
    "rows out of order": (SHEET, '<row r="3"', '<row r="2"'),
    "no such format": (
        SHEET,
        'r="E3" t="inlineStr" s="',
        'r="E3" t="inlineStr" s="9',
    ),
    "no such string": (SHEET, "<v>0</v>", "<v>999</v>"),
    "merges that overlap": (
        SHEET,
        '<mergeCell ref="A1:C1"/>',
        '<mergeCell ref="A1:C1"/><mergeCell ref="B1:D2"/>',
    ),
    "columns that overlap": (
        SHEET,
        '<col min="1" max="3"',
        '<col min="1" max="9"',
    ),
    "a pane behind its selection": (SHEET, "<pane ", "<selection/><pane "),
    "a relationship that is none": (
        SHEET,
        "<legacyDrawing ",
        "<drawing r:id='no'/><legacyDrawing ",
    ),
    "no such font": (STYLES, 'fontId="0"', 'fontId="99"'),
    "a count that is wrong": (STYLES, '<fills count="', '<fills count="9'),
    "fonts behind fills": (STYLES, "<fonts ", "<fills/><fonts "),
    "two sheets of one title": (BOOK, 'name="字典"', 'name="名单"'),
    "two sheets of one number": (BOOK, 'sheetId="2"', 'sheetId="1"'),
    "a name of no sheet": (
        BOOK,
        "<calcPr",
        '<definedNames><definedName name="x" localSheetId="9">1</definedName></definedNames><calcPr',
    ),
    "a target that is not there": (
        "xl/_rels/workbook.xml.rels",
        "styles.xml",
        "style.xml",
    ),
    "two relationships of one id": (
        "xl/_rels/workbook.xml.rels",
        'Id="rId2"',
        'Id="rId1"',
    ),
    "a part without a type": (
        TYPES,
        'PartName="/xl/styles.xml"',
        'PartName="/xl/none.xml"',
    ),
    "a comment without its box": (
        "xl/drawings/vmlDrawing1.vml",
        'ObjectType="Note"',
        'ObjectType="Rect"',
    ),
    "a comment of no author": (
        "xl/comments1.xml",
        'authorId="0"',
        'authorId="7"',
    ),
}


def test_a_sound_package_has_no_faults() -> None:
    assert len(MARKS) == 2
    assert faults(by_xlsxwriter()) == []
    assert faults(SOUND) == []


@pytest.mark.parametrize("what", sorted(PLANTED))
def test_a_planted_fault_is_found(what: str) -> None:
    part, old, new = PLANTED[what]
    assert faults(patched(SOUND, {part: (old, new)}))


def test_bytes_that_are_damaged_are_found() -> None:
    with zipfile.ZipFile(io.BytesIO(SOUND)) as package:
        member = package.getinfo(SHEET)
    at = member.header_offset + 30 + len(SHEET) + member.compress_size // 2
    assert faults(SOUND[:at] + b"\x00\xff\x00" + SOUND[at + 3 :])
    assert faults(b"no package")
