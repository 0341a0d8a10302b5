"""Write the inbox of the demo counties, and say what was planted in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from random import Random

from yiku.contracts import load_contracts
from yiku.demo.companion import companion_tables
from yiku.demo.data_tables import data_tables
from yiku.demo.dirt import PLANTS, Plant, spoil
from yiku.demo.extras import extra_files
from yiku.demo.inbox_files import File, render
from yiku.demo.lists import payments, town_lists
from yiku.demo.manifest import Manifest, planted_in
from yiku.demo.occupations import Roles, give_roles
from yiku.demo.official_tables import Table, table_files, town_folder
from yiku.demo.page import Mark
from yiku.demo.programmes import programme_tables
from yiku.demo.references import (
    AMBITIONS,
    INDICATORS,
    goals,
    household_rows,
    member_rows,
    targets,
    town_rows,
    village_rows,
)
from yiku.demo.rows import Row, in_turn
from yiku.demo.services import county_tables as services_tables
from yiku.demo.sheets import Sheet, Style, make_sheet, split_by_village
from yiku.demo.specials import Sheets, invite, plant_rows, second_post
from yiku.demo.talent import make_talent, talent_tables
from yiku.demo.world import PLANS, County, Plan, Town, make_county
from yiku.intake.inbox import DEMO_MARK

TOWN_LISTS = ("L1", "L2", "L3", "L4", "L5", "E01")
# No two counties draw the same telephones and accounts.
SERIALS = (0, 30_000, 80_000)
_FORMATS = (
    "xlsxwriter",
    "openpyxl",
    "xls",
    "xlsxwriter",
    "csv_gb18030",
    "xlsxwriter",
    "misnamed",
    "csv_utf8",
)
# Short lists come in formats that hold one sheet without colours, where nothing but
# cells can be dirty.
_RARE = {
    "L4": ("ods", "html", "xml2003", "tsv", "csv_utf16"),
    "E01": ("xlsxwriter", "et", "csv_utf16", "xls"),
}
_MANY_RECORDS = 30  # a sheet with more takes dirt without becoming all dirt


def _as_they_are(files: list[File], _county: str) -> Iterable[File]:
    return files


def write_inbox(
    folder: Path,
    scale: int = 1,
    seed: int = 2017,
    counties: Collection[str] = (),
    watched: Callable[[list[File], str], Iterable[File]] = _as_they_are,
) -> Manifest:
    """Write the demo counties' workbooks below ``folder``.

    The same arguments always give the same bytes.

    ``scale`` multiplies the households of every town; ``counties`` names the county
    codes, all if empty; ``watched`` passes a county's files on and may show how far it
    has come. The business date of the demo is 2017-11-20.
    """
    manifest = Manifest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEMO_MARK).touch()
    for plan, serial in zip(PLANS, SERIALS, strict=True):
        if counties and plan.code not in counties:
            continue
        files = all_files(plan, scale, seed, serial)
        for file in watched(files, plan.name):
            write_file(folder, file, manifest)
        if plan.full:
            for code, _name, total, _uom in INDICATORS:
                manifest.totals[code] = total * scale
    return manifest


def all_files(plan: Plan, scale: int, seed: int, serial: int) -> list[File]:
    """Return all files of a county, those of its offices last."""
    rng = Random(f"{seed}-{plan.code}")  # noqa: S311 - the same seed must make the same counties
    county = make_county(plan, scale, rng, serial)
    files = county_files(county, scale, rng)
    files += extra_files(county, files, rng)
    files += table_files(county, office_tables(county, files, rng), rng)
    return files


def office_tables(
    county: County, files: list[File], rng: Random
) -> Iterator[Table]:
    """Return what the county's offices send beside the five lists."""
    yield from _planned_tables(county, files, rng)
    # last, so that a new list changes no file of the others
    yield from data_tables(county)
    if county.code == "510821":
        yield Table("E12", targets(county, AMBITIONS))


