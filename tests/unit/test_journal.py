"""The journal in the archive: written once, read back in order, for its owner alone."""

import stat
from datetime import UTC, date, datetime, timedelta

import pytest
from yiku.intake.archive import Archive
from yiku.intake.journal import Journal

DAY, LATER = date(2017, 11, 20), date(2017, 11, 21)
MORNING = datetime(2017, 11, 20, 17, tzinfo=UTC)


@pytest.fixture(params=["folder", "memory"])
def journal(request, tmp_path):
    place = (
        str(tmp_path / "archive")
        if request.param == "folder"
        else f"memory://{tmp_path.name}"
    )
    return Journal(Archive.at(place))


def test_what_came_is_read_back_in_the_order_in_which_it_came(journal):
    paths = [
        "510802/510802101 大石镇/名单.xlsx",
        "510802/county/b\udcff.xls",
        "510821/510821100/子/c.csv",
    ]
    for path in paths:
        journal.arrived(path, "ab" * 32, 12, DAY)
    journal.arrived(paths[0], "cd" * 32, 13, LATER)
    journal.arrived(paths[0], "cd" * 32, 13, LATER)
    found = journal.arrivals()
    assert [a.path for a in found] == [*paths, paths[0]]
    assert [(a.business_date, a.sha256[:2], a.size) for a in found[::3]] == [
        (DAY, "ab", 12),
        (LATER, "cd", 13),
    ]


def test_nights_and_what_was_taken_back(journal):
    for number in (2, 1, 2):
        journal.night(
            number,
            DAY + timedelta(days=number),
            MORNING + timedelta(days=number),
            MORNING,
        )
    journal.taken_back("R20171120-510802101-0001", "ab" * 32, MORNING)
    assert [(n.night, n.business_date) for n in journal.nights()] == [
        (1, LATER),
        (2, date(2017, 11, 22)),
    ]
    (back,) = journal.all_taken_back()
    assert (back.receipt_no, back.at) == ("R20171120-510802101-0001", MORNING)


def test_the_key_is_kept_once(journal):
    assert journal.key() is None
    journal.keep_key(b"\x00\xff" * 16)
    journal.keep_key(b"another key")
    assert journal.key() == b"\x00\xff" * 16


def test_nobody_else_looks_into_it(tmp_path):
    journal = Journal(Archive.at(str(tmp_path / "archive")))
    journal.arrived("510802/county/a.xlsx", "ab" * 32, 1, DAY)
    journal.keep_key(b"k" * 32)
    places = [tmp_path / "archive", *(tmp_path / "archive").rglob("*")]
    assert all(stat.S_IMODE(p.stat().st_mode) & 0o077 == 0 for p in places)
