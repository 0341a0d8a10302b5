"""Write the wall pages: one a county and one a town, by county and unit as the outbox is laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yiku import private
from yiku.faults import StepError
from yiku.pipeline.outbox_folder import unit_file
from yiku.wall import (
    PAGE_NAME,
    Shelves,
    county_board,
    draw_county,
    draw_town,
    town_board,
)
from yiku.warehouse.connection import Connection
from yiku.warehouse.night_record import shown_day
from yiku.warehouse.one_state import read_in_one_state
from yiku.warehouse.unit_deliveries import WALL_PAGE, UnitFile
from yiku.warehouse.wall_figures import Spot, WallFigures, wall_figures
from yiku.whole_files import write_whole


class NothingToShowError(StepError):
    """There is nothing to draw a page of; the message says what is missing."""


@dataclass(frozen=True)
class _Page:
    county_code: str
    unit_code: str
    text: str


def write_wall_pages(
    conn: Connection, folder: Path, county_code: str | None = None
) -> list[UnitFile]:
    """Write the pages of a county (None: of all) and of its towns below ``folder``; return them.

    NothingToShowError before the first published night, and for a county that nobody knows.
    """
    shelves = Shelves(read_in_one_state(conn, lambda: _figures(conn)))
    counties = [
        county
        for county in shelves.counties
        if county_code in (None, county.code)
    ]
    if county_code is not None and not counties:
        raise NothingToShowError(f"库里没有 {county_code}：请核对县区代码。")
    written: list[UnitFile] = []
    for county in counties:
        for page in _pages(shelves, county):
            place = folder / page.county_code / page.unit_code
            private.make_folder(place)
            # a wall screen may open it at any moment
            data = page.text.encode()
            write_whole(place / PAGE_NAME, data)
            codes = page.county_code, page.unit_code
            written.append(unit_file(WALL_PAGE, codes, PAGE_NAME, data))
    return written


def _figures(conn: Connection) -> WallFigures:
    if shown_day(conn) is None:
        raise NothingToShowError("还没有发布过名单：请先跑一夜，再看挂图。")
    return wall_figures(conn)


def _pages(shelves: Shelves, county: Spot) -> Iterator[_Page]:
    board = county_board(shelves, county)
    yield _Page(county.code, "county", draw_county(board, shelves))
    for town in shelves.towns(county.code):
        page = draw_town(town_board(shelves, county, town))
        yield _Page(county.code, town.code, page)
