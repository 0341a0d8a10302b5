"""What is printed of the sign boards 明示牌: the boards themselves, and what their cadre has to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yiku.warehouse.connection import Connection


@dataclass(frozen=True)
class Board:
    """A board as it may hang on a house: names masked, words of our code lists alone."""

    county_code: str
    town_code: str | None
    town_name: str | None
    village_code: str | None
    village_name: str | None
    number: str
    head_name: str | None
    experts: str | None
    talents: str | None
    technicians: str | None
    industry: str | None
    content: str | None
    hung_on: date | None


@dataclass(frozen=True)
class Errand:
    """What is to be done about one board, with the household's name in clear: for the town's own cadre."""

    kind: str  # 应挂, 应摘 or 缺失
    county_code: str
    town_code: str | None
    village_code: str | None
    village_name: str | None
    household_no: str | None
    head_name: str | None
    number: str
    reason: str


# Of this one table, which holds nothing that may not hang on a wall. A board that replaces one has not been hung: the
# old one's day would be a lie on it.
_BOARDS = """
select county_code, town_code, town_name, village_code, village_name, board_no, head_name, experts, talents,
    technicians, industry, content, case when state_now = '已挂' then hung_on end
from published.sign_board
where county_code = coalesce(%(county)s, county_code)
order by county_code, town_code nulls last, village_code nulls last, village_name, board_no
"""
# A board that still hangs and is no longer true is taken down and replaced; one that is gone needs no taking down.
_ERRANDS = """
with board as (
    select b.*, b.is_paired and not b.is_of_child as is_due
    from mart.sign_board as b
    where b.is_current and b.county_code = coalesce(%(county)s, b.county_code)
)

select
    e.kind, b.county_code, b.town_code, b.village_code, b.village_name, b.household_no, b.head_name, b.shown_no,
    e.reason
from board as b
cross join lateral (
    select '应挂' as kind, '已结对，还没有牌' as reason where b.is_due and b.state_now = '未挂'
    union all
    select '缺失', '原牌' || b.state_now || '，重新制牌' where b.is_due and b.state_now in ('缺失', '破损')
    union all
    select '应摘', '牌上的人已变更，换上新牌' where b.is_due and b.state_now = '信息过期'
    union all
    select '应摘', case when b.is_of_child then '户主未满16周岁，不挂牌' else '已不再结对' end
    where not b.is_due and b.row_id is not null and b.state_now <> '缺失'
) as e
order by b.county_code, b.town_code nulls last, b.village_code nulls last, b.village_name, b.household_no, b.shown_no
"""


def boards(conn: Connection, county_code: str | None = None) -> list[Board]:
    """Return the boards of a county (None: of all), by town and village."""
    found = conn.execute(_BOARDS, {"county": county_code})
    return [Board(*row) for row in found]


def board_errands(
    conn: Connection, county_code: str | None = None
) -> list[Errand]:
    """Return what is to be hung, taken down and replaced in a county (None: in all), by town and village."""
    found = conn.execute(_ERRANDS, {"county": county_code})
    return [Errand(*row) for row in found]
