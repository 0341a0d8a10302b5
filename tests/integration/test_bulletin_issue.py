"""A bulletin: issued once from a month's figures, the same bytes ever after, mended only by another issue."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from issued_figures import figures_of
from nights import COUNTY, PEOPLE, TOWNS, Nights, labourer, workbook
from yiku import pipeline
from yiku.bulletin.document import TemplateBrokenError, shipped_template
from yiku.pipeline.bulletin_issue import (
    AlteredIssueError,
    Asked,
    NoBulletinError,
    Written,
    write_bulletin,
)
from yiku.warehouse import bulletins
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import undo

MONTH, ISSUED, LATER = "2017-11", date(2017, 12, 5), date(2017, 12, 8)
ASKED = Asked(COUNTY, MONTH, ISSUED)
TOWN = "510802101"
LAST_TOWN = [*TOWNS][-1]
# A figure in a document: what is not a day of the calendar, a rank or a page.
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_DAYS = re.compile(r"\d{4}年\d+月(\d+日)?|\d{4}-\d\d-\d\d")


def write(
    nights: Nights, folder: Path, asked: Asked = ASKED, **settings: object
) -> Written:
    changed = replace(nights.settings, **settings)
    with closing(connect(nights.settings)) as conn:
        return write_bulletin(conn, changed, asked, folder)


def figures_shown(path: Path) -> set[str]:
    document = docx.Document(str(path))
    texts = [p.text for p in document.paragraphs]
    for table in document.tables:
        texts += [cell.text for row in table.rows for cell in row.cells]
    bare = " ".join(_DAYS.sub(" ", text) for text in texts)
    return {number.lstrip("+") for number in _NUMBER.findall(bare)}


def figures_frozen(nights: Nights, issue: int) -> set[str]:
    with closing(connect(nights.settings)) as conn:
        known = bulletins.issues(conn, COUNTY, MONTH)[issue - 1]
        lines = bulletins.lines_of(conn, known.bulletin_id)
    return figures_of(lines)


def hold_template_told(nights: Nights, folder: Path) -> None:
    """Hold a template that lost a tag to being told of by the tag's name."""
    opened = docx.Document(io.BytesIO(shipped_template()))
    for paragraph in opened.paragraphs:
        if "issued_on" in paragraph.text:
            paragraph.runs[0].text = ""
    lost = folder / "lost.docx"
    opened.save(str(lost))
    asked = replace(ASKED, is_preview=True)
    with pytest.raises(TemplateBrokenError, match="issued_on"):
        write(nights, folder, asked, bulletin_template=lost)


def hold_fonts_of(document: bytes) -> None:
    """Hold every run of a Word file to naming its Chinese font: Word would else take its own."""
    opened = docx.Document(io.BytesIO(document))
    cells = [c for t in opened.tables for r in t.rows for c in r.cells]
    paragraphs = [
        *opened.paragraphs,
        *(p for c in cells for p in c.paragraphs),
    ]
    for run in (run for p in paragraphs for run in p.runs if run.text):
        fonts = run._r.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")), run.text


_PLACE_LIKE = """
insert into mart_masked.place
select (jsonb_populate_record(p, %s::jsonb)).* from mart_masked.place as p where place_code = %s
"""
_TARGET = """
insert into mart_masked.target_month (
    period, is_closed, year, indicator, indicator_name, level, place_code, county_code, uom,
    target, actual, rate_pct, light, due_on, as_of_on
)
values (%s, true, %s, 'people_trained', '培训人数', 'county', %s, %s, '人', 100, 3, 3, '红', %s, %s)
"""
MERGED, SILENT = "510802198", "510802199"


def put_past_things_in(nights: Nights) -> None:
    """Lay a target of a former year, a town that was merged and one that never sent anything into the marts."""
    with closing(connect(nights.settings)) as conn:
        for year in (2016, 2017):
            days = (date(year, 12, 31), date(2017, 11, 20))
            conn.execute(_TARGET, (MONTH, year, COUNTY, COUNTY, *days))
        for code, name in ((MERGED, "旧镇"), (SILENT, "静镇")):
            place = {"place_code": code, "town_code": code, "town_name": name}
            place["is_current"] = code == SILENT
            conn.execute(_PLACE_LIKE, (json.dumps(place), TOWN))
        conn.execute(
            "update mart_masked.place set is_current = false where place_code = %s",
            (LAST_TOWN,),
        )
        conn.commit()


def hold_corrections_once(nights: Nights, folder: Path, mended: Asked) -> None:
    """Hold what corrects nothing new to being no issue, whatever is typed twice."""
    twice = write(nights, folder, mended)
    assert (twice.issue, twice.is_new) == (2, False)
    with pytest.raises(NoBulletinError, match="没有变化的数字"):
        write(nights, folder, replace(mended, correction=" "))
    worded = replace(mended, correction="只改了一句话")
    third = write(nights, folder, worded)
    assert (third.issue, third.is_new) == (3, True)
    assert "第2次更正" in third.files[0].name


def hold_no_old_pdf(nights: Nights, folder: Path) -> None:
    """Hold an old PDF to being away where this machine cannot make one."""
    document = write(nights, folder).files[0]
    old = document.with_suffix(".pdf")
    old.write_bytes(b"an earlier issue")
    write(nights, folder)
    assert not old.exists()


