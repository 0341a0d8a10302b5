"""Write the inbox of the demo counties, and say what was planted in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from yiku.contracts import load_contracts
from yiku.demo.companion import companion_tables
from yiku.demo.dirt import PLANTS, Plant, spoil
from yiku.demo.extras import extra_files
from yiku.demo.files import File, render
from yiku.demo.lists import (
    INDICATORS,
    Roles,
    Row,
    give_roles,
    goals,
    household_rows,
    member_rows,
    payments,
    targets,
    town_lists,
    town_rows,
    village_rows,
)
from yiku.demo.page import Mark
from yiku.demo.programmes import programme_tables
from yiku.demo.services import county_tables as services_tables
from yiku.demo.sheets import Sheet, Style, make_sheet, split_by_village
from yiku.demo.specials import Sheets, invite, plant_rows, second_post
from yiku.demo.tables import Table, table_files
from yiku.demo.talent import make_talent, talent_tables
from yiku.demo.world import PLANS, County, Town, make_county
from yiku.intake.inbox import DEMO_MARK

TOWN_LISTS = ("L1", "L2", "L3", "L4", "L5", "E01")
# No two counties draw the same telephones and accounts.
SERIALS = (0, 30_000, 80_000)
_FORMATS = ("xlsxwriter", "openpyxl", "xls", "xlsxwriter", "csv_gb18030", "xlsxwriter", "misnamed", "csv_utf8")
_RARE = {"L4": ("ods", "html", "xml2003", "tsv", "csv_utf16"), "E01": ("xlsxwriter", "et", "csv_utf16", "xls")}


@dataclass(frozen=True)
class Planted:
    """One piece of dirt where it lies. ``said``: the night must have a finding for it."""

    rule: str
    verdict: str
    path: str
    sheet: str | None
    row_no: int | None
    field: str | None
    said: bool
    held: int = 0  # data rows of a sheet that is held for it


@dataclass
class Manifest:
    """What was written: files, rows by list, dirt, and the totals that the marts must show."""

    files: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    planted: list[Planted] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    def by_rule(self) -> Counter[str]:
        """Count the dirt by rule."""
        return Counter(p.rule for p in self.planted)

    def findings(self) -> Counter[tuple[str, str]]:
        """Count the findings that the night must have, by rule and verdict.

        A repair is one finding for each sheet and column, everything else one for each place; every row of a sheet
        that is held has one of its own.
        """
        said = [p for p in self.planted if p.said]
        repaired = {(p.rule, p.path, p.sheet, p.field) for p in said if p.verdict == "A"}
        found = Counter((r[0], "A") for r in repaired)
        for one in said:
            found[one.rule, one.verdict] += one.verdict != "A"
            found[one.rule, "Q"] += one.held
        return +found


def write_inbox(
    folder: Path,
    scale: int = 1,
    seed: int = 2017,
    counties: Collection[str] = (),
    watched: Callable[[list[File], str], Iterable[File]] = lambda files, _: files,
) -> Manifest:
    """Write the demo counties' workbooks below ``folder``; the same arguments always give the same bytes.

    ``scale`` multiplies the households of every town; ``counties`` names the county codes, all if empty; ``watched``
    passes a county's files on and may show how far it has come. The business date of the demo is 2017-11-20.
    """
    manifest = Manifest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEMO_MARK).touch()
    for n, plan in enumerate(PLANS):
        if counties and plan.code not in counties:
            continue
        rng = Random(f"{seed}-{plan.code}")  # noqa: S311 - the same seed must make the same counties
        county = make_county(plan, scale, rng, serial=SERIALS[n])
        files = county_files(county, scale, rng)
        files += extra_files(county, files, rng)
        files += table_files(county, office_tables(county, files, rng), rng)
        for file in watched(files, plan.name):
            _write(folder, file, manifest)
        if plan.full:
            manifest.totals = {code: total * scale for code, _, total, _ in INDICATORS}
    return manifest


def office_tables(county: County, files: list[File], rng: Random) -> Iterator[Table]:
    """Return what the county's offices send beside the five lists."""
    if county.plan.full:
        yield from companion_tables(county, county.roles, [s for f in files for s in f.sheets if _sends_spells(f, s)])
        return
    talent = make_talent(county)
    yield from talent_tables(talent)
    yield from services_tables(talent, rng)
    if not talent.groups:
        yield from programme_tables(talent, rng)


