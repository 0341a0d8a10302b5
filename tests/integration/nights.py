"""A small county for tests of whole nights: its people, workbooks made from the contracts, and the steps in order."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from database_copies import put_copy
from yiku import pipeline
from yiku.contracts import load_contracts
from yiku.settings import Settings
from yiku.warehouse.connection import connect

DAY = date(2017, 11, 20)
# The one name of every test's warehouse: dbt parses the whole project again when its connection changes.
NIGHTS = "nights"
COUNTY = "510802"
TOWNS = {"510802100": "荣山镇", "510802101": "大石镇"}
VILLAGES = {
    "510802100": ("高坑村", "中口村"),
    "510802101": ("前哨村", "青峰村"),
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES, _GIVEN = (
    "李王张刘陈杨赵黄周吴",
    "建国桂英秀兰志强玉梅海燕文华永红春明晓东",
)

Row = dict[str, Any]


def id_number(born: str, sequence: int = 997) -> str:
    """Return a number with the right check digit for a fictitious person of Lizhou."""
    body = f"{COUNTY}{born}{sequence}"
    return (
        body
        + "10X98765432"[
            sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11
        ]
    )


@dataclass(frozen=True)
class Person:
    """One registered person."""

    name: str
    id_no: str
    town: str
    village: str
    household_no: str
    phone: str


def _person(town: str, n: int) -> Person:
    at = list(TOWNS).index(town)
    name = (
        _SURNAMES[n] + _GIVEN[2 * n : 2 * n + 2]
        if at == 0
        else _SURNAMES[9 - n] + _GIVEN[2 * n : 2 * n + 2]
    )
    born = f"{1970 + n}0{1 + n % 9}1{at}"
    household = f"{town}{n // 2:03d}"
    phone = f"138{at}{(n + 1) * 73_939 % 10_000_000:07d}"
    return Person(
        name,
        id_number(born),
        town,
        VILLAGES[town][n % 4 // 2],
        household,
        phone,
    )


PEOPLE = {town: [_person(town, n) for n in range(10)] for town in TOWNS}


def villages() -> list[Row]:
    """Rows of the list of villages."""
    return [
        {
            "village_code": f"{town}{200 + i}",
            "village_name": name,
            "town_code": town,
            "is_poor": "是",
            "is_deep": "否",
            "valid_from": date(2014, 1, 1),
        }
        for town, names in VILLAGES.items()
        for i, name in enumerate(names)
    ]


def towns() -> list[Row]:
    """Rows of the list of towns."""
    return [
        {
            "town_code": c,
            "town_name": n,
            "kind": n[-1],
            "valid_from": date(2014, 1, 1),
        }
        for c, n in TOWNS.items()
    ]


def households() -> list[Row]:
    """Rows of the list of households; the first of two members is the head."""
    heads = [p for people in PEOPLE.values() for p in people[::2]]
    return [
        {
            "town_name": TOWNS[p.town],
            "village_name": p.village,
            "household_no": p.household_no,
            "head_name": p.name,
            "head_id_no": p.id_no,
            "attr": "一般贫困户",
            "cause": "缺技术",
            "member_count": 2,
            "in_year": 2014,
            "poverty_status": "已脱贫",
        }
        for p in heads
    ]


def members() -> list[Row]:
    """Rows of the list of registered persons."""
    return [
        {
            "household_no": p.household_no,
            "name": p.name,
            "id_no": p.id_no,
            "phone": p.phone,
            "labour_capacity": "普通劳动力",
            "member_state": "正常",
        }
        for people in PEOPLE.values()
        for p in people
    ]


def _about(p: Person) -> Row:
    return {
        "town_name": TOWNS[p.town],
        "village_name": p.village,
        "household_no": p.household_no,
        "name": p.name,
        "id_no": p.id_no,
        "phone": p.phone,
    }


def labourer(p: Person, **more: Any) -> Row:
    """Return a clean row of L1."""
    row = {
        **_about(p),
        "rel_to_head": "户主" if PEOPLE[p.town].index(p) % 2 == 0 else "其他",
        "labour_capacity": "普通劳动力",
        "emp_status": "未就业",
        "emp_intent": "县内",
        "verified_on": date(2017, 11, 10),
    }
    return row | more


def post(p: Person, **more: Any) -> Row:
    """Return a clean row of L5."""
    row = {
        **_about(p),
        "post_no": f"G{p.id_no[6:14]}",
        "post_name": "保洁员",
        "post_type": "保洁",
        "manager_unit": f"{p.village}委会",
        "start_on": date(2017, 3, 1),
        "end_on": date(2018, 2, 28),
        "std_yuan": 500,
    }
    return row | more


def work(p: Person, **more: Any) -> Row:
    """Return a clean row of L3."""
    row = {
        **_about(p),
        "region": "省外",
        "place": "浙江省杭州市",
        "employer": "杭州某某服装厂",
        "start_on": date(2017, 3, 1),
        "wage_yuan": 3000,
    }
    return row | more


def workbook(
    code: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str | None = None,
    filled: date | None = date(2017, 11, 15),
    headers: Mapping[str, str] | None = None,
    saved: datetime = datetime(2017, 11, 15, 8),
) -> bytes:
    """Return an xlsx of one list under its official headers, or under ``headers`` (column -> what a clerk calls it).

    IDs, phones and accounts are texts, as in the official template.
    """
    contract = load_contracts()[code]
    names = [
        c.name
        for c in contract.columns
        if any(c.name in r for r in rows) or c.need == "M"
    ]
    book = openpyxl.Workbook()
    page = book.active
    page.title = "名单"
    page.append([title or f"2017年11月{contract.title}"])
    if filled:
        page.append(
            [f"填报日期：{filled.year}年{filled.month}月{filled.day}日"]
        )
    page.append(
        [(headers or {}).get(n, contract.column(n).header) for n in names]
    )
    for row in rows:
        page.append([row.get(n) for n in names])
        for cell in page[page.max_row]:
            if isinstance(cell.value, str):
                cell.number_format, cell.data_type = "@", "s"
    out = io.BytesIO()
    book.save(out)
    return _dated(out.getvalue(), saved)


def _dated(data: bytes, saved: datetime) -> bytes:
    """Return the same workbook as if it had been saved at ``saved``: the same bytes whenever a test runs."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"\d{4}-\d\d-\d\dT[\d:]+Z",
                    saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
                    content,
                )
            copy.writestr(
                zipfile.ZipInfo(name, (2017, 11, 15, 8, 0, 0)), content
            )
    return out.getvalue()


