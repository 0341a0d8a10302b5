"""What a file's own content and the register among the files decide, without a warehouse."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import nights
import openpyxl
import pytest
from yiku.batch import processing
from yiku.batch.files import SheetRead
from yiku.batch.offline import known_from_files, nothing_known
from yiku.batch.processing import settle_files
from yiku.batch.reading_files import read_files
from yiku.checking.findings import FileOutcome, Finding, SheetFacts
from yiku.contracts import load_contracts
from yiku.gazetteer.other_counties import foreign_town
from yiku.gazetteer.places import Gazetteer
from yiku.intake.arrival import Arrival
from yiku.isolation import Limits

ROOT = Path(__file__).parents[2]
TOWN = "510802100"


def settle(
    folder: Path, files: Mapping[str, bytes], unit: str = TOWN
) -> dict[str, FileOutcome]:
    """Settle files of a town beside the county's reference lists."""
    lists = {
        "V02": nights.towns(),
        "V01": nights.villages(),
        "H01": nights.households(),
        "H02": nights.members(),
    }
    known = {
        c: nights.workbook(
            c, rows, title=load_contracts()[c].title, filled=None
        )
        for c, rows in lists.items()
    }
    arrivals = []
    for name, data in {**known, **files}.items():
        path = folder / name
        path.write_bytes(data)
        sender = "county" if name in known else unit
        arrivals.append(
            Arrival(
                len(arrivals),
                nights.COUNTY,
                sender,
                name,
                str(path),
                datetime(2017, 11, 20, tzinfo=UTC),
            )
        )
    references = [a for a in arrivals if a.unit_code == "county"]
    before = known_from_files(
        read_files(references, nothing_known(nights.DAY), workers=1),
        nights.DAY,
    )
    mine = [a for a in arrivals if a.file_name in files]
    outcomes = settle_files(
        mine,
        before,
        ROOT / "expectations",
        1,
        lambda files: [settled.outcome for settled in files],
    )
    by_number = {outcome.submission_id: outcome for outcome in outcomes}
    return {a.file_name: by_number[a.submission_id] for a in mine}


def of_rule(outcome: FileOutcome, rule: str) -> list[Finding]:
    """Return a file's findings of one rule."""
    return [f for f in outcome.findings if f.rule == rule]


def test_a_month_is_before_or_after_a_day_only_if_all_of_it_is(
    tmp_path: Path,
) -> None:
    first, second, third, *_ = nights.PEOPLE[TOWN]
    young = replace(first, id_no=nights.id_number("20010315"))
    rows = [
        nights.work(
            young, start_on="2017.03"
        ),  # may have begun on the 16th birthday
        nights.work(
            replace(second, id_no=nights.id_number("20010401")),
            start_on="2017.03",
        ),
        nights.work(third, start_on=date(2017, 3, 15), end_on="2017年3月"),
    ]
    outcome = settle(tmp_path, {"L3.xlsx": nights.workbook("L3", rows)})[
        "L3.xlsx"
    ]
    assert [f.row_no for f in of_rule(outcome, "T08")] == [5]


def test_a_name_that_promises_another_format_is_told(tmp_path: Path) -> None:
    first, *_ = nights.PEOPLE[TOWN]
    book = nights.workbook("L3", [nights.work(first)])
    found = settle(tmp_path, {"L3.xls": book, "L3甲.xlsx": book})
    assert {
        n: [f.verdict for f in of_rule(o, "F01")] for n, o in found.items()
    } == {
        "L3.xls": ["A"],
        "L3甲.xlsx": [],
    }


def crowd(n: int) -> list[nights.Person]:
    """Return people whom no register knows."""
    first = nights.PEOPLE[TOWN][0]
    ids = [
        nights.id_number(f"19{70 + i // 12}{1 + i % 12:02d}15")
        for i in range(n)
    ]
    return [
        replace(first, id_no=i, phone=f"139{7_654_321 + 17 * at:08d}")
        for at, i in enumerate(ids)
    ]


