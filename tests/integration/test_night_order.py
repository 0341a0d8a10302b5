"""The marts depend on what came, never on the order, the night or the number of times in which it came."""

import os
import signal
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from nights import (
    DAY,
    PEOPLE,
    TOWNS,
    Nights,
    labourer,
    members,
    post,
    villages,
    work,
    workbook,
)
from psycopg import sql
from yiku import pipeline
from yiku.contracts import load_contracts
from yiku.faults import StepError
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import undo

TOWN, OTHER = list(TOWNS)
LATER, LAST = DAY + timedelta(days=1), DAY + timedelta(days=2)
HERE, THERE = PEOPLE[TOWN], PEOPLE[OTHER]
# What tells one arrival from another: all else must be the same.
_ARRIVAL = (
    r"(^|_)(submission_id|row_id|row_no|sheet|file_name|receipt_no|received_on|received_at|opened_on|since_on|ref)$"
    r"|^(submissions|active_\w+_id|conflict_key|duplicate_key|task_key)$"
)
# A history of arrivals, what was told in which night, and how well it was sent.
_TELLING = ("person_history", "submission_score", "task")

File = tuple[str, str, bytes]


def day(n):
    return date(2017, 11, n)


def files() -> dict[str, File]:
    """Return files that contradict, repeat, correct and overtake one another."""
    saved = datetime(2017, 11, 16)
    base = [labourer(p) for p in HERE]
    better = [labourer(p, emp_intent="省外") for p in HERE[:8]]
    abroad = {"town_name": TOWNS[OTHER], "village_name": THERE[0].village}
    second = {"post_no": "G2", "post_name": "护林员", "post_type": "护林"}
    return {
        "first": (TOWN, "L1.xlsx", workbook("L1", base, filled=day(10))),
        "resent": (
            TOWN,
            "L1二.xlsx",
            workbook("L1", better, filled=day(14)),
        ),  # two people fewer
        "resaved": (
            TOWN,
            "L1二存.xlsx",
            workbook("L1", better, filled=day(14), saved=saved),
        ),
        "added": (
            TOWN,
            "补报.xlsx",
            workbook(
                "L1", [labourer(HERE[9], emp_intent="无意愿")], filled=day(15)
            ),
        ),
        "both": (
            OTHER,
            "L1.xlsx",
            workbook(
                "L1",
                [*map(labourer, THERE), labourer(HERE[0], **abroad)],
                filled=day(9),
            ),
        ),
        "post": (
            TOWN,
            "L5.xlsx",
            workbook("L5", [post(p) for p in HERE[:3]], filled=day(12)),
        ),
        "posts": (
            OTHER,
            "L5.xlsx",
            workbook(
                "L5",
                [
                    post(HERE[1], **second, **abroad),
                    post(THERE[1], **second, start_on=day(1)),
                    post(
                        THERE[1],
                        post_no="G3",
                        post_name="护路员",
                        post_type="护路",
                    ),
                ],
                filled=day(13),
            ),
        ),
        # An older version with a fault that the newer one has not.
        "old": (
            TOWN,
            "L1旧.xlsx",
            workbook("L1", [labourer(HERE[3], phone="不详")], filled=day(8)),
        ),
        "work": (
            OTHER,
            "L3.xlsx",
            workbook("L3", [work(p) for p in THERE[2:8]], filled=day(13)),
        ),
        "mended": (
            OTHER,
            "L3更正.xlsx",
            workbook("L3", [work(THERE[2], wage_yuan=4000)], filled=day(16)),
        ),
    }


def put(nights: Nights, *names: str) -> None:
    for name in names:
        nights.put(*files()[name])


def _table(conn, schema, name):
    columns = [
        c
        for (c,) in conn.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
            " and column_name !~ %s order by ordinal_position",
            (schema, name, _ARRIVAL),
        )
    ]
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(schema, name),
    )
    return sorted(
        repr(dict(zip(columns, row, strict=True)))
        for row in conn.execute(query)
    )


