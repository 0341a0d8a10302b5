"""Loading a file: one transaction, replaced by a second run, faithful to every odd value."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import psycopg
import pytest
from yiku.checking.findings import (
    Counts,
    FileOutcome,
    Finding,
    RowFate,
    SheetOutcome,
)
from yiku.contracts.contract_files import load_contracts
from yiku.intake.arrival import Arrival
from yiku.intake.file_read import FileRead
from yiku.tables.table import Reading, SheetMetadata, Table, Unread
from yiku.warehouse.load import (
    FindingRow,
    Loading,
    load_files,
    row_ids,
    withdraw_rows,
)
from yiku.warehouse.resolution import close_mended, sent_beside
from yiku.warehouse.settled import Settled, TableRows
from yiku.warehouse.trace import trace

DAY = date(2017, 11, 20)
ODD = 'tab\there "quoted" back\\slash\nnew line \\N nul\x00 end'


def submission(conn, receipt="R1", day=DAY, **more):
    columns = {
        "business_date": day,
        "county_code": "510802",
        "unit_code": "510802101",
        "file_name": "a.xlsx",
    }
    columns |= {
        "sha256": receipt,
        "archive_key": receipt,
        "size_bytes": 1,
        "receipt_no": receipt,
        **more,
    }
    places = ", ".join(["%s"] * len(columns))
    row = conn.execute(
        f"insert into ops.submission ({', '.join(columns)}) values ({places}) returning submission_id",
        list(columns.values()),
    ).fetchone()
    conn.commit()
    return row[0]


def frame(rows):
    columns = [
        *load_contracts()["L3"].names,
        "row_no",
        "key",
        "content_hash",
        "fill_date",
        "received_at",
        "person_sk",
        "version",
    ]
    return pd.DataFrame(
        [{c: r.get(c) for c in columns} for r in rows],
        columns=columns,
        dtype=object,
    )


def settled(number, rows, fates, status="loaded", lines=None, unread=0):
    """Return a file with one sheet of L3, as a batch hands it over."""
    fates = [RowFate(*fate) for fate in fates]
    counts = Counts.of(fates)
    sheet = SheetOutcome(
        "Sheet1", 0, "L3", "2017-11", status, None, counts, fates
    )
    arrival = Arrival(
        number,
        "510802",
        "510802101",
        "a.xlsx",
        "a.xlsx",
        datetime.now(UTC),
    )
    table = Table(
        "Sheet1",
        0,
        "L3",
        (4, 4),
        {},
        [],
        {},
        SheetMetadata(),
        line_counts=lines or {},
    )
    reading = Reading(
        "xlsx", [table], [Unread("封面", "notes", lines=unread)], None, "g"
    )
    return Settled(
        FileRead(arrival, reading=reading),
        FileOutcome(number, status, None, "L3", "2017-11", counts, (sheet,)),
        [TableRows(sheet, frame(rows))],
    )


def finding(rule, verdict, message, row_no=None, row_id=None, facts=None):
    said = Finding(0, None, row_no, None, rule, verdict, facts or {})
    return FindingRow(said, message, row_id)


def load(conn, number, rows, fates=None, findings=(), status="loaded"):
    file = settled(
        number, rows, fates or [("loaded", None)] * len(rows), status
    )
    load_files(conn, [Loading(file, list(findings))], DAY)
    conn.commit()


def row(number, key="k", **more):
    received = datetime(2017, 11, 20, 1, number % 60, tzinfo=UTC)
    version = str(more.get("fill_date", more.get("received_at", received)))
    return {
        "row_no": number,
        "key": key,
        "content_hash": "c",
        "received_at": received,
        "version": version,
        **more,
    }


def now(conn):
    return [
        r[0]
        for r in conn.execute("select row_no from raw.l3_now order by row_no")
    ]


@pytest.fixture
def night(warehouse):
    warehouse.execute(
        "insert into ops.night (business_date) values (%s)", (DAY,)
    )
    warehouse.commit()
    return warehouse


def test_every_kind_of_value_arrives_as_it_was(night):
    number = submission(night)
    load(
        night,
        number,
        [
            row(
                5,
                name=ODD,
                wage_yuan=Decimal("3000.50"),
                start_on=date(2017, 3, 1),
            ),
            row(6, wage_yuan=float("nan")),
        ],
    )
    found = night.execute(
        "select name, wage_yuan, start_on from raw.l3 order by row_no"
    ).fetchall()
    assert found == [
        (ODD.replace("\x00", ""), Decimal("3000.50"), date(2017, 3, 1)),
        (None, None, None),
    ]


def test_loading_again_replaces_and_changes_nothing_else(night):
    number = submission(night)
    for _ in range(2):
        load(
            night,
            number,
            [row(5), row(6, key="j")],
            [("loaded", None), ("quarantined", "I01")],
            [
                finding(
                    "I01",
                    "Q",
                    "身份证号",
                    row_no=6,
                    facts={"header": "身份证号", "value": "secret"},
                )
            ],
            "partly_loaded",
        )
    assert night.execute("select count(*) from raw.l3").fetchone() == (2,)
    assert night.execute("select rule, facts from ops.finding").fetchall() == [
        ("I01", {"header": "身份证号"})
    ]
    assert night.execute(
        "select rows_read, rows_loaded, rows_quarantined from ops.submission_sheet"
    ).fetchall() == [(2, 1, 1)]
    assert night.execute(
        "select status, rows_read from ops.submission"
    ).fetchone() == (
        "partly_loaded",
        2,
    )


def test_the_classes_of_a_files_lines_stand_in_the_ledger(night):
    number = submission(night)
    lines = {"data": 1, "header": 1, "title": 2, "total": 1, "footer": 2}
    file = settled(number, [row(5)], [("loaded", None)], lines=lines, unread=4)
    load_files(night, [Loading(file)], DAY)
    told = night.execute(
        "select line_counts, rows_left_out from ops.submission_sheet"
    ).fetchone()
    assert told == (lines, 3)
    assert night.execute(
        "select line_counts, rows_left_out from ops.submission"
    ).fetchone() == (file.file.lines, 7)
    assert (
        "未作为数据行读取：合计行1行、签名行2行、未识别工作表的行4行"
        in trace(night, str(number))[0].page()
    )


def test_a_fault_leaves_nothing_of_the_file(night):
    number = submission(night)
    with pytest.raises(psycopg.Error):
        load(
            night,
            number,
            [row(5)],
            findings=[finding("I01", "?", "not a verdict")],
        )
    night.rollback()
    assert night.execute("select count(*) from raw.l3").fetchone() == (0,)
    assert night.execute("select status from ops.submission").fetchone() == (
        "received",
    )


def test_of_each_key_the_latest_version_counts(night):
    old, new = submission(night, "R1"), submission(night, "R2")
    load(night, new, [row(7, fill_date=date(2017, 11, 1))])
    load(
        night,
        old,
        [
            row(8, fill_date=date(2017, 10, 1)),
            row(9, key=None),
            row(10, key=None),
        ],
    )
    assert now(night) == [7, 9, 10]
    night.execute(
        "update ops.submission set undone_at = now() where submission_id = %s",
        (new,),
    )
    assert now(night) == [8, 9, 10]


def test_what_came_after_the_night_does_not_count(night):
    load(night, submission(night, "R1", date(2017, 11, 21)), [row(5)])
    assert now(night) == []


def test_a_row_that_a_clerk_withdrew_is_gone_until_it_comes_again(night):
    first, second, third = (
        submission(
            night, f"R{i}", received_at=datetime(2017, 11, 20, i, tzinfo=UTC)
        )
        for i in (1, 2, 3)
    )
    load(night, first, [row(5)])
    withdraw_rows(night, second, [("L3", "k", 5, None)])
    assert now(night) == []
    load(
        night, third, [row(6, received_at=datetime(2017, 11, 21, tzinfo=UTC))]
    )
    assert now(night) == [6]


def test_rows_that_share_a_number_have_ids_of_their_own_that_stay():
    ids = row_ids(1, None, 0, [5, 5, 6])
    assert len(set(ids)) == 3
    assert ids == row_ids(1, None, 0, [5, 5, 6])
    assert ids[0] != row_ids(2, None, 0, [5])[0]


def test_findings_are_closed_by_the_submission_that_mends_them(night):
    first, second = submission(night, "R1"), submission(night, "R2")
    reference = row_ids(first, "Sheet1", 0, [5])[0]
    load(
        night,
        first,
        [row(5)],
        [("quarantined", "R01")],
        [finding("R01", "Q", "缺", row_no=5, row_id=reference)],
    )
    load(night, second, [row(5)])
    beside = sent_beside(night, [second])[second]
    contract = load_contracts()["L3"]
    assert close_mended(night, second, contract, [reference], DAY, beside) == 1
    assert night.execute(
        "select closed_by, closed_on from ops.finding"
    ).fetchone() == (
        second,
        DAY,
    )
    load(night, second, [row(5)])
    assert night.execute("select closed_by from ops.finding").fetchone() == (
        None,
    )