def odd(
    folder: Path, code: str, rows: list[nights.Row], name: str = "名单.xlsx"
) -> list[str]:
    """Return what is odd about a list as a whole."""
    outcome = settle(folder, {name: nights.workbook(code, rows)})[name]
    return [str(f.facts["what"]) for f in of_rule(outcome, "X09")]


DAYS = [date(2017, 1 + n % 9, 1 + n) for n in range(28)]


@pytest.mark.parametrize(
    ("n", "start_on", "what"),
    [
        (20, lambda n: date(2017, 3, 1), ["所有人的起始日期都一样"]),
        (
            19,
            lambda n: date(2017, 3, 1),
            [],
        ),  # a small list may be of one coach
        (
            20,
            lambda n: "2017年3月",
            [],
        ),  # a month may be that of the new year's exodus
        (20, lambda n: DAYS[n], []),
    ],
)
def test_one_day_for_everybody_is_odd(
    tmp_path: Path, n: int, start_on: object, what: list[str]
) -> None:
    assert callable(start_on)
    rows = [
        nights.work(p, start_on=start_on(i), wage_yuan=3000 + i)
        for i, p in enumerate(crowd(n))
    ]
    assert odd(tmp_path, "L3", rows) == what


def test_one_wage_for_everybody_is_odd(tmp_path: Path) -> None:
    rows = [
        nights.work(p, start_on=DAYS[i], wage_yuan=3000)
        for i, p in enumerate(crowd(10))
    ]
    assert odd(tmp_path, "L3", rows) == ["所有人的月工资都一样"]


@pytest.mark.parametrize(
    ("n", "states", "what"),
    [
        (
            30,
            ["转移就业", "灵活就业"],
            ["所有人的就业状态都是灵活就业或转移就业"],
        ),
        (30, ["转移就业"], ["所有人的就业状态都是转移就业"]),
        (29, ["转移就业"], []),
        (30, ["转移就业"] * 29 + ["未就业"], []),
        (30, ["未就业"], []),
    ],
)
def test_a_town_in_which_everybody_has_work_is_odd(
    tmp_path: Path, n: int, states: list[str], what: list[str]
) -> None:
    first = nights.PEOPLE[TOWN][0]
    more = (
        {
            "id_no": p.id_no,
            "phone": p.phone,
            "emp_status": states[i % len(states)],
        }
        for i, p in enumerate(crowd(n))
    )
    rows = [nights.labourer(first, **m) for m in more]
    assert odd(tmp_path, "L1", rows) == what


def test_a_supplement_may_hold_people_who_left_on_one_day(
    tmp_path: Path,
) -> None:
    rows = [
        nights.work(p, wage_yuan=3000 + i) for i, p in enumerate(crowd(20))
    ]
    assert odd(tmp_path, "L3", rows, "转移就业名单补报.xlsx") == []


@pytest.mark.parametrize(
    ("title", "told"),
    [
        (
            "东河镇2017年11月转移就业名单",
            "东河镇",
        ),  # of Wangcang, in the same prefecture
        ("旺苍县东河镇转移就业名单", "东河镇"),
        ("2017年11月四川省广元市旺苍县 东河镇转移就业名单", "东河镇"),
        ("四川省宜宾市翠屏区李庄镇转移就业名单", "李庄镇"),
        ("利州区2017年11月转移就业名单", None),  # its own county
        ("利州区对口旺苍县东河镇转移就业名单", None),
        ("赴旺苍县东河镇务工人员转移就业名单", None),
        ("旺苍县东河镇务工人员转移就业名单", None),  # where they work
        ("李庄镇转移就业名单", None),  # perhaps an old town of Lizhou
        ("浙江省杭州市萧山区瓜沥镇转移就业名单", None),
        ("荣山镇转移就业名单", None),
        ("转移就业名单", None),
    ],
)
def test_a_title_that_speaks_for_another_countys_town(
    tmp_path: Path, title: str, told: str | None
) -> None:
    data = nights.workbook(
        "L3", [nights.work(p) for p in nights.PEOPLE[TOWN]], title=title
    )
    outcome = settle(tmp_path, {"L3.xlsx": data})["L3.xlsx"]
    assert [
        f.facts["title_town"]
        for f in of_rule(outcome, "F11")
        if f.row_no is None
    ] == ([told] if told else [])
    assert outcome.status == ("held" if told else "loaded")