def _sends_spells(file: File, sheet: Sheet) -> bool:
    return sheet.contract.code == "L3" and not sheet.marks and not file.marks


def county_files(county: County, scale: int, rng: Random) -> list[File]:
    """Return the files of a county with the dirt of cells and rows planted in them."""
    guests = invite(county, rng) if county.plan.full else None
    roles = county.roles = give_roles(county, scale, rng)
    made = town_lists(county, roles, rng)
    files, sheets = [], Sheets()
    for n, town in enumerate(county.towns):
        mine = {code: _sheet(county, town, code, made[code](town), n, rng) for code in TOWN_LISTS}
        sheets |= {(town.code, code): sheet for code, sheet in mine.items()}
        files += _town_files(county, town, mine, n)
    if guests:
        plant_rows(county, sheets, guests, roles, rng)
        plant_cells(files, rng)
    else:
        second_post(max((s for (_, code), s in sheets.items() if code == "L5"), key=lambda s: len(s.records)))
    return [*files, *_reference_files(county, roles, rng)]


def _style(code: str, n: int) -> Style:
    """Return the habits of the n-th town for a list."""
    at = n + TOWN_LISTS.index(code)
    return Style(
        aliases=at % 2 == 1,
        title=at % 5 != 4,
        grouped=at % 6 == 2,
        numbered=at % 4 == 1,
        example=at % 7 == 3,
        footer=at % 3 != 2,
        subtotals=code in ("L2", "L5") and at % 3 == 0,
        page_length=40 if at % 5 == 3 else 0,
        village=("plain", "merge", "plain", "blank")[at % 4],
        wan=code == "L4" and n % 2 == 0,
        gaps=at % 6 == 5,
    )


def _sheet(county: County, town: Town, code: str, rows: list[Row], n: int, rng: Random) -> Sheet:
    sheet = make_sheet(load_contracts()[code], town.name, rows, _style(code, n), rng)
    if code in ("L1", "L5"):
        sheet.show("remark")
    return sheet


def _folder(county: County, town: Town, n: int) -> str:
    return f"{county.code}/{town.code}" + (f" {town.name}" if n % 3 == 1 else "")


def _town_files(county: County, town: Town, sheets: Mapping[str, Sheet], n: int) -> list[File]:
    folder = _folder(county, town, n)
    if county.plan.full:
        return [_one_list(folder, town, code, sheet, n) for code, sheet in sheets.items() if sheet.records]
    for sheet in sheets.values():
        sheet.name = sheet.contract.title
    census, others = sheets["L1"], [s for code, s in sheets.items() if code != "L1" and s.records]
    writer = "xls" if n % 4 == 2 else "xlsxwriter"
    if county.code == "510821":
        pair = [File(f"{folder}/{town.name}基础信息名单", [census], "ods" if n == 5 else writer)]
        return [*pair, File(f"{folder}/{town.name}四名单及回访", others, writer)]
    return [File(f"{folder}/2017年11月一库五名单（{town.name}）", [census, *others], writer)]


def _one_list(folder: str, town: Town, code: str, sheet: Sheet, n: int) -> File:
    names = (
        f"{town.name}{sheet.contract.title}",
        f"2017年11月{sheet.contract.title}-{town.name}",
        f"附件{TOWN_LISTS.index(code) + 1}：{sheet.contract.title}（{town.name}）",
    )
    rare = _RARE.get(code)
    writer = rare[n % len(rare)] if rare else _FORMATS[(n + TOWN_LISTS.index(code)) % len(_FORMATS)]
    file = File(f"{folder}/{names[n % 3]}", [sheet], writer)
    if code == "L1" and n == 13:
        file.writer = "xlsxwriter"
        file.sheets = split_by_village(sheet)
        file.marks.append(Mark("L14", "A", None, said=False))
    return file


