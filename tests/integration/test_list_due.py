"""Missing lists on real dates: the closing day, the Spring Festival, who is told and when, and how often."""

import json
from datetime import date

import pytest
from dbt.cli.main import dbtRunner
from yiku.contracts import load_contracts
from yiku.notices import NoticeFact
from yiku.notices.digests import build_digest
from yiku.notices.facts import facts_of
from yiku.notices.recipients import Recipient
from yiku.pipeline.marts import connection_variables
from yiku.warehouse.init import plan, prepare

SENDER, SILENT = "510802100", "510802101"
CLERK = Recipient("clerk", "大石镇经办员", "town_clerk", "510802", (SILENT,))
LEADER = Recipient("leader", "大石镇镇长", "town_leader", "510802", (SILENT,))


def send(conn, unit, list_code, period, day, county="510802"):
    name = f"{unit}{list_code}{period}{day}"
    (number,) = conn.execute(
        "insert into ops.submission (business_date, county_code, unit_code, file_name, sha256, template, status,"
        " receipt_no, archive_key, size_bytes) values (%s, %s, %s, %s, %s, %s, 'loaded', %s, 'k', 1)"
        " returning submission_id",
        (day, county, unit, name, name, list_code, name),
    ).fetchone()
    conn.execute(
        "insert into ops.submission_sheet (submission_id, sheet, template, period, status)"
        " values (%s, 'Sheet1', %s, %s, 'loaded')",
        (number, list_code, period),
    )


@pytest.fixture
def ledger(warehouse):
    """Lay out two towns, of which one sent L3 twice, a department that sent T17, and a county that sent nothing."""
    warehouse.execute(
        "insert into ops.night (business_date) values ('2017-02-04')"
    )
    send(warehouse, "county", "V02", "2016-12", date(2016, 12, 1))
    for town in (SENDER, SILENT, "520524100"):
        warehouse.execute(
            "insert into raw.v02 (row_id, submission_id, part, row_no, fate, key, town_code, town_name)"
            " values (gen_random_uuid(), 1, 0, 5, 'loaded', %s, %s, '某镇')",
            (town, town),
        )
    send(warehouse, SENDER, "L3", "2016-12", date(2016, 12, 26))
    send(warehouse, SENDER, "L3", "2017-01", date(2017, 1, 25))
    send(warehouse, "county", "T17", "2017-01", date(2017, 1, 10))
    warehouse.commit()
    return warehouse


def build(settings, monkeypatch, day):
    for name, value in connection_variables(settings).items():
        monkeypatch.setenv(name, value)
    words = [
        "--project-dir",
        settings.dbt_project,
        "--profiles-dir",
        settings.dbt_project,
        "--log-path",
        settings.logs,
    ]
    words += [
        "--target-path",
        settings.run / "dbt",
        "--vars",
        json.dumps({"business_date": day.isoformat()}),
    ]
    select = [
        "--select",
        "+list_due",
        "--exclude-resource-type",
        "unit_test",
        "test",
    ]
    run = dbtRunner().invoke(["--quiet", "build", *map(str, words), *select])
    assert run.success, run.exception


def missing(conn, day):
    return [f for f in facts_of(conn, day, "outbox") if f.kind == "missing"]


def test_a_missing_list_goes_to_the_clerk_then_to_the_leader(
    settings, ledger, monkeypatch
):
    friday = date(
        2017, 2, 3
    )  # the first workday after the festival, the second after 25 January
    build(settings, monkeypatch, friday)
    rows = ledger.execute(
        "select unit_code, list, period, due_on, received_on, state, workdays_late from mart.list_due"
        " where state <> '待报' and list <> 'V02' order by 2, 1, 3"
    ).fetchall()
    assert rows == [
        # Christmas Day was a Sunday.
        (
            SENDER,
            "L3",
            "2016-12",
            date(2016, 12, 26),
            date(2016, 12, 26),
            "按时",
            0,
        ),
        (
            SENDER,
            "L3",
            "2017-01",
            date(2017, 1, 25),
            date(2017, 1, 25),
            "按时",
            0,
        ),
        (SILENT, "L3", "2016-12", date(2016, 12, 26), None, "未报", 24),
        (SILENT, "L3", "2017-01", date(2017, 1, 25), None, "未报", 2),
        (
            "county",
            "T17",
            "2017-01",
            date(2017, 1, 25),
            date(2017, 1, 10),
            "按时",
            0,
        ),
    ]
    ledger.commit()

    # One line a unit and list, however many months; what was due in December has reached the leader.
    title = load_contracts()["L3"].title
    what = f"2016-12、2017-01《{title}》"
    fact = NoticeFact(
        "missing",
        "510802",
        SILENT,
        what,
        2,
        "截止2016-12-26",
        age=24,
        place="大石镇",
    )
    assert missing(ledger, friday) == [fact]
    assert (
        f"2016-12、2017-01《{title}》：截止2016-12-26"
        in build_digest(LEADER, [fact], friday).text
    )

    send(ledger, SILENT, "L3", "2016-12", date(2017, 2, 2))
    ledger.commit()
    build(settings, monkeypatch, friday)
    (fact,) = missing(ledger, friday)
    assert (fact.title, fact.age) == (f"2017-01《{title}》", 2)
    assert build_digest(CLERK, [fact], friday) is not None
    assert build_digest(LEADER, [fact], friday) is None
    ledger.commit()

    # The Saturday was worked: the third workday after the 25th.
    saturday = date(2017, 2, 4)
    build(settings, monkeypatch, saturday)
    (fact,) = missing(ledger, saturday)
    assert fact.age == 3
    assert build_digest(LEADER, [fact], saturday) is not None


def test_who_owes_what_is_what_the_contracts_say(warehouse):
    contracts = load_contracts()
    held = warehouse.execute(
        "select code, title, cadence, audience from ops.list_duty order by code"
    ).fetchall()
    assert held == sorted(
        (c.code, c.title, c.cadence, c.audience) for c in contracts.values()
    )
    warehouse.execute(
        "update ops.list_duty set cadence = 'weekly' where code = 'T17'"
    )
    assert plan(warehouse, contracts.values()) == [
        "名单 T17：更新填报单位和周期"
    ]
    assert len(prepare(warehouse)) == 1
    assert plan(warehouse, contracts.values()) == []
