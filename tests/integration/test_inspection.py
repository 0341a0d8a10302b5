"""An inspection from the draw to the report that says what became of it: its form is read back by our own nights."""

import gzip
import hashlib
import io
import math
import re
import shutil
import subprocess
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from issued_figures import figures_of
from nights import COUNTY, PEOPLE, TOWNS, Nights, labourer, post, workbook
from yiku import pipeline
from yiku.bulletin.document import (
    QUARTERLY,
    TemplateBrokenError,
    shipped_template,
)
from yiku.pipeline.bulletin_issue import (
    Asked,
    NoBulletinError,
    Written,
    bulletin_folder,
    write_bulletin,
)
from yiku.warehouse import bulletins
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import undo

AUTUMN, DRAWN, VISITED, REPORTED = (
    date(2017, 12, 20),
    date(2018, 1, 4),
    date(2018, 1, 25),
    date(2018, 4, 4),
)
DRAWN_WITH, VISITED_IN = "2017-Q4", "2018-Q1"
PARAMETERS = """
parameters:
  - {name: inspection_villages_most, jurisdiction: "510802", value: 2}
  - {name: inspection_households_most, jurisdiction: "*", value: 2}
"""
_HEADER_ROW = 3
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_NO_FIGURES = re.compile(
    r"\d{4}年第\d季度|\d{4}年\d+月(\d+日)?|\d{4}-\d\d-\d\d"
)


def write(
    nights: Nights, folder: Path, period: str, day: date, **asked: object
) -> Written:
    with closing(connect(nights.settings)) as conn:
        wanted = Asked(COUNTY, period, day, **asked)
        return write_bulletin(conn, nights.settings, wanted, folder)


def form_in(folder: Path) -> Path:
    (form,) = folder.glob("督查问题台账-*.xlsx")
    return form


def form_rows(path: Path) -> list[dict[str, object]]:
    page = openpyxl.load_workbook(path).worksheets[0]
    rows = page.iter_rows(min_row=_HEADER_ROW, values_only=True)
    headers = next(rows)
    return [
        dict(zip(headers, row, strict=True)) for row in rows if any(row[1:])
    ]


def filled_in(path: Path, answers: dict[str, dict[str, object]]) -> bytes:
    """Return a form as an inspector sends it back: cells by header, of the lines that ``answers`` names by number."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[_HEADER_ROW]}
    for row in range(_HEADER_ROW + 1, page.max_row + 1):
        number = page.cell(row, columns["抽查编号"]).value
        for header, value in answers.get(str(number), {}).items():
            page.cell(row, columns[header], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_of(path: Path) -> str:
    document = docx.Document(str(path))
    texts = [p.text for p in document.paragraphs]
    for table in document.tables:
        texts += [cell.text for row in table.rows for cell in row.cells]
    return " ".join(texts)


def figures_frozen(nights: Nights, period: str) -> set[str]:
    with closing(connect(nights.settings)) as conn:
        known = bulletins.issues(conn, COUNTY, period)[-1]
        lines = bulletins.lines_of(conn, known.bulletin_id)
    return figures_of(lines)


def hold_figures_frozen(nights: Nights, path: Path, period: str) -> None:
    """Hold every figure on paper to being one of the issue's."""
    bare = _NO_FIGURES.sub(" ", text_of(path))
    shown = {number.lstrip("+") for number in _NUMBER.findall(bare)}
    counted = {str(n) for n in range(len(TOWNS) + 1)}
    assert shown - counted <= figures_frozen(nights, period)
    assert len(shown) > 10


def hold_nobody_named(paths: list[Path]) -> None:
    """Hold papers to showing no full name, number or telephone of anybody."""
    people = [p for town in PEOPLE.values() for p in town]
    for path in paths:
        if path.suffix == ".docx":
            text = text_of(path)
        elif path.suffix == ".xlsx":
            text = str(
                [
                    row
                    for page in openpyxl.load_workbook(path)
                    for row in page.iter_rows(values_only=True)
                ]
            )
        else:
            continue
        for person in people:
            assert person.name not in text, path.name
            assert person.id_no not in text, path.name
            assert person.phone not in text, path.name


def drawn_again(candidates: str, most: tuple[int, int]) -> set[str]:
    """Return the keys that are drawn from a list of candidates, worked out apart from the warehouse."""
    villages_most, households_most = most
    weighed = []
    for line in candidates.splitlines():
        key, village, points = line.split(" ")
        is_village = key == village
        text = f"{COUNTY}/{VISITED_IN}/{key}"
        digest = hashlib.md5(text.encode(), usedforsecurity=False)
        lot = (int(digest.hexdigest()[:8], 16) + 0.5) / 2**32
        weight = 1 + int(points) * (4 if is_village else 20)
        weighed.append((-math.log(lot) / weight, key, village, is_village))
    weighed.sort()
    villages = [key for _, key, _, is_village in weighed if is_village]
    drawn = set(villages[:villages_most])
    for village in villages[:villages_most]:
        households = [
            key
            for _, key, place, is_village in weighed
            if place == village and not is_village
        ]
        drawn |= set(households[:households_most])
    return drawn