def marts(nights: Nights, schema: str = "mart") -> dict[str, list[str]]:
    """Return all rows of all marts, but for what tells one arrival from another."""
    with connect(nights.settings) as conn:
        names = [
            n
            for (n,) in conn.execute(
                "select table_name from information_schema.tables where table_schema = %s order by 1",
                (schema,),
            )
        ]
        return {n: _table(conn, schema, n) for n in names if n not in _TELLING}


def differences(
    one: dict[str, list[str]], other: dict[str, list[str]]
) -> dict[str, tuple[set[str], set[str]]]:
    """Return by mart which rows only one of two outcomes has."""
    pairs = {
        n: (one.get(n, []), other.get(n, []))
        for n in [*one, *(n for n in other if n not in one)]
    }
    return {
        n: (set(a) - set(b), set(b) - set(a))
        for n, (a, b) in pairs.items()
        if a != b
    }


def accepted(nights: Nights, on: date) -> dict[str, list[str]]:
    """Return what counts of each list on a day, without a build: the current rows by key."""
    found = {}
    for contract in load_contracts().values():
        if not contract.reference:
            columns = sql.SQL(", ").join(
                map(
                    sql.Identifier,
                    ["key", "town_code", "village_code", *contract.names],
                )
            )
            with connect(nights.settings, on) as conn:
                view = sql.Identifier("raw", f"{contract.table}_now")
                query = sql.SQL("select {} from {}").format(columns, view)
                found[contract.code] = sorted(map(repr, conn.execute(query)))
    return found


ORDERS: dict[str, Callable[[], list[list[str]]]] = {
    "one night": lambda: [list(files())],
    "backwards, one a night": lambda: [[n] for n in reversed(files())],
    "two nights": lambda: [list(files())[1::2], list(files())[::2]],
}


@pytest.fixture(scope="module")
def outcomes():
    """What the marts were after the first order; the others must equal it."""
    return {}


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_gives_the_same_marts(nights, outcomes, order):
    parts = ORDERS[order]()
    for n, names in enumerate(parts):
        put(nights, *names)
        nights.take_in(min(DAY + timedelta(days=n), LAST))
    nights.take_in(LAST)
    nights.build(LAST)
    found = marts(nights)
    assert found["one_db"]
    kinds = [
        k
        for (k,) in nights.rows(
            "select distinct kind from mart.status_conflict order by 1"
        )
    ]
    assert "L5xL5" in kinds
    assert differences(outcomes.setdefault("marts", found), found) == {}


def test_a_withdrawal_lets_the_other_town_in_whichever_came_first(nights):
    rows = [labourer(p) for p in HERE]
    put(nights, "both")
    nights.put(TOWN, "L1.xlsx", workbook("L1", rows, filled=day(10)))
    nights.take_in()
    assert nights.rows(
        "select count(*) from ops.finding where rule = 'X02' and closed_on is null"
    ) == [(1,)]
    with connect(nights.settings) as conn:
        number, key = conn.execute(
            "select submission_id, key from raw.l1 where unit_code = %s and id_no = %s",
            (TOWN, HERE[0].id_no),
        ).fetchone()
        conn.execute(
            "insert into ops.withdrawn_row values ('L1', %s, %s, 4)",
            (key, number),
        )
    nights.put(
        TOWN,
        "补报.xlsx",
        workbook(
            "L1", [labourer(HERE[1], emp_intent="无意愿")], filled=day(15)
        ),
    )
    nights.put(
        OTHER,
        "L1再.xlsx",
        workbook(
            "L1",
            [
                labourer(
                    HERE[0],
                    town_name=TOWNS[OTHER],
                    village_name=THERE[0].village,
                )
            ],
            filled=day(16),
        ),
    )
    nights.take_in(LATER)
    towns = nights.rows(
        "select unit_code from raw.l1_now where id_no = %s",
        HERE[0].id_no,
        day=LATER,
    )
    assert towns == [(OTHER,)]


