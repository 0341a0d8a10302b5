"""One set of files, split into batches and nights in any way and order, comes to the same rows, findings and marts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nights import (
    DAY,
    PEOPLE,
    TOWNS,
    VILLAGES,
    Nights,
    labourer,
    post,
    work,
    workbook,
)
from psycopg import sql
from psycopg.rows import dict_row
from test_night_order import differences
from yiku.contracts import load_contracts
from yiku.pipeline import settling
from yiku.pipeline.decided_claims import Decided
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import undo

TOWN, OTHER = list(TOWNS)
HERE, THERE = PEOPLE[TOWN], PEOPLE[OTHER]
ABROAD = {"town_name": TOWNS[OTHER], "village_name": VILLAGES[OTHER][0]}
GUARD = {"post_no": "G2", "post_name": "护林员", "post_type": "护林"}
ROADS = {"post_no": "G3", "post_name": "护路员", "post_type": "护路"}
# What stands between one file and the next.
SAME_BATCH, NEXT_BATCH, NEXT_NIGHT = "same batch", "next batch", "next night"
NIGHTS = 4
LAST = DAY + timedelta(days=NIGHTS)


def day(number: int) -> date:
    return date(2017, 11, number)


def files() -> dict[str, tuple[str, bytes]]:
    """Return files of two towns that claim the same people, some of them with faults of their own."""
    claimed = [labourer(p, **ABROAD) for p in HERE[:4]]
    # The town of the register has a fault in two of those rows, and mends one of them later.
    faulty = [labourer(p, emp_status=None) for p in HERE[:2]]
    posts = [post(p) for p in HERE[:3]]
    guards = [post(p, start_on=day(1), **GUARD, **ABROAD) for p in HERE[1:3]]
    # One who begins first and cannot be loaded, one who gives way and one whom nobody else is in the way of.
    roads = [
        post(
            HERE[1], start_on=date(2017, 1, 1), **(ROADS | {"post_type": None})
        ),
        post(HERE[3], start_on=day(2), **ROADS),
    ]
    early = [post(HERE[2], start_on=date(2017, 2, 1), **ROADS)]
    jobs = [work(p) for p in THERE[:3]]
    same_jobs = [
        work(p, town_name=TOWNS[TOWN], village_name=None) for p in THERE[1:3]
    ]
    return {
        "L1.xlsx": (TOWN, workbook("L1", [*faulty, *map(labourer, HERE[2:])])),
        "L1更正.xlsx": (
            TOWN,
            workbook("L1", [labourer(HERE[1])], filled=day(17)),
        ),
        "L1他乡.xlsx": (OTHER, workbook("L1", claimed, filled=day(9))),
        "L5.xlsx": (TOWN, workbook("L5", posts, filled=day(12))),
        "L5他乡.xlsx": (OTHER, workbook("L5", guards, filled=day(8))),
        "L5护路.xlsx": (TOWN, workbook("L5", roads, filled=day(13))),
        "L5补报.xlsx": (TOWN, workbook("L5", early, filled=day(16))),
        "L3.xlsx": (OTHER, workbook("L3", jobs, filled=day(10))),
        "L3他乡.xlsx": (TOWN, workbook("L3", same_jobs, filled=day(14))),
    }


NAMES = list(files())
# The last file comes first, and each of the first ones a night after the other.
BACKWARDS = [
    [[name] for name in NAMES[:4:-1]],
    [[NAMES[4]], [NAMES[3]]],
    [[NAMES[2]]],
    [NAMES[1::-1]],
]
# What may tell on which day a file came: the day itself, what counts days from it, keys made of the ledger's numbers.
BY_ARRIVAL = {
    "list_due": {"received_on"},
    "person_history": {"receipt_no", "received_at", "received_for_on"},
    "status_conflict": {"conflict_key"},
    # what was told on an earlier day and came again; how long the oldest waits; what the two come to
    "submission_score": {"repeated_count", "oldest_open_days", "score_pct"},
    # an answer is due so many days after it was asked for
    "task": {"task_key", "ref", "since_on", "due_on"},
}

Split = Sequence[Sequence[Sequence[str]]]  # nights of batches of names


def split(names: Sequence[str], gaps: Sequence[str]) -> list[list[list[str]]]:
    nights: list[list[list[str]]] = [[[]]]
    for name, gap in zip(names, [SAME_BATCH, *gaps], strict=True):
        if gap == NEXT_NIGHT and len(nights) < NIGHTS:
            nights.append([[]])
        elif gap == NEXT_BATCH:
            nights[-1].append([])
        nights[-1][-1].append(name)
    return nights


gaps = st.sampled_from([SAME_BATCH, NEXT_BATCH, NEXT_NIGHT])
splits = st.builds(
    split,
    st.permutations(NAMES),
    st.lists(gaps, min_size=len(NAMES) - 1, max_size=len(NAMES) - 1),
)


def batches(
    nights: Nights, names: Sequence[Sequence[str]]
) -> Iterator[dict[str, Any]]:
    """Yield the batches of a night, once the pull has given their files numbers."""
    for batch in names:
        yield {"submissions": [file_number(nights, name) for name in batch]}


def file_number(nights: Nights, name: str) -> int:
    query = "select submission_id from ops.submission where file_name = %s"
    return int(nights.rows(query, name)[0][0])


def take_in(nights: Nights, parts: Split) -> None:
    """Let the nights come, and one more in which nothing comes."""
    content = files()
    for number, part in enumerate(parts):
        for name in (name for batch in part for name in batch):
            unit, data = content[name]
            nights.put(unit, name, data)
        nights.take_in(DAY + timedelta(days=number), batches(nights, part))
    nights.take_in(LAST)
    assert nights.settled == {}  # nothing is left to be judged otherwise


def outcome(nights: Nights) -> dict[str, list[str]]:
    """Return the fate of every row, what is told of it, and the rows that count."""
    found = {}
    for contract in load_contracts().values():
        if contract.one_town:
            found[contract.code] = _fates(nights, contract.table)
            columns = ", ".join(["key", "town_code", *contract.names])
            counting = f"select {columns} from raw.{contract.table}_now"
            found[f"{contract.code} now"] = _sorted(nights, counting)
    told = (
        "select s.file_name, f.row_no, f.field, f.rule, f.message, f.closed_on is null from ops.finding as f"
        " inner join ops.submission as s using (submission_id) where f.verdict = 'Q'"
    )
    return found | {"told": _sorted(nights, told)}


def _fates(nights: Nights, table: str) -> list[str]:
    # Of two rows that say the same one is loaded and the other dropped: both stand.
    fates = (
        "select s.file_name, r.row_no, r.fate = 'quarantined',"
        " case when r.fate = 'quarantined' then r.fate_rule end"
        f" from raw.{table} as r inner join ops.submission as s using (submission_id)"
    )
    return _sorted(nights, fates)


def _sorted(nights: Nights, query: str) -> list[str]:
    return sorted(map(repr, nights.rows(query, day=LAST)))


def built(nights: Nights) -> dict[str, list[str]]:
    """Build the marts; return all their rows but for what may tell of the arrival."""
    nights.build(LAST)
    names = nights.rows(
        "select table_name::text from information_schema.tables where table_schema = 'mart' order by 1"
    )
    meant = Meant.of(nights)
    return {name: _shown_rows(nights, name, meant) for (name,) in names}


@dataclass(frozen=True)
class Meant:
    """What the numbers of one ledger stand for: in another the same files and rows have others."""

    files: dict[int, str]
    lines: dict[UUID, tuple[str, int]]

    @classmethod
    def of(cls, nights: Nights) -> Meant:
        files = "select submission_id, file_name from ops.submission"
        return cls(dict(nights.rows(files)), _lines_by_id(nights))

    def value(self, column: str, value: Any) -> Any:
        """Return a value, or in place of one of the ledger's own numbers what it stands for."""
        if column == "submissions":
            return sorted(self.files[number] for number in value)
        if column.endswith("submission_id"):
            return self.files.get(value)
        is_id = isinstance(value, UUID)
        return self.lines.get(value, value) if is_id else value


