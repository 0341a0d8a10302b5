"""The page that ``yiku check`` leaves beside the workbooks."""

from __future__ import annotations

import json
from pathlib import Path

import nights
import pytest
from lxml import html
from yiku.cli import entry
from yiku.intake.path_names import CHECK_PAGE

TOWN = next(iter(nights.TOWNS))
PERSON, OTHER, *_ = nights.PEOPLE[TOWN]
WRONG = PERSON.id_no[:-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county's folder with a good list and one in which a row goes back."""
    place = tmp_path_factory.mktemp("收件")
    unit = place / nights.COUNTY / TOWN
    unit.mkdir(parents=True)
    wrong = nights.work(PERSON, id_no=WRONG)
    rows = [wrong, nights.work(OTHER)]
    (unit / "有错<b>.xlsx").write_bytes(nights.workbook("L3", rows))
    good = nights.workbook("L3", [nights.work(OTHER)])
    (unit / f"好 {OTHER.id_no}.xlsx").write_bytes(good)
    return place


def checked(*words: str) -> int:
    """Run the command; return its exit status."""
    with pytest.raises(SystemExit) as ended:
        entry.main(["check", *words])
    return int(ended.value.code or 0)


def test_a_page_says_file_by_file_what_is_wrong_and_names_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = checked(str(folder))
    page = folder / CHECK_PAGE
    said = capsys.readouterr().out
    assert status == 1
    assert f"核对报告：{page}" in said
    assert "共 2 个文件" in said
    text = page.read_text("utf-8")
    for value in (WRONG, PERSON.id_no, OTHER.id_no, PERSON.name, OTHER.name):
        assert value not in text
    # Nothing is fetched, nothing is run.
    assert not any(word in text for word in ("<script", "http:", "https:"))
    root = html.fromstring(text)
    files, *rest = root.findall(".//table")
    assert len(files.findall("tbody/tr")) == 2
    assert files.find("tbody/tr/td").text_content().endswith(".xlsx")
    (link,) = files.xpath(".//a[contains(., '有错')]")
    (heading,) = root.xpath("//h2[contains(., '有错')]")
    assert link.get("href") == f"#{heading.get('id')}"
    assert "有错<b>.xlsx" in heading.text_content()
    (faults,) = [table for table in rest if "身份证" in table.text_content()]
    cells = [
        [cell.text_content() for cell in row]
        for row in faults.findall("tbody/tr")
    ]
    wrong = [line for line in cells if line[0] == "已退回"]
    assert wrong
    assert all(line[3].isdecimal() for line in wrong)
    assert any("身份证" in line[4] for line in wrong)


def test_what_a_check_wrote_is_never_read_by_the_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "退件"
    for _ in range(2):
        checked(str(folder), "--out", str(out), "--json")
        told = json.loads(capsys.readouterr().out)
        assert len(told["files"]) == 2
        assert told["report"] == str(folder / CHECK_PAGE)
        # That of the other says that its name holds a number of a person.
        assert len(list(out.iterdir())) == 2


def test_where_nothing_can_be_written_the_check_says_so_and_goes_on(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / CHECK_PAGE).mkdir()
    (tmp_path / "空.csv").write_text("hello\n", "utf-8")
    assert checked(str(tmp_path)) == 1
    assert "核对报告没能写到" in capsys.readouterr().out
    asked = tmp_path / "nowhere" / "页.html"
    assert checked(str(tmp_path), "--report", str(asked)) == 1
    assert str(asked) in capsys.readouterr().err
