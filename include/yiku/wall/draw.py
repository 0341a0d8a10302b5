"""Draw a page: the template filled in, every figure marked with where in the marts it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from yiku.wall.county_board import FOUR, SHORT, TOGETHER, Board, Line
from yiku.wall.map_picture import HEIGHT, WIDTH, Shown, marks_of
from yiku.wall.shelves import Shelves
from yiku.warehouse.wall_figures import Spot

PAGE_NAME = "挂图作战.html"
NOTHING = "—"
# Read across a room, told apart by whoever sees no colours, and on a black and
# white print: each light has a shape and a word.
SHAPES = {"红": "◆", "黄": "▲", "绿": "●", "灰": "○"}
CLASSES = {"红": "r", "黄": "y", "绿": "g", "灰": "n"}
# So many lines stand in one column of the ranking before it gets another.
_LINES_A_COLUMN = 36
_MOST_COLUMNS = 8
_FEW_LINES = 20  # leave room for larger letters
# So many of each stand on the sheet; how many there are is said below them.
_MOST_TARGETS, _MOST_WORK, _MOST_GAPS = 12, 8, 6
_LETTERS = (6, 9, 13)  # of a name, after which its letters get smaller


def shown(value: object) -> str:
    """Return a figure as it is printed: digits in threes, nothing rounded."""
    if value is None:
        return NOTHING
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def figure(value: object, *where: object) -> Markup:
    """Return a figure marked with where it stands: table, place, measure and column."""
    place = "|".join(str(part) for part in where)
    return Markup('<b data-f="{}">{}</b>').format(place, shown(value))


def change(value: Decimal | None, *where: object) -> Markup:
    """Return a change with its sign; nothing where there was no month before."""
    if value is None:
        return Markup("")
    direction = "up" if value > 0 else "down" if value < 0 else "same"
    sign = "+" if value > 0 else ""
    place = "|".join(str(part) for part in where)
    return Markup('<b class="{}" data-f="{}">{}{}</b>').format(
        direction, place, sign, shown(value)
    )


def lamp(light: str | None) -> Markup:
    """Return a light as a shape and a word."""
    known = light or "灰"
    return Markup('<i class="lamp {}">{}{}</i>').format(
        CLASSES[known], SHAPES[known], known
    )


def letters(name: str) -> str:
    """Return the class by which a long name gets smaller letters where room is short."""
    size = sum(len(name) > most for most in _LETTERS)
    return f"l{size}"


@lru_cache(maxsize=1)
def _template_folder() -> Environment:
    environment = Environment(
        loader=PackageLoader("yiku.wall"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        figure=figure,
        change=change,
        lamp=lamp,
        letters=letters,
        four=FOUR,
        short=SHORT,
        together=TOGETHER,
        light_class=CLASSES,
        most_targets=_MOST_TARGETS,
        most_work=_MOST_WORK,
        most_gaps=_MOST_GAPS,
        width=WIDTH,
        height=HEIGHT,
    )
    return environment


def draw_county(board: Board, shelves: Shelves) -> str:
    """Return the page of a county: its towns named on the map, their villages around them."""
    places = [_named(line) for line in board.lines]
    for town in shelves.towns(board.county.code):
        villages = shelves.villages(town.code)
        places += [_village(shelves, village) for village in villages]
    return _draw(board, places)


def draw_town(board: Board) -> str:
    """Return the page of a town: its villages, all of them named unless they are too many."""
    are_few = len(board.lines) <= _LINES_A_COLUMN
    return _draw(board, [_named(line, are_few) for line in board.lines])


def _named(line: Line, is_named: bool = True) -> Shown:
    rate = line.together.rate_pct if line.together else None
    return Shown(line.spot, line.light, shown(rate), is_named)


def _village(shelves: Shelves, village: Spot) -> Shown:
    rate = shelves.rate(village.code, TOGETHER)
    light = rate.light if rate else "灰"
    share = shown(rate.rate_pct if rate else None)
    return Shown(village, light, share, is_named=False)


def _draw(board: Board, places: Sequence[Shown]) -> str:
    columns = _columns(board.lines)
    return (
        _template_folder()
        .get_template("wall.html.j2")
        .render(
            board=board,
            columns=columns,
            density=_density(len(board.lines)),
            # Of more places than one column holds the whole alone is shown.
            is_wide=len(columns) <= 1,
            marks=marks_of(places),
        )
    )


def _columns(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Part the ranking into columns of about one length."""
    if not lines:
        return []
    wanted = math.ceil(len(lines) / _LINES_A_COLUMN)
    count = min(wanted, _MOST_COLUMNS)
    length = math.ceil(len(lines) / count)
    return [
        lines[start : start + length] for start in range(0, len(lines), length)
    ]


def _density(lines: int) -> str:
    """Return the classes by which a page with many places gets narrower lines, and one with few larger letters."""
    if lines <= _FEW_LINES:
        return "d0 few"
    if lines <= _LINES_A_COLUMN:
        return "d0"
    if lines <= 3 * _LINES_A_COLUMN:
        return "d1"
    return "d2"
