"""What each month's last published night said: kept when marts are swapped in, and never changed by a later month."""

from __future__ import annotations

from datetime import date

from yiku.warehouse.connection import Connection

# A night of an old day that is published on purpose is no news of its month:
# people have read the later figures.
_LATER_DAY_IS_KEPT = """
select exists (select from ops.coverage_month where as_of_on > %(day)s)
    or exists (select from ops.target_month where as_of_on > %(day)s)
"""
_FORGET_MONTH = """
delete from ops.{table} where period = to_char(%(day)s::date, 'YYYY-MM')
"""
# As masked: the ledger holds no word of a clerk's own, nor does a target that
# she named herself stand in it.
_KEEP_COVERAGE = """
insert into ops.coverage_month (
    period, as_of_on, level, place_code, county_code, town_code, town_name, village_code,
    village_name, metric, metric_name, numerator, denominator, rate_pct, target_pct, light,
    rank_in_county, change_pct
)
select
    to_char(as_of_on, 'YYYY-MM'), as_of_on, level, place_code, county_code, town_code, town_name,
    village_code, village_name, metric, metric_name, numerator, denominator, rate_pct, target_pct,
    light, rank_in_county, change_pct
from mart_masked.coverage
on conflict do nothing
"""
_KEEP_TARGETS = """
insert into ops.target_month (
    period, as_of_on, year, indicator, indicator_name, level, place_code, county_code, town_code,
    town_name, village_code, village_name, uom, target, actual, reported, rate_pct, target_pct,
    light, rank_in_county, change_pct, due_on
)
select
    to_char(as_of_on, 'YYYY-MM'), as_of_on, year, indicator, indicator_name, level, place_code,
    county_code, town_code, town_name, village_code, village_name, uom, target, actual, reported,
    rate_pct, target_pct, light, rank_in_county, change_pct, due_on
from mart_masked.target_progress
where indicator ~ '^[A-Za-z][A-Za-z_]*([0-9]{1,2}[A-Za-z_]*){0,2}$'
on conflict do nothing
"""
_KEEP = {"coverage_month": _KEEP_COVERAGE, "target_month": _KEEP_TARGETS}


def keep_month(conn: Connection, business_date: date) -> bool:
    """Keep the figures that were just published as those of their month, in the caller's transaction.

    Return whether they were kept: figures of a day before one that is kept already are not.
    """
    day = {"day": business_date}
    later = conn.execute(_LATER_DAY_IS_KEPT, day).fetchone()
    if later is None or later[0]:
        return False
    for table, keep in _KEEP.items():
        conn.execute(_FORGET_MONTH.format(table=table), day)
        conn.execute(keep)
    return True
