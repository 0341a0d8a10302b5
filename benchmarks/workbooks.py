"""Workbooks for measuring: the L1 of 264 towns with 380 rows each, and the reference lists that they are held against.

Four more counties come beside them: two to warm up with, two to look into.

Everyone in them is fictitious: the sequence in the ID numbers is 997 or 998.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import xlsxwriter

COUNTIES = [f"5108{number}" for number in range(30, 46)]
# Two counties fill a batch: those of the first one are to warm up with, those of the last to look into.
MEASURED = COUNTIES[2:-2]
TOWNS, VILLAGES, ROWS = 22, 4, 380
DIRTY_EVERY = 50  # 2 %
DAY = date(2017, 11, 20)
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国秀兰玉梅"
PLACES = "青白红黄石木水火金土山川云雨风林泉溪桥坪坝湾沟岭"

L1_HEADERS = (
    *(
        "乡镇",
        "村",
        "组",
        "户编号",
        "户主姓名",
        "姓名",
        "身份证号",
        "性别",
        "民族",
        "与户主关系",
        "文化程度",
        "联系电话",
    ),
    *(
        "劳动能力",
        "健康状况",
        "在校生状况",
        "就业状态",
        "就业意向",
        "意向地域",
        "意向月薪",
        "培训意向",
        "脱贫属性",
    ),
    *("核实日期", "核实方式", "核实人", "备注"),
)


@dataclass(frozen=True)
class Person:
    """One fictitious labourer and where he is at home."""

    town: str
    village: str
    group: int
    household: str
    name: str
    id_no: str
    phone: str

    @property
    def sex(self) -> str:
        """The sex that the ID number says."""
        return "男" if int(self.id_no[16]) % 2 else "女"


@dataclass(frozen=True)
class Town:
    """One town: its code, its name, its villages."""

    code: str
    name: str
    villages: tuple[str, ...]


def check_digit(body: str) -> str:
    """Return the 18th character of the ID number that begins with these 17."""
    return "10X98765432"[
        sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(body)) % 11
    ]


def id_numbers(county: str) -> Iterator[str]:
    """Give one ID number after another, none twice."""
    for days, sequence in product(range(12_000), ("997", "998")):
        body = f"{county}{date(1965, 1, 1) + timedelta(days):%Y%m%d}{sequence}"
        yield body + check_digit(body)


def towns_of(county: str) -> list[Town]:
    """Return the towns of a county, made up like their villages."""
    found = []
    for number in range(TOWNS):
        name = (
            PLACES[number]
            + PLACES[(number * 7 + int(county)) % len(PLACES)]
            + "镇"
        )
        villages = tuple(
            PLACES[(number + i * 5) % len(PLACES)] + "花坪坝沟"[i] + "村"
            for i in range(VILLAGES)
        )
        found.append(Town(f"{county}{100 + number}", name, villages))
    return found


def people_of(
    town: Town, ids: Iterator[str], rng: random.Random
) -> list[Person]:
    """Return the labourers of one town, each a household of his own."""
    return [
        Person(
            town=town.name,
            village=town.villages[i % VILLAGES],
            group=i % 6 + 1,
            household=f"{town.code}{i:05d}",
            name=rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, 2)),
            id_no=next(ids),
            phone=f"13{rng.randrange(10**9):09d}",
        )
        for i in range(ROWS)
    ]


def l1_row(person: Person, number: int) -> list[object]:
    """Return a person's row in the order of L1_HEADERS."""
    working = number % 3 == 0
    return [
        *(
            person.town,
            person.village,
            f"{person.group}组",
            person.household,
            person.name,
            person.name,
        ),
        *(
            person.id_no,
            person.sex,
            "汉族",
            "户主",
            ("初中", "小学", "高中")[number % 3],
            person.phone,
        ),
        *(
            "普通劳动力",
            "健康",
            "非在校生",
            "灵活就业" if working else "在家务农",
            "务农" if number % 2 else "县内",
        ),
        *(
            "县内",
            2500 + number % 10 * 100,
            "是" if number % 4 else "否",
            "已脱贫(享受政策)",
        ),
        *(f"2017-11-{number % 15 + 1:02d}", "上门", "王建国", None),
    ]


def _put(
    header: str, value: Callable[[list[object]], object]
) -> Callable[[list[object]], None]:
    place = L1_HEADERS.index(header)

    def change(row: list[object]) -> None:
        row[place] = value(row)

    return change