def _planned_tables(
    county: County, files: list[File], rng: Random
) -> Iterator[Table]:
    if county.plan.full:
        yield from companion_tables(
            county, county.roles, _sheets_of_spells(files)
        )
        return
    talent = make_talent(county)
    yield from talent_tables(talent)
    yield from services_tables(talent, rng)
    if not talent.groups:
        yield from programme_tables(talent, rng)


def _sheets_of_spells(files: list[File]) -> list[Sheet]:
    """Return the sheets of L3 that will be loaded as they are."""
    found = []
    for file in files:
        for sheet in file.sheets:
            has_dirt = sheet.marks or file.marks
            if sheet.contract.code == "L3" and not has_dirt:
                found.append(sheet)
    return found


def county_files(county: County, scale: int, rng: Random) -> list[File]:
    """Return the files of a county with the dirt of cells and rows planted in them."""
    # guests join the register before anybody is given a role
    guests = invite(county, rng) if county.plan.full else None
    roles = give_roles(county, scale, rng)
    county.roles = roles
    made = town_lists(county, roles, rng)
    files: list[File] = []
    sheets: Sheets = {}
    for habit, town in enumerate(county.towns):
        own = {}
        for code in TOWN_LISTS:
            rows = made[code](town)
            own[code] = town_sheet(town, code, rows, habit, rng)
            sheets[town.code, code] = own[code]
        files += _town_files(county, town, own, habit)
    if guests:
        plant_rows(county, sheets, guests, roles, rng)
        plant_cells(files, rng)
    else:
        second_post(_longest(sheets, "L5"))
    return files + reference_files(county, roles, rng)


def _longest(sheets: Sheets, code: str) -> Sheet:
    """Return the sheet of a list with the most records."""
    own = [
        sheet for (_town, carried), sheet in sheets.items() if carried == code
    ]
    return max(own, key=lambda sheet: len(sheet.records))


def _style(code: str, habit: int) -> Style:
    """Return the habits of the n-th town for a list."""
    place = habit + TOWN_LISTS.index(code)
    has_sums = code in ("L2", "L5") and place % 3 == 0
    return Style(
        aliases=place % 2 == 1,
        title=place % 5 != 4,
        grouped=place % 6 == 2,
        numbered=place % 4 == 1,
        example=place % 7 == 3,
        footer=place % 3 != 2,
        subtotals=has_sums,
        page_length=40 if place % 5 == 3 else 0,
        village=in_turn(("plain", "merge", "plain", "blank"), place),
        wan=code == "L4" and habit % 2 == 0,
        gaps=place % 6 == 5,
    )


def town_sheet(
    town: Town, code: str, rows: list[Row], habit: int, rng: Random
) -> Sheet:
    """Return one list of a town, written in the habits of its clerk."""
    sheet = make_sheet(
        load_contracts()[code], town.name, rows, _style(code, habit), rng
    )
    # remarks carry dirt of their own, and nobody else writes any
    if code in ("L1", "L5"):
        sheet.show("remark")
    return sheet


def _town_files(
    county: County,
    town: Town,
    sheets: Mapping[str, Sheet],
    habit: int,
) -> list[File]:
    folder = town_folder(county, town, habit)
    # a town with nobody on a list does not send it
    filled = {code: sheet for code, sheet in sheets.items() if sheet.records}
    if county.plan.full:
        return [
            _one_list(folder, town, code, sheet, habit)
            for code, sheet in filled.items()
        ]
    # several lists in one file are told apart by the names of their sheets
    for sheet in sheets.values():
        sheet.name = sheet.contract.title
    census = sheets["L1"]
    others = [sheet for code, sheet in filled.items() if code != "L1"]
    writer = "xls" if habit % 4 == 2 else "xlsxwriter"
    if county.code == "510821":
        own_writer = "ods" if habit == 5 else writer
        return [
            File(f"{folder}/{town.name}基础信息名单", [census], own_writer),
            File(f"{folder}/{town.name}四名单及回访", others, writer),
        ]
    return [
        File(
            f"{folder}/2017年11月一库五名单（{town.name}）",
            [census, *others],
            writer,
        )
    ]


