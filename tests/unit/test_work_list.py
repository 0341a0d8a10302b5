"""The work list: what is written on it, and that the same comes back from it whoever saved, sorted or cut it."""

import io
import random
import shutil
import subprocess
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from yiku.formats import work_list_marks as marks
from yiku.formats.work_list_marks import LineKey
from yiku.tables import Hints, read_file
from yiku.worklist import Entry, build_work_list, reference_for, work_list_name
from yiku.worklist import page_forms as forms

GOLDEN = Path(__file__).parents[1] / "golden" / "work_list.txt"
TOWN = "510802100"
ID_NO = "510802197001019970"
ROW = "00000000-0000-4000-8000-000000010001"


def row_entry(number=1, **more):
    reference = f"{ROW[:-8]}{number:04x}0001"
    kept = {
        "key": reference,
        "list": "L1",
        "period": "2017-11",
        "filled": "2017-11-15",
        "file": "L1.xlsx",
        "row": number,
        "values": {"name": "某甲", "id_no": ID_NO, "village_name": "高坑村"},
    }
    cells = {
        forms.LIST: "劳动力基本信息名单",
        forms.NAME: "某甲",
        forms.ID_NO: ID_NO,
        marks.COLUMN_HEADER: "就业意向",
    }
    return Entry(LineKey(marks.ROW, TOWN, reference), cells, {**kept, **more})


def work_list(count=3):
    entries = [row_entry(number) for number in range(1, count + 1)]
    visit = {
        "key": reference_for("v"),
        "list": "E01",
        "values": {"name": "某乙", "id_no": ID_NO, "visit_type": "定期"},
    }
    visits = [Entry(LineKey(marks.VISIT, TOWN, visit["key"]), {}, visit)]
    asked = {
        "key": reference_for("h"),
        "list": "L1",
        "header": "想去哪",
        "meaning": "就业意向",
    }
    headers = [Entry(LineKey(marks.HEADER, TOWN, asked["key"]), {}, asked)]
    return build_work_list(
        "荣山镇",
        [
            forms.ROWS.holding(entries),
            forms.QUESTIONS.holding(headers),
            forms.VISITS.holding(visits),
        ],
    )


def columns(page):
    return {cell.value: cell.column for cell in page[4]}


def fill(page, row_no, **values):
    at = columns(page)
    for header, value in values.items():
        page.cell(row_no, at[header]).value = value


def filled_in():
    book = openpyxl.load_workbook(io.BytesIO(work_list()))
    fill(book["一、退回的行"], 5, 改为="县内")
    fill(book["一、退回的行"], 7, 答复="删除")
    fill(book["二、要回答的问题"], 5, 答复="是")
    fill(book["三、走访"], 5, 回访日期="2017-11-18", 回访方式="电话")
    return book


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shuffled(book):
    """Sort the lines, move a column, put a line in, delete those with nothing filled in, lose the properties."""
    page = book["一、退回的行"]
    lines = [[cell.value for cell in row] for row in page.iter_rows(5)]
    order = list(range(len(lines[0])))
    random.Random(7).shuffle(order)
    random.Random(8).shuffle(lines)
    header = [cell.value for cell in page[4]]
    other = openpyxl.Workbook()
    sheet = other.active
    sheet.title = "我改好的"
    sheet.append([header[at] for at in order])
    sheet.append([None for _ in order])
    for line in lines:
        sheet.append([line[at] for at in order])
    for name in ("二、要回答的问题", "三、走访"):
        copy = other.create_sheet(name)
        for row in book[name].iter_rows(values_only=True):
            copy.append(row)
    return saved(other)


