"""Nights that take files from several places and lay the answers down there, each unit's in its own folder alone."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    empty_beside,
    labourer,
    workbook,
)
from yiku import pipeline
from yiku.delivery import lay_down as lay_down_module
from yiku.delivery.lay_down import NotLaidDownError
from yiku.formats.return_marks import ADVICE_HEADER
from yiku.intake import visits
from yiku.notices.facts import facts_of
from yiku.pipeline.rebuild import rebuild
from yiku.warehouse.connection import connect

TOWN, OTHER = list(TOWNS)
NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(visits, "WAITS", ())


@pytest.fixture
def places(nights, tmp_path):
    """Two places: a share with the county's tree, and one that is a town's own."""
    share, own = tmp_path / "share", tmp_path / "own"
    (share / f"{COUNTY} 利州区/{TOWN} 荣山镇").mkdir(parents=True)
    own.mkdir()
    file = tmp_path / "sources.yml"
    file.write_text(
        f"sources:\n"
        f"  - {{name: 共享盘, kind: folder, location: {share}, seen_as: '共享盘 W:'}}\n"
        f"  - {{name: 大石镇网盘, kind: folder, location: {own}, county: '{COUNTY}', unit: '{OTHER}'}}\n",
        "utf-8",
    )
    nights.settings = replace(nights.settings, sources=file)
    return share / f"{COUNTY} 利州区/{TOWN} 荣山镇", own


def bad(town):
    rows = [labourer(person) for person in PEOPLE[town]]
    rows[2] |= {"emp_intent": None}
    return workbook("L1", rows)


def night(nights, day=DAY):
    """Take in, answer and bring back; return what the pull and the bringing said."""
    nights.end()
    pipeline.open_night(nights.settings, day, None)
    pulled = pipeline.pull(nights.settings, day, None)
    pipeline.load_references(nights.settings, day, pulled["reference"])
    for batch in pulled["batches"]:
        pipeline.process_batch(nights.settings, day, batch)
    nights.answer(day)
    return pulled, pipeline.bring_back(nights.settings, day)


def lying(folder):
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
    )


def told(nights, day):
    with closing(connect(nights.settings, day)) as conn:
        return facts_of(conn, day, "/srv/outbox")


def test_each_unit_finds_its_own_answers_where_its_file_lay(nights, places):
    share, own = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    (own / "劳动力.xlsx").write_bytes(bad(OTHER))
    pulled, brought = night(nights)
    assert pulled["new"] == 2
    assert brought == {"delivered": 4, "undelivered": 0}
    for folder, unit in ((share, TOWN), (own, OTHER)):
        assert lying(folder) == [
            "劳动力.xlsx",
            f"退回/{DAY}/R20171120-{unit}-0001.txt",
            f"退回/{DAY}/劳动力.xlsx.校验.xlsx",
        ]
        receipt = (folder / f"退回/{DAY}/R20171120-{unit}-0001.txt").read_text(
            "utf-8"
        )
        other = OTHER if unit == TOWN else TOWN
        assert unit in receipt
        assert other not in receipt
        book = openpyxl.load_workbook(
            folder / f"退回/{DAY}/劳动力.xlsx.校验.xlsx"
        )
        shown = {
            str(value) for page in book for row in page.values for value in row
        }
        assert PEOPLE[unit][2].name in shown
        assert not shown & {person.id_no for person in PEOPLE[other]}
    where = dict(
        nights.rows(
            "select unit_code, place from ops.delivery where kind = 'return_workbook'"
        )
    )
    assert where == {
        TOWN: f"共享盘 W:/{COUNTY} 利州区/{TOWN} 荣山镇/退回/{DAY}/劳动力.xlsx.校验.xlsx",
        OTHER: f"大石镇网盘/退回/{DAY}/劳动力.xlsx.校验.xlsx",
    }
    refs = {
        fact.unit: fact.ref
        for fact in told(nights, DAY)
        if fact.kind == "quarantined"
    }
    assert refs == where
    # once: neither the same night nor the next lays it down again, and none of it is a submission
    assert pipeline.bring_back(nights.settings, DAY)["delivered"] == 0
    pulled, brought = night(nights, NEXT)
    assert (pulled["new"], pulled["duplicates"], brought["delivered"]) == (
        0,
        0,
        0,
    )
    assert (
        len(
            nights.rows(
                "select 1 from ops.submission where source is not null"
            )
        )
        == 2
    )


def test_a_corrected_copy_in_the_folder_of_answers_is_a_submission(
    nights, places
):
    share, _ = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    night(nights)
    answer = share / f"退回/{DAY}/劳动力.xlsx.校验.xlsx"
    book = openpyxl.load_workbook(answer)
    page = book["名单"]
    columns = {
        cell.value: cell.column for row in page["A1:AZ4"] for cell in row
    }
    intent = next(
        column for header, column in columns.items() if "意向" in str(header)
    )
    assert ADVICE_HEADER in columns
    for row in page.iter_rows(min_row=4):
        if row[intent - 1].value is None and row[0].value:
            row[intent - 1].value = "县内"
    out = io.BytesIO()
    book.save(out)
    answer.write_bytes(out.getvalue())
    pulled, brought = night(nights, NEXT)
    assert pulled["new"] == 1
    assert brought["undelivered"] == 0
    # hers stays as she left it
    assert answer.read_bytes() == out.getvalue()
    open_rows = (
        "select 1 from ops.finding where verdict = 'Q' and closed_on is null"
    )
    assert nights.rows(open_rows, day=NEXT) == []


def test_what_a_place_does_not_take_is_told_of_and_taken_the_next_night(
    nights, places, monkeypatch
):
    share, own = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    (own / "劳动力.xlsx").write_bytes(bad(OTHER))
    kept = lay_down_module._write

    def full(files, folder, target, data, there):
        if str(own) in target:
            raise NotLaidDownError("空间已满，放不下。")
        return kept(files, folder, target, data, there)

    with monkeypatch.context() as patch:
        patch.setattr(lay_down_module, "_write", full)
        _, brought = night(nights)
    assert brought == {"delivered": 2, "undelivered": 2}
    assert lying(own) == ["劳动力.xlsx"]
    facts = [
        fact for fact in told(nights, DAY) if fact.kind == "delivery_failed"
    ]
    assert [(fact.title, fact.count, fact.detail) for fact in facts] == [
        ("大石镇网盘", 2, "空间已满，放不下")
    ]
    refs = [fact.ref for fact in told(nights, DAY) if fact.unit == OTHER]
    assert not [ref for ref in refs if ref.startswith("/")]
    _, brought = night(nights, NEXT)
    assert brought == {"delivered": 2, "undelivered": 0}
    assert len(lying(own)) == 3
    assert not [
        fact for fact in told(nights, NEXT) if fact.kind == "delivery_failed"
    ]


def test_a_night_that_ends_after_laying_down_does_it_no_second_time(
    nights, places
):
    share, _ = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    night(nights)
    before = lying(share)
    with closing(connect(nights.settings)) as conn:
        conn.execute(
            "update ops.delivery set delivered_at = null, place = null"
        )
        conn.commit()
    pulled, brought = night(nights, NEXT)
    assert pulled["new"] == 0
    assert brought == {"delivered": 2, "undelivered": 0}
    assert lying(share) == before


def test_a_source_that_is_away_stops_no_other_and_is_told_of(nights, places):
    share, own = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    own.rmdir()
    pulled, _ = night(nights)
    assert (pulled["new"], pulled["missed_sources"]) == (1, 1)
    facts = [
        fact for fact in told(nights, DAY) if fact.kind == "source_not_whole"
    ]
    assert [(fact.title, fact.detail) for fact in facts] == [
        ("大石镇网盘", "来源不存在，或不是文件夹")
    ]
    own.mkdir()
    (own / "劳动力.xlsx").write_bytes(bad(OTHER))
    pulled, _ = night(nights, NEXT)
    assert (pulled["new"], pulled["missed_sources"]) == (1, 0)
    assert not [
        fact for fact in told(nights, NEXT) if fact.kind == "source_not_whole"
    ]


def test_a_file_that_changes_while_it_is_read_waits_and_is_told_of(
    nights, places, monkeypatch
):
    share, _ = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN)[:500])
    with monkeypatch.context() as patch:
        patch.setattr(visits.Inbox, "unchanged", lambda self, file: False)
        pulled, _ = night(nights)
    assert (pulled["new"], pulled["changing"]) == (0, 1)
    facts = [
        fact for fact in told(nights, DAY) if fact.kind == "source_not_whole"
    ]
    assert [(fact.title, fact.detail) for fact in facts] == [
        ("共享盘", "1份文件还没传完或读不出")
    ]
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    assert night(nights, NEXT)[0]["new"] == 1


def test_the_same_file_at_two_places_is_one_submission(nights, places):
    share, own = places
    other = share.parent / OTHER
    other.mkdir()
    for folder in (other, own):
        (folder / "劳动力.xlsx").write_bytes(bad(OTHER))
    pulled, _ = night(nights)
    assert (pulled["new"], pulled["duplicates"], pulled["unchanged"]) == (
        1,
        0,
        1,
    )


def test_the_archive_alone_knows_from_where_each_file_came(
    nights, places, server, prepared, tmp_path
):
    share, own = places
    # one path of the usual tree, at two places, with two contents
    other = share.parent / OTHER
    other.mkdir()
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    (own / "劳动力.xlsx").write_bytes(bad(OTHER))
    right = [labourer(person) for person in PEOPLE[OTHER]]
    (other / "劳动力.xlsx").write_bytes(workbook("L1", right))
    _, brought = night(nights)
    nights.build(publish_old=False)
    pipeline.close_night(nights.settings, DAY)
    ledger = (
        "select source, unit_code, file_name, sha256, status from ops.submission"
        " where source is not null order by 1, 2, 4"
    )
    rows = (
        "select unit_code, verdict, rule, row_no from ops.finding"
        " join ops.submission using (submission_id) order by 1, 2, 3, 4"
    )
    sent, found = nights.rows(ledger), nights.rows(rows)
    assert [line[0] for line in sent] == ["共享盘", "共享盘", "大石镇网盘"]
    fresh = empty_beside(nights, server, prepared, tmp_path / "new")
    assert rebuild(fresh.settings)["left"] == 0
    assert fresh.rows(ledger) == sent
    assert fresh.rows(rows) == found
    laid_down = (
        "select count(*) from ops.delivery where delivered_at is not null"
    )
    assert fresh.rows(laid_down) == [(brought["delivered"],)]
    # what lies at the sources is what was taken in, or what we laid down
    pulled, brought = night(fresh, NEXT)
    assert (pulled["new"], pulled["duplicates"]) == (0, 0)
    assert brought == {"delivered": 0, "undelivered": 0}


def test_answers_may_be_kept_in_the_outbox_alone(nights, places):
    _, own = places
    file = nights.settings.sources
    file.write_text(
        f"sources: [{{name: 网盘, kind: folder, location: {own}, county: '{COUNTY}', unit: '{OTHER}',"
        " answers: none}]",
        "utf-8",
    )
    (own / "劳动力.xlsx").write_bytes(bad(OTHER))
    _, brought = night(nights)
    assert brought == {"delivered": 0, "undelivered": 0}
    assert lying(own) == ["劳动力.xlsx"]


def test_an_answer_is_no_submission_in_a_neighbour_s_folder_or_by_inbox(
    nights, places
):
    share, _ = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    night(nights)
    other = share.parent / OTHER / "退回"
    other.mkdir(parents=True)
    for path in (share / f"退回/{DAY}").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    assert night(nights, NEXT)[0]["new"] == 0
    (other / "劳动力.xlsx.校验.xlsx").rename(other / "劳动力.xlsx")
    inbox = str(share.parent.parent)
    nights.end()
    pipeline.open_night(nights.settings, LATER, inbox)
    pulled = pipeline.pull(nights.settings, LATER, inbox)
    assert (pulled["new"], pulled["duplicates"]) == (0, 0)


def test_answers_to_a_source_that_was_renamed_are_told_of(nights, places):
    share, _ = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    kept = nights.answer
    file = nights.settings.sources

    def renamed(day):
        said = file.read_text("utf-8").replace("name: 共享盘", "name: 新盘")
        file.write_text(said, "utf-8")
        kept(day)

    nights.answer = renamed
    assert night(nights)[1] == {"delivered": 0, "undelivered": 2}
    facts = [
        fact for fact in told(nights, DAY) if fact.kind == "delivery_failed"
    ]
    assert [(fact.title, fact.count) for fact in facts] == [("共享盘", 2)]


def test_the_work_list_goes_where_the_unit_looks_once_until_it_changes(
    nights, places
):
    share, own = places
    (share / "劳动力.xlsx").write_bytes(bad(TOWN))
    (own / "劳动力.xlsx").write_bytes(bad(OTHER))
    night(nights)
    assert pipeline.work_lists(nights.settings, DAY)["lists"] == 2
    assert pipeline.bring_back(nights.settings, DAY)["delivered"] == 2
    name = f"待办清单-{TOWN}-{DAY}.xlsx"
    assert f"退回/{DAY}/{name}" in lying(share)
    assert lying(own)[-1] == f"退回/{DAY}/待办清单-{OTHER}-{DAY}.xlsx"
    listed = {
        fact.unit: fact.ref
        for fact in told(nights, DAY)
        if fact.kind == "work_list"
    }
    place = f"共享盘 W:/{COUNTY} 利州区/{TOWN} 荣山镇/退回/{DAY}/{name}"
    assert listed[TOWN] == place
    # the same again tonight and tomorrow is neither delivered nor taken for a submission
    for day in (DAY, NEXT):
        pulled, _ = night(nights, day)
        pipeline.work_lists(nights.settings, day)
        brought = pipeline.bring_back(nights.settings, day)
        assert (pulled["new"], brought["delivered"]) == (0, 0)
    assert {
        fact.unit: fact.ref
        for fact in told(nights, NEXT)
        if fact.kind == "work_list"
    } == listed
    # filled in where it lies
    path = share / f"退回/{DAY}/{name}"
    book = openpyxl.load_workbook(path)
    page = book["一、退回的行"]
    at = {cell.value: cell.column for cell in page[4]}
    page.cell(5, at["改为"]).value = "县内"
    book.save(path)
    night(nights, LATER)
    pipeline.work_lists(nights.settings, LATER)
    pipeline.bring_back(nights.settings, LATER)
    assert nights.statuses()[name][:2] == ("loaded", None)
    assert not [name for name in lying(share) if f"{TOWN}-{LATER}" in name]
    assert {
        fact.unit for fact in told(nights, LATER) if fact.kind == "work_list"
    } == {OTHER}
