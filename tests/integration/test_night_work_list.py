"""The work list of a unit: written for what is open, filled in as a clerk does, sent back, and everything closed."""

import io
from contextlib import closing
from datetime import date, timedelta

import openpyxl
import pytest
from nights import COUNTY, DAY, PEOPLE, TOWNS, labourer, workbook
from yiku import pipeline
from yiku.formats import work_list_marks as marks
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import submission_of, undo
from yiku.worklist import page_forms as forms

TOWN, OTHER = list(TOWNS)
NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=2)
WRONG_ID, BLANK, FOREIGN = PEOPLE[TOWN][1], PEOPLE[TOWN][2], PEOPLE[OTHER][2]


def mistyped(person):
    return person.id_no[:-1] + ("1" if person.id_no[-1] != "1" else "2")


def bad_rows(town=TOWN):
    rows = [labourer(person) for person in PEOPLE[town]]
    rows[1] |= {"id_no": mistyped(PEOPLE[town][1])}
    rows[2] |= {"emp_intent": None}
    return rows


def listed(nights, day=DAY, unit=TOWN):
    """Write the lists of a night; return that of a unit, None where nothing is open for it."""
    nights.log.append(pipeline.work_lists(nights.settings, day))
    folder = nights.settings.outbox / day.isoformat() / COUNTY / unit
    path = folder / f"待办清单-{unit}-{day}.xlsx"
    return openpyxl.load_workbook(path) if path.is_file() else None


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lines(book, page):
    """Return the lines of a page as (row number, cells by header)."""
    sheet = book[page.title]
    headers = [cell.value for cell in sheet[4]]
    return [
        (row[0].row, dict(zip(headers, (c.value for c in row), strict=True)))
        for row in sheet.iter_rows(5)
    ]


def fill(book, page, row_no, **values):
    sheet = book[page.title]
    at = {cell.value: cell.column for cell in sheet[4]}
    for header, value in values.items():
        sheet.cell(row_no, at[header]).value = value


def line_of(book, page, person):
    return next(
        row_no
        for row_no, cells in lines(book, page)
        if cells[forms.NAME] == person.name
    )


def people(nights, day=NEXT):
    found = nights.rows("select id_no from raw.l1_now order by 1", day=day)
    return [number for (number,) in found]


def open_rows(nights):
    ((count,),) = nights.rows(
        "select count(distinct row_id) from ops.finding where verdict = 'Q' and closed_on is null"
    )
    return count


@pytest.fixture
def sent_back(nights):
    nights.put(TOWN, "L1.xlsx", workbook("L1", bad_rows()))
    nights.put(OTHER, "L1.xlsx", workbook("L1", bad_rows(OTHER)))
    nights.take_in()
    nights.answer()
    return nights


def test_a_list_is_written_filled_in_sent_and_gone(sent_back):
    nights = sent_back
    book = listed(nights)
    told = [cells for _, cells in lines(book, forms.ROWS)]
    assert {cells[forms.NAME] for cells in told} == {
        WRONG_ID.name,
        BLANK.name,
    }
    # no list shows anybody of another unit
    other = str(saved(listed(nights, unit=OTHER)))
    assert WRONG_ID.name not in other
    cells = dict(lines(book, forms.ROWS))[line_of(book, forms.ROWS, WRONG_ID)]
    assert cells[forms.PRESENT] == mistyped(WRONG_ID)
    assert cells[marks.COLUMN_HEADER] == "身份证号"
    assert cells[forms.UNTIL] == "2017-12-04"
    fill(
        book,
        forms.ROWS,
        line_of(book, forms.ROWS, WRONG_ID),
        改为=WRONG_ID.id_no,
    )
    fill(book, forms.ROWS, line_of(book, forms.ROWS, BLANK), 改为="县内")
    nights.put(TOWN, "改好的.xlsx", saved(book))
    nights.take_in(NEXT)
    assert nights.statuses()["改好的.xlsx"] == ("loaded", None, 2, 2, 0, 0)
    assert set(people(nights)) >= {p.id_no for p in PEOPLE[TOWN]}
    assert open_rows(nights) == 2  # the neighbour's
    # what stood beside the corrected cell, and for which day it speaks, is as it was
    kept = nights.rows(
        "select phone, verified_on, fill_date, period_of_file, emp_intent from raw.l1_now where id_no = %s",
        BLANK.id_no,
        day=NEXT,
    )
    verified, filled = date(2017, 11, 10), date(2017, 11, 15)
    assert kept == [(BLANK.phone, verified, filled, "2017-11", "县内")]
    outbox = nights.answer(NEXT)
    assert listed(nights, NEXT) is None
    names = {path.name for path in (outbox / COUNTY / TOWN).iterdir()}
    assert not [name for name in names if "校验" in name]