def test_a_county_that_has_not_told_its_towns_may_have_had_that_one() -> None:
    nothing = Gazetteer()
    assert foreign_town(nothing, nights.COUNTY, "东河镇转移就业名单") is None
    assert (
        foreign_town(nothing, nights.COUNTY, "旺苍县东河镇转移就业名单")
        == "510821100"
    )


def without_column(data: bytes, header: str) -> bytes:
    book, out = openpyxl.load_workbook(BytesIO(data)), BytesIO()
    (page,) = book.worksheets
    page.delete_cols(
        next(
            c.column
            for row in page.iter_rows()
            for c in row
            if c.value == header
        )
    )
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("able", "status", "back"), [(2, "partly_loaded", [4, 5]), (3, "held", [])]
)
def test_a_column_that_not_every_row_needs_may_be_missing(
    tmp_path: Path, able: int, status: str, back: list[int]
) -> None:
    """Those who cannot work need no 就业意向: without the column theirs are loaded, and the other rows go back."""
    first, second, third = nights.PEOPLE[TOWN][:3]
    unable = (
        {"labour_capacity": "无劳动力", "emp_status": "未就业"}
        if able == 2
        else {}
    )
    rows = [
        nights.labourer(first),
        nights.labourer(second),
        nights.labourer(third, **unable),
    ]
    data = without_column(nights.workbook("L1", rows), "就业意向")
    outcome = settle(tmp_path, {"L1.xlsx": data})["L1.xlsx"]
    assert outcome.status == status
    assert [
        f.row_no for f in of_rule(outcome, "R01") if f.field == "emp_intent"
    ] == back
    assert len(of_rule(outcome, "L06")) == (0 if able == 2 else 4)


FIRST, SECOND = nights.PEOPLE[TOWN][:2]
# Two rows that cannot both be believed, of which the second goes back for a fault of its own; what it goes back for.
BESIDE_A_FAULTY_ROW: Mapping[str, tuple[str, nights.Row, nights.Row, str]] = {
    "a choice that is none": (
        "L3",
        nights.work(FIRST),
        nights.work(FIRST, region="那边"),
        "C13",
    ),
    "nothing where something must be": (
        "L3",
        nights.work(FIRST),
        nights.work(FIRST, place=None),
        "R01",
    ),
    "an amount that nobody earns": (
        "L3",
        nights.work(FIRST),
        nights.work(FIRST, wage_yuan=-5),
        "N04",
    ),
    "another post at the same time": (
        "L5",
        nights.post(FIRST, start_on=date(2017, 4, 1)),
        nights.post(FIRST, post_no="G2", post_type="随便"),
        "C13",
    ),
}


@pytest.mark.parametrize("kind", BESIDE_A_FAULTY_ROW)
@pytest.mark.parametrize("turned", [False, True])
def test_a_row_with_a_fault_of_its_own_takes_no_other_with_it(
    tmp_path: Path, kind: str, turned: bool
) -> None:
    code, clean, faulty, rule = BESIDE_A_FAULTY_ROW[kind]
    others = [
        (nights.work if code == "L3" else nights.post)(p)
        for p in nights.PEOPLE[TOWN][2:]
    ]
    rows = [*([faulty, clean] if turned else [clean, faulty]), *others]
    outcome = settle(tmp_path, {"名单.xlsx": nights.workbook(code, rows)})[
        "名单.xlsx"
    ]
    fates = [f.fate for f in outcome.sheets[0].fates]
    assert fates == [
        *(["quarantined", "loaded"] if turned else ["loaded", "quarantined"]),
        *["loaded"] * len(others),
    ]
    assert {f.rule for f in outcome.findings if f.verdict == "Q"} == {rule}


