"""What is printed: text that fits, lists, the same bytes for the same state, and a clear word without fonts."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import typst
from yiku.paper.file_names import is_printed, name_beside, paper_name
from yiku.paper.sign_boards import pages_of, print_boards, print_lists
from yiku.paper.typesetting import FontsMissingError, Typesetter
from yiku.warehouse.board_facts import Board, Errand

PLAIN = Board(
    county_code="510821",
    town_code="510821100",
    town_name="东河镇",
    village_code="510821100204",
    village_name="云桥村",
    number="M0000000A",
    head_name="张*丰",
    experts="王*家、周*",
    talents=None,
    technicians="赵*术",
    industry="茶叶",
    content="技术指导",
    hung_on=date(2017, 3, 1),
)
CROWDED = replace(
    PLAIN,
    number="M0000000B",
    town_name="彝族回族苗族自治乡人民政府驻地街道办事处",
    village_name="一个名字有二十个字那么长的村民委员会甲乙",
    head_name="买买提·阿不都热合曼·吾守尔·*",
    experts="、".join(["欧*阳"] * 40),
    content="、".join(["编制产业规划", "打造样板基地", "壮大特色产业"] * 6),
)


@pytest.fixture(scope="module")
def setter() -> Typesetter:
    try:
        return Typesetter()
    except FontsMissingError as missing:
        pytest.skip(str(missing))


def shown(data: bytes, path: Path) -> list[str]:
    """Return the text of each page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is missing")
    path.write_bytes(data)
    told = subprocess.run(
        ["pdftotext", "-raw", path, "-"], capture_output=True, check=True
    )
    return told.stdout.decode().split("\f")[:-1]


def without_blanks(text: str) -> str:
    return "".join(text.split())


def test_each_household_has_a_page_on_which_all_of_its_text_stands(
    setter, tmp_path
):
    (village,) = print_boards(setter, [PLAIN, CROWDED])
    pages = shown(village.data, tmp_path / "boards.pdf")
    assert len(pages) == 2
    for page, board in zip(pages, (PLAIN, CROWDED), strict=True):
        text = without_blanks(page)
        told = [board.town_name, board.village_name, board.head_name]
        told += [board.experts, board.content, board.number]
        assert all(without_blanks(one) in text for one in told if one)
    assert "2017年3月1日" in without_blanks(pages[0])
    # nobody is named by a line that says there is none
    assert "乡土人才" not in without_blanks(pages[0])


def test_villages_of_one_name_are_two_files_and_one_state_gives_the_same_bytes(
    setter,
):
    namesake = replace(PLAIN, village_code="510821100299", number="M0000000C")
    first = list(print_boards(setter, [PLAIN, namesake]))
    again = list(print_boards(setter, [PLAIN, namesake]))
    assert len({one.name for one in first}) == 2
    assert first == again
    assert {one.unit_code for one in first} == {"510821100"}


def errand(kind: str, number: str) -> Errand:
    return Errand(
        kind=kind,
        county_code="510821",
        town_code="510821100",
        village_code="510821100204",
        village_name="云桥村",
        household_no="5108211002040001",
        head_name="程宇涛",
        number=number,
        reason="已结对，还没有牌",
    )


def test_a_town_gets_three_lists_with_the_page_of_each_board(setter, tmp_path):
    errands = [errand("应挂", CROWDED.number), errand("应摘", "M0000000F")]
    pages = pages_of([PLAIN, CROWDED])
    assert pages["510821100204", CROWDED.number] == 2
    (lists,) = print_lists(setter, errands, pages, date(2017, 11, 20))
    assert (lists.county_code, lists.unit_code) == ("510821", "510821100")
    assert lists.name.startswith("内部-")
    (text,) = map(without_blanks, shown(lists.data, tmp_path / "lists.pdf"))
    assert "（1块）" in text
    assert "没有。" in text  # what is missing: none
    assert "不得张贴" in text
    assert f"{CROWDED.number}2已结对" in text


def test_a_machine_without_a_chinese_font_is_told_which_package_brings_one():
    bare = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    with pytest.raises(FontsMissingError, match="fonts-noto-cjk"):
        Typesetter(bare)


def test_a_name_from_a_sheet_makes_no_path():
    name = paper_name("明示牌", None, "../a/b\n" + "长" * 200)
    assert "/" not in name
    assert len(name.encode()) < 255


def test_names_that_differ_in_what_no_file_name_holds_are_two_files():
    first = paper_name("明示牌", None, "一/二村")
    second = name_beside(paper_name("明示牌", None, "一\\二村"), {first})
    assert second != first
    assert name_beside(first, {first, second}) not in {first, second}


def test_only_what_we_printed_is_taken_for_ours(setter, tmp_path):
    ours, theirs = tmp_path / "明示牌-甲.pdf", tmp_path / "明示牌-说明.pdf"
    ours.write_bytes(setter.pdf("board", {"title": "", "boards": []}))
    theirs.write_bytes(b"%PDF-1.7 scanned")
    assert is_printed(ours, "明示牌")
    assert not is_printed(ours, "内部-明示牌清单")
    assert not is_printed(theirs, "明示牌")