@pytest.fixture
def issued(nights: Nights) -> Nights:
    """A month with figures, and the third workday of the next, by which its night is published."""
    for town in TOWNS:
        rows = [labourer(p) for p in PEOPLE[town][: 8 if town == TOWN else 4]]
        nights.put(town, "L1.xlsx", workbook("L1", rows))
    nights.run(date(2017, 11, 20))
    nights.run(ISSUED)
    return nights


def test_a_bulletin_is_issued_once_and_mended_by_another(
    issued: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_past_things_in(issued)
    with pytest.raises(NoBulletinError, match="--preview"):
        write(issued, tmp_path, replace(ASKED, period="2017-12"))
    with pytest.raises(NoBulletinError, match="没有"):
        write(issued, tmp_path, replace(ASKED, period="2016-01"))
    hold_template_told(issued, tmp_path)
    preview = write(issued, tmp_path / "p", replace(ASKED, is_preview=True))
    assert (preview.issue, preview.is_new) == (0, False)
    assert "样稿" in preview.files[0].name

    first = write(issued, tmp_path / "first")
    assert (first.issue, first.is_new) == (1, True)
    document, book, *pdf = first.files
    shown = figures_shown(document)
    # Every figure on paper is one of the issue's, and there is something to read.
    counted = {str(len(TOWNS) - 1)}
    assert shown - counted <= figures_frozen(issued, 1)
    assert len(shown) > 10
    hold_fonts_of(document.read_bytes())
    listed = issued.rows(
        "select place_code, due_on from ops.bulletin_line where section in ('ranking', 'target')"
    )
    ranked = {code for code, due_on in listed if due_on is None}
    assert ranked == {*TOWNS} - {LAST_TOWN}
    assert [due_on.year for _, due_on in listed if due_on] == [2017]
    said = issued.rows("select silent_towns from ops.bulletin")
    assert said == [("静镇",)]
    parts = zipfile.ZipFile(document).namelist()
    assert {"word/charts/chart1.xml", "word/embeddings/chart1.xlsx"} <= {
        *parts
    }
    rows = list(openpyxl.load_workbook(book).active.iter_rows(min_row=4))
    frozen = issued.rows("select count(*) from ops.bulletin_line")
    assert len(rows) == frozen[0][0]
    if pdf and shutil.which("pdfinfo"):
        told = subprocess.run(
            ["pdfinfo", pdf[0]], capture_output=True, check=True
        )
        pages = re.search(r"Pages:\s+(\d+)", told.stdout.decode())
        assert pages is not None
        assert int(pages[1]) <= 4

    # The DAG's step finds it issued, and whoever it is for is told once.
    done = pipeline.issue_bulletins(issued.settings, ISSUED)
    assert done == {"period": MONTH, "written": 0}

    # Later a file was taken back: what was issued is what it was.
    number = issued.rows("select max(submission_id) from ops.submission")
    with closing(connect(issued.settings)) as conn:
        undo(conn, number[0][0])
    issued.run(LATER)
    digests = (issued.settings.outbox / str(LATER)).rglob("*.txt")
    texts = [path.read_text("utf-8") for path in digests]
    told = [text for text in texts if "月通报已印发" in text]
    assert told
    # Nobody is sent to a folder in which the paper does not lie.
    assert all("请向运维人员取" in text for text in told)
    assert not [text for text in told if "文件夹里" in text]
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"no template")
    again = write(
        issued,
        tmp_path / "again",
        replace(ASKED, today=LATER),
        bulletin_template=broken,
    )
    assert (again.issue, again.is_new) == (1, False)
    for before, now in zip(first.files[:2], again.files[:2], strict=True):
        assert before.name == now.name
        assert before.read_bytes() == now.read_bytes()
    assert issued.rows("select bulletin_id, issue from mart.bulletin") == [
        (1, 1)
    ]

    mended = replace(ASKED, today=LATER, correction="一份来件撤回")
    with pytest.raises(TemplateBrokenError, match="Word"):
        write(issued, tmp_path, mended, bulletin_template=broken)
    second = write(issued, tmp_path / "second", mended)
    assert (second.issue, second.is_new) == (2, True)
    assert "更正" in second.files[0].name
    text = " ".join(
        p.text for p in docx.Document(str(second.files[0])).paragraphs
    )
    assert "一份来件撤回" in text
    corrected = issued.rows(
        "select count(*) from ops.bulletin_line where section = 'correction'"
    )
    assert corrected[0][0] > 0
    assert second.changed_count == corrected[0][0]
    tonight = issued.rows(
        "select count(*) from ops.bulletin_line where section = 'correction' and unit = '项'"
    )
    assert tonight == [(0,)]
    # From here on as on a machine without LibreOffice, which takes its time.
    monkeypatch.setattr(shutil, "which", {}.get)
    hold_corrections_once(issued, tmp_path / "twice", mended)
    hold_no_old_pdf(issued, tmp_path / "old")
    assert len(write(issued, tmp_path / "all").files) >= 6
    with closing(connect(issued.settings)) as conn:
        conn.execute("update ops.bulletin_line set target = 1")
        conn.commit()
    with pytest.raises(AlteredIssueError, match="第1期"):
        write(issued, tmp_path / "altered")
