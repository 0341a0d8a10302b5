"""Pulling: every file gets one line and one receipt, whatever it is and however often the night runs."""

import io
import shutil
import unicodedata
import zipfile
from datetime import date

import fsspec
import pytest
from yiku.warehouse.pull import pull
from yiku.warehouse.registration import revive_copies
from yiku.warehouse.undo import undo

DAY = date(2017, 11, 20)
TOWN, OTHER = "510802/510802101 大石镇", "510802/510802100"


@pytest.fixture
def inbox(tmp_path):
    class Inbox:
        def put(self, path, data=b"x"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)

        def __str__(self):
            return str(tmp_path)

    return Inbox()


def ledger(conn, columns="file_name, status"):
    return conn.execute(
        f"select {columns} from ops.submission order by submission_id"
    ).fetchall()


def zipped(*files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, data in files:
            bundle.writestr(name, data)
    return buffer.getvalue()


def test_a_night_run_twice_takes_everything_in_once(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/a.csv", b"1")
    inbox.put("510802/county/b.csv", b"2")
    first, second = (
        pull(warehouse, settings, str(inbox), DAY) for _ in range(2)
    )
    assert (first.new, second.new, second.unchanged) == (2, 0, 2)
    assert [w.receipt_no for w in first.work] == [
        "R20171120-510802101-0001",
        "R20171120-510802-0001",
    ]
    assert second.work == first.work
    with open(first.work[0].source, "rb") as kept:
        assert kept.read() == b"1"


def test_what_is_settled_is_not_read_again(warehouse, settings, inbox):
    inbox.put(f"{TOWN}/a.csv")
    pull(warehouse, settings, str(inbox), DAY)
    warehouse.execute("update ops.submission set status = 'loaded'")
    assert pull(warehouse, settings, str(inbox), DAY).work == []


def test_the_same_bytes_elsewhere_are_a_duplicate_with_the_old_receipt(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/a.csv")
    inbox.put(f"{TOWN}/b.csv")
    result = pull(warehouse, settings, str(inbox), DAY)
    assert (result.new, result.duplicates, len(result.work)) == (1, 1, 1)
    assert ledger(warehouse, "status, reason, rows_read") == [
        ("received", None, 0),
        ("duplicate", "F08", 0),
    ]
    (message,) = warehouse.execute(
        "select message from ops.finding"
    ).fetchone()
    assert "R20171120-510802101-0001" in message
    assert "2017-11-20" in message


def test_new_content_under_an_old_name_is_a_new_submission(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/a.csv", b"1")
    pull(warehouse, settings, str(inbox), DAY)
    inbox.put(f"{TOWN}/a.csv", b"22")
    assert pull(warehouse, settings, str(inbox), DAY).new == 1


MOVES = {
    "another path": lambda old, new: shutil.move(old, new),
    "another mount": lambda old, new: shutil.copytree(old, new),
    "a link": lambda old, new: new.symlink_to(old),
    "folders renamed": lambda old, new: shutil.copytree(
        old / TOWN, new / "510802 利州区/510802101"
    ),
    "moved within the unit": lambda old, new: shutil.copytree(
        old / TOWN, new / TOWN / "十一月"
    ),
    "another spelling": lambda old, new: [
        (new / TOWN).mkdir(parents=True),
        *(
            shutil.copy(
                p, new / TOWN / unicodedata.normalize("NFD", f"{p.stem}.CSV")
            )
            for p in old.rglob("*.csv")
        ),
    ],
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(
    "spell",
    [str, "file://{}".format, "{}/".format],
    ids=["path", "url", "slash"],
)
def test_an_inbox_that_moved_holds_what_it_held(
    warehouse, settings, tmp_path, move, spell
):
    old, new = tmp_path / "旧", tmp_path / "新"
    (old / TOWN).mkdir(parents=True)
    (old / TOWN / "é一.csv").write_bytes(b"1")
    (old / TOWN / "é二.csv").write_bytes(b"2")
    first, _ = pull(warehouse, settings, str(old), DAY).work
    undo(warehouse, first.submission_id)
    MOVES[move](old, new)
    moved = pull(warehouse, settings, spell(new), DAY)
    assert (moved.new, moved.duplicates, moved.unchanged) == (0, 0, 2)
    assert len(ledger(warehouse)) == 2
    next(new.rglob("*二*")).write_bytes(b"3")
    assert pull(warehouse, settings, spell(new), DAY).new == 1


def test_an_inbox_that_moved_to_another_kind_of_place_holds_what_it_held(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/a.csv", b"1")
    inbox.put("510802/county/b.csv", b"2")
    pull(warehouse, settings, str(inbox), DAY)
    # as rows of before there were places
    warehouse.execute(
        "update ops.inbox_seen set place_hash = null, owner_hash = null where path ~ 'b.csv'"
    )
    files = fsspec.filesystem("memory")
    for path, data in (
        (f"{TOWN}/a.csv", b"1"),
        ("510802/county/b.csv", b"2"),
        (f"{TOWN}/b.csv", b"1"),
    ):
        files.pipe(f"/moved/{path}", data)
    moved = pull(warehouse, settings, "memory://moved", DAY)
    files.rm("/moved", recursive=True)
    assert (moved.new, moved.duplicates, moved.unchanged) == (0, 1, 2)


def test_a_copy_beside_a_file_is_answered_as_a_duplicate(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/a.csv")
    inbox.put(f"{TOWN}/备份/a.csv")
    result = pull(warehouse, settings, str(inbox), DAY)
    assert (result.new, result.duplicates) == (1, 1)


def test_a_file_outside_every_units_folder_is_rejected_and_then_taken_where_it_belongs(
    warehouse, settings, inbox
):
    inbox.put("510802/a.csv")
    assert pull(warehouse, settings, str(inbox), DAY).work == []
    assert ledger(warehouse, "status, reason, receipt_no") == [
        ("rejected", "U01", "R20171120-510802-0001")
    ]
    inbox.put(f"{TOWN}/a.csv")
    assert pull(warehouse, settings, str(inbox), DAY).new == 1


def test_a_copy_of_a_file_in_the_wrong_town_is_read_after_all(
    warehouse, settings, inbox
):
    inbox.put(f"{OTHER}/a.csv")
    inbox.put(f"{TOWN}/a.csv")
    (wrong,) = pull(warehouse, settings, str(inbox), DAY).work
    warehouse.execute(
        "update ops.submission set status = 'held', reason = 'F11' where submission_id = %s",
        (wrong.submission_id,),
    )
    assert len(revive_copies(warehouse, [wrong.submission_id])) == 1
    assert [
        w.unit_code for w in pull(warehouse, settings, str(inbox), DAY).work
    ] == ["510802101"]
    assert warehouse.execute(
        "select count(*) from ops.finding"
    ).fetchone() == (0,)


def test_a_bundle_gives_one_submission_for_each_inner_file(
    warehouse, settings, inbox
):
    inbox.put(
        f"{TOWN}/包.zip",
        zipped(("一.csv", b"1"), ("子/二.csv", b"2"), ("~$一.csv", b"3")),
    )
    result = pull(warehouse, settings, str(inbox), DAY)
    assert ledger(warehouse, "file_name, container") == [
        ("包.zip/一.csv", "包.zip"),
        ("包.zip/子/二.csv", "包.zip"),
    ]
    with open(result.work[1].source, "rb") as kept:
        assert kept.read() == b"2"


def test_a_bundle_that_cannot_be_opened_is_one_submission_for_its_reader(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/包.zip", zipped(("一.csv", b"1"))[:40])
    pull(warehouse, settings, str(inbox), DAY)
    assert ledger(warehouse) == [("包.zip", "received")]


def test_numbers_of_persons_stay_out_of_the_ledger(warehouse, settings, inbox):
    inbox.put(f"{TOWN}/表510802199003079977.csv", b"1")
    inbox.put(f"{TOWN}/表510802199003079985.csv", b"2")
    pull(warehouse, settings, str(inbox), DAY)
    names = [n for n, _ in ledger(warehouse)]
    assert len(set(names)) == 2
    tables = "select count(*) from {} as t where t::text ~ '19900307'"
    for table in ("ops.submission", "ops.finding", "ops.inbox_seen"):
        assert warehouse.execute(tables.format(table)).fetchone() == (0,)
    assert warehouse.execute(
        "select distinct rule from ops.finding"
    ).fetchall() == [("F14",)]


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_night(
    warehouse, settings, inbox, monkeypatch
):
    from yiku.intake.inbox import Inbox

    inbox.put(f"{TOWN}/a.csv")
    monkeypatch.setattr(Inbox, "unchanged", lambda self, file: False)
    assert pull(warehouse, settings, str(inbox), DAY).changing == 1
    assert ledger(warehouse) == []
    monkeypatch.undo()
    assert pull(warehouse, settings, str(inbox), DAY).new == 1


def test_what_an_earlier_night_left_unread_is_still_to_be_read(
    warehouse, settings, inbox
):
    inbox.put(f"{TOWN}/a.csv")
    pull(warehouse, settings, str(inbox), date(2017, 11, 19))
    assert len(pull(warehouse, settings, str(inbox), DAY).work) == 1
    assert pull(warehouse, settings, str(inbox), date(2017, 11, 18)).work == []


def test_an_inbox_that_is_not_there_is_said(warehouse, settings, tmp_path):
    with pytest.raises(FileNotFoundError):
        pull(warehouse, settings, str(tmp_path / "nowhere"), DAY)


def test_the_inbox_is_left_as_it_was(warehouse, settings, inbox, tmp_path):
    inbox.put(f"{TOWN}/a.csv")
    before = {
        p: p.stat().st_mtime_ns
        for p in tmp_path.rglob("*")
        if "home" not in p.parts
    }
    pull(warehouse, settings, str(inbox), DAY)
    assert {
        p: p.stat().st_mtime_ns
        for p in tmp_path.rglob("*")
        if "home" not in p.parts
    } == before