def _shown_rows(nights: Nights, mart: str, meant: Meant) -> list[str]:
    everything = sql.SQL("select * from mart.{}").format(sql.Identifier(mart))
    by_arrival = BY_ARRIVAL.get(mart, set())
    with connect(nights.settings, LAST) as conn:
        cursor = conn.cursor(row_factory=dict_row).execute(everything)
        found = []
        for row in cursor:
            compared = {
                column: meant.value(column, value)
                for column, value in row.items()
                if column not in by_arrival
            }
            found.append(repr(compared))
    return sorted(found)


def _lines_by_id(nights: Nights) -> dict[UUID, tuple[str, int]]:
    found = {}
    for contract in load_contracts().values():
        query = (
            f"select r.row_id, s.file_name, r.row_no from raw.{contract.table} as r"
            " inner join ops.submission as s using (submission_id)"
        )
        for row_id, file_name, row_no in nights.rows(query):
            found[row_id] = (file_name, row_no)
    return found


@pytest.fixture(scope="module")
def together(fresh_nights: Callable[[Path], Nights], tmp_path_factory):
    """What one batch of all files comes to, and the marts built of it."""
    nights = fresh_nights(tmp_path_factory.mktemp("together"))
    take_in(nights, [[NAMES]])
    return outcome(nights), built(nights)


