"""A year of nights and another: what a home keeps has its bounds, and evidence stays."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from yiku.housekeeping.retention import RetentionError, load_retention
from yiku.pipeline.tidying import take_away
from yiku.settings import Settings
from yiku.warehouse.connection import Connection
from yiku.warehouse.pull import pull

FIRST = date(2017, 1, 1)
COUNTY, TOWN = "510802", "510802101"
# What a year of nights writes; each night 20 nodes of dbt, two pages, a changed list, a digest, a visit to a source.
NIGHTS = """
insert into ops.night (business_date, state)
select day, 'published' from generate_series(%(first)s::date, %(last)s, interval '1 day') as d (day);
"""
OF_NIGHTS = (
    """
insert into ops.build_node (night_id, node, status)
select night_id, 'node ' || n, 'success' from ops.night, generate_series(1, 20) as n
where business_date between %(first)s and %(last)s
""",
    """
insert into ops.shadow_relation (night_id, part, name, relation)
select night_id, 'a', 'relation ' || n, n from ops.night, generate_series(1, 5) as n
where business_date between %(first)s and %(last)s
""",
    """
insert into ops.delivery
    (kind, business_date, county_code, unit_code, source, file_name, sha256, size_bytes, delivered_at)
select kind, business_date, '510802', unit, 's', kind || business_date, md5(kind || unit || night_id), 1, now()
from ops.night, unnest(array['wall_page', 'work_list', 'receipt']) as kind,
    unnest(array['510802', '510802101']) as unit
where business_date between %(first)s and %(last)s
""",
    """
insert into ops.work_list (county_code, unit_code, business_date, file_name, sha256, item_count)
select '510802', '510802101', business_date, 'list' || business_date, md5(night_id::text), 3 from ops.night
where business_date between %(first)s and %(last)s
""",
    """
insert into ops.digest_sent (recipient, business_date, channel, fingerprint, sent_at)
select 'clerk', business_date, 'mail', md5(night_id::text), business_date from ops.night
where business_date between %(first)s and %(last)s
""",
    """
insert into ops.source_visit (business_date, source, state)
select business_date, 's', 'reached' from ops.night where business_date between %(first)s and %(last)s
""",
    """
insert into ops.inbox_seen (location, path_hash, path, size_bytes, stamp, sha256, gone_on)
select '/inbox', md5('gone' || night_id), 'gone', 1, '1', 'x', business_date + 1 from ops.night
where business_date between %(first)s and %(last)s
""",
    """
insert into ops.submission
    (business_date, county_code, unit_code, file_name, sha256, receipt_no, archive_key, size_bytes)