def test_rows_that_stand_still_rule_one_another_out_beside_a_faulty_one(
    tmp_path: Path,
) -> None:
    same = [
        nights.work(FIRST),
        nights.work(FIRST, wage_yuan=3500),
        nights.work(FIRST, region="那边"),
    ]
    rows = [*same, *(nights.work(p) for p in nights.PEOPLE[TOWN][2:])]
    outcome = settle(tmp_path, {"名单.xlsx": nights.workbook("L3", rows)})[
        "名单.xlsx"
    ]
    assert [f.rule for f in outcome.sheets[0].fates][:4] == [
        "X01",
        "X01",
        "C13",
        None,
    ]


def test_of_equal_rows_one_is_kept_beside_a_faulty_one(tmp_path: Path) -> None:
    same = [
        nights.work(FIRST, region="那边"),
        nights.work(FIRST),
        nights.work(FIRST),
    ]
    rows = [*same, *(nights.work(p) for p in nights.PEOPLE[TOWN][2:])]
    outcome = settle(tmp_path, {"名单.xlsx": nights.workbook("L3", rows)})[
        "名单.xlsx"
    ]
    fates = [(f.fate, f.rule) for f in outcome.sheets[0].fates]
    assert fates[:4] == [
        ("quarantined", "C13"),
        ("loaded", None),
        ("dropped", "X01"),
        ("loaded", None),
    ]


def test_a_row_with_a_fault_of_its_own_makes_no_second_head_of_a_household(
    tmp_path: Path,
) -> None:
    clean, faulty = (
        {
            **nights.labourer(p),
            "household_no": "51080299700001",
            "rel_to_head": "其他",
            "head_id_no": p.id_no,
        }
        for p in (FIRST, SECOND)
    )
    others = [nights.labourer(p) for p in nights.PEOPLE[TOWN][2:]]
    for state, rules in (("未就业", ["X05", "X05"]), (None, [None, "R01"])):
        rows = [clean, faulty | {"emp_status": state}, *others]
        outcome = settle(tmp_path, {"名单.xlsx": nights.workbook("L1", rows)})[
            "名单.xlsx"
        ]
        assert [f.rule for f in outcome.sheets[0].fates][:2] == rules


def busy(*_: object) -> None:
    """Never end, as a loop whose end a stranger's value takes away."""
    while True:
        pass


def greedy(*_: object) -> None:
    """Take memory without end."""
    taken = []
    while True:
        taken.append(bytearray(1 << 24))


def crash(*_: object) -> None:
    """End the process, as a library in C does."""
    os._exit(3)


@pytest.mark.parametrize("fault", [busy, greedy, crash])
def test_one_file_on_which_judging_does_not_end_is_held_and_the_others_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None]
) -> None:
    real = processing.sheet_facts

    def facts(sheets: list[SheetRead], *others: object) -> list[SheetFacts]:
        if any(s.arrival.file_name == "L3乙.xlsx" for s in sheets):
            fault()
        return real(sheets, *others)

    monkeypatch.setattr(processing, "sheet_facts", facts)
    monkeypatch.setattr(
        processing,
        "judging_limits",
        lambda files, rows: Limits(cpu_seconds=2, memory_bytes=1 << 30),
    )
    first, second, *_ = nights.PEOPLE[TOWN]
    books = {
        "L3甲.xlsx": [nights.work(first)],
        "L3乙.xlsx": [nights.work(second)],
    }
    found = settle(
        tmp_path,
        {name: nights.workbook("L3", rows) for name, rows in books.items()},
    )
    assert {n: o.status for n, o in found.items()} == {
        "L3甲.xlsx": "loaded",
        "L3乙.xlsx": "held",
    }
    assert [f.rule for f in found["L3乙.xlsx"].findings] == ["F16"]


def test_what_judging_may_take_grows_with_what_is_judged() -> None:
    little, much = (
        processing.judging_limits(1, 100),
        processing.judging_limits(500, 100_000),
    )
    assert little.cpu_seconds == 20
    assert much.cpu_seconds > 200
    assert much.clock_seconds > much.cpu_seconds
    assert much.memory_bytes > little.memory_bytes
