"""Boards 明示牌, a file a village, and for each town the lists of what to hang, to take down and to replace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from yiku.calendar import in_chinese
from yiku.gazetteer.places import division_name, divisions
from yiku.paper.file_names import BOARD_LIST, BOARDS, paper_name
from yiku.paper.printed import Printed
from yiku.paper.typesetting import Typesetter
from yiku.warehouse.board_facts import Board, Errand

# To be filled in by whoever hangs it.
_NOT_HUNG = "    年   月   日"
_KINDS = {
    "应挂": "应挂：还没有牌的户，请挂牌",
    "缺失": "缺失：原牌不在或破损，请补挂",
    "应摘": "应摘：牌上的内容已不对，请摘下",
}


def print_boards(
    setter: Typesetter, boards: Iterable[Board]
) -> Iterator[Printed]:
    """Set the boards, a file a village. Boards without a village's code lie together, by its name."""
    for village_boards in _by_village(boards).values():
        first = village_boards[0]
        facts = {
            "title": f"明示牌 {_place(first)}",
            "boards": [_facts_of(board) for board in village_boards],
        }
        name = paper_name(BOARDS, first.village_code, first.village_name)
        yield Printed(
            first.county_code,
            first.town_code or "county",
            name,
            setter.pdf("board", facts),
        )


# A village, and the number of a board there; boards of two villages may have one number.
Pages = Mapping[tuple[str | None, str], int]


def pages_of(boards: Iterable[Board]) -> Pages:
    """Return the page on which each board stands in its village's file, from 1."""
    pages: dict[tuple[str | None, str], int] = {}
    for village_boards in _by_village(boards).values():
        for page, board in enumerate(village_boards, start=1):
            pages[board.village_code, board.number] = page
    return pages


def print_lists(
    setter: Typesetter,
    errands: Iterable[Errand],
    pages: Pages,
    day: date,
) -> Iterator[Printed]:
    """Set a file a town with its three lists, as of ``day``; none for a town with nothing to do.

    They name households in clear, or nobody would find the house.
    """
    by_town: dict[tuple[str, str], list[Errand]] = defaultdict(list)
    for errand in errands:
        unit = errand.town_code or "county"
        by_town[errand.county_code, unit].append(errand)
    for (county, unit), of_town in sorted(by_town.items()):
        place = " ".join([division_name(county), divisions().get(unit, "")])
        facts = {
            "title": f"明示牌清单 {place}".strip(),
            "day": in_chinese(day),
            "lists": _lists(of_town, pages),
        }
        yield Printed(
            county,
            unit,
            paper_name(BOARD_LIST, unit, divisions().get(unit)),
            setter.pdf("board_list", facts),
        )


def _by_village(
    boards: Iterable[Board],
) -> dict[tuple[str | None, ...], list[Board]]:
    found: dict[tuple[str | None, ...], list[Board]] = defaultdict(list)
    for board in boards:
        # by its code: two villages of a town may have one name
        village = board.village_code or board.village_name
        found[board.county_code, board.town_code, village].append(board)
    return found


def _facts_of(board: Board) -> dict[str, Any]:
    lines = {
        "户主": board.head_name,
        "服务专家": board.experts,
        "乡土人才": board.talents,
        "产业技术员": board.technicians,
        "产业": board.industry,
        "服务内容": board.content,
    }
    hung = in_chinese(board.hung_on) if board.hung_on else _NOT_HUNG
    return {
        "place": _place(board),
        "number": board.number,
        "hung": hung,
        "lines": [[label, text] for label, text in lines.items() if text],
    }


def _place(board: Board) -> str:
    parts = [
        division_name(board.county_code),
        board.town_name,
        board.village_name,
    ]
    return " ".join(part for part in parts if part)


def _lists(errands: Sequence[Errand], pages: Pages) -> list[dict[str, Any]]:
    lists = []
    for kind, title in _KINDS.items():
        rows = [
            [
                errand.village_name,
                errand.household_no,
                errand.head_name,
                errand.number,
                # a board that only comes down is not printed
                pages.get((errand.village_code, errand.number)),
                errand.reason,
            ]
            for errand in errands
            if errand.kind == kind
        ]
        lists.append({"title": title, "rows": rows})
    return lists
