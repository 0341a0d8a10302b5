"""Boards after a night: masked, nobody under 16, and each list says what the night's pairs say."""

import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    Nights,
    households,
    id_number,
    members,
    workbook,
)
from test_lists_programmes import (
    FOUR,
    ONE,
    THREE,
    TOWN,
    TWO,
    board,
    expert_pair,
    technician_pair,
)
from test_red_team import EVERYBODY
from yiku.contracts import load_contracts
from yiku.paper.typesetting import FontsMissingError, Typesetter
from yiku.pipeline.bringing_back import bring_back_all
from yiku.pipeline.paper_delivery import hand_on_prints
from yiku.pipeline.printing import print_sign_boards, print_town_households
from yiku.settings import Settings
from yiku.warehouse.connection import connect

FIVE = PEOPLE[TOWN][8]
CHILD, CHILD_BORN = "孙小宝", "20060315"  # eleven years old on the night


def put_a_child_at_the_head(nights: Nights) -> None:
    """Lay in the county's lists anew: the fifth household's head has died, and a child stands in her place."""
    homes, people = households(), members()
    home = next(r for r in homes if r["household_no"] == FIVE.household_no)
    home |= {"head_name": CHILD, "head_id_no": id_number(CHILD_BORN)}
    head = next(r for r in people if r["id_no"] == FIVE.id_no)
    child = {"name": CHILD, "id_no": id_number(CHILD_BORN)}
    people.append(head | child | {"rel_to_head": "户主", "phone": None})
    head |= {"rel_to_head": "其他"}
    for code, rows in {"H01": homes, "H02": people}.items():
        title = load_contracts()[code].title
        data = workbook(code, rows, title=title, filled=None)
        nights.put("county", f"{code}.xlsx", data)