def _one_list(
    folder: str, town: Town, code: str, sheet: Sheet, habit: int
) -> File:
    title = sheet.contract.title
    place = TOWN_LISTS.index(code)
    names = (
        f"{town.name}{title}",
        f"2017年11月{title}-{town.name}",
        f"附件{place + 1}：{title}（{town.name}）",
    )
    file = File(
        f"{folder}/{in_turn(names, habit)}", [sheet], _writer(code, habit)
    )
    if code == "L1" and habit == 13:
        # one town has a sheet for each village
        file.writer = "xlsxwriter"
        file.sheets = split_by_village(sheet)
        file.marks.append(Mark("L14", "A", said=False))
    return file


def _writer(code: str, habit: int) -> str:
    rare = _RARE.get(code)
    if rare:
        return in_turn(rare, habit)
    return in_turn(_FORMATS, habit + TOWN_LISTS.index(code))


def reference_files(county: County, roles: Roles, rng: Random) -> list[File]:
    """Return the county's reference lists, its targets and its ledger of payments."""
    rows: dict[str, list[Row]] = {
        "V02": town_rows(county),
        "V01": village_rows(county),
        "H01": household_rows(county),
        "H02": member_rows(county, roles),
    }
    if county.plan.full:
        rows["E12"] = targets(county)
    elif county.code == "520524":
        rows["E12"] = goals(county)
    unit = county.plan.name
    files = []
    for code, found in rows.items():
        style = Style(footer=False, period="2017年")
        sheet = make_sheet(load_contracts()[code], unit, found, style, rng)
        files.append(
            File(f"{county.code}/county/{sheet.contract.title}{unit}", [sheet])
        )
    files.append(_ledger(county, roles, rng))
    return files


def _ledger(county: County, roles: Roles, rng: Random) -> File:
    """Return the county's ledger of payments, a sheet for each policy."""
    unit = county.plan.name
    sheets = []
    for name, paid in payments(roles).items():
        sheet = make_sheet(
            load_contracts()["E02"], unit, paid, Style(footer=False), rng
        )
        sheet.name = name
        sheets.append(sheet)
    return File(
        f"{county.code}/county/2017年11月补贴发放台账（{unit}）", sheets
    )


def plant_cells(files: list[File], rng: Random) -> None:
    """Plant the dirt of cells, each kind its number of times, on the larger sheets."""
    for plant in PLANTS:
        spots = list(_spots(files, plant))
        rng.shuffle(spots)
        left = plant.times
        for sheet, row in spots:
            if left and spoil(plant, sheet.records, row):
                left -= 1
        if left:
            raise ValueError(
                f"no room for {plant.rule} in {plant.code}.{plant.field}"
            )


def _spots(files: list[File], plant: Plant) -> Iterator[tuple[Sheet, int]]:
    """Yield the rows that could take a kind of dirt, as sheet and record."""
    for file in files:
        if plant.formats and file.writer not in plant.formats:
            continue
        for sheet in file.sheets:
            is_of_list = sheet.contract.code == plant.code
            is_large = len(sheet.records) > _MANY_RECORDS
            if is_of_list and is_large and plant.field in sheet.headers:
                for row in range(len(sheet.records)):
                    yield sheet, row


def write_file(folder: Path, file: File, manifest: Manifest) -> None:
    """Write a file below a folder, and note in the manifest what it holds."""
    path, data = render(file)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # a file that is there already keeps the time of its writing
    if not target.exists() or target.read_bytes() != data:
        target.write_bytes(data)
    manifest.files.append(path)
    for sheet in file.sheets:
        manifest.rows[sheet.contract.code] += len(sheet.records)
    manifest.planted += planted_in(path, file)