def test_half_a_list_leaves_the_other_half_and_a_wrong_answer_is_asked_again(
    sent_back,
):
    nights = sent_back
    book = listed(nights)
    row_no = line_of(book, forms.ROWS, WRONG_ID)
    fill(book, forms.ROWS, row_no, 改为=mistyped(PEOPLE[TOWN][5]))
    nights.put(TOWN, "a.xlsx", saved(book))
    nights.take_in(NEXT)
    assert nights.statuses()["a.xlsx"][2:] == (1, 0, 1, 0)
    nights.answer(NEXT)
    again = listed(nights, NEXT)
    told = {
        cells[forms.NAME]: (cells[forms.FILE], cells[forms.ROW_NO])
        for _, cells in lines(again, forms.ROWS)
    }
    # still told of by the file in which it came first
    assert told == {
        WRONG_ID.name: ("L1.xlsx", "5"),
        BLANK.name: ("L1.xlsx", "6"),
    }
    # the old list, of which one line was asked anew, is good for the other
    fill(book, forms.ROWS, row_no, 改为=WRONG_ID.id_no)
    fill(book, forms.ROWS, line_of(book, forms.ROWS, BLANK), 改为="县内")
    nights.put(TOWN, "b.xlsx", saved(book))
    nights.take_in(LATER)
    assert ("F17", "W", None, True) in nights.findings("b.xlsx")
    assert nights.statuses()["b.xlsx"][2:] == (1, 1, 0, 0)
    fill(
        again,
        forms.ROWS,
        line_of(again, forms.ROWS, WRONG_ID),
        改为=WRONG_ID.id_no,
    )
    nights.put(TOWN, "c.xlsx", saved(again))
    nights.take_in(LATER + timedelta(days=1))
    assert set(people(nights, LATER + timedelta(days=1))) >= {
        p.id_no for p in PEOPLE[TOWN]
    }


def test_a_list_of_another_unit_is_refused(sent_back):
    nights = sent_back
    book = listed(nights, unit=OTHER)
    person = PEOPLE[OTHER][2]
    fill(book, forms.ROWS, line_of(book, forms.ROWS, person), 改为="县内")
    nights.put(TOWN, "a.xlsx", saved(book))
    nights.take_in(NEXT)
    assert nights.statuses()["a.xlsx"][:2] == ("rejected", "F18")
    assert open_rows(nights) == 4
    outbox = nights.answer(NEXT)
    ((number,),) = nights.rows(
        "select receipt_no from ops.submission where file_name = 'a.xlsx'"
    )
    receipt = (outbox / COUNTY / TOWN / f"{number}.txt").read_text("utf-8")
    assert "这是别的单位的待办清单" in receipt


def test_a_suggested_person_is_agreed_to_or_not(sent_back):
    nights = sent_back
    book = listed(nights)
    (asked,) = [
        (row_no, cells)
        for row_no, cells in lines(book, forms.QUESTIONS)
        if cells[forms.SORT] == "人员"
    ]
    hidden = f"{WRONG_ID.id_no[:4]}{'*' * 10}{WRONG_ID.id_no[-4:]}"
    assert hidden in asked[1][forms.QUESTION]
    fill(book, forms.QUESTIONS, asked[0], 答复=marks.REFUSE_WORD)
    nights.put(TOWN, "no.xlsx", saved(book))
    nights.take_in(NEXT)
    assert WRONG_ID.id_no not in people(nights)
    again = listed(nights, NEXT)
    # asked once; the row itself is still to be put right
    assert forms.QUESTIONS.title not in again.sheetnames
    assert line_of(again, forms.ROWS, WRONG_ID)
    other = listed(nights, NEXT, unit=OTHER)
    person = PEOPLE[OTHER][1]
    (row_no,) = [row_no for row_no, _ in lines(other, forms.QUESTIONS)]
    fill(other, forms.QUESTIONS, row_no, 答复="同意")
    nights.put(OTHER, "yes.xlsx", saved(other))
    nights.take_in(LATER)
    assert person.id_no in people(nights, LATER)


