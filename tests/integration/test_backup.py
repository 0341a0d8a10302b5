"""A warehouse that was lost comes back: from a backup, night by night."""

from __future__ import annotations

import stat
from datetime import date

import psycopg
import pytest
from nights import DAY, PEOPLE, empty_beside, labourer, post, workbook
from psycopg import sql
from psycopg.conninfo import make_conninfo
from test_night_order import differences, marts
from yiku.pipeline.rebuild import RebuildError, rebuild
from yiku.warehouse.backup import (
    BackupError,
    backup,
    nights_of,
    program,
    restore,
)
from yiku.warehouse.connection import connect
from yiku.warehouse.roles import create_login
from yiku.warehouse.undo import submission_of, undo

TOWN, LATER = "510802100", date(2017, 11, 21)
HERE = PEOPLE[TOWN]
SCHEMAS = ("mart", "mart_masked", "published", "raw", "ops", "register")


def contents(nights):
    """Return every row of every table, and who may see it."""
    with connect(nights.settings) as conn:
        tables = conn.execute(
            "select relnamespace::regnamespace::text, relname from pg_class"
            " where relkind in ('r', 'v') and relnamespace::regnamespace::text = any (%s) order by 1, 2",
            (list(SCHEMAS),),
        ).fetchall()
        # all but the numbers of transactions, which mean something to the server alone that gave them
        row = sql.SQL("(to_jsonb(t) - 'settled_xid' - 'began')::text")
        held = sql.SQL("select array_agg({0} order by {0}) from {1} as t")
        return {
            f"{s}.{n}": conn.execute(
                held.format(row, sql.Identifier(s, n))
            ).fetchone()[0]
            for s, n in tables
        }


def rights(nights):
    with connect(nights.settings) as conn:
        return conn.execute(
            "select relnamespace::regnamespace::text, relname, array(select unnest(relacl)::text order by 1),"
            " relrowsecurity, relowner::regrole::text = current_user from pg_class"
            " where relkind in ('r', 'v') and relnamespace::regnamespace::text = any (%s) order by 1, 2",
            (list(SCHEMAS),),
        ).fetchall()


@pytest.fixture
def county(nights):
    """A login that sees its county's masked marts; return how it connects."""
    with connect(nights.settings) as conn:
        create_login(
            conn,
            "restored_county",
            "secret",
            "yiku_county",
            [("510802", None)],
        )
    yield make_conninfo(
        nights.settings.warehouse_dsn,
        user="restored_county",
        password="secret",
    )
    with connect(nights.settings) as conn:
        conn.execute("drop role restored_county")


