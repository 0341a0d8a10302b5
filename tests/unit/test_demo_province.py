"""A province of fictitious counties: everyone's number is nobody else's, and size changes nothing but size."""

import hashlib
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from yiku.demo import write_province
from yiku.demo.counties import SERIALS, all_files
from yiku.demo.layout import lay_out
from yiku.demo.people import make_check
from yiku.demo.province import MOST_COUNTIES, province_plans
from yiku.demo.world import NEAR, PLANS
from yiku.gazetteer.places import divisions

# of the cells of all files that the three counties of the demo send
_THREE_COUNTIES = (
    "d061214c22a08f845cddb3fff12096a48befd20b60189e74e799531a5b1aa29c"
)


def test_the_demos_own_counties_are_what_they_were() -> None:
    digest = hashlib.sha256()
    for plan, serial in zip(PLANS, SERIALS, strict=True):
        for file in all_files(plan, 1, 2017, serial):
            digest.update(f"{file.path} {file.writer}".encode())
            for sheet in file.sheets:
                page = lay_out(sheet)
                digest.update(repr((page.name, page.cells)).encode())
    assert digest.hexdigest() == _THREE_COUNTIES


def test_every_county_has_towns_and_prefixes_of_its_own() -> None:
    plans = province_plans()
    assert len({plan.code for plan in plans}) == MOST_COUNTIES
    prefixes = [region for plan in plans for region in plan.regions]
    of_demo = {region for plan in PLANS for region in plan.regions}
    assert len(set(prefixes)) == len(prefixes)
    assert not set(prefixes) & (of_demo | set(NEAR))
    assert set(prefixes) <= set(divisions())
    for plan in plans:
        assert divisions()[plan.code] == plan.name
        assert plan.neighbour in divisions().values()
        assert not set(plan.phones) & set(PLANS[0].phones)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    write_province(folder, 2)
    return folder


def _numbers(folder: Path) -> list[str]:
    """Return the identity numbers of everyone in the registers below a folder."""
    found = []
    for path in folder.rglob("建档立卡人*.xlsx"):
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        for row in rows.to_python():
            numbers = [cell for cell in map(str, row) if len(cell) == 18]
            # the person's own number stands before the head's or behind it
            found += numbers[-1:]
    return found


def test_nobody_of_two_counties_shares_a_number(province: Path) -> None:
    folders = [province / plan.code for plan in province_plans()[:2]]
    first, second = [_numbers(folder) for folder in folders]
    assert first
    assert second
    assert len(set(first + second)) == len(first + second)
    for number in first + second:
        assert number[14:17] in ("997", "998")
        assert number[-1] == make_check(number[:17])


def test_a_county_is_the_same_however_many_there_are(
    province: Path, tmp_path: Path
) -> None:
    manifest = write_province(tmp_path, 1)
    assert manifest.files
    for path in manifest.files:
        assert (tmp_path / path).read_bytes() == (province / path).read_bytes()


def test_there_are_no_more_counties_than_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="88"):
        write_province(tmp_path, MOST_COUNTIES + 1)
