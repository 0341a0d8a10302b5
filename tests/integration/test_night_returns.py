"""What goes back to a clerk and comes in again: corrections, answers, people who vanished, guessed headers."""

import io
from contextlib import closing
from datetime import date, timedelta

import openpyxl
import pytest
from nights import COUNTY, DAY, PEOPLE, TOWNS, labourer, workbook
from yiku.contracts import load_contracts
from yiku.formats.return_marks import (
    ADVICE_HEADER,
    CONFIRM_LABEL,
    REFERENCE_HEADER,
    REPORT_SHEET,
    VANISHED_SHEET,
)
from yiku.warehouse.connection import connect
from yiku.warehouse.trace import trace
from yiku.warehouse.undo import submission_of, undo

TOWN, OTHER = list(TOWNS)
NEXT = DAY + timedelta(days=1)


def returned(outbox, name, unit=TOWN):
    return openpyxl.load_workbook(outbox / COUNTY / unit / f"{name}.校验.xlsx")


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def header(page, text):
    return next(c for row in page.iter_rows() for c in row if c.value == text)


def column(page, text):
    return header(page, text).column


def cell(page, row_no, text):
    return page.cell(row_no, column(page, text))


def row_of(page, person):
    return next(
        c.row
        for row in page.iter_rows()
        for c in row
        if c.value == person.name
    )


def people(nights, day=NEXT):
    return [
        i
        for (i,) in nights.rows(
            "select id_no from raw.l1_now order by id_no", day=day
        )
    ]


def ids(town=TOWN):
    return sorted(p.id_no for p in PEOPLE[town])


def bad_rows():
    rows = [labourer(p) for p in PEOPLE[TOWN]]
    rows[1] |= {
        "id_no": rows[1]["id_no"][:-1]
        + ("1" if rows[1]["id_no"][-1] != "1" else "2")
    }  # check digit
    rows[2] |= {"emp_intent": None}
    return rows


@pytest.mark.parametrize("name", ["L1.xlsx", "劳动力（改好）.xlsx"])
@pytest.mark.parametrize("part", ["whole", "rows"])
def test_a_return_workbook_that_comes_back_mends_its_rows(nights, name, part):
    nights.put(TOWN, "L1.xlsx", workbook("L1", bad_rows()))
    nights.take_in()
    book = returned(nights.answer(), "L1.xlsx")
    assert nights.statuses()["L1.xlsx"][2:] == (10, 8, 2, 0)
    page = book["名单"]
    first, second = PEOPLE[TOWN][1], PEOPLE[TOWN][2]
    cell(page, row_of(page, first), "身份证号").value = first.id_no
    cell(page, row_of(page, second), "就业意向").value = "县内"
    if part == "rows":
        keep = {row_of(page, first), row_of(page, second)}
        for row_no in range(page.max_row, header(page, "身份证号").row, -1):
            if row_no not in keep:
                page.delete_rows(row_no)
    nights.put(TOWN, name, saved(book))
    nights.take_in(NEXT)
    assert people(nights) == ids()
    ((number,),) = nights.rows("select max(submission_id) from ops.submission")
    closed = nights.rows(
        "select distinct rule, closed_by, closed_on from ops.finding where verdict = 'Q' order by rule"
    )
    assert {(b, d) for _, b, d in closed} == {(number, NEXT)}
    status = nights.statuses()[name]
    assert status[0] == "loaded"
    assert status[2:] == ((10, 2, 0, 8) if part == "whole" else (2, 2, 0, 0))
    assert not [f for f in nights.findings(name) if f[0] in ("F10", "F15")]