def test_answers_to_rows_that_came_again_meanwhile_change_nothing(sent_back):
    nights = sent_back
    book = listed(nights)
    rows = [labourer(p) for p in PEOPLE[TOWN]]
    rows[2] |= {"emp_intent": "省外"}
    nights.put(TOWN, "L1改.xlsx", workbook("L1", rows, filled=NEXT))
    nights.take_in(NEXT)
    nights.answer(NEXT)
    fill(book, forms.ROWS, line_of(book, forms.ROWS, BLANK), 改为="县内")
    nights.put(TOWN, "晚了.xlsx", saved(book))
    nights.take_in(LATER)
    assert nights.statuses()["晚了.xlsx"] == ("loaded", None, 0, 0, 0, 0)
    assert nights.findings("晚了.xlsx") == [("F17", "W", None, True)]
    said = "select emp_intent from raw.l1_now where id_no = %s"
    assert nights.rows(said, BLANK.id_no, day=LATER) == [("省外",)]
    outbox = nights.answer(LATER)
    receipts = [
        path.read_text("utf-8")
        for path in (outbox / COUNTY / TOWN).glob("*.txt")
    ]
    assert any("清单里有1项在这之前已经改正或处理" in r for r in receipts)


def test_a_list_taken_back_leaves_its_rows_open(sent_back):
    nights = sent_back
    book = listed(nights)
    fill(book, forms.ROWS, line_of(book, forms.ROWS, BLANK), 改为="县内")
    nights.put(TOWN, "a.xlsx", saved(book))
    nights.take_in(NEXT)
    assert open_rows(nights) == 3
    ((number,),) = nights.rows(
        "select receipt_no from ops.submission where file_name = 'a.xlsx'"
    )
    with closing(connect(nights.settings)) as conn:
        undo(conn, submission_of(conn, number))
        conn.commit()
    assert open_rows(nights) == 4


def test_people_who_vanished_are_kept_or_taken_out(nights):
    rows = [labourer(person) for person in PEOPLE[TOWN]]
    nights.put(TOWN, "L1.xlsx", workbook("L1", rows))
    nights.take_in()
    nights.answer()
    nights.put(TOWN, "L1b.xlsx", workbook("L1", rows[:8], filled=NEXT))
    nights.take_in(NEXT)
    nights.answer(NEXT)
    book = listed(nights, NEXT)
    kept, gone = PEOPLE[TOWN][8:]
    fill(book, forms.GONE, line_of(book, forms.GONE, kept), 答复="漏报")
    fill(book, forms.GONE, line_of(book, forms.GONE, gone), 答复="删除")
    nights.put(TOWN, "a.xlsx", saved(book))
    nights.take_in(LATER)
    wanted = sorted(p.id_no for p in PEOPLE[TOWN] if p != gone)
    assert people(nights, LATER) == wanted
    again = listed(nights, LATER)
    assert again is None


def test_a_guessed_header_is_confirmed(nights):
    rows = [labourer(person) for person in PEOPLE[TOWN]]
    guessed = workbook("L1", rows, headers={"emp_intent": "本人打算去哪就业"})
    nights.put(TOWN, "L1.xlsx", guessed)
    nights.take_in()
    nights.answer()
    book = listed(nights)
    ((row_no, cells),) = lines(book, forms.QUESTIONS)
    assert "本人打算去哪就业" in cells[forms.QUESTION]
    fill(book, forms.QUESTIONS, row_no, 答复="是")
    nights.put(TOWN, "a.xlsx", saved(book))
    nights.take_in(NEXT)
    assert nights.statuses()["a.xlsx"] == ("loaded", None, 0, 0, 0, 0)
    assert listed(nights, NEXT) is None


def test_the_same_list_sent_empty_is_told_kindly(sent_back):
    nights = sent_back
    nights.put(TOWN, "空.xlsx", saved(listed(nights)))
    nights.take_in(NEXT)
    assert nights.findings("空.xlsx") == [("F20", "W", None, True)]
    assert open_rows(nights) == 4
