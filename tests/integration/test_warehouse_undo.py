"""Taking a submission back, and following what became of one."""

from datetime import UTC, date, datetime

import pytest
from yiku.warehouse.arrivals import waiting
from yiku.warehouse.pull import pull
from yiku.warehouse.reprocessing import queued_before
from yiku.warehouse.trace import trace
from yiku.warehouse.undo import (
    UnknownSubmissionError,
    is_reference,
    submission_of,
    undo,
)

DAY = date(2017, 11, 20)


def submission(conn, number, status="loaded", **more):
    columns = {
        "business_date": DAY,
        "county_code": "510802",
        "unit_code": "510802101",
        "file_name": f"{number}.xlsx",
    }
    columns |= {
        "sha256": str(number),
        "archive_key": "x",
        "size_bytes": 1,
        "receipt_no": f"R{number}",
    }
    columns |= {
        "status": status,
        "processed_at": datetime(2090, 1, number, tzinfo=UTC),
        **more,
    }
    row = conn.execute(
        f"insert into ops.submission ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))})"
        " returning submission_id",
        list(columns.values()),
    ).fetchone()
    conn.commit()
    return row[0]


def finding(conn, number, rule, **more):
    columns = {
        "submission_id": number,
        "rule": rule,
        "verdict": "Q",
        "message": f"说明{rule}",
        **more,
    }
    conn.execute(
        f"insert into ops.finding ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))})",
        list(columns.values()),
    )
    conn.commit()


def sheet(conn, number, template):
    conn.execute(
        "insert into ops.submission_sheet (submission_id, template, status) values (%s, %s, 'loaded')",
        (number, template),
    )
    conn.commit()


def replayed(conn):
    return [
        r[0]
        for r in conn.execute(
            "select submission_id from ops.submission where replay order by 1"
        )
    ]


def test_what_was_judged_beside_it_is_judged_again(warehouse, settings):
    gone, beside, plain = (submission(warehouse, n) for n in (1, 2, 3))
    finding(warehouse, beside, "X02")
    finding(warehouse, plain, "I01")
    overtaken = submission(warehouse, 4, rows_read=1, rows_dropped=1)
    assert undo(warehouse, gone) == {
        "already": False,
        "reopened": 0,
        "replayed": 2,
    }
    assert replayed(warehouse) == [beside, overtaken]
    # What is to be judged again comes before the batches of new files.
    assert sorted(queued_before(warehouse, DAY)) == [beside, overtaken]
    assert waiting(warehouse, settings, DAY) == []


def test_after_a_reference_list_its_whole_county_is_judged_again(warehouse):
    gone, here = submission(warehouse, 1), submission(warehouse, 2)
    submission(warehouse, 3, county_code="510821")
    sheet(warehouse, gone, "H02")
    undo(warehouse, gone)
    assert replayed(warehouse) == [here]


def test_findings_that_it_closed_are_open_again(warehouse):
    first, mender = submission(warehouse, 1), submission(warehouse, 2)
    finding(warehouse, first, "R01", closed_by=mender, closed_on=DAY)
    assert undo(warehouse, mender)["reopened"] == 1
    assert warehouse.execute(
        "select closed_by, closed_on from ops.finding"
    ).fetchone() == (None, None)


def test_the_first_copy_takes_its_place(warehouse):
    gone = submission(warehouse, 1)
    first = submission(
        warehouse, 2, "duplicate", duplicate_of=gone, reason="F08"
    )
    submission(warehouse, 3, "duplicate", duplicate_of=gone, reason="F08")
    undo(warehouse, gone)
    found = warehouse.execute(
        "select status, reason, duplicate_of from ops.submission order by submission_id"
    ).fetchall()
    assert found[1:] == [("received", None, None), ("duplicate", "F08", first)]


def test_undoing_twice_changes_nothing(warehouse):
    gone = submission(warehouse, 1)
    undo(warehouse, gone)
    assert undo(warehouse, gone)["already"]


def test_an_unknown_submission_is_said(warehouse):
    with pytest.raises(UnknownSubmissionError, match="77"):
        undo(warehouse, 77)


def test_the_same_bytes_sent_again_after_an_undo_are_taken_in(
    warehouse, settings, tmp_path
):
    path = tmp_path / "510802" / "510802101"
    path.mkdir(parents=True)
    (path / "a.csv").write_bytes(b"1")
    (work,) = pull(warehouse, settings, str(tmp_path), DAY).work
    undo(warehouse, work.submission_id)
    assert (
        pull(warehouse, settings, str(tmp_path), DAY).new == 0
    )  # it lies where it lay
    (path / "b.csv").write_bytes(b"1")
    assert pull(warehouse, settings, str(tmp_path), DAY).new == 1


@pytest.mark.parametrize(
    "reference", ["R1", "1.xlsx", "x/y/1.xlsx", "1.xlsx.校验.xlsx"]
)
def test_a_file_is_found_by_receipt_and_by_name(warehouse, reference):
    number = submission(
        warehouse,
        1,
        "partly_loaded",
        rows_read=3,
        rows_loaded=2,
        rows_quarantined=1,
    )
    submission(warehouse, 2)
    (found,) = trace(warehouse, reference)
    assert found.submission_id == number


def test_a_trace_tells_rows_findings_and_what_closed_them(warehouse):
    number = submission(
        warehouse,
        1,
        "partly_loaded",
        rows_read=3,
        rows_loaded=2,
        rows_quarantined=1,
    )
    mender = submission(warehouse, 2)
    sheet(warehouse, number, "L3")
    warehouse.cursor().executemany(
        "insert into raw.l3 (row_id, submission_id, sheet, part, row_no, fate, fate_rule)"
        " values (gen_random_uuid(), %s, 'Sheet1', 0, %s, %s, %s)",
        [
            (number, 3, "loaded", None),
            (number, 4, "loaded", None),
            (number, 5, "quarantined", "I01"),
        ],
    )
    finding(
        warehouse, number, "I01", row_no=5, closed_by=mender, closed_on=DAY
    )
    (found,) = trace(warehouse, "R1")
    page = found.page()
    assert "第3-4行 已入库" in page
    assert "第5行 已退回（I01）" in page
    assert "［2017-11-20 已由 R2 更正］" in page
    assert found.as_dict()["rows"][2]["fate"] == "quarantined"


def test_nothing_is_found_for_a_name_that_never_came(warehouse):
    assert trace(warehouse, "没来过.xlsx") == []


def test_a_submission_is_named_by_its_receipt_or_its_number(warehouse):
    number = submission(warehouse, 1, receipt_no="R20171120-510802101-0007")
    assert submission_of(warehouse, "R20171120-510802101-0007") == number
    assert submission_of(warehouse, f" {number} ") == number
    assert is_reference("R20171120-510802101-0007")
    assert is_reference(str(number))
    assert not is_reference("a.xlsx")
    for unknown in (
        "R20171120-510802101-0008",
        "999999",
        "99999999999999999999"[:18],
    ):
        with pytest.raises(UnknownSubmissionError):
            submission_of(warehouse, unknown)