def test_a_row_that_is_still_wrong_keeps_its_finding_until_it_is_right(nights):
    nights.put(TOWN, "L1.xlsx", workbook("L1", bad_rows()))
    nights.take_in()
    book = returned(nights.answer(), "L1.xlsx")
    nights.put(TOWN, "又报.xlsx", saved(book))
    nights.take_in(NEXT)
    still = (
        "select s.file_name, count(distinct f.row_id), min(f.opened_on) from ops.finding as f"
        " inner join ops.submission as s using (submission_id) where f.verdict = 'Q' and f.closed_on is null"
        " and s.undone_at is null group by 1"
    )
    # open once, in the newest file, and as long as it has been
    assert nights.rows(still) == [("又报.xlsx", 2, DAY)]
    outbox = nights.answer(NEXT)
    numbers = nights.rows(
        "select receipt_no from ops.submission where unit_code = %s order by submission_id",
        TOWN,
    )
    earlier, again = (number for (number,) in numbers)
    receipt = (outbox / COUNTY / TOWN / f"{again}.txt").read_text("utf-8")
    assert (
        f"{earlier}中退回的行，有2行又报来仍有问题，改由本回执继续跟踪。"
        in receipt
    )
    with closing(connect(nights.settings)) as conn:
        (told,) = trace(conn, earlier)
    assert told.page().count(f"又报来仍有问题，由 {again} 继续跟踪") == sum(
        f.verdict == "Q" for f in told.findings
    )
    page = (book := returned(outbox, "又报.xlsx"))["名单"]
    first, second = PEOPLE[TOWN][1], PEOPLE[TOWN][2]
    cell(page, row_of(page, first), "身份证号").value = first.id_no
    cell(page, row_of(page, second), "就业意向").value = "县内"
    later = NEXT + timedelta(days=1)
    nights.put(TOWN, "第三次.xlsx", saved(book))
    nights.take_in(later)
    assert nights.rows(
        "select count(*) from ops.finding where verdict = 'Q' and closed_on is null"
    ) == [(0,)]
    assert people(nights, later) == ids()
    # the second file taken back: the third has put right what the first one had sent back
    with closing(connect(nights.settings)) as conn:
        undo(conn, submission_of(conn, again))
        conn.commit()
    assert nights.rows(still) == [("L1.xlsx", 2, DAY)]
    nights.take_in(later)
    assert (nights.rows(still), people(nights, later)) == ([], ids())


def test_a_person_who_was_typed_over_is_not_forgotten(nights):
    nights.put(TOWN, "L1.xlsx", workbook("L1", bad_rows()[:6]))
    nights.take_in()
    book = returned(nights.answer(), "L1.xlsx")
    page = book["名单"]
    fine, bad, proposed = PEOPLE[TOWN][0], PEOPLE[TOWN][2], PEOPLE[TOWN][1]
    others = dict(zip((fine, bad, proposed), PEOPLE[TOWN][6:9], strict=True))
    for old, new in others.items():
        place = row_of(page, old)
        for name, value in labourer(new).items():
            cell(
                page, place, load_contracts()["L1"].column(name).header
            ).value = value
    cell(page, row_of(page, others[proposed]), ADVICE_HEADER).value = "同意"
    nights.put(TOWN, "又报.xlsx", saved(book))
    nights.take_in(NEXT)
    still = [f for f in nights.findings("L1.xlsx") if f[1] == "Q" and f[3]]
    assert {row for _, _, row, _ in still} == {
        row_of(page, others[bad]),
        row_of(page, others[proposed]),
    }
    assert people(nights) == sorted(
        {p.id_no for p in [*PEOPLE[TOWN][:1], *PEOPLE[TOWN][3:9]]}
    )
    told = [
        (r, v)
        for r, v, row, _ in nights.findings("又报.xlsx")
        if row and r != "X03"
    ]  # another household
    assert told == [("X16", "W")] * 3


def test_an_answer_accepts_a_proposal_with_its_reference_alone(nights):
    nights.put(TOWN, "L1.xlsx", workbook("L1", bad_rows()[:3]))
    nights.take_in()
    book = returned(nights.answer(), "L1.xlsx")
    page, person = book["名单"], PEOPLE[TOWN][1]
    place = row_of(page, person)
    suggested = f"系统推测是“{person.id_no[:4]}**********{person.id_no[-4:]}”"
    assert suggested in cell(page, place, ADVICE_HEADER).value
    assert suggested not in str(
        nights.rows("select message, facts from ops.finding")
    )
    assert "“修改意见”整格改成“同意”" in "".join(
        str(c.value) for (c,) in book["校验报告"]["A1:A30"]
    )
    cell(page, place, ADVICE_HEADER).value = "同意"
    reference = cell(page, place, REFERENCE_HEADER).value
    cell(page, place, REFERENCE_HEADER).value = "r:不知道"
    nights.put(TOWN, "a.xlsx", saved(book))
    nights.take_in(NEXT)
    assert person.id_no not in people(nights)
    cell(page, place, REFERENCE_HEADER).value = reference
    nights.put(TOWN, "b.xlsx", saved(book))
    nights.take_in(NEXT)
    assert person.id_no in people(nights)


def test_a_return_workbook_of_a_csv_comes_back_too(nights):
    rows = bad_rows()
    page = openpyxl.load_workbook(io.BytesIO(workbook("L1", rows))).active
    lines = [
        ",".join("" if v is None else str(v).split(" ")[0] for v in row)
        for row in page.values
    ]
    nights.put(TOWN, "L1.csv", "\n".join(lines).encode("gb18030"))
    nights.take_in()
    book = returned(nights.answer(), "L1.csv")
    page = book.worksheets[1]
    first, second = PEOPLE[TOWN][1], PEOPLE[TOWN][2]
    cell(page, row_of(page, first), "身份证号").value = first.id_no
    cell(page, row_of(page, second), "就业意向").value = "县内"
    nights.put(TOWN, "L1.csv.校验.xlsx", saved(book))
    nights.take_in(NEXT)
    assert people(nights) == ids()
    assert nights.rows(
        "select count(*) from ops.finding where verdict = 'Q' and closed_on is null"
    ) == [(0,)]