def test_a_backup_brings_back_any_night_with_all_that_is_in_it(
    nights, county, tmp_path
):
    folder = tmp_path / "backup"
    nights.put(TOWN, "名单.xlsx", workbook("L1", [labourer(p) for p in HERE]))
    nights.run()
    first, first_rights = contents(nights), rights(nights)
    backup(nights.settings, folder)
    nights.put(TOWN, "岗位.xlsx", workbook("L5", [post(HERE[1])]))
    nights.run(LATER)
    second = contents(nights)
    done = backup(nights.settings, folder)
    assert (
        done.contents == 3
    )  # the first backup has all but the file that came since, its arrival and the night
    assert nights_of(folder) == [DAY, LATER]
    assert all(
        stat.S_IMODE(p.stat().st_mode) & 0o077 == 0
        for p in (folder, *folder.rglob("*"))
    )

    ((before,),) = nights.rows(
        "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    )
    assert restore(nights.settings, folder, DAY).night == DAY
    assert contents(nights) == first
    # as in another server: nothing that was settled before counts as settled tonight
    assert nights.rows(
        "select count(*) from ops.submission where settled_xid is not null"
    ) == [(0,)]
    older = "select count(*) from ops.night where pg_snapshot_xmax(began)::text::bigint < %s"
    assert nights.rows(older, before) == [(0,)]
    assert rights(nights) == first_rights
    with psycopg.connect(county) as reader:
        assert (
            reader.execute(
                "select count(*) from mart_masked.one_db"
            ).fetchone()[0]
            > 0
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select count(*) from raw.l1")

    for lost in nights.settings.home.joinpath("archive").iterdir():
        lost.unlink() if lost.is_file() else None
    dump = folder / "nights" / str(LATER) / "warehouse.dump"
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-2000])
    with pytest.raises(BackupError, match="还是原来的样子"):
        restore(nights.settings, folder)
    assert contents(nights) == first
    dump.write_bytes(whole)
    assert restore(nights.settings, folder).night == LATER
    assert contents(nights) == second

    # What was brought back goes on; a day that is over is not shown to anybody again.
    nights.put(TOWN, "岗位补报.xlsx", workbook("L5", [post(HERE[2])]))
    shown = {
        name: rows
        for name, rows in contents(nights).items()
        if name.startswith("mart")
    }
    nights.run(DAY)
    assert nights.rows(
        "select state from ops.night order by night_id desc limit 1"
    ) == [("withheld",)]
    assert nights.statuses()["岗位补报.xlsx"][0] == "loaded"
    assert {
        name: rows
        for name, rows in contents(nights).items()
        if name.startswith("mart")
    } == shown

    with pytest.raises(BackupError, match="没有 2017-11-01"):
        restore(nights.settings, folder, date(2017, 11, 1))
    with pytest.raises(BackupError, match="没有备份"):
        restore(nights.settings, tmp_path)


def test_without_a_night_there_is_nothing_to_back_up(
    warehouse, settings, tmp_path
):
    with pytest.raises(BackupError, match="还没有完成过一夜"):
        backup(settings, tmp_path)


def test_a_client_that_is_older_than_the_server_is_passed_over(
    tmp_path, monkeypatch
):
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.4'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program("pg_dump", 150010) == old
    assert program("pg_dump", 180004) != old


def test_the_archive_alone_brings_everything_back(
    nights, server, prepared, tmp_path
):
    nights.put(TOWN, "名单.xlsx", workbook("L1", [labourer(p) for p in HERE]))
    nights.put(TOWN, "岗位.xlsx", workbook("L5", [post(HERE[1])]))
    nights.run()
    with connect(nights.settings) as conn:
        undo(
            conn,
            submission_of(
                conn,
                nights.rows("select max(receipt_no) from ops.submission")[0][
                    0
                ],
            ),
        )
        # one whose number is another's, and one of whom that was taken back before any night
        decided = (
            "insert into register.link_decision (row_id) select row_id from "
            "raw.l1 where id_no = %s returning row_id"
        )
        conn.execute(decided, (HERE[0].id_no,))
        conn.execute(decided, (HERE[5].id_no,))
        conn.execute(
            "update register.link_decision set reversed_at = clock_timestamp() where decision_id = 2"
        )
    nights.put(
        TOWN, "岗位更正.xlsx", workbook("L5", [post(HERE[3], std_yuan=600)])
    )
    nights.run(LATER)
    assert nights.rows(
        "select row_no from raw.l1 where fate = 'quarantined'"
    ) == [(4,)]
    ledger = "select file_name, status, undone_at is null from ops.submission order by 1"
    before, sent = marts(nights), nights.rows(ledger)

    fresh = empty_beside(nights, server, prepared, tmp_path / "new")
    assert rebuild(fresh.settings) == {"nights": 2, "files": 7, "left": 0}
    assert differences(before, marts(fresh)) == {}
    assert fresh.rows(ledger) == sent
    # The inbox is the one that it knows: nothing in it is new.
    assert fresh.take_in(date(2017, 11, 22))["new"] == 0
    with pytest.raises(RebuildError, match="不是空的"):
        rebuild(fresh.settings)


def test_an_archive_without_a_journal_is_said(settings):
    with pytest.raises(RebuildError, match="没有任何一夜"):
        rebuild(settings)