select business_date, '510802', '510802101', 'a.xlsx', md5(night_id::text), 'R' || night_id, 'k', 1 from ops.night
where business_date between %(first)s and %(last)s
""",
)
BOUNDED = ("build_node", "shadow_relation", "work_list", "digest_sent")
BOUNDED += ("source_visit", "inbox_seen")


def live(conn: Connection, settings: Settings, first: date, days: int) -> date:
    """Write what ``days`` nights from a day on leave behind; return the day of the last one."""
    last = first + timedelta(days=days - 1)
    span = {"first": first, "last": last}
    for statement in (NIGHTS, *OF_NIGHTS):
        conn.execute(statement, span)
    conn.commit()
    for number in range(days):
        day = first + timedelta(days=number)
        folder = settings.outbox / day.isoformat() / COUNTY / TOWN
        folder.mkdir(parents=True)
        (folder / "R1.txt").write_text("回执")
        (folder / f"list{day}").write_text("清单")
    return last


def counts(conn: Connection) -> dict[str, int]:
    found = {}
    for table in (*BOUNDED, "submission"):
        found[table] = rows(conn, f"select count(*) from ops.{table}")
    for kind in ("wall_page", "work_list", "receipt"):
        query = f"select count(*) from ops.delivery where kind = '{kind}'"
        found[f"delivery: {kind}"] = rows(conn, query)
    return found


def rows(conn: Connection, query: str) -> int:
    found = conn.execute(query).fetchone()  # type: ignore[call-overload]
    return int(found[0])


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_two_years_leave_no_more_than_one(
    warehouse: Connection, settings: Settings
) -> None:
    year = 500  # nights: longer than the longest period
    last = live(warehouse, settings, FIRST, year)
    take_away(warehouse, settings, last)
    once, kept_files = counts(warehouse), files(settings.outbox)
    last = live(warehouse, settings, last + timedelta(days=1), year)
    take_away(warehouse, settings, last)
    twice = counts(warehouse)
    periods = load_retention(settings)
    for evidence in ("submission", "delivery: receipt"):
        assert twice[evidence] == 2 * once[evidence]
        del twice[evidence], once[evidence]
    assert twice == once
    # both days at the ends of a period are kept
    assert once["build_node"] == 20 * (periods.build_nodes + 1)
    assert once["delivery: wall_page"] == 2 * (periods.wall_pages + 1)
    assert files(settings.outbox) == kept_files
    assert kept_files == 2 * (periods.outbox + 1)


def test_what_is_still_needed_stays_however_old(
    warehouse: Connection, settings: Settings
) -> None:
    last = live(warehouse, settings, FIRST, 3)
    # the unit's last list, and an answer that could not be laid down yet
    for statement in (
        "delete from ops.work_list where business_date <> '2017-01-02'",
        "update ops.delivery set delivered_at = null where kind = 'receipt' and business_date = '2017-01-01'"
        " and unit_code = '510802101'",
    ):
        warehouse.execute(statement)
    years_later = last + timedelta(days=1000)
    take_away(warehouse, settings, years_later)
    left = sorted(
        str(path.relative_to(settings.outbox))
        for path in settings.outbox.rglob("*")
        if path.is_file()
    )
    place = f"{COUNTY}/{TOWN}"
    assert left == [
        f"2017-01-01/{place}/R1.txt",
        f"2017-01-01/{place}/list2017-01-01",
        f"2017-01-02/{place}/list2017-01-02",
    ]
    # the newest of each kind says what a unit, a reader or the night has now
    found = counts(warehouse)
    assert (found["build_node"], found["shadow_relation"]) == (20, 5)
    assert (found["digest_sent"], found["delivery: wall_page"]) == (1, 2)
    assert found["delivery: receipt"] == 6
    assert warehouse.execute(
        "select business_date from ops.work_list"
    ).fetchall() == [(date(2017, 1, 2),)]


def test_a_dry_run_says_what_would_go_and_takes_nothing(
    warehouse: Connection, settings: Settings
) -> None:
    last = live(warehouse, settings, FIRST, 30)
    later = last + timedelta(days=1000)
    before = counts(warehouse), files(settings.outbox)
    said = take_away(warehouse, settings, later, dry_run=True)
    assert (counts(warehouse), files(settings.outbox)) == before
    assert said == take_away(warehouse, settings, later)
    assert said["build_nodes"] > 0
    assert said["outbox"] > 0
    again = take_away(warehouse, settings, later)
    assert not any(again.values())


def test_a_night_of_a_day_to_come_throws_nothing_away(
    warehouse: Connection, settings: Settings
) -> None:
    today = date.today()
    live(warehouse, settings, today - timedelta(days=2), 3)
    said = take_away(warehouse, settings, today + timedelta(days=4000))
    assert not any(said.values())


def test_logs_go_by_when_they_were_written_and_how_large_they_are(
    warehouse: Connection, settings: Settings
) -> None:
    folder = settings.logs / "airflow" / "dag_id=nightly"
    folder.mkdir(parents=True)
    long_ago = time.time() - 400 * 24 * 3600
    for name in ("old.log", "new.log"):
        (folder / name).write_text("x")
    os.utime(folder / "old.log", (long_ago, long_ago))
    settings.home.joinpath("retention.yml").write_text("log_megabytes: 7\n")
    large = settings.logs / "nightly.log"
    with large.open("wb") as log:
        log.truncate(7_000_001)
    said = take_away(warehouse, settings, date.today())
    assert (said["logs"], said["large_logs"]) == (1, 1)
    assert [path.name for path in folder.iterdir()] == ["new.log"]
    assert not large.exists()
    assert large.with_name("nightly.log.1").exists()


@pytest.mark.parametrize(
    "text",
    ["outbox: 0", "outbox: true", "outbox: -1", "archive: 30", "[1]", "a: ["],
    ids=["zero", "true", "negative", "evidence", "a list", "no yaml"],
)
def test_periods_that_cannot_be_are_refused(
    settings: Settings, text: str
) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.home.joinpath("retention.yml").write_text(text)
    with pytest.raises(RetentionError):
        load_retention(settings)


def test_a_pull_notes_what_lies_there_no_more_and_what_is_back(
    warehouse: Connection, settings: Settings, tmp_path: Path
) -> None:
    clerk = tmp_path / "510802/510802101/a.csv"
    clerk.parent.mkdir(parents=True)
    clerk.write_bytes(b"1")
    gone = "select gone_on from ops.inbox_seen"
    seen = []
    for day in range(1, 4):
        if day == 2:
            clerk.rename(tmp_path / "a.csv")
        elif day == 3:
            (tmp_path / "a.csv").rename(clerk)
        pull(warehouse, settings, str(tmp_path), date(2017, 11, day))
        seen.append(warehouse.execute(gone).fetchall())
    away = (date(2017, 11, 2),)
    assert [away in found for found in seen] == [False, True, False]
