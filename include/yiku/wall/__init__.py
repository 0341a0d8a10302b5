"""挂图作战: one page a county and one a town, to be read on a wall from across a room.

A page is one file that asks for nothing: HTML with pictures drawn in it, no script. It prints what
the marts say and works nothing out itself, so that every number on it stands in a mart.
"""

from yiku.wall.county_board import county_board, town_board
from yiku.wall.draw import PAGE_NAME, draw_county, draw_town
from yiku.wall.shelves import Shelves

__all__ = [
    "PAGE_NAME",
    "Shelves",
    "county_board",
    "draw_county",
    "draw_town",
    "town_board",
]
