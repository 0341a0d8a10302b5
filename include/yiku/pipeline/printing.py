"""Print: what is set on paper goes into a folder, by county and unit as the outbox is laid out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from yiku import private
from yiku.faults import StepError
from yiku.paper.expert_files import print_experts
from yiku.paper.file_names import (
    BOARD_LIST,
    BOARDS,
    EXPERTS,
    HOUSEHOLDS,
    is_printed,
    name_beside,
)
from yiku.paper.household_pages import print_households
from yiku.paper.printed import Printed
from yiku.paper.sign_boards import pages_of, print_boards, print_lists
from yiku.paper.typesetting import Typesetter
from yiku.warehouse import board_facts, expert_facts, household_facts
from yiku.warehouse.board_facts import Board, Errand
from yiku.warehouse.connection import Connection
from yiku.warehouse.expert_facts import Deed, Expert
from yiku.warehouse.household_facts import TownHouseholds
from yiku.warehouse.night_record import shown_day
from yiku.warehouse.one_state import read_in_one_state
from yiku.whole_files import write_whole


class NothingToPrintError(StepError):
    """There is nothing of what is to be printed; the message says what is missing."""


@dataclass
class PrintedCount:
    """What was printed: boards, households or experts; files; files that lay there otherwise or not at all.

    ``removed`` are files of an earlier run that are true no more; ``paths`` is where each file lies.
    """

    items: int
    files: int = 0
    changed: int = 0
    removed: int = 0
    paths: list[Path] = field(default_factory=list)


def print_sign_boards(
    conn: Connection, folder: Path, county_code: str | None = None
) -> PrintedCount:
    """Write the boards of a county (None: of all), a file a village, and the lists of each town.

    FontsMissingError without a Chinese font, NothingToPrintError before the first night.
    """
    found = read_in_one_state(conn, lambda: _read_boards(conn, county_code))
    setter = Typesetter()
    run = _Run(folder, PrintedCount(len(found.boards)))
    run.write(print_boards(setter, found.boards))
    pages = pages_of(found.boards)
    run.write(print_lists(setter, found.errands, pages, found.day))
    # A board that came down must not be printed once more from an old file.
    counties = f"{county_code or '??????'}/*"
    run.remove_others(counties, (BOARDS, BOARD_LIST))
    return run.done


def print_town_households(
    conn: Connection, folder: Path, town_code: str
) -> PrintedCount:
    """Write a page a household of a town (9 digits), a file a village.

    FontsMissingError without a Chinese font, NothingToPrintError for a town without a household.
    """
    town = read_in_one_state(conn, lambda: _read_town(conn, town_code))
    run = _Run(folder, PrintedCount(len(town.households)))
    if town.households:
        run.write(print_households(Typesetter(), town))
    run.remove_others(f"??????/{town_code}", (HOUSEHOLDS,))
    if not town.households:
        raise NothingToPrintError(
            f"库里没有 {town_code} 的户：请核对乡镇代码。"
        )
    return run.done


def print_county_experts(
    conn: Connection, folder: Path, county_code: str
) -> PrintedCount:
    """Write a file an expert of a county (6 digits).

    FontsMissingError without a Chinese font, NothingToPrintError for a county without an expert.
    """
    experts, deeds = read_in_one_state(
        conn, lambda: _read_experts(conn, county_code)
    )
    run = _Run(folder, PrintedCount(len(experts)))
    if experts:
        run.write(print_experts(Typesetter(), experts, deeds))
    run.remove_others(f"{county_code}/county", (EXPERTS,))
    if not experts:
        raise NothingToPrintError(
            f"库里没有 {county_code} 的专家：请核对县区代码。"
        )
    return run.done


@dataclass(frozen=True)
class _Boards:
    """The boards of some counties, what is to be done about them, and the night that says so."""

    day: date
    boards: list[Board]
    errands: list[Errand]


def _read_boards(conn: Connection, county_code: str | None) -> _Boards:
    day = _published(conn)
    boards = board_facts.boards(conn, county_code)
    return _Boards(day, boards, board_facts.board_errands(conn, county_code))


def _read_town(conn: Connection, town_code: str) -> TownHouseholds:
    _published(conn)
    return household_facts.town_households(conn, town_code)


def _read_experts(
    conn: Connection, county_code: str
) -> tuple[list[Expert], dict[str, list[Deed]]]:
    _published(conn)
    experts = expert_facts.experts(conn, county_code)
    return experts, expert_facts.deeds(conn, county_code)


def _published(conn: Connection) -> date:
    day = shown_day(conn)
    if day is None:
        raise NothingToPrintError("还没有发布过名单：请先跑一夜，再印。")
    return day


class _Run:
    """One run of printing into a folder, which remembers what it wrote."""

    def __init__(self, folder: Path, done: PrintedCount) -> None:
        self.done = done
        self._folder = folder
        self._names: dict[Path, set[str]] = defaultdict(set)

    def write(self, printed: Iterable[Printed]) -> None:
        """Write files as they are set."""
        for one in printed:
            place = self._folder / one.county_code / one.unit_code
            private.make_folder(place)
            # Two villages whose names differ in a sign that no file name may hold.
            name = name_beside(one.name, self._names[place])
            self._names[place].add(name)
            self.done.files += 1
            self.done.paths.append(place / name)
            self.done.changed += _write_if_new(place / name, one.data)

    def remove_others(self, places: str, kinds: Sequence[str]) -> None:
        """Remove the files of some kinds that earlier runs printed in ``places`` and this one did not."""
        for place in self._folder.glob(places):
            if not place.is_dir():
                continue
            for path in sorted(place.iterdir()):
                is_kept = path.name in self._names[place]
                if is_kept or not path.is_file():
                    continue
                if any(is_printed(path, kind) for kind in kinds):
                    path.unlink()
                    self.done.removed += 1


def _write_if_new(path: Path, data: bytes) -> bool:
    """Write a file unless it lies there as it is: its date then says when it last changed."""
    if path.exists() and path.read_bytes() == data:
        return False
    write_whole(path, data)
    return True