def test_vanished_people_stay_until_the_clerk_takes_them_out(nights):
    rows = [labourer(p) for p in PEOPLE[TOWN]]
    nights.put(TOWN, "L1.xlsx", workbook("L1", rows))
    nights.take_in()
    nights.put(
        TOWN, "L1.xlsx", workbook("L1", rows[:7], filled=date(2017, 11, 16))
    )
    nights.take_in(NEXT)
    assert ("F10", "W", None, True) in nights.findings("L1.xlsx")
    assert nights.rows(
        "select facts ->> 'n' from ops.finding where rule = 'F10'"
    ) == [("3",)]
    assert people(nights) == ids()
    book = returned(nights.answer(NEXT), "L1.xlsx")
    page = book[VANISHED_SHEET]
    gone, forgotten = PEOPLE[TOWN][8], PEOPLE[TOWN][9]
    assert page.column_dimensions[
        header(page, REFERENCE_HEADER).column_letter
    ].hidden
    assert row_of(page, forgotten)
    cell(page, row_of(page, gone), ADVICE_HEADER).value = "删除"
    nights.put(TOWN, "L1.xlsx", saved(book))
    later = NEXT + timedelta(days=1)
    nights.take_in(later)
    assert people(nights, later) == sorted(set(ids()) - {gone.id_no})
    assert people(nights, NEXT) == ids()  # as of the night before
    assert nights.statuses()["L1.xlsx"] == ("loaded", None, 10, 0, 0, 10)
    nights.put(
        TOWN,
        "再报.xlsx",
        workbook("L1", [labourer(gone)], filled=date(2017, 11, 21)),
    )
    last = later + timedelta(days=1)
    nights.take_in(last)
    assert gone.id_no in people(nights, last)


def test_a_bad_row_marked_for_deletion_is_not_asked_for_again(nights):
    nights.put(TOWN, "L1.xlsx", workbook("L1", bad_rows()))
    nights.take_in()
    book = returned(nights.answer(), "L1.xlsx")
    page = book["名单"]
    cell(page, row_of(page, PEOPLE[TOWN][1]), ADVICE_HEADER).value = "删除"
    nights.put(TOWN, "L1.xlsx", saved(book))
    nights.take_in(NEXT)
    assert nights.statuses()["L1.xlsx"] == ("partly_loaded", None, 10, 0, 1, 9)
    open_rows = nights.rows(
        "select distinct row_no from ops.finding where verdict = 'Q' and closed_on is null"
    )
    assert open_rows == [(row_of(page, PEOPLE[TOWN][2]),)]


def test_a_guessed_header_that_a_clerk_confirms_is_not_asked_again(nights):
    rows = [labourer(p) for p in PEOPLE[TOWN]]
    nights.put(
        TOWN,
        "L1.xlsx",
        workbook("L1", rows, headers={"verified_on": "何时上门核对"}),
    )
    nights.take_in()
    assert [f for f in nights.findings("L1.xlsx") if f[0] == "L04"]
    book = returned(nights.answer(), "L1.xlsx")
    page = book[REPORT_SHEET]
    label = header(page, CONFIRM_LABEL)
    page.cell(label.row + 1, label.column).value = "是"
    nights.put(TOWN, "回复.xlsx", saved(book))
    nights.take_in(NEXT)
    assert not [f for f in nights.findings("回复.xlsx") if f[0] == "L04"]
    assert not [
        f for f in nights.findings("L1.xlsx") if f[0] == "L04" and f[3]
    ]
    later = NEXT + timedelta(days=1)
    rows = [labourer(p, emp_status="就业") for p in PEOPLE[TOWN]]
    nights.put(
        TOWN,
        "下次.xlsx",
        workbook("L1", rows, headers={"verified_on": "何时上门核对"}),
    )
    nights.put(
        OTHER,
        "别处.xlsx",
        workbook(
            "L1",
            [labourer(p) for p in PEOPLE[OTHER]],
            headers={"verified_on": "何时上门核对"},
        ),
    )
    nights.take_in(later)
    assert not [f for f in nights.findings("下次.xlsx") if f[0] == "L04"]
    assert [f for f in nights.findings("别处.xlsx") if f[0] == "L04"]
