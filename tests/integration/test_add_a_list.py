"""A list is added by its contract, its suite and its dbt models alone: wide items, a session, stages, many values."""

import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from dbt.cli.main import dbtRunner
from nights import COUNTY, DAY, PEOPLE, TOWNS, VILLAGES, Nights, Person
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from yiku.contracts import (
    Contract,
    folder,
    load_codes,
    load_contracts,
    load_rules,
)
from yiku.pipeline.check import check_files
from yiku.pipeline.marts import connection_variables
from yiku.returns import build_template
from yiku.settings import Settings
from yiku.staging_models import write_staging
from yiku.tables import read_file

ROOT = Path(__file__).parents[2]
NEW = Path(__file__).parent / "data/add_a_list"
OTHER, TOWN = TOWNS
NEXT = DAY + timedelta(days=1)
NEW_MARTS = ("healthy_village", "seedling_order", "clinic_visit")
Cells = list[Any]
ITEMS = [
    *("标准化卫生室", "驻村医生", "家庭医生团队", "健康小屋"),
    *("卫生公厕", "垃圾收运点", "饮水净化站", "健身广场"),
]


def lay_over(below: Path, above: Path, into: Path) -> Path:
    """Copy a shipped folder and lay new files into it; none of the shipped ones is replaced."""
    shutil.copytree(
        below, into, ignore=shutil.ignore_patterns("__pycache__", "*.py")
    )
    for path in (p for p in above.rglob("*") if p.is_file()):
        target = into / path.relative_to(above)
        assert not target.exists(), path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return into


def forget() -> None:
    for loader in (load_contracts, load_codes, load_rules):
        loader.cache_clear()


@pytest.fixture
def contracts(tmp_path, monkeypatch) -> Iterator[Mapping[str, Contract]]:
    """Put the three new contracts beside those that the package ships."""
    place = lay_over(
        ROOT / "include/yiku/contracts",
        NEW / "contracts",
        tmp_path / "contracts",
    )
    with (place / "rules.yml").open("a", encoding="utf-8") as catalogue:
        catalogue.write((NEW / "contracts/more_rules.yml").read_text("utf-8"))
    monkeypatch.setattr(folder, "contracts_folder", lambda: place)
    forget()
    yield load_contracts()
    monkeypatch.undo()
    forget()


@pytest.fixture
def project(tmp_path, contracts) -> Path:
    """Put the new suites and models beside those of the project, and write the staging of the new lists."""
    lay_over(
        ROOT / "expectations",
        NEW / "expectations",
        tmp_path / "project/expectations",
    )
    models = lay_over(
        ROOT / "dbt_project", NEW / "dbt", tmp_path / "project/dbt_project"
    )
    write_staging(models, contracts.values())
    return tmp_path / "project"


@pytest.fixture
def county(nights, contracts, project) -> Nights:
    """Give the county with the new lists; dbt keeps what it parses of this project apart from the shipped one's."""
    (nights.settings.run / "dbt").unlink()
    settings: Settings = replace(nights.settings, project_root=project)
    return Nights(settings, nights.inbox)


def book(rows: Sequence[Cells], merges: Sequence[str] = ()) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for span in merges:
        made.active.merge_cells(span)
    return saved(made)


