"""The demo counties: fictitious people, exact totals, and dirt that lies where the manifest says."""

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest
from python_calamine import CalamineWorkbook
from yiku.contracts import load_contracts, load_rules
from yiku.demo import Manifest, data_tables, write_inbox
from yiku.demo.counties import TOWN_LISTS, county_files
from yiku.demo.dirt import PLANTS
from yiku.demo.layout import lay_out
from yiku.demo.lists import payments
from yiku.demo.occupations import give_roles
from yiku.demo.page import Page, Percent
from yiku.demo.people import make_check
from yiku.demo.programmes import programme_tables
from yiku.demo.references import INDICATORS, targets, town_rows, village_rows
from yiku.demo.rows import Row
from yiku.demo.services import county_tables as services_tables
from yiku.demo.sheets import Style, make_sheet
from yiku.demo.talent import make_talent
from yiku.demo.world import PLANS, County, make_county
from yiku.demo.writers import WRITERS, as_text
from yiku.formats.detection import read_book

SMALL = "510821"


@pytest.fixture(scope="module")
def lizhou() -> County:
    return make_county(PLANS[0], 1, Random(1), serial=0)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("inbox")
    return folder, write_inbox(folder, counties=["510802"])


def test_people_are_fictitious_and_nobody_shares_a_number(
    lizhou: County,
) -> None:
    numbers = [r.person.id_no for r in lizhou.residents()]
    assert len(set(numbers)) == len(numbers)
    assert {n[14:17] for n in numbers} == {"997", "998"}
    assert all(n[-1] == make_check(n[:17]) for n in numbers)


def test_a_number_says_the_sex_and_the_birth_date(lizhou: County) -> None:
    for resident in lizhou.residents():
        person = resident.person
        assert person.id_no[6:14] == f"{person.birth:%Y%m%d}"
        assert (int(person.id_no[16]) % 2 == 1) == (person.sex == "男")


def test_the_totals_of_the_county_come_out_exactly(lizhou: County) -> None:
    roles = give_roles(lizhou, 1, Random(2))
    amounts = Counter(r["amount_yuan"] for r in roles.training.values())
    assert amounts == {800: 1010, 1200: 680}
    assert (
        sum(p["amount_yuan"] for p in payments(roles)["培训补贴"]) == 1_624_000
    )
    assert len(roles.post) == 300
    assert sum(v["is_student"] for v in roles.venture.values()) == 5
    assert not set(roles.post) & set(roles.transfer)


@pytest.fixture(scope="module")
def zhijin() -> County:
    return make_county(PLANS[2], 1, Random(1), serial=0)


def test_zhijins_places_are_those_of_the_source(zhijin: County) -> None:
    towns, villages = town_rows(zhijin), village_rows(zhijin)
    assert (len(towns), sum(t["exit_state"] == "未摘帽" for t in towns)) == (
        32,
        6,
    )
    poor, rural = (
        sum(t[k] for t in towns)
        for k in ("poor_population", "rural_population")
    )
    assert round(100 * poor / rural, 1) == 19.8
    assert (
        sum(v["is_poor"] for v in villages),
        sum(v["is_deep"] for v in villages),
    ) == (282, 120)


def test_zhijins_totals_come_out_exactly(zhijin: County) -> None:
    tables = list(programme_tables(make_talent(zhijin), Random(2)))

    def rows(code: str) -> list[Row]:
        return [r for t in tables if t.code == code for r in t.rows]

    assert (len(rows("T15")), sum(r["funds_yuan"] for r in rows("T15"))) == (
        362,
        65_917_000,
    )
    assert min(r["funds_yuan"] for r in rows("T15")) > 0
    assert len({r["paired_village"] for r in rows("T15")} - {None}) == 21
    assert (
        sum(r["project_class"] == "山地高效生态农业" for r in rows("T14"))
        == 32
    )
    green = [r for r in rows("T02") if r["route"] == "绿色通道"]
    assert sum(r["team_size"] or 1 for r in green) == 102
    assert (
        480_001
        <= sum(r["paid_yuan"] for r in green if r["talent_type"] == "高层次")
        <= 489_999
    )
    assert 201 <= len(rows("T17")) <= 299


