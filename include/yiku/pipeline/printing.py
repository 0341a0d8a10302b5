"""Print: what is set on paper goes into a folder, by county and unit as the outbox is laid out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from yiku import private
from yiku.faults import StepError
from yiku.paper.expert_files import print_experts
from yiku.paper.household_pages import print_households
from yiku.paper.printed import Printed
from yiku.paper.sign_boards import pages_of, print_boards, print_lists
from yiku.paper.typesetting import Typesetter
from yiku.warehouse import board_facts, expert_facts, household_facts
from yiku.warehouse.connection import Connection
from yiku.warehouse.night_record import shown_day


class NothingToPrintError(StepError):
    """There is nothing of what is to be printed; the message says what is missing."""


@dataclass
class PrintedCount:
    """What was printed: boards, households or experts; files; files that lay there otherwise or not at all."""

    items: int
    files: int = 0
    changed: int = 0


def print_sign_boards(
    conn: Connection, folder: Path, county_code: str | None = None
) -> PrintedCount:
    """Write the boards of a county (None: of all), a file a village, and the lists of each town.

    FontsMissingError without a Chinese font, NothingToPrintError before the first night.
    """
    day = _published(conn)
    boards = board_facts.boards(conn, county_code)
    errands = board_facts.board_errands(conn, county_code)
    setter = Typesetter()
    done = PrintedCount(len(boards))
    _write(folder, print_boards(setter, boards), done)
    lists = print_lists(setter, errands, pages_of(boards), day)
    _write(folder, lists, done)
    return done


def print_town_households(
    conn: Connection, folder: Path, town_code: str
) -> PrintedCount:
    """Write a page a household of a town (9 digits), a file a village.

    FontsMissingError without a Chinese font, NothingToPrintError for a town without a household.
    """
    _published(conn)
    town = household_facts.town_households(conn, town_code)
    if not town.households:
        raise NothingToPrintError(
            f"库里没有 {town_code} 的户：请核对乡镇代码。"
        )
    done = PrintedCount(len(town.households))
    _write(folder, print_households(Typesetter(), town), done)
    return done


def print_county_experts(
    conn: Connection, folder: Path, county_code: str
) -> PrintedCount:
    """Write a file an expert of a county (6 digits).

    FontsMissingError without a Chinese font, NothingToPrintError for a county without an expert.
    """
    _published(conn)
    experts = expert_facts.experts(conn, county_code)
    if not experts:
        raise NothingToPrintError(
            f"库里没有 {county_code} 的专家：请核对县区代码。"
        )
    deeds = expert_facts.deeds(conn, county_code)
    done = PrintedCount(len(experts))
    _write(folder, print_experts(Typesetter(), experts, deeds), done)
    return done


def _published(conn: Connection) -> date:
    day = shown_day(conn)
    if day is None:
        raise NothingToPrintError("还没有发布过名单：请先跑一夜，再印。")
    return day


def _write(
    folder: Path, printed: Iterable[Printed], done: PrintedCount
) -> None:
    for one in printed:
        place = folder / one.county_code / one.unit_code
        private.make_folder(place)
        done.files += 1
        done.changed += _write_if_new(place / one.name, one.data)


def _write_if_new(path: Path, data: bytes) -> bool:
    """Write a file unless it lies there as it is: its date then says when it last changed."""
    if path.exists() and path.read_bytes() == data:
        return False
    path.write_bytes(data)
    return True