def _reference_files(county: County, roles: Roles, rng: Random) -> list[File]:
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
    files = []
    for code, found in rows.items():
        sheet = make_sheet(load_contracts()[code], county.plan.name, found, Style(footer=False), rng)
        sheet.style = Style(footer=False, period="2017年")
        files.append(File(f"{county.code}/county/{sheet.contract.title}{county.plan.name}", [sheet]))
    ledger = []
    for name, paid in payments(roles).items():
        sheet = make_sheet(load_contracts()["E02"], county.plan.name, paid, Style(footer=False), rng)
        sheet.name = name
        ledger.append(sheet)
    return [*files, File(f"{county.code}/county/2017年11月补贴发放台账（{county.plan.name}）", ledger)]


def plant_cells(files: list[File], rng: Random) -> None:
    """Plant the dirt of cells, each kind its number of times, on the larger sheets."""
    for plant in PLANTS:
        spots = list(_spots(files, plant))
        rng.shuffle(spots)
        left = plant.times
        for sheet, at in spots:
            if left and spoil(plant, sheet.records, at):
                left -= 1
        if left:
            raise ValueError(f"no room for {plant.rule} in {plant.code}.{plant.field}")


def _spots(files: list[File], plant: Plant) -> Iterator[tuple[Sheet, int]]:
    for file in files:
        for sheet in file.sheets:
            fits = sheet.contract.code == plant.code and plant.field in sheet.headers and len(sheet.records) > 30
            if fits and (not plant.formats or file.writer in plant.formats):
                yield from ((sheet, at) for at in range(len(sheet.records)))


def _write(folder: Path, file: File, manifest: Manifest) -> None:
    path, data = render(file)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != data:
        target.write_bytes(data)
    manifest.files.append(path)
    for sheet in file.sheets:
        manifest.rows[sheet.contract.code] += len(sheet.records)
    manifest.planted += _planted(path, file)


def _planted(path: str, file: File) -> Iterator[Planted]:
    def lies(mark: Mark, sheet: Sheet | None, row: int | None) -> Planted:
        nameless = sheet is None or file.writer.startswith(("csv", "tsv", "html"))
        name = None if nameless or sheet is None else sheet.name
        held = (len(sheet.records) if sheet else file.held) if mark.verdict == "S" else 0
        return Planted(mark.rule, mark.verdict, path, name, row, mark.field, mark.said, held)

    yield from (lies(m, None, None) for m in (*file.marks, *_of_format(file)))
    for sheet in file.sheets:
        yield from (lies(m, sheet, None) for m in (*sheet.marks, *_of_layout(sheet)))
        yield from (lies(m, sheet, r.row_no) for r in sheet.records for m in r.marks)


def _of_format(file: File) -> Iterator[Mark]:
    if file.writer in ("misnamed", "html", "xml2003"):
        yield Mark("F01", "A", None)
    if file.writer == "et":
        yield Mark("F02", "A", None, said=False)
    if file.writer.startswith(("csv", "tsv")):
        yield Mark("F03", "A", None, said=False)


def _of_layout(sheet: Sheet) -> Iterator[Mark]:
    style = sheet.style
    habits: dict[str, Any] = {
        "L01": style.title,
        "L02": style.grouped,
        "L07": style.numbered or style.example,
        "L09": style.footer,
        "L10": sheet.villages == "merge",
        "L11": sheet.villages == "blank",
        "L16": style.page_length,
        "L17": style.gaps,
    }
    yield from (Mark(rule, "A", None, said=False) for rule, present in habits.items() if present)
    if style.subtotals:
        yield Mark("L08", "A", None, said=False)