def test_wangcangs_helpers_are_as_many_as_in_the_source() -> None:
    county = make_county(PLANS[1], 1, Random(1), serial=0)
    talent = make_talent(county)
    assert [len(group) for group in talent.groups.values()] == [9, 9, 9, 9]
    assert 601 <= sum(map(len, talent.technicians.values())) <= 699
    assert 16_500 <= len(talent.pairs) <= 17_499
    assert len(talent.teams) == 97
    assert all(
        pair.technician.industry == pair.home.industry for pair in talent.pairs
    )
    helped = Counter(pair.technician.person.id_no for pair in talent.pairs)
    assert max(helped.values()) <= 40
    numbers = [r.person.id_no for r in county.register()]
    assert len(set(numbers)) == len(numbers)
    done = Counter(
        t.code for t in services_tables(talent, Random(3)) for _ in t.rows
    )
    assert (done["T09"], 2_201 <= done["T08"] <= 2_299) == (2_890, True)


def test_the_towns_targets_add_up_to_the_countys(lizhou: County) -> None:
    rows = targets(lizhou)
    for code, _, total, _ in INDICATORS:
        shares = [
            r["target"]
            for r in rows
            if r["indicator"] == code and r["unit"] != "利州区"
        ]
        assert sum(shares) == total
        assert len(shares) == 15


def test_every_town_sends_every_list(inbox: tuple[Path, Manifest]) -> None:
    _, manifest = inbox
    towns = {p.split("/")[1][:9] for p in manifest.files if p.count("/") == 2}
    assert len(towns) == 16  # 15 towns and the county's departments
    assert {f"E{n:02}" for n in range(3, 16)} <= set(manifest.rows)
    assert set(TOWN_LISTS) <= set(manifest.rows)


def test_at_least_45_kinds_of_dirt_are_planted(
    inbox: tuple[Path, Manifest],
) -> None:
    _, manifest = inbox
    assert len(manifest.by_rule()) >= 45
    # What the reader takes in its stride (titles, headers of two rows, blanks …) has no rule, for nobody is told.
    assert {p.rule for p in manifest.planted if p.said} <= set(load_rules())


@pytest.mark.parametrize(
    "plant", PLANTS, ids=lambda p: f"{p.rule}-{p.verdict}-{p.field}"
)
def test_each_kind_is_planted_its_number_of_times(
    plant, inbox: tuple[Path, Manifest]
) -> None:
    _, manifest = inbox
    lists = load_contracts()[plant.code].title
    found = [
        p
        for p in manifest.planted
        if (p.rule, p.verdict, p.field)
        == (plant.rule, plant.verdict, plant.field)
    ]
    assert (
        len([p for p in found if lists[:6] in p.path])
        >= plant.times * plant.rows
    )


def test_whole_sheets_rows_and_claims_are_spoilt_a_known_number_of_times(
    inbox: tuple[Path, Manifest],
) -> None:
    _, manifest = inbox
    planted = Counter((p.rule, p.verdict) for p in manifest.planted)
    assert planted["F13", "W"] == 1
    assert (planted["N05", "A"], planted["N05", "W"]) == (1, 1)
    assert (
        planted["T07", "A"] == 2
    )  # one column of spans, which is both its ends
    assert planted["K49", "W"] == 1
    households = {
        (p.path, p.sheet) for p in manifest.planted if p.rule == "X05"
    }
    assert len(households) == 3


def test_the_manifest_names_the_row_that_a_spreadsheet_program_shows(
    inbox: tuple[Path, Manifest],
) -> None:
    folder, manifest = inbox
    short = [
        p
        for p in manifest.planted
        if p.rule == "I13" and p.path.endswith((".xlsx", ".xls"))
    ]
    for planted in short:
        try:
            book = CalamineWorkbook.from_path(folder / planted.path)
        except Exception:  # an xlsx under an xls name: the product reads by content, this library by name
            continue
        sheet = book.get_sheet_by_name(planted.sheet or "")
        row = sheet.to_python(skip_empty_area=False)[(planted.row_no or 0) - 1]
        assert "待补" in row


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_inbox(tmp_path / "a", counties=[SMALL])
    write_inbox(tmp_path / "b", counties=[SMALL])
    assert first.files
    for path in first.files:
        assert (tmp_path / "a" / path).read_bytes() == (
            tmp_path / "b" / path
        ).read_bytes()