def text_of(path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is missing")
    told = subprocess.run(
        ["pdftotext", "-raw", path, "-"], capture_output=True, check=True
    )
    return told.stdout.decode()


def hung_states(nights: Nights) -> list[tuple[str]]:
    return nights.rows("select state_now from published.sign_board")


@pytest.fixture
def paired(nights: Nights) -> Nights:
    try:
        Typesetter()
    except FontsMissingError as missing:
        pytest.skip(str(missing))
    pairs = [
        technician_pair(ONE),
        technician_pair(TWO),
        technician_pair(FIVE, head_name=CHILD),
    ]
    boards = [
        board(ONE, technician="赵文明", content="每月指导，电话13812345678"),
        board(TWO, expert=None, technician="钱永红"),
        board(THREE, expert=None, technician="赵文明"),
        board(FIVE, head_name=CHILD, expert=None, technician="赵文明"),
    ]
    put_a_child_at_the_head(nights)
    nights.put(TOWN, "T05.xlsx", workbook("T05", pairs))
    helped = [expert_pair(ONE), expert_pair(FOUR)]
    nights.put("county", "T06h.xlsx", workbook("T06h", helped))
    nights.put(TOWN, "T18.xlsx", workbook("T18", boards))
    nights.take_in()
    nights.build()
    return nights


def printed(settings: Settings, folder: Path) -> dict[str, str]:
    """Print all boards and lists; return their text by file name, without blanks."""
    with closing(connect(settings)) as conn:
        # a village whose boards came down since, and what is not ours
        place = folder / COUNTY / TOWN
        place.mkdir(parents=True)
        old = Typesetter().pdf("board", {"title": "", "boards": []})
        (place / "明示牌-510802101299-旧村.pdf").write_bytes(old)
        (place / "明示牌-说明.pdf").write_bytes(b"%PDF-1.7 by hand")
        done = print_sign_boards(conn, folder)
        assert (done.items, done.removed) == (3, 1)
        (place / "明示牌-说明.pdf").unlink()
        again = print_sign_boards(conn, folder)
    # what has not changed is not written again
    assert (again.files, again.changed) == (done.files, 0)
    files = (folder / COUNTY / TOWN).iterdir()
    return {path.name: "".join(text_of(path).split()) for path in files}


def test_boards_show_nobody_and_lists_tell_the_cadre_what_to_do(
    paired: Nights, tmp_path: Path
) -> None:
    texts = printed(paired.settings, tmp_path / "boards")
    boards = {
        name: text for name, text in texts.items() if name.startswith("明示牌")
    }
    assert EVERYBODY(boards.items()) == {}
    wall = " ".join(boards.values())
    assert "赵*明" in wall
    assert "13812345678" not in wall
    assert "孙*宝" not in wall
    # hung boards say since when; those to come are filled in by hand
    assert ("2017年" in wall) == any(
        state == "已挂" for (state,) in hung_states(paired)
    )
    assert wall.count("挂牌日期年月日") == sum(
        state != "已挂" for (state,) in hung_states(paired)
    )
    (lists,) = [text for name, text in texts.items() if "清单" in name]
    hang, rest = lists.split("缺失：原牌")
    missing, down = rest.split("应摘：牌上")
    assert FOUR.name in hang
    assert "没有。" in missing
    told = [p.household_no for p in (TWO, THREE) if p.name in down]
    assert told == [p.household_no for p in (TWO, THREE)]
    assert CHILD in down
    assert "未满16周岁" in down
    assert ONE.name not in lists


def test_prints_are_brought_to_their_own_unit_alone_and_once(
    paired: Nights, tmp_path: Path
) -> None:
    own, other = tmp_path / "share", tmp_path / "other"
    for place in (own, other):
        place.mkdir()
    elsewhere = next(town for town in TOWNS if town != TOWN)
    sources = tmp_path / "sources.yml"
    sources.write_text(
        "sources:\n"
        f"  - {{name: 本镇, kind: folder, location: {own}, county: '{COUNTY}', unit: '{TOWN}'}}\n"
        f"  - {{name: 邻镇, kind: folder, location: {other}, county: '{COUNTY}', unit: '{elsewhere}'}}\n",
        "utf-8",
    )
    settings = replace(paired.settings, sources=sources)
    with closing(connect(settings)) as conn:
        done = print_town_households(conn, tmp_path / "paper", TOWN)
        for _ in range(2):
            handed_on = hand_on_prints(conn, settings, DAY, done.paths)
            bring_back_all(conn, settings)
        # a unit without a place: whoever printed is told
        nowhere = [tmp_path / "510823" / "510823100" / "页.pdf"]
        nowhere[0].parent.mkdir(parents=True)
        nowhere[0].write_bytes(b"%PDF-1.7")
        missed = hand_on_prints(conn, settings, DAY, nowhere)
    assert (handed_on.file_count, handed_on.units_without) == (done.files, 0)
    assert (missed.file_count, missed.units_without) == (0, 1)
    brought = {path.name: path.read_bytes() for path in own.rglob("*.pdf")}
    assert brought == {path.name: path.read_bytes() for path in done.paths}
    assert list(other.rglob("*.pdf")) == []


def test_the_pages_of_households_lie_with_their_own_town_alone(
    paired: Nights, tmp_path: Path
) -> None:
    with closing(connect(paired.settings)) as conn:
        moved = tmp_path / COUNTY / TOWN / "内部-一户一页-旧村.pdf"
        moved.parent.mkdir(parents=True)
        old = {"title": "", "day": "", "households": []}
        moved.write_bytes(Typesetter().pdf("household", old))
        done = print_town_households(conn, tmp_path, TOWN)
    assert (done.items, done.removed) == (5, 1)
    files = sorted(tmp_path.rglob("*.pdf"))
    assert {path.parent for path in files} == {tmp_path / COUNTY / TOWN}
    text = "".join("".join(text_of(path).split()) for path in files)
    others = [p for town in TOWNS if town != TOWN for p in PEOPLE[town]]
    assert not [p for p in others if p.name in text]
    assert ONE.name in text
    # with whom the cadre speaks, but never the number of the identity card
    assert not [p for p in PEOPLE[TOWN] if p.id_no in text]
    assert str(date(2017, 1, 1)) in text
