"""Reports on published marts that fall due by themselves: the month's bulletins."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from typing import Any

from yiku.calendar import add_workdays, reporting_period
from yiku.notices.night import notify
from yiku.pipeline.bulletin_delivery import hand_on_bulletin
from yiku.settings import Settings
from yiku.warehouse import bulletins
from yiku.warehouse.connection import connect

_BULLETIN_WORKDAY = 3  # of the month that follows


def due_period(day: date) -> str | None:
    """Return the month whose bulletin is due on ``day``; None before the third workday of the next.

    On every later day as well: the night of the third may have failed.
    """
    last_of_month = day.replace(day=1) - timedelta(days=1)
    due_on = add_workdays(last_of_month, _BULLETIN_WORKDAY)
    return reporting_period(last_of_month) if day >= due_on else None


def issue_bulletins(
    settings: Settings,
    business_date: date,
    county: str | None = None,
    period: str | None = None,
    preview: bool = False,
) -> dict[str, Any]:
    """Issue the bulletins that are due, or those that are asked for, and tell whom they are for.

    Without a county those of all that have figures; without a period last
    month's from its third workday on. What was issued already is not issued
    again. Return how many were issued or shown.
    """
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
        month = period or due_period(today)
        if month is None:
            return {"period": None, "written": 0}
        is_asked = period is not None or county is not None
        for code in bulletins.counties_with(conn, month, county):
            has_issue = bool(bulletins.issues(conn, code, month))
            if has_issue and not is_asked:
                continue
            asked = Asked(code, month, today, is_preview=preview)
            folder = bulletin_folder(settings, code, today)
            written = write_bulletin(conn, settings, asked, folder)
            if not preview:
                hand_on_bulletin(conn, settings, code, today, written.files)
            written_count += 1
        if written_count and not preview:
            notify(conn, settings, today)
    return {"period": month, "written": written_count}
