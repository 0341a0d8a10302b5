"""Which of two sheets is newer: the place of each among the versions of its rows.

The one definition of it.

A version is a text that sorts: the month that its sheet speaks for, the day on which it was said,
the moment at which it was saved, that at which it came, its submission. Every comparison of two
versions, in Python, in SQL and in dbt, compares these texts byte by byte
(``raw.<list>.version``).

What a sheet does not say is put in from what is known of it, on one scale: who compares by fill
date where both have one and by another measure where one has none goes round in circles (of three
sheets each is newer than the next).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from yiku.calendar import SHANGHAI, reporting_period

# A fill date that lies further ahead of the day of arrival is a slip of the pen: no date at all.
AHEAD = timedelta(days=31)


def version_of(
    period: str | None,
    fill_date: date | None,
    saved_at: datetime | None,
    received_at: datetime,
    arrived_on: date,
    submission_id: int,
) -> str:
    """Return the place of a sheet among the versions of its rows, as a text that sorts.

    ``period`` (YYYY-MM) ranks first, but no sheet speaks for a month after the day on which it
    was said: that is its fill date; without one the day of saving where that may be true, neither
    before the period nor after the arrival; else ``arrived_on``, the business date of its
    arrival.
    """
    saved_on = _day(saved_at)
    fresh = saved_on is not None and reporting_period(saved_on) >= (
        period or ""
    )
    said_on = arrived_on
    if fill_date is not None and fill_date <= arrived_on + AHEAD:
        said_on = fill_date
    elif saved_on is not None and fresh and saved_on <= arrived_on:
        said_on = saved_on
    month = min(period or reporting_period(said_on), reporting_period(said_on))
    moment = (
        saved_at
        if saved_at is not None and fresh and saved_at <= received_at
        else received_at
    )
    return f"{month} {said_on:%Y-%m-%d} {_utc(moment)} {_utc(received_at)} {submission_id:012d}"


def _day(moment: datetime | None) -> date | None:
    """Return the day in Shanghai of a moment that a file claims.

    None where no calendar has it.
    """
    try:
        return moment.astimezone(SHANGHAI).date() if moment else None
    except OverflowError:
        return None


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