def saved(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def villages(fifth: str | None) -> bytes:
    """Lay out eight columns a village, as a clerk would who thinks of villages and not of items."""
    first = [1, "前哨村", *["是"] * 8, "八项齐备，见档案", 15, "2017-10-20"]
    second = [
        2,
        "青峰村",
        "√",
        "√",
        "×",
        "×",
        fifth,
        "有",
        "否",
        "否",
        "卫生室、医生、收运点",
        8,
        "2017-11-01",
    ]
    rows = [
        ["2017年11月健康村建设表"],
        ["填报单位：大石镇", None, None, "填报日期：2017年11月15日"],
        ["序号", "村", *ITEMS, "配备说明", "建设投入（万元）", "建好日期"],
        *(first, second),
    ]
    return book(rows)


def detailed_villages() -> bytes:
    """Lay out three columns an item, below the item's name."""
    groups = [text for item in ITEMS for text in (item, None, None)]
    leaves = ["是否配齐", "配备说明", "建设投入（元）"] * 8
    done = [
        value
        for n in range(8)
        for value in ("是", f"第{n + 1}项见照片", 10_000 + n)
    ]
    rows = [
        ["健康村建设表"],
        ["村", *groups, "建好日期"],
        [None, *leaves, None],
        ["高坑村", *done, "2017-09-30"],
    ]
    tops = [
        f"{get_column_letter(2 + 3 * n)}2:{get_column_letter(4 + 3 * n)}2"
        for n in range(8)
    ]
    return book(rows, tops)


def sessions(*told: tuple[str, str, Sequence[tuple[Person, str]]]) -> bytes:
    """Lay out sessions one below the other: facts of each above its trainees."""
    rows: list[Cells] = []
    for number, level, trainees in told:
        rows += [
            ["义诊签到表"],
            ["义诊场次号", number, "义诊日期：2017年11月3日", None],
            ["预约号", None, "义诊层级", "卫生点"],
            [
                "坐诊医生：王建国  医生级别：" + level,
                None,
                "义诊地点",
                "前哨村文化室",
            ],
            ["义诊主题", "秋冬保健", "义诊时长", 4],
            ["从事产业：核桃、养猪", None, None, None],
            ["序号", "人员姓名", "身份证号", "就诊人类别"],
            *(
                [n, p.name, p.id_no, kind]
                for n, (p, kind) in enumerate(trainees, 1)
            ),
            [],
        ]
    return book(rows)


def orders(town: str, stages: int) -> bytes:
    """Lay out orders with the first of their stages; the columns of those that have not come are left out."""
    one, other = VILLAGES[town]
    header = ["订购单号", "订购主体", "村", "株数", "种苗产业", "订购日期"]
    asked = [
        [f"{one}01", "合作社", one, 30, "核桃、茶叶", "2017-10-01"],
        [f"{one}02", "村委会", other, 25, "生猪", "2017-10-02"],
        [f"{one}03", "村委会", other, 20, "核桃", "2017-10-09"],
        [f"{one}04", "村委会", other, 20, "核桃", "2017-10-10"],
    ]
    done = [
        ["农牧局", "2017-10-05", "王建国", "2017-10-20", 28],
        ["扶贫办", "2017-10-06", None, None, None],
        [
            None,
            None,
            "李建国",
            "2017-11-02",
            19,
        ],  # delivered, though nobody accepted it
        [
            "农牧局",
            "2017-10-01",
            None,
            None,
            None,
        ],  # accepted before it was asked for
    ]
    if stages == 1:
        return book([["种苗订购登记表"], header, *asked])
    header += [
        "供苗部门",
        "供苗受理日期",
        "送苗人",
        "送苗日期",
        "签收株数",
        "供苗村",
    ]
    nurseries = [VILLAGES[OTHER][0], "青峰村委会", None, "桃花源村"]
    rows = (
        [*a, *d, n] for a, d, n in zip(asked, done, nurseries, strict=True)
    )
    return book([["种苗订购登记表"], header, *rows])


def test_a_new_list_has_a_template_that_is_read_again(contracts):
    for code in ("N01", "N02", "N03"):
        made = build_template(
            contracts[code],
            [{"village_name": "前哨村", "done": True, "item_no": 3}],
        )
        (table,) = read_file(made, "模板.xlsx").tables
        assert (table.list_code, table.problems, table.unknown) == (
            code,
            (),
            {},
        )


def test_a_new_list_is_checked_without_a_warehouse(
    contracts, project, tmp_path, monkeypatch
):
    monkeypatch.setenv("YIKU_PROJECT_ROOT", str(project))
    monkeypatch.setenv("YIKU_WORKERS", "1")
    path = tmp_path / COUNTY / TOWN / "健康村.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(villages(fifth="也许"))
    result = check_files([path], tmp_path / "out")
    assert [
        (f["rule"], f["verdict"], f["row"], f["field"])
        for f in result.findings
    ] == [("C11", "W", 5, "done")]
    page = openpyxl.load_workbook(result.written[0])["Sheet"]
    assert [
        (c.coordinate, "卫生公厕" in c.comment.text)
        for row in page
        for c in row
        if c.comment
    ] == [("G5", True)]


def send_all(county: Nights) -> None:
    first, second, third = PEOPLE[TOWN][:3]
    taught = (
        ("S-07", "乡", [(first, "居民"), (second, "职工")]),
        ("S-08", "县", [(third, "群众")]),
    )
    county.put(TOWN, "健康村.xlsx", villages(fifth=None))
    county.put(OTHER, "健康村明细.xlsx", detailed_villages())
    county.put(TOWN, "义诊.xlsx", sessions(*taught))
    county.put(TOWN, "订购.xlsx", orders(TOWN, stages=2))
    county.put(OTHER, "新订购.xlsx", orders(OTHER, stages=1))


def test_lists_are_added_without_python(county):
    send_all(county)
    outbox = county.run()
    assert {
        name: line[:1] + line[2:]
        for name, line in county.statuses().items()
        if not name[0].isascii()
    } == {
        "健康村.xlsx": ("partly_loaded", 16, 15, 1, 0),
        "健康村明细.xlsx": ("loaded", 8, 8, 0, 0),
        "义诊.xlsx": ("partly_loaded", 3, 2, 1, 0),
        "订购.xlsx": ("partly_loaded", 4, 2, 2, 0),
        "新订购.xlsx": ("loaded", 4, 4, 0, 0),
    }
    assert county.findings("健康村.xlsx") == [("R01", "Q", 5, True)]
    assert county.findings("义诊.xlsx") == [("K91", "Q", 9, True)]
    assert county.findings("订购.xlsx") == [
        ("R01", "Q", 5, True),
        ("T08", "Q", 6, True),
        ("X06", "Q", 6, True),
    ]
    delivered = "select nursery_village_place from raw.n02_now where nursery_village is not null order by order_no"
    assert county.rows(delivered) == [("510802100200",), ("510802101201",)]
    check_marts(county)
    assert unit_tests(county) == {
        "a_village_is_complete_with_all_eight_items": "pass",
        "an_order_is_as_far_as_its_last_day": "pass",
        "a_patient_of_the_register_has_its_name": "pass",
    }
    page = returned(outbox)
    assert page["G5"].comment.text.endswith("【卫生公厕】没有填写。请补填。")
    assert [c.coordinate for row in page for c in row if c.comment] == ["G5"]

    page["G5"] = "否"
    county.put(TOWN, "健康村.xlsx.校验.xlsx", saved(page.parent))
    county.take_in(NEXT)
    assert county.statuses()["健康村.xlsx.校验.xlsx"] == (
        "loaded",
        None,
        16,
        1,
        0,
        15,
    )
    assert county.findings("健康村.xlsx") == [("R01", "Q", 5, False)]
    answered = (
        "select r.item_no from raw.n01 as r inner join raw.n01 as n on "
        "n.quality ->> 'reference' = r.row_id::text"
    )
    assert county.rows(
        f"{answered} where r.fate = 'quarantined' and n.fate = 'loaded'"
    ) == [(5,)]
    assert county.rows(
        "select done from raw.n01_now where village_name = '青峰村' and item_no = 5",
        day=NEXT,
    ) == [(False,)]


def unit_tests(county: Nights) -> dict[str, str]:
    """Run dbt's unit tests of the new marts; return the outcome of each."""
    settings = county.settings
    project = str(settings.dbt_project)
    words = [
        "--quiet",
        "test",
        "--project-dir",
        project,
        "--profiles-dir",
        project,
    ]
    words += ["--target-path", str(settings.run / "dbt-test")]
    words += ["--log-path", str(settings.logs), "--select"]
    words += [f"{mart},test_type:unit" for mart in NEW_MARTS]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in connection_variables(settings, DAY).items():
            patch.setenv(name, value)
        done = dbtRunner().invoke(words)
    return {
        result.node.name: str(result.status)
        for result in done.result.results
        if result.node.resource_type == "unit_test"
    }


def check_marts(county: Nights) -> None:
    """Compare the marts with what the clerks wrote: amounts once, several values in a cell, sessions apart."""
    assert county.rows(
        "select village_name, items_done, invest_yuan::integer from mart.healthy_village order by village_code"
    ) == [("高坑村", 8, 80_028), ("前哨村", 8, 150_000), ("青峰村", 3, 80_000)]
    assert county.rows(
        'select stage, count(*) from mart.seedling_order group by stage order by stage collate "C"'
    ) == [
        ("受理", 1),
        ("订购", 4),
        ("送达", 1),
    ]
    assert county.rows(
        "select distinct wanted from mart.seedling_order where order_no like '%%01'"
    ) == [(["核桃", "茶叶"],)]
    first, _, third = PEOPLE[TOWN][:3]
    trained = "select session_no, teacher_level, name, held_on, industries from mart.clinic_visit order by session_no"
    about = (date(2017, 11, 3), ["核桃", "绿色生态畜禽"])
    assert county.rows(trained) == [
        ("S-07", "乡", first.name, *about),
        ("S-08", "县", third.name, *about),
    ]
    masked = county.rows("select name, id_no from mart_masked.clinic_visit")
    assert all(
        "*" in name and number[6:] == "*" * 12 for name, number in masked
    )


def returned(outbox: Path) -> Worksheet:
    return openpyxl.load_workbook(
        outbox / COUNTY / TOWN / "健康村.xlsx.校验.xlsx"
    )["Sheet"]