@pytest.fixture(scope="module")
def inspected(
    shared_nights: Nights, tmp_path_factory: pytest.TempPathFactory
) -> Nights:
    """A county with lists in the last quarter of a year, and the third workday of the next."""
    own = tmp_path_factory.mktemp("own") / "parameters.yml"
    own.write_text(PARAMETERS, "utf-8")
    settings = replace(shared_nights.settings, parameters=own)
    nights = replace(shared_nights, settings=settings)
    for town, people in PEOPLE.items():
        rows = [labourer(p) for p in people[:8]]
        nights.put(town, "L1.xlsx", workbook("L1", rows))
    # Who cleans the village and is out of work at once.
    town, people = next(iter(PEOPLE.items()))
    nights.put(town, "L5.xlsx", workbook("L5", [post(people[0])]))
    nights.run(AUTUMN)
    nights.run(DRAWN)
    return nights


def hold_pages(folder: Path) -> None:
    """Hold a report to four pages, where this machine can make and count them."""
    if shutil.which("pdfinfo") is None:
        return
    for pdf in folder.glob("*督查通报.pdf"):
        told = subprocess.run(
            ["pdfinfo", pdf], capture_output=True, check=True
        )
        pages = re.search(r"Pages:\s+(\d+)", told.stdout.decode())
        assert pages is not None
        assert int(pages[1]) <= 4


