"""How often a file is opened: reading one costs more than all that is done with what it held."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from nights import COUNTY, DAY, PEOPLE, TOWNS, Nights, towns, work, workbook
from yiku.pipeline import check_files, office_files
from yiku.returns import workbook as return_workbook
from yiku.tables import extraction

TOWN = next(iter(TOWNS))
Opened = Callable[[], Counter[str]]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Give a way to ask how often a file was opened, by its name, in whatever process."""
    log = tmp_path / "opened"
    log.touch()
    real = extraction.read_book

    def read_book(data: bytes, name: str) -> object:
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{name}\n")
        return real(data, name)

    for module in (extraction, return_workbook):
        monkeypatch.setattr(module, "read_book", read_book)
    return lambda: Counter(log.read_text("utf-8").splitlines())


def faulty() -> bytes:
    """Return a list with a row that goes back."""
    person, *others = PEOPLE[TOWN]
    wrong = work(person, id_no=person.id_no[:-1])
    return workbook("L3", [wrong, *(work(other) for other in others)])


def test_a_check_opens_each_file_once(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "given" / COUNTY / TOWN
    folder.mkdir(parents=True)
    (folder / "有错.xlsx").write_bytes(faulty())
    (folder / "无错.xlsx").write_bytes(workbook("L3", [work(PEOPLE[TOWN][1])]))
    (folder / "V02.xlsx").write_bytes(workbook("V02", towns(), filled=None))
    result = check_files([tmp_path / "given"], tmp_path / "out")
    assert "有错.xlsx.校验.xlsx" in [path.name for path in result.written]
    # the one that goes back is edited as the package that it is: its cells are not read for that
    assert {
        name: opened()[name] for name in ("有错.xlsx", "无错.xlsx", "V02.xlsx")
    } == {
        "有错.xlsx": 1,
        "无错.xlsx": 1,
        "V02.xlsx": 1,
    }


def test_a_night_opens_each_file_once_also_what_goes_back(
    opened: Opened, nights: Nights
) -> None:
    nights.put(TOWN, "有错.xlsx", faulty())
    nights.put(TOWN, "重复.xlsx", faulty())
    nights.take_in()
    assert opened()["有错.xlsx"] == 1
    returned = {path.name for path in nights.answer().rglob("*.校验.xlsx")}
    assert "有错.xlsx.校验.xlsx" in returned
    assert "重复.xlsx.校验.xlsx" not in returned
    # where its rows stand was kept when they were judged, and what its marks show lies among the rows sent back
    assert opened()["有错.xlsx"] == 1
    # a copy gets a receipt: nobody has to look into it
    assert opened()["重复.xlsx"] == 0


def test_a_county_offices_files_are_opened_once_whatever_they_hold(
    opened: Opened, nights: Nights
) -> None:
    nights.put("county", "V02新.xlsx", workbook("V02", towns(), filled=DAY))
    job = work(PEOPLE[TOWN][0])
    nights.put("county", "局里的.xlsx", workbook("L3", [job]))
    nights.take_in()
    assert opened()["V02新.xlsx"] == 1
    assert opened()["局里的.xlsx"] == 1


def test_what_would_not_fit_the_memory_is_opened_again_and_loaded_all_the_same(
    opened: Opened, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_files, "KEPT_ROWS", 1)
    nights.put("county", "V02新.xlsx", workbook("V02", towns(), filled=DAY))
    nights.take_in()
    assert opened()["V02新.xlsx"] == 2
    assert nights.statuses()["V02新.xlsx"][0] == "loaded"
