"""What each month said stays: later nights, nights of old days and a rebuild from the archive change nothing of it."""

from __future__ import annotations

from datetime import date

import pytest
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    Nights,
    empty_beside,
    labourer,
    workbook,
)
from test_night_order import differences, marts
from wall_reader import NOTHING, figures_in_sql, figures_of, marks_of, plain
from yiku.pipeline.rebuild import rebuild
from yiku.pipeline.wall_pages import NothingToShowError, write_wall_pages
from yiku.warehouse.connection import connect

TOWN, OTHER = TOWNS
LATER = date(2017, 12, 20)
_SHARES = """
select period, is_closed, rate_pct, change_pct, light, rank_in_county, as_of_on
from mart.coverage_month where place_code = %s and metric = 'registered_rate_pct' order by period
"""


@pytest.fixture
def two_months(nights: Nights) -> Nights:
    """Half a town's people in November, all of them in December; the other town sends nothing."""
    people = PEOPLE[TOWN]
    for count, day in ((len(people) // 2, DAY), (len(people), LATER)):
        rows = [labourer(p, period=f"{day:%Y-%m}") for p in people[:count]]
        nights.put(
            TOWN, f"{day:%m}月名单.xlsx", workbook("L1", rows, filled=day)
        )
        nights.run(day)
    return nights


def test_months_stay_and_come_out_of_the_archive_the_same(
    two_months: Nights, server, prepared, tmp_path
) -> None:
    before, now = two_months.rows(_SHARES, TOWN)
    assert before[:4] == ("2017-11", True, 50, None)
    assert (before[4], before[6]) == ("红", DAY)
    assert now[:4] == ("2017-12", False, 100, 50)
    assert (now[4], now[5], now[6]) == ("绿", 1, LATER)
    ((light, rank),) = two_months.rows(
        "select light, rank_in_county from mart.coverage where place_code = %s and metric = 'registered_rate_pct'",
        OTHER,
    )
    assert (light, rank) == ("红", 2)

    pages_tell_what_the_marts_say(two_months)
    kept = marts(two_months)
    fresh = empty_beside(two_months, server, prepared, tmp_path / "new")
    assert rebuild(fresh.settings)["nights"] == 2
    assert differences(kept, marts(fresh)) == {}
    # An old day that is published on purpose is no news of its month.
    fresh.take_in(DAY)
    fresh.build(DAY)
    fresh.end()
    kept_months = (
        "select distinct period, as_of_on from ops.coverage_month order by 1"
    )
    assert fresh.rows(kept_months) == [("2017-11", DAY), ("2017-12", LATER)]


def pages_tell_what_the_marts_say(nights: Nights) -> None:
    """Hold every figure of each page of the county against SQL."""
    folder = nights.settings.home / "pages"
    with connect(nights.settings, LATER) as conn:
        assert len(write_wall_pages(conn, folder)) == 3
        said = figures_in_sql(conn)
        with pytest.raises(NothingToShowError, match="510821"):
            write_wall_pages(conn, folder, "510821")
    for unit in ("county", TOWN, OTHER):
        page = (folder / COUNTY / unit / "挂图作战.html").read_text("utf-8")
        figures = figures_of(page)
        assert len(figures) > 20
        wrong = [
            (where, printed)
            for where, printed in figures
            if where != "as_of" and plain(printed) != said.get(where, NOTHING)
        ]
        assert wrong == []
        for code, light, rate in marks_of(page):
            here = f"coverage|{code}|four_full_pct|"
            assert said.get(here + "light", "灰") == light
            assert said.get(here + "rate_pct", "—") == rate