def test_an_inspection_is_drawn_visited_and_followed_up(
    inspected: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = inspected
    # Before anything is issued nothing is drawn for good.
    preview = write(nights, tmp_path / "p", DRAWN_WITH, DRAWN, is_preview=True)
    assert [path.suffix for path in preview.files[:2]] == [".docx", ".xlsx"]
    assert nights.rows("select count(*) from ops.inspection_sample") == [(0,)]
    with pytest.raises(NoBulletinError, match="下季度"):
        write(nights, tmp_path, VISITED_IN, DRAWN)
    with pytest.raises(NoBulletinError, match="没有"):
        write(nights, tmp_path, "2017-Q1", DRAWN)

    done = pipeline.issue_inspections(nights.settings, DRAWN)
    assert done == {"period": DRAWN_WITH, "written": 1}
    folder = bulletin_folder(nights.settings, COUNTY, DRAWN)
    hold_pages(folder)
    # From here on as on a machine without LibreOffice, which takes its time.
    monkeypatch.setattr(shutil, "which", {}.get)
    hold_nobody_named([*folder.iterdir()])
    (paper,) = folder.glob("*督查通报.docx")
    hold_figures_frozen(nights, paper, DRAWN_WITH)
    # The towns read the paper, and must not learn where the inspection goes.
    villages = nights.rows(
        "select distinct village_name from mart.inspection_draw"
    )
    assert len(villages) == 2
    assert not [name for (name,) in villages if name in text_of(paper)]
    sample = nights.rows(
        "select coalesce(household_sk::text, person_sk::text, village_code), why, line_kind"
        " from ops.inspection_sample order by line_no"
    )
    assert [kind for _, _, kind in sample].count("village") == 2
    assert all(why for _, why, _ in sample)
    ((candidates, md5),) = nights.rows(
        "select candidates, candidates_md5 from ops.inspection_draw"
    )
    text = gzip.decompress(candidates).decode()
    assert {key for key, _, _ in sample} == drawn_again(text, (2, 2))
    fields = [line.split(" ") for line in text.splitlines()]
    listed = ",".join(f"{key}:{points}" for key, _, points in fields)
    told = hashlib.md5(listed.encode(), usedforsecurity=False)
    assert uuid.UUID(told.hexdigest()) == md5
    # Asked for again it is neither issued nor drawn again, whatever the office did to its template.
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"no template")
    spoilt = replace(
        nights, settings=replace(nights.settings, inspection_template=broken)
    )
    again = write(spoilt, tmp_path / "again", DRAWN_WITH, DRAWN)
    assert (again.issue, again.is_new) == (1, False)
    assert again.files[0].read_bytes() == paper.read_bytes()
    with pytest.raises(TemplateBrokenError, match="Word"):
        write(spoilt, tmp_path, DRAWN_WITH, DRAWN, is_preview=True)

    # The form: each line says where, whom and why, and that nobody went there yet.
    form = form_in(folder)
    lines = form_rows(form)
    assert len(lines) == len(sample)
    assert {line["督查结果"] for line in lines} == {"未走访"}
    assert all(line["抽查原因"] and line["抽查对象"] for line in lines)
    first, second, *rest = [str(line["抽查编号"]) for line in lines]
    assert rest
    found = {
        "督查结果": "发现问题",
        "日期": "2018-01-15",
        "问题": "名单与实际不符",
        "责任人": "吴桂英",
        "整改时限": "2018-02-10",
    }
    clean = {"督查结果": "未发现问题", "日期": "2018-01-16"}
    sent = filled_in(form, {first: found, second: clean})
    nights.put("county", "督查表.xlsx", sent)
    nights.run(VISITED)
    status = nights.statuses()["督查表.xlsx"]
    assert status == ("loaded", None, len(lines), len(lines), 0, 0)
    results = dict(
        nights.rows("select sample_no, result from mart.inspection_sample")
    )
    assert results == {
        first: "发现问题",
        second: "未发现问题",
        **dict.fromkeys(rest, "未走访"),
    }
    # What is known by now stands in the form when it is written again.
    now = write(nights, tmp_path / "now", DRAWN_WITH, DRAWN)
    told = {
        str(line["抽查编号"]): (line["督查结果"], line["问题"])
        for line in form_rows(now.files[-1])
    }
    assert told[first] == ("发现问题", "名单与实际不符")
    assert told[second] == ("未发现问题", None)
    assert told[rest[0]] == ("未走访", None)

    # The county's own ledger, which knows no numbers of lines, closes the problem late.
    unit = lines[0]["单位"]
    ledger = {
        "round": "2018年第1季度督查",
        "found_on": date(2018, 1, 15),
        "unit": unit,
        "problem": "名单与实际不符",
        "owner": "吴桂英",
        "due": date(2018, 2, 10),
        "done": "已更正",
        "closed_on": date(2018, 3, 1),
    }
    other = ledger | {
        "unit": TOWNS["510802101"],
        "problem": "没有台账",
        "closed_on": None,
    }
    nights.put(
        "county",
        "台账.xlsx",
        workbook("E14", [ledger, other], filled=date(2018, 4, 2)),
    )
    nights.run(REPORTED)
    done = pipeline.issue_inspections(nights.settings, REPORTED)
    assert done == {"period": VISITED_IN, "written": 1}
    said = dict(
        nights.rows(
            "select l.measure, l.value::integer from ops.bulletin_line as l"
            " inner join ops.bulletin as b on b.bulletin_id = l.bulletin_id"
            " where b.period = %s and l.section in ('round', 'finding')",
            VISITED_IN,
        )
    )
    assert said == {
        "sample_count": len(lines),
        "visited_count": 2,
        "not_visited_count": len(rest),
        "without_problem_count": 1,
        "with_problem_count": 1,
        "carried_count": 0,
        "finding_count": 2,
        "closed_count": 1,
        "closed_late_count": 1,
        "open_count": 1,
        "overdue_count": 1,
        "closed_pct": 50,
    }
    folder = bulletin_folder(nights.settings, COUNTY, REPORTED)
    (report,) = folder.glob("*督查通报.docx")
    hold_figures_frozen(nights, report, VISITED_IN)
    hold_nobody_named([*folder.glob("*通报*")])
    assert "没有台账" not in text_of(report)
    # The next inspection's form carries over what is open.
    carried = form_rows(form_in(folder))[0]
    assert (carried["问题"], carried["督查结果"]) == ("没有台账", "发现问题")
    texts = [
        path.read_text("utf-8")
        for path in (nights.settings.outbox / str(REPORTED)).rglob("*.txt")
    ]
    assert [text for text in texts if "2018年第1季度督查通报" in text]

    # Taken back later, what was issued stays, and another issue says that it is one.
    ((number,),) = nights.rows(
        "select submission_id from ops.submission where file_name = '台账.xlsx'"
    )
    with closing(connect(nights.settings)) as conn:
        undo(conn, number)
    same = write(nights, tmp_path / "same", VISITED_IN, REPORTED)
    assert same.files[0].read_bytes() == report.read_bytes()
    corrected = write(
        nights, tmp_path / "c", VISITED_IN, REPORTED, correction="一份台账撤回"
    )
    assert (corrected.issue, corrected.is_new) == (2, True)
    drawn = nights.rows(
        "select period, count(*) from ops.inspection_sample group by 1 order by 1"
    )
    assert drawn == [(VISITED_IN, len(lines)), ("2018-Q2", len(lines))]


def test_the_shipped_template_lacks_nothing() -> None:
    texts = docx.Document(io.BytesIO(shipped_template(QUARTERLY)))
    written = " ".join(p.text for p in texts.paragraphs)
    for tag in ("rounds", "findings", "towns", "sample", "visit_due"):
        assert tag in written