def test_another_scale_makes_more_people() -> None:
    county = make_county(PLANS[1], 2, Random(1), serial=0)
    assert len(county.towns[0].households) == 2 * PLANS[1].households
    assert county_files(county, 2, Random(1))


@pytest.mark.parametrize("writer", sorted(WRITERS))
def test_what_a_program_writes_is_read_again(writer: str) -> None:
    write, extension = WRITERS[writer]
    page = Page(
        "名单",
        [
            ["姓名", "月工资", "日期"],
            ["何建国", 3000, date(2017, 3, 1)],
            ["罗志远", None, None],
        ],
    )
    book = read_book(write([page]), "名单" + extension)
    values = book.sheets[0].values
    assert values[0][:2] == ["姓名", "月工资"]
    assert [as_text(values[1][0]), as_text(values[1][1])] == ["何建国", "3000"]
    assert values[2][0] == "罗志远"


@pytest.mark.parametrize("writer", ["xlsxwriter", "openpyxl", "xls", "ods"])
def test_a_percentage_is_written_as_the_program_shows_it(writer: str) -> None:
    write, extension = WRITERS[writer]
    sheet = read_book(
        write([Page("名单", [["利率"], [Percent(0.0435)]])]),
        "名单" + extension,
    ).sheets[0]
    assert sheet.values[1][0] == 0.0435
    assert sheet.look.percent == {(2, 1)}
    assert as_text(Percent(0.0435)) == "4.35%"


def test_a_workbook_with_macros_is_known_by_them() -> None:
    write, extension = WRITERS["xlsm"]
    assert read_book(
        write([Page("名单", [["姓名"], ["何建国"]])]), "名单" + extension
    ).has_macros


def test_a_new_list_is_laid_out_from_its_contract_alone() -> None:
    contract = load_contracts()["V02"]
    rows = [
        {
            "town_code": "510802101",
            "town_name": "大石镇",
            "valid_from": date(2010, 1, 1),
        }
    ]
    sheet = make_sheet(
        contract, "利州区", rows, Style(title=False, footer=False), Random(1)
    )
    page = lay_out(sheet)
    assert page.cells[0][:3] == ["序号", "乡镇代码", "名称"]
    assert sheet.records[0].row_no == 2


def test_demo_rows_that_are_data_take_their_place_and_person_from_the_county(
    lizhou: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 'county: "510802"\nrows:\n  - {town: 1, person: 2, held_on: 2017-10-15}\n'
    (tmp_path / "T20.yml").write_text(told, "utf-8")
    (tmp_path / "E13.yml").write_text(
        'county: "510821"\nrows: [{topic: 例会}]', "utf-8"
    )
    monkeypatch.setattr(data_tables, "tables_folder", lambda: tmp_path)
    (table,) = data_tables.data_tables(lizhou)
    resident = lizhou.towns[1].labourers[2]
    (row,) = table.rows
    assert table.code == "T20"
    assert (row["id_no"], row["held_on"]) == (
        resident.person.id_no,
        date(2017, 10, 15),
    )
    assert row["village_name"] == resident.household.village.name
    # what the list has no column for is left out
    assert "household_no" not in row


def test_demo_rows_with_a_column_that_the_list_has_not_are_a_fault_of_ours(
    lizhou: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 'county: "510802"\nrows: [{town: 0, no_such_column: 1}]'
    (tmp_path / "E13.yml").write_text(told, "utf-8")
    monkeypatch.setattr(data_tables, "tables_folder", lambda: tmp_path)
    with pytest.raises(KeyError, match="no_such_column"):
        list(data_tables.data_tables(lizhou))