def test_reference_lists_that_come_after_the_lists_give_the_same_rows(
    nights, settings, tmp_path
):
    names = ["first", "both", "work", "post"]
    put(nights, *names)
    nights.take_in()
    late = Nights(settings, tmp_path / "late")
    for name in names:
        late.put(*files()[name])
    late.take_in()
    late.put_references()
    late.take_in()
    columns = (
        "select unit_code, row_no, fate, fate_rule, village_code, "
        "in_register, link_tier from raw.{} order by 1, 2"
    )
    for table in ("l1", "l3", "l5"):
        assert late.rows(columns.format(table)) == nights.rows(
            columns.format(table)
        )


def registers(*versions):
    """Return lists of registered persons: the first lacks one and has another's name otherwise than the second."""
    unknown, renamed = HERE[2].id_no, HERE[3].id_no
    first = [
        {**m, "name": "王改名"} if m["id_no"] == renamed else m
        for m in members()
        if m["id_no"] != unknown
    ]
    second = [
        {**m, "member_state": "死亡"} if m["id_no"] == HERE[4].id_no else m
        for m in members()
    ]
    lists = {"first": (first, 10), "second": (second, 16)}
    return [
        (
            "county",
            f"H02{v}.xlsx",
            workbook(
                "H02",
                lists[v][0],
                title="家庭成员登记表",
                filled=day(lists[v][1]),
            ),
        )
        for v in versions
    ]


def judged(nights):
    """Return what became of every row of the lists and what was told of it."""
    fates = "select unit_code, row_no, fate, fate_rule, village_code, in_register, link_tier, person_sk from raw.{}"
    told = "select file_name, row_no, field, rule, verdict, message, closed_on from ops.finding"
    told += " inner join ops.submission using (submission_id) where rule <> 'X12' and file_name !~ '^[HV]0'"
    tables = {
        t: sorted(map(str, nights.rows(fates.format(t))))
        for t in ("l1", "l3", "l5")
    }
    return tables | {"told": sorted(map(str, nights.rows(told)))}


def empty(settings, folder):
    """Return an installation without any persons registered."""
    found = Nights(settings, folder)
    found.inbox.mkdir()
    return found


def test_a_register_that_changes_later_judges_the_same_rows(
    nights, settings, tmp_path
):
    lists = [files()[n] for n in ("first", "both", "work", "post")]
    for file in [*registers("second"), *lists]:
        nights.put(*file)
    nights.take_in()
    late = empty(settings, tmp_path / "late")
    late.put_references()
    (late.inbox / "510802/county/H02.xlsx").unlink()
    for file in [*registers("first"), *lists]:
        late.put(*file)
    late.take_in()
    before = judged(late)
    for file in registers("second"):
        late.put(*file)
    pulled = late.take_in()
    assert pulled["batches"] == []
    assert late.log[-1]["files"] < 1 + len(
        lists
    )  # what speaks of nobody who changed is left alone
    assert before != judged(late)
    assert differences(judged(late), judged(nights)) == {}
    late.take_in()
    assert late.log[-1] == {}  # once


def test_a_village_that_is_told_later_is_found_in_the_rows_that_named_it(
    nights, settings, tmp_path
):
    renamed = [
        {**v, "village_name": "新坑村"} if v["village_name"] == "高坑村" else v
        for v in villages()
    ]
    late = empty(settings, tmp_path / "late")
    late.put_references()
    (late.inbox / "510802/county/V01.xlsx").unlink()
    late.put(
        "county",
        "V01旧.xlsx",
        workbook("V01", renamed, title="村基本信息表", filled=day(2)),
    )
    late.put(*files()["first"])
    nights.put(*files()["first"])
    for one in (nights, late):
        one.take_in()
    unknown = "select count(*) from raw.l1 where village_code is null"
    assert late.rows(unknown) != [(0,)]
    late.put(
        "county",
        "V01新.xlsx",
        workbook("V01", villages(), title="村基本信息表", filled=day(5)),
    )
    late.take_in()
    assert late.rows(unknown) == [(0,)]
    assert judged(late) == judged(nights)