def by_libreoffice(data, kind, tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("soffice is missing")
    (tmp_path / "list.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [program, profile, "--headless", "--convert-to", kind]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "out"), "list.xlsx"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    return (tmp_path / "out" / f"list.{kind}").read_bytes()


def require_answers(reading):
    tables = {table.list_code: table for table in reading.tables}
    rows = tables["L1"]
    said = dict(
        zip(
            rows.references.values(),
            zip(rows.cells["emp_intent"], rows.cells["id_no"], strict=True),
            strict=True,
        )
    )
    first, third = (f"{ROW[:-8]}{number:04x}0001" for number in (1, 3))
    assert said == {first: ("县内", ID_NO), third: (None, ID_NO)}
    answered = {rows.references[row] for row in rows.answers}
    assert answered == {third}
    assert rows.metadata.period == "2017-11"
    assert rows.metadata.fill_date == date(2017, 11, 15)
    visits = tables["E01"].cells
    assert visits["visited_on"] == ["2017-11-18"]
    assert (visits["method"], visits["visit_type"]) == (["电话"], ["定期"])
    assert reading.confirmed == {("L1", "想去哪"): "emp_intent"}
    assert reading.work_list.units == {TOWN}
    assert reading.work_list.unread_count == 0


def test_a_filled_list_is_read_as_rows_of_its_lists():
    require_answers(read_file(saved(filled_in()), "x.xlsx", Hints()))


def test_sorted_cut_and_renamed_it_says_the_same():
    require_answers(read_file(shuffled(filled_in()), "改好.xlsx", Hints()))


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_saved_by_libreoffice_it_says_the_same(kind, tmp_path):
    data = by_libreoffice(saved(filled_in()), kind, tmp_path)
    require_answers(read_file(data, f"x.{kind}", Hints()))


def test_what_is_not_filled_in_says_nothing():
    reading = read_file(work_list(), "x.xlsx", Hints())
    assert reading.tables == []
    assert reading.work_list.answered_count == 0


def test_of_what_was_settled_meanwhile_nothing_is_taken():
    settled = frozenset({f"{ROW[:-8]}00010001"})
    reading = read_file(saved(filled_in()), "x.xlsx", Hints(settled=settled))
    assert reading.work_list.settled_count == 1
    (rows,) = [t for t in reading.tables if t.list_code == "L1"]
    assert settled.isdisjoint(rows.references.values())


@pytest.mark.parametrize("typed", ["", "yk-r-1-2", "第一行"])
def test_an_answer_whose_key_was_typed_over_is_told_of(typed):
    book = filled_in()
    fill(book["一、退回的行"], 5, **{marks.KEY_HEADER: typed})
    reading = read_file(saved(book), "x.xlsx", Hints())
    assert reading.work_list.unread_count == 1


@pytest.mark.parametrize(
    "kept", ["", "[]", "{" * 9000, '{"key":"别的","list":"L1"}', "[" * 9000]
)
def test_an_answer_whose_row_was_damaged_is_told_of(kept):
    book = filled_in()
    fill(book["一、退回的行"], 5, **{marks.KEPT_HEADER: kept})
    reading = read_file(saved(book), "x.xlsx", Hints())
    assert reading.work_list.unread_count == 1


def test_a_cell_is_cleared_by_the_word_for_it():
    book = filled_in()
    fill(book["一、退回的行"], 5, 改为=marks.CLEAR_WORD, 要改的列="身份证号")
    reading = read_file(saved(book), "x.xlsx", Hints())
    (rows,) = [t for t in reading.tables if t.list_code == "L1"]
    assert None in rows.cells["id_no"]


def test_the_list_reads_as_it_did():
    book = openpyxl.load_workbook(io.BytesIO(work_list()))
    told: list[str] = []
    for page in book:
        told.append(f"== {page.title}")
        for row in page.iter_rows(values_only=True):
            told.append(" | ".join(str(value or "") for value in row))
    assert "\n".join(told) + "\n" == GOLDEN.read_text("utf-8")


def test_the_same_content_is_the_same_bytes():
    assert work_list() == work_list()


def test_numbers_are_texts_keys_are_locked_answers_are_not():
    book = openpyxl.load_workbook(io.BytesIO(work_list()))
    page = book["一、退回的行"]
    at = columns(page)
    assert page.protection.sheet
    assert page.cell(5, at["改为"]).protection.locked is False
    assert page.cell(5, at[marks.KEY_HEADER]).protection.locked
    number = page.cell(5, at[forms.ID_NO])
    assert (number.value, number.number_format) == (ID_NO, "@")
    assert page.cell(5, at["改为"]).number_format == "@"
    assert page.page_setup.orientation == "landscape"
    assert page.freeze_panes == "A5"
    assert work_list_name(TOWN, date(2017, 11, 20)) == (
        "待办清单-510802100-2017-11-20.xlsx"
    )
