"""Files are answered by what is known since they were judged: the answers are those of a second reading."""

import io
import json
import shutil
import zipfile
from contextlib import closing

import openpyxl
import pytest
from nights import COUNTY, PEOPLE, TOWNS, labourer, work, workbook
from yiku.contracts import load_contracts
from yiku.formats.return_marks import CONFIRM_LABEL, REPORT_SHEET
from yiku.intake.arrival import sender_key
from yiku.pipeline import replies
from yiku.warehouse.connection import connect

TOWN, OTHER = list(TOWNS)
GUESSED = "何时上门核对"
_WRITTEN_AT = "docProps/core.xml"


NAMES = list(labourer(PEOPLE[TOWN][0]))


def wrong_number(number):
    last = "1" if number[-1] != "1" else "2"
    return number[:-1] + last


def bad_rows(town):
    rows = [labourer(person) for person in PEOPLE[town]]
    rows[1]["id_no"] = wrong_number(rows[1]["id_no"])
    rows[2]["emp_intent"] = None
    rows[3]["phone"] = "不详"
    rows[4]["village_name"] = "没有这个村"
    return rows


def as_csv(rows):
    contract = load_contracts()["L1"]
    lines = [",".join(contract.column(name).header for name in NAMES)]
    for row in rows:
        lines.append(",".join(str(row[name] or "") for name in NAMES))
    return "\n".join(lines).encode("gb18030")


def two_on_a_sheet(rows):
    """Return a workbook with two tables of one list, one below the other, and a sheet that says nothing."""
    book = openpyxl.load_workbook(io.BytesIO(workbook("L1", rows[:5])))
    page = book["名单"]
    header = [cell.value for cell in page[3]]
    for row in rows[5:]:
        # Blank lines before the second header end the first table.
        if row is rows[5]:
            for line in ([], [], ["贫困劳动力基础信息"], header):
                page.append(line)
        page.append([row[name] for name in NAMES])
    book.create_sheet("说明")["A1"] = "仅供参考"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FILES = {
    "L1.xlsx": lambda: workbook("L1", bad_rows(TOWN)),
    "两张表.xlsx": lambda: two_on_a_sheet(bad_rows(TOWN)),
    "文本.csv": lambda: as_csv(bad_rows(TOWN)),
    "猜的表头.xlsx": lambda: workbook(
        "L1", bad_rows(TOWN), headers={"verified_on": GUESSED}
    ),
    "外出.xlsx": lambda: workbook(
        "L3", [work(person, start_on="去年") for person in PEOPLE[TOWN]]
    ),
    # Kept as 12345, read as 12345.0: the answer tells the second.
    "数字.xlsx": lambda: workbook(
        "L1", [labourer(person, phone=12345) for person in PEOPLE[TOWN]]
    ),
}
READ_AGAIN = {"数字.xlsx"}


def parts_of(folder):
    """Return the bytes of every part of every workbook, and of every other file, but for when it was written."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as package:
                for name in package.namelist():
                    if name != _WRITTEN_AT:
                        found[path.name, name] = package.read(name)
        elif path.is_file():
            found[path.name, ""] = path.read_bytes()
    return found


def forget(nights, whereabouts):
    with closing(connect(nights.settings)) as conn:
        conn.execute("update ops.submission set answered_at = null")
        conn.execute(f"update ops.submission_sheet set {whereabouts}")
        conn.commit()


def answered_again(nights):
    outbox = nights.settings.outbox
    shutil.rmtree(outbox)
    return parts_of(nights.answer())


def kept(nights):
    rows = nights.rows(
        "select s.file_name, h.whereabouts from ops.submission_sheet as h"
        " join ops.submission as s using (submission_id) where s.unit_code = %s",
        TOWN,
    )
    return [(name, stood) for name, stood in rows if stood]


def test_answers_are_those_of_a_second_reading(nights, monkeypatch):
    for name, content in FILES.items():
        nights.put(TOWN, name, content())
    nights.take_in()
    first = parts_of(nights.answer())
    # Nothing of a person is kept to that end.
    text = json.dumps(kept(nights), ensure_ascii=False)
    for person in PEOPLE[TOWN]:
        assert person.name not in text
        assert person.id_no[:14] not in text
    assert {name for name, _ in kept(nights)} == set(FILES)
    read = []
    monkeypatch.setattr(
        replies, "each_apart", lambda work, items, _: list(map(work, items))
    )
    again = replies.read_again
    monkeypatch.setattr(
        replies,
        "read_again",
        lambda source, name, *rest: (
            read.append(name) or again(source, name, *rest)
        ),
    )
    forget(nights, "part = part")
    assert answered_again(nights) == first
    assert set(read) == READ_AGAIN
    read.clear()
    # Kept by another version of ours it is worth nothing.
    forget(nights, "whereabouts_version = 'another'")
    assert answered_again(nights) == first
    assert set(FILES) <= set(read)
    read.clear()
    forget(nights, "whereabouts = null")
    assert answered_again(nights) == first
    assert set(FILES) <= set(read)


@pytest.mark.parametrize("says_so", [True, False])
def test_what_was_confirmed_since_is_not_asked(nights, says_so):
    name = "猜的表头.xlsx"
    nights.put(TOWN, name, FILES[name]())
    nights.take_in()
    if says_so:
        with closing(connect(nights.settings)) as conn:
            conn.execute(
                "insert into ops.header_confirmation (unit_code, template, header, field, submission_id)"
                " select %s, 'L1', %s, 'verified_on', max(submission_id) from ops.submission",
                (sender_key(COUNTY, TOWN), GUESSED),
            )
            conn.commit()
    folder = nights.answer() / COUNTY / TOWN
    book = openpyxl.load_workbook(folder / f"{name}.校验.xlsx")
    report = [cell.value for row in book[REPORT_SHEET] for cell in row]
    assert (CONFIRM_LABEL in report) == (not says_so)
