"""``make bench``: the boards of a county of full size, set by Typst, beside the aim of a minute for all of them.

Asking the warehouse and writing the files are not counted.
"""

from __future__ import annotations

import resource
import time
from datetime import date

from rich.console import Console
from yiku.paper.sign_boards import pages_of, print_boards, print_lists
from yiku.paper.typesetting import Typesetter
from yiku.warehouse.board_facts import Board, Errand

COUNTY = "510821"
BOARDS, VILLAGES, TOWNS = 17_232, 161, 35  # as the demo has them
# Seconds of one processor, for the boards and the lists of all towns: on an idle machine it never takes longer.
AIM = 60.0
console = Console(highlight=False)


def board(number: int) -> Board:
    """Make up a board; every one is another, as names on houses are."""
    village = number % VILLAGES
    town = f"{COUNTY}{100 + village % TOWNS}"
    return Board(
        county_code=COUNTY,
        town_code=town,
        town_name="东河镇",
        village_code=f"{town}{200 + village}",
        village_name="云桥村",
        number=f"M{number:08X}",
        head_name="程*涛",
        experts="王*家、周*" if number % 3 else None,
        talents=None,
        technicians="赵*术",
        industry="绿色生态畜禽",
        content="培养人才、技术指导",
        hung_on=None,
    )


def errand(of_board: Board) -> Errand:
    """Make up what is to be done about a board: it was never hung."""
    return Errand(
        kind="应挂",
        county_code=of_board.county_code,
        town_code=of_board.town_code,
        village_code=of_board.village_code,
        village_name=of_board.village_name,
        household_no=of_board.number,
        head_name="程宇涛",
        number=of_board.number,
        reason="已结对，还没有牌",
    )


def main() -> None:
    """Set all boards and lists once and say how long it took."""
    boards = [board(number) for number in range(BOARDS)]
    errands = [errand(one) for one in boards]
    began, busy = time.perf_counter(), time.process_time()
    setter = Typesetter()
    files = list(print_boards(setter, boards))
    boards_took = time.perf_counter() - began
    lists = print_lists(setter, errands, pages_of(boards), date(2017, 11, 20))
    files += list(lists)
    took = time.perf_counter() - began
    size = sum(len(one.data) for one in files) / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    processor = time.process_time() - busy
    verdict = (
        "[green]ok[/green]" if processor <= AIM else "[red]too slow[/red]"
    )
    console.print(
        f"{BOARDS:,} boards in {boards_took:.1f} s, with the towns' lists {took:.1f} s: {processor:.1f} s of processor"
        f" (aim {AIM:.0f} s {verdict}), {len(files)} files, {size:.0f} MB, {memory:.0f} MB of memory"
    )


if __name__ == "__main__":
    main()