def _wrong_digit(row: list[object]) -> str:
    text = str(row[L1_HEADERS.index("身份证号")])
    return text[:-1] + ("1" if text[-1] != "1" else "2")


DIRT = (
    _put("身份证号", _wrong_digit),
    _put("身份证号", lambda row: float(_wrong_digit(row).replace("X", "0"))),
    _put("身份证号", lambda row: None),
    _put("姓名", lambda row: None),
    _put(
        "性别",
        lambda row: "女" if row[L1_HEADERS.index("性别")] == "男" else "男",
    ),
    _put("劳动能力", lambda row: "还可以"),
    _put("就业状态", lambda row: None),
    _put("核实日期", lambda row: "2017-02-30"),
    _put("联系电话", lambda row: "1380"),
    _put("意向月薪", lambda row: "3000左右"),
    _put("村", lambda row: "不知道村"),
)


def _write(
    path: Path,
    title: str,
    headers: Iterable[str],
    rows: Iterable[Iterable[object]],
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write(0, 0, title)
        sheet.write_row(1, 0, headers)
        for number, row in enumerate(rows, 2):
            sheet.write_row(number, 0, row)


def write_inbox(folder: Path) -> None:
    """Write the whole inbox below ``folder``: one L1 a town, and the reference lists of every county."""
    rng = random.Random(2017)
    for county in COUNTIES:
        ids = id_numbers(county)
        towns = towns_of(county)
        people = {town: people_of(town, ids, rng) for town in towns}
        _write_references(folder / county / "county", people)
        for town in towns:
            _write_l1(
                folder / county / town.code / "L1.xlsx", town, people[town]
            )


def _write_l1(path: Path, town: Town, people: list[Person]) -> None:
    rows = []
    for number, person in enumerate(people):
        row = l1_row(person, number)
        if number % DIRTY_EVERY == DIRTY_EVERY - 1:
            DIRT[(number // DIRTY_EVERY + int(town.code)) % len(DIRT)](row)
        rows.append(row)
    _write(
        path, f"{town.name}2017年11月贫困劳动力基础信息名单", L1_HEADERS, rows
    )


def _write_references(folder: Path, people: dict[Town, list[Person]]) -> None:
    towns = [(t.code, t.name, "镇", "是", "2010-01-01") for t in people]
    _write(
        folder / "V02.xlsx",
        "乡镇名录",
        ("乡镇代码", "名称", "类别", "是否贫困乡镇", "启用"),
        towns,
    )
    villages = [
        (f"{t.code}{200 + i}", v, t.code, t.name, "是", "否", "2010-01-01")
        for t in people
        for i, v in enumerate(t.villages)
    ]
    headers = (
        "区划代码",
        "村名",
        "乡镇代码",
        "乡镇",
        "是否贫困村",
        "是否深度贫困村",
        "启用",
    )
    _write(folder / "V01.xlsx", "村名录", headers, villages)
    everyone = [p for some in people.values() for p in some]
    _write(folder / "H01.xlsx", "建档立卡户", *_households(everyone))
    _write(folder / "H02.xlsx", "建档立卡人", *_members(everyone))


def _households(
    people: list[Person],
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    headers: tuple[str, ...] = (
        "乡镇",
        "行政村",
        "户编号",
        "户主姓名",
        "户主证件号",
        "户属性",
        "主要致贫原因",
        "家庭人口数",
        "识别年度",
        "脱贫状态",
    )
    rows: list[tuple[object, ...]] = [
        (
            p.town,
            p.village,
            p.household,
            p.name,
            p.id_no,
            "一般",
            "缺技术",
            1,
            2014,
            "已脱贫(享受政策)",
        )
        for p in people
    ]
    return headers, rows


def _members(
    people: list[Person],
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    headers: tuple[str, ...] = (
        "乡镇",
        "行政村",
        "户编号",
        "姓名",
        "身份证号",
        "性别",
        "民族",
        "与户主关系",
        "联系电话",
        "劳动能力",
        "人员状态",
    )
    rows: list[tuple[object, ...]] = [
        (
            p.town,
            p.village,
            p.household,
            p.name,
            p.id_no,
            p.sex,
            "汉族",
            "户主",
            p.phone,
            "普通劳动力",
            "在册",
        )
        for p in people
    ]
    return headers, rows
