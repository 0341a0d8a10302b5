"""The wall pages by themselves: what stands on them, how they fit a screen and a sheet of paper, and bad input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from browser import NEEDS_BROWSER, browsers, opened, printed
from wall_reader import figures_of, marks_of, other_numbers
from yiku.wall import (
    Shelves,
    county_board,
    draw_county,
    draw_town,
    town_board,
)
from yiku.wall.draw import change, shown
from yiku.wall.map_picture import Shown
from yiku.wall.map_picture import marks_of as marks_of_places
from yiku.warehouse.wall_figures import (
    Gap,
    Held,
    MonthRate,
    Owed,
    Rate,
    Score,
    Spot,
    Target,
    WallFigures,
    Work,
)

COUNTY = "510802"
METRICS = {
    "four_full_pct": "四个全覆盖合计",
    "registered_rate_pct": "入库率",
    "trained_rate_pct": "培训率",
    "employed_rate_pct": "就业率",
    "benefit_rate_pct": "政策享受率",
}
LONG_NAME = "茶店布依族苗族彝族自治乡人民政府驻地街道"
# An A3 sheet lying down, in points, as browsers round it.
A3 = (1191, 842)


def spot(level: str, code: str, name: str, at: int) -> Spot:
    lon = Decimal("105.8") + Decimal(at % 20) / 50
    lat = Decimal("32.4") + Decimal(at // 20) / 50
    is_village = level == "village"
    is_county = level == "county"
    return Spot(
        level,
        code,
        name,
        COUNTY,
        "利州区",
        code[:9] if is_village else None if is_county else code,
        None if is_county else lon,
        None if is_county else lat,
        None,
    )


def rates(place: Spot, rank: int | None) -> list[Rate]:
    share = Decimal(1000 - (rank or 0)) / 10
    lights = {0: "绿", 1: "黄", 2: "红"}
    light = "灰" if rank is None else lights[(rank - 1) % 3]
    return [
        Rate(
            place.level,
            place.code,
            metric,
            name,
            9,
            10,
            share,
            Decimal("100.0"),
            light,
            rank,
            Decimal("-1.5"),
        )
        for metric, name in METRICS.items()
    ]


def county_figures(
    town_count: int, village_count: int, name: str = "第{}镇"
) -> WallFigures:
    """Return the figures of a county; its villages lie in the first town, those above 150 in the next ones."""
    county = spot("county", COUNTY, "利州区", 0)
    towns = [
        spot("town", f"{COUNTY}{100 + n}", name.format(n), 7 * n)
        for n in range(town_count)
    ]
    villages = [
        spot(
            "village",
            f"{COUNTY}{100 + n // 150}{200 + n % 150}",
            name.format(n),
            n,
        )
        for n in range(village_count)
    ]
    found = rates(county, None)
    for rank, place in enumerate(towns, 1):
        found += rates(place, rank)
    for rank, place in enumerate(villages, 1):
        found += rates(place, rank)
    units = [COUNTY, *(town.code for town in towns)]
    return WallFigures(
        as_of=date(2017, 11, 20),
        spots=[county, *towns, *villages],
        rates=found,
        targets=[target(unit, n) for unit in units for n in range(10)],
        held=[Held("list_training", "就业培训", unit, 5, 9) for unit in units],
        work=[Work(unit, "visit", "到期回访", 12, 3) for unit in units],
        gaps=[],
        scores=[score(unit) for unit in units],
        owed=[
            Owed(COUNTY, unit, "L3", "转移就业名单", 1, 4)
            for unit in units[1:]
        ],
        zones=[],
        months=[
            MonthRate(unit, period, Decimal("70.0"), "红")
            for unit in units
            for period in ("2017-10", "2017-11")
        ],
    )


def target(unit: str, number: int) -> Target:
    level = "county" if unit == COUNTY else "town"
    return Target(
        level,
        unit,
        2017,
        f"indicator_{'abcdefghij'[number]}",
        "就业培训人数",
        "人",
        Decimal(1690),
        Decimal(1500),
        Decimal("88.8"),
        Decimal("88.8"),
        "黄",
        None,
        None,
        date(2017, 12, 31),
    )


def score(unit: str) -> Score:
    return Score(
        COUNTY,
        unit,
        "2017-11",
        5,
        3,
        1,
        1,
        200,
        10,
        Decimal("95.0"),
        2,
        Decimal("3.5"),
        7,
        21,
        Decimal("81.3"),
        "黄",
        None,
        None,
    )


def pages_of(figures: WallFigures) -> dict[str, str]:
    """Return the county's page and that of its first town."""
    shelves = Shelves(figures)
    (county,) = shelves.counties
    pages = {"county": draw_county(county_board(shelves, county), shelves)}
    if towns := shelves.towns(county.code):
        pages["town"] = draw_town(town_board(shelves, county, towns[0]))
    return pages