@dataclass
class Nights:
    """An inbox, and the nights that take it in. ``home`` may be shared so that dbt parses once."""

    settings: Settings
    inbox: Path
    log: list[dict[str, Any]] = field(default_factory=list)
    settled: dict[str, Any] = field(
        default_factory=dict
    )  # what was judged again once all was loaded

    def put(
        self, unit: str, name: str, data: bytes, county: str = COUNTY
    ) -> Path:
        """Lay a file into a unit's folder."""
        path = self.inbox / county / unit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def put_references(self) -> None:
        """Lay the county's lists of towns, villages, households and persons into its folder."""
        lists = {
            "V02": towns(),
            "V01": villages(),
            "H01": households(),
            "H02": members(),
        }
        for code, rows in lists.items():
            self.put(
                "county",
                f"{code}.xlsx",
                workbook(
                    code, rows, title=load_contracts()[code].title, filled=None
                ),
            )

    def take_in(
        self,
        day: date = DAY,
        batches: Iterable[Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Run a night up to the last batch; return what the pull said. The last one is over, published or not."""
        self.end()
        pipeline.open_night(self.settings, day, str(self.inbox))
        pulled = pipeline.pull(self.settings, day, str(self.inbox))
        self.log.append(pulled)
        self.log.append(
            pipeline.load_references(self.settings, day, pulled["reference"])
        )
        for batch in pulled["batches"] if batches is None else batches:
            self.log.append(pipeline.process_batch(self.settings, day, batch))
        self.settled = pipeline.settle_claims(self.settings, day)
        return pulled

    def end(self) -> None:
        """Let the next night begin, as if this one had been published."""
        with closing(connect(self.settings)) as conn:
            if conn.execute(
                "select to_regclass('ops.night_turn')"
            ).fetchone() != (None,):
                conn.execute("update ops.night set state = 'published'")
                conn.execute("update ops.night_turn set night_id = null")
            conn.commit()

    def build(self, day: date = DAY, publish_old: bool = True) -> None:
        """Build the marts and swap them in."""
        self.log.append(pipeline.build_marts(self.settings, day))
        self.log.append(pipeline.propose(self.settings, day))
        self.log.append(
            pipeline.publish(self.settings, day, publish_old=publish_old)
        )

    def rows(
        self, query: str, *parameters: object, day: date = DAY
    ) -> list[tuple[Any, ...]]:
        """Return what the warehouse answers, as it looks on ``day``."""
        with closing(connect(self.settings, day)) as conn:
            return conn.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def statuses(
        self,
    ) -> dict[str, tuple[str, str | None, int, int, int, int]]:
        """Return status, reason and counts by file name, those of the newest submission of each."""
        query = (
            "select file_name, status, reason, rows_read, rows_loaded, rows_quarantined, rows_dropped"
            " from ops.submission order by submission_id"
        )
        return {name: tuple(rest) for name, *rest in self.rows(query)}  # type: ignore[misc]

    def findings(
        self, file_name: str
    ) -> list[tuple[str, str, int | None, bool]]:
        """Return rule, verdict, row and whether it is open, of what clerks were told of the newest such file."""
        return self.rows(
            "select f.rule, f.verdict, f.row_no, f.closed_on is null from ops.finding as f"
            " where f.submission_id = (select max(submission_id) from ops.submission where file_name = %s)"
            " and f.verdict <> 'A' and f.rule <> 'R02' order by f.row_no nulls first, f.rule",
            file_name,
        )

    def answer(self, day: date = DAY) -> Path:
        """Write what goes back to the senders; return the night's folder of the outbox."""
        self.log.append(pipeline.send_back(self.settings, day))
        return self.settings.outbox / day.isoformat()

    def run(self, day: date = DAY) -> Path:
        """Run a whole night; return its folder of the outbox."""
        self.take_in(day)
        self.build(day, publish_old=False)
        answered = self.answer(day)
        self.log.append(pipeline.notify(self.settings, day))
        self.log.append(pipeline.close_night(self.settings, day))
        return answered


def empty_beside(
    nights: Nights, server: Any, prepared: str, home: Path
) -> Nights:
    """Return the same nights with an empty warehouse of their own, and the archive that is there."""
    name = f"rebuilt_{uuid.uuid4().hex}"
    dsn = put_copy(server, prepared, name)
    settings = replace(nights.settings, warehouse_dsn=dsn, home=home)
    return replace(nights, settings=settings)
