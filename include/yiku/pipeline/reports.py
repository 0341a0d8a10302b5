"""Reports on published marts that fall due by themselves: the bulletins of months and of quarters."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yiku.calendar import add_workdays, quarter_of, reporting_period
from yiku.notices.night import notify
from yiku.pipeline.bulletin_delivery import hand_on_bulletin
from yiku.settings import Settings
from yiku.warehouse import bulletins
from yiku.warehouse.connection import connect

_BULLETIN_WORKDAY = 3  # of the month that follows
_QUARTER_MONTHS = 3


def due_period(day: date) -> str | None:
    """Return the month whose bulletin is due on ``day``; None before the third workday of the next.

    On every later day as well: the night of the third may have failed.
    """
    last_of_month = day.replace(day=1) - timedelta(days=1)
    due_on = add_workdays(last_of_month, _BULLETIN_WORKDAY)
    return reporting_period(last_of_month) if day >= due_on else None


def due_quarter(day: date) -> str | None:
    """Return the quarter whose report is due on ``day``; None before the third workday of the next."""
    month = due_period(day)
    if month is None and day.month % _QUARTER_MONTHS == 1:
        return None
    # The quarter before the one in which the day lies.
    first_month = (day.month - 1) // _QUARTER_MONTHS * _QUARTER_MONTHS + 1
    return quarter_of(date(day.year, first_month, 1) - timedelta(days=1))


def issue_bulletins(
    settings: Settings,
    business_date: date,
    county: str | None = None,
    period: str | None = None,
    preview: bool = False,
) -> dict[str, Any]:
    """Issue the monthly bulletins that are due, or those that are asked for, and tell whom they are for.

    Without a county those of all that have figures; without a period last
    month's from its third workday on. What was issued already is not issued
    again. Return how many were issued or shown.
    """
    wanted = _Wanted(county, period, preview)
    return _issue(settings, wanted, due_period)


def issue_inspections(
    settings: Settings,
    business_date: date,
    county: str | None = None,
    period: str | None = None,
    preview: bool = False,
) -> dict[str, Any]:
    """Issue the quarterly reports that are due, or those that are asked for, each with the form of the next inspection.

    As the monthly ones, from the third workday of the next quarter on.
    """
    wanted = _Wanted(county, period, preview)
    return _issue(settings, wanted, due_quarter)


@dataclass(frozen=True)
class _Wanted:
    """What a run was asked for; None is all counties, or the period that is due."""

    county: str | None
    period: str | None
    is_preview: bool


def _issue(
    settings: Settings,
    wanted: _Wanted,
    due: Callable[[date], str | None],
) -> dict[str, Any]:
    # The libraries that write Word files are nobody else's to load.
    from yiku.pipeline.bulletin_issue import (
        Asked,
        bulletin_folder,
        day_of_issue,
        write_bulletin,
    )

    written_count = 0
    with closing(connect(settings)) as conn:
        today = day_of_issue(conn)
        period = wanted.period or due(today)
        if period is None:
            return {"period": None, "written": 0}
        is_asked = wanted.period is not None or wanted.county is not None
        for code in bulletins.counties_with(conn, period, wanted.county):
            has_issue = bool(bulletins.issues(conn, code, period))
            if has_issue and not is_asked:
                continue
            asked = Asked(code, period, today, is_preview=wanted.is_preview)
            folder = bulletin_folder(settings, code, today)
            written = write_bulletin(conn, settings, asked, folder)
            if not wanted.is_preview:
                hand_on_bulletin(conn, settings, code, today, written.files)
            written_count += 1
        if written_count and not wanted.is_preview:
            notify(conn, settings, today)
    return {"period": period, "written": written_count}