CASES = {
    "a county": county_figures(33, 8),
    "four hundred villages": county_figures(33, 400),
    "names of twenty characters": county_figures(
        33, 30, LONG_NAME[:19] + "{}"
    ),
    "a hundred towns": county_figures(100, 3),
    "one village": county_figures(1, 1),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from browsers()


@NEEDS_BROWSER
@pytest.mark.parametrize("case", CASES)
def test_a_page_fits_every_screen_and_one_sheet_and_asks_for_nothing(
    case: str, browser: Any, tmp_path: Path
) -> None:
    for kind, text in pages_of(CASES[case]).items():
        path = tmp_path / f"{kind}.html"
        path.write_text(text, "utf-8")
        seen = opened(browser, path)
        assert (seen.requests, seen.messages, seen.too_wide) == ([], [], [])
        sheets = printed(browser, path)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheets)
        sizes = [(round(float(w)), round(float(h))) for w, h in boxes]
        assert sizes == [A3], (case, kind)


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_small_has_no_script_and_is_the_same_each_time(
    case: str,
) -> None:
    pages = pages_of(CASES[case])
    for text in pages.values():
        assert len(text.encode()) <= 100_000
        assert "<script" not in text
        assert not re.search(r"href=\"[^#]|src=|url\(|@import", text)
    assert pages == pages_of(CASES[case])


def test_every_number_says_where_it_stands() -> None:
    pages = pages_of(county_figures(33, 8, "{}".join("东镇")))
    for text in pages.values():
        assert len(figures_of(text)) > 50
    plain = pages_of(county_figures(2, 1, "东镇"))
    for text in plain.values():
        assert other_numbers(text) == []


def test_the_page_says_first_who_is_furthest_behind_and_why() -> None:
    page = pages_of(county_figures(6, 0))["county"]
    need = page[page.index("先看这里") : page.index('class="tiles"')]
    # Every third town is red, the first is green.
    assert re.findall("<strong>(第.镇)</strong>", need) == [
        "第5镇",
        "第4镇",
        "第2镇",
    ]
    assert "没有报转移就业名单" in need
    assert "到期回访逾期" in need
    assert "最弱的是" in need


def test_a_part_that_is_cut_says_how_many_there_are() -> None:
    figures = county_figures(6, 0)
    assert "只列最要紧的" not in pages_of(figures)["county"]
    many = replace(
        figures,
        targets=figures.targets + [target(COUNTY, n) for n in range(4)],
        work=[Work(COUNTY, f"kind_{n}", "事", 1, 0) for n in range(9)],
        gaps=[Gap(COUNTY, f"kind_{n}", "缺口", 1) for n in range(7)],
    )
    page = pages_of(many)["county"]
    told = dict(figures_of(page))
    assert told[f"count|{COUNTY}|targets|all"] == "14"
    assert told[f"count|{COUNTY}|work|all"] == "9"
    assert told[f"count|{COUNTY}|gaps|all"] == "7"
    # a rank says among how many
    assert told[f"count|{COUNTY}|ranked|all"] == "6"
    assert "绿</i>基本达标" in page


def test_namesakes_are_told_apart_by_their_code() -> None:
    page = pages_of(county_figures(2, 40, "东村"))["county"]
    codes = [code for code, _, _ in marks_of(page)]
    assert len(codes) == len(set(codes)) == 42


def test_a_light_is_told_by_a_shape_and_a_word() -> None:
    page = pages_of(county_figures(6, 0))["county"]
    for shape, word in zip("◆▲●", "红黄绿", strict=True):
        assert f"{shape}{word}</i>" in page
    drawn = page[page.index("<svg") : page.index("</svg>")]
    assert sorted(re.findall('href="#t(.)"', drawn)) == list("ggrryy")


def test_a_county_of_which_nothing_is_known_says_why() -> None:
    county = spot("county", COUNTY, "利州区", 0)
    figures = replace(
        county_figures(0, 0), rates=[], targets=[], held=[], spots=[county]
    )
    page = pages_of(figures)["county"]
    assert "还没有可以上图的数字" in page
    assert "户籍底册" in page


@pytest.mark.parametrize(("missing", "is_named"), [(2, True), (0, False)])
def test_a_town_that_sent_nothing_is_named_once_it_is_late(
    missing: int, is_named: bool
) -> None:
    figures = county_figures(3, 0)
    others = [one for one in figures.scores if one.unit_code != "510802102"]
    silent = score("510802102")._replace(
        due=missing, on_time=0, late=0, missing=missing, rows_read=0
    )
    page = pages_of(replace(figures, scores=[*others, silent]))["county"]
    assert ("没有来件</strong>第2镇" in page) is is_named


def test_a_place_without_a_name_is_drawn_all_the_same() -> None:
    town = spot("town", "510802100", "", 3)
    [mark] = marks_of_places([Shown(town, "绿", "90.0", is_named=True)])
    assert mark.label == []


def test_a_village_without_anybody_to_count_is_grey_and_has_no_rank() -> None:
    figures = county_figures(1, 2)
    known = [r for r in figures.rates if r.place_code != "510802100201"]
    page = pages_of(replace(figures, rates=known))["town"]
    assert ("510802100201", "灰", "—") in marks_of(page)


def test_places_without_a_position_draw_no_map() -> None:
    figures = county_figures(2, 2)
    lost = [one._replace(lon=None, lat=None) for one in figures.spots]
    page = pages_of(replace(figures, spots=lost))["county"]
    assert "<svg" not in page
    assert "没有经纬度" in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (1624000, "1,624,000"),
        (Decimal("56.3"), "56.3"),
        (Decimal("100.0"), "100.0"),
        (date(2017, 11, 20), "2017-11-20"),
    ],
)
def test_a_figure_is_printed_as_it_stands(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_change_has_a_sign_and_none_is_blank() -> None:
    assert ">+1.5<" in change(Decimal("1.5"), "x")
    assert ">-1.5<" in change(Decimal("-1.5"), "x")
    assert ">0.0<" in change(Decimal("0.0"), "x")
    assert change(None, "x") == ""