def test_a_night_that_broke_off_is_finished_by_the_next(nights, monkeypatch):
    put(nights, *files())
    real, done = pipeline.settling.hand_over, []

    def hand_over(conn, files, business_date):
        if len(done) >= 4:
            raise MemoryError
        done.extend(settled.arrival.submission_id for settled in files)
        return real(conn, files, business_date)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.settling, "hand_over", hand_over)
        with pytest.raises(StepError):
            nights.take_in()
    assert nights.rows(
        "select count(*) from ops.submission where status = 'received'"
    ) != [(0,)]
    nights.take_in()
    broken = accepted(nights, DAY)
    assert nights.rows(
        "select count(*) from ops.submission where status = 'received'"
    ) == [(0,)]
    ((numbers,),) = nights.rows(
        "select array_agg(submission_id order by submission_id) from ops.submission"
    )
    pipeline.process_batch(
        nights.settings, DAY, {"submissions": [n for n in numbers if n > 4]}
    )
    assert accepted(nights, DAY) == broken


def test_after_an_undo_the_marts_are_as_if_it_had_never_come(nights):
    put(nights, "first", "post", "posts")
    nights.take_in()
    nights.build()
    without = marts(nights)
    put(nights, "both")
    nights.put(
        TOWN,
        "L5再.xlsx",
        workbook("L5", [post(HERE[1], std_yuan=800)], filled=day(16)),
    )
    nights.take_in()
    with connect(nights.settings) as conn:
        for (number,) in conn.execute(
            "select submission_id from ops.submission order by 1 desc limit 2"
        ).fetchall():
            undo(conn, number)
        conn.commit()
    nights.take_in()
    nights.build()
    assert differences(without, marts(nights)) == {}


def test_a_night_run_again_for_its_own_date_and_then_tonights(nights):
    put(nights, "first")
    nights.take_in(DAY)
    before = accepted(nights, DAY)
    put(nights, "resent")
    nights.take_in(LATER)
    tonight = accepted(nights, LATER)
    assert before != tonight
    nights.take_in(DAY)
    assert accepted(nights, DAY) == before
    put(
        nights, "added"
    )  # never seen: it belongs to the night that takes it in
    nights.take_in(DAY)
    assert accepted(nights, DAY) != before
    nights.take_in(LATER)
    assert accepted(nights, LATER) != tonight


def kill_while_building(nights, on):
    """Kill a process that builds the marts once some of them stand in the shadow."""
    pid = os.fork()
    if pid == 0:
        try:
            pipeline.build_marts(nights.settings, on)
        finally:
            os._exit(0)
    built = "select count(*) > 10 from pg_class where relnamespace = to_regnamespace('mart_shadow') and relkind = 'r'"
    while nights.rows(built) != [(True,)] and os.waitpid(pid, os.WNOHANG) == (
        0,
        0,
    ):
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL


def test_neither_a_failing_gate_nor_a_killed_build_touches_the_marts(nights):
    put(nights, "first")
    nights.take_in()
    nights.build()
    before = marts(nights)
    put(nights, "resent")
    nights.take_in(LATER)
    with connect(nights.settings) as conn:
        conn.execute("alter view raw.l3_now rename to l3_away")
    with pytest.raises(StepError):
        pipeline.build_marts(nights.settings, LATER)
    assert marts(nights) == before
    with connect(nights.settings) as conn:
        conn.execute("alter view raw.l3_away rename to l3_now")
    kill_while_building(nights, LATER)
    assert marts(nights) == before
    nights.build(LATER)
    assert differences(before, marts(nights)).keys() >= {"list_basic_info"}