@pytest.fixture(scope="module")
def expected(together):
    """What one batch of all files comes to."""
    return together[0]


def test_files_of_four_nights_build_the_marts_of_one(
    fresh_nights, tmp_path_factory, together
):
    nights = fresh_nights(tmp_path_factory.mktemp("backwards"))
    take_in(nights, BACKWARDS)
    found = built(nights)
    assert len(found["one_db"]) == len(HERE) + len(THERE)
    assert differences(together[1], found) == {}


def test_the_files_contradict_one_another(expected):
    told = " ".join(expected["told"])
    assert told.count("'X02'") >= 4
    assert told.count("'X15'") >= 2


@settings(
    max_examples=4,
    # Each example is three nights: a smaller one would take minutes to find.
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(parts=splits)
def test_any_split_into_batches_and_nights_comes_to_the_same(
    fresh_nights, tmp_path_factory, expected, parts
):
    nights = fresh_nights(tmp_path_factory.mktemp("split"))
    take_in(nights, parts)
    assert outcome(nights) == expected


def test_a_dependence_on_the_order_is_found(
    fresh_nights, tmp_path_factory, expected, monkeypatch
):
    """Plant one: let every batch have the last word."""
    monkeypatch.setattr(settling, "decide_claims", lambda conn: Decided())
    nights = fresh_nights(tmp_path_factory.mktemp("planted"))
    take_in(nights, [[[name]] for name in NAMES[:NIGHTS]])
    take_in(nights, [[[name] for name in NAMES[NIGHTS:]]])
    assert outcome(nights) != expected


def test_the_row_that_gave_way_comes_back_when_the_other_is_undone(
    fresh_nights, tmp_path_factory
):
    nights = fresh_nights(tmp_path_factory.mktemp("undone"))
    content = files()
    # The town that does not keep the people comes first, in a night of its own.
    for name, on in (
        ("L1他乡.xlsx", DAY),
        ("L1.xlsx", DAY + timedelta(days=1)),
    ):
        unit, data = content[name]
        nights.put(unit, name, data)
        nights.take_in(on)
    loaded = (
        "select count(*) from raw.l1 where unit_code = %s and fate = 'loaded'"
    )
    # Two of four give way: of the other two the town of the register told something faulty.
    assert nights.rows(loaded, OTHER) == [(2,)]
    told = "select count(*) from ops.finding where rule = 'X02' and row_no is not null"
    assert nights.rows(told) == [(2,)]
    with connect(nights.settings) as conn:
        undo(conn, file_number(nights, "L1.xlsx"))
        conn.commit()
    nights.take_in(LAST)
    assert nights.rows(loaded, OTHER) == [(4,)]
    assert nights.rows(told) == [(0,)]
