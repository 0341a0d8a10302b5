"""Read a wall page as a stranger would: its figures by where they say they stand, and all that it prints besides."""

from __future__ import annotations

import re
from typing import Any

import psycopg

_FIGURE = re.compile(r'<b[^>]* data-f="([^"]*)"[^>]*>([^<]*)</b>')
_MARK = re.compile(
    r'data-p="(\d+)"[^>]*><title>.*? ([红黄绿灰]) (\S+)</title>'
)
# Days and months stand for themselves.
_BY_ITSELF = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
NOTHING = "—"

# Written apart from what draws the pages: each figure once more, by another question.
_QUESTIONS = {
    "coverage": """
        select place_code, metric, f.key, f.value from mart_masked.coverage as c
        cross join lateral jsonb_each_text(to_jsonb(c)) as f""",
    "target": """
        select place_code, indicator || '@' || year, f.key, f.value
        from mart_masked.target_progress as c
        cross join lateral jsonb_each_text(to_jsonb(c) || jsonb_build_object(
            'reached', trim_scale(coalesce(actual, reported)), 'target', trim_scale(target)
        )) as f""",
    "score": """
        select unit_code, period, f.key, f.value from mart_masked.submission_score as c
        cross join lateral jsonb_each_text(to_jsonb(c)) as f""",
    "month": """
        select place_code, period, 'rate_pct', rate_pct::text from mart_masked.coverage_month
        where metric = 'four_full_pct'""",
    "owed": """
        select unit_code, county_code || list, 'workdays_late', max(workdays_late)::text
        from mart_masked.list_due where state = '未报' group by 1, 2""",
}
# How many there are where only the first are shown.
_COUNTS = """
select place_code, case when target is null then 'goals' else 'targets' end, count(*)
from mart_masked.target_progress where level <> 'village' and year = extract(year from as_of_on) group by 1, 2
union all
select county_code, 'ranked', count(*) from mart_masked.coverage
where level = 'town' and metric = 'four_full_pct' and rank_in_county is not null
    and place_code in (select place_code from mart_masked.place where is_current)
group by 1
union all
select p.code, 'work', count(distinct kind) from mart_masked.task
cross join lateral (values (county_code), (town_code)) as p (code) group by 1
union all
select p.code, 'gaps', count(distinct kind) from mart_masked.pairing_gap
cross join lateral (values (county_code), (town_code)) as p (code) group by 1
"""
_OF_PLACES = {
    "task": "select {code}, kind, sum(item_count), coalesce(sum(item_count) filter (where is_overdue), 0)"
    " from mart_masked.task where {code} is not null group by 1, 2",
    "gap": "select {code}, kind, sum(item_count), null from mart_masked.pairing_gap"
    " where {code} is not null group by 1, 2",
}
_LISTS = (
    "list_basic_info",
    "list_training",
    "list_transfer_employment",
    "list_self_employment",
    "list_public_post",
)
_ZONE = """
select p.county_code, p.war_zone, coalesce(c.light, '灰'), count(*)
from mart_masked.place as p
left join mart_masked.coverage as c on c.place_code = p.place_code and c.metric = 'four_full_pct'
where p.level = 'town' and p.is_current group by 1, 2, 3
"""

Figures = dict[str, str]


def figures_of(page: str) -> list[tuple[str, str]]:
    """Return the figures of a page with where each stands."""
    return _FIGURE.findall(page)


def marks_of(page: str) -> list[tuple[str, str, str]]:
    """Return code, light and rate of every mark on the map."""
    return _MARK.findall(page)


def other_numbers(page: str) -> list[str]:
    """Return the numbers that a page prints and does not say where they stand."""
    text = re.sub(
        r"<style>.*?</style>|<title>.*?</title>", " ", page, flags=re.DOTALL
    )
    text = re.sub(r"<[^>]*>", " ", _FIGURE.sub(" ", text))
    return re.findall(r"\d[\d.,]*", _BY_ITSELF.sub(" ", text))


def plain(printed: str) -> str:
    """Return a printed figure as SQL would write it."""
    return printed.replace(",", "").removeprefix("+")


def figures_in_sql(conn: psycopg.Connection[Any]) -> Figures:
    """Return what the masked marts say, by where it stands."""
    found: Figures = {}
    for table, question in _QUESTIONS.items():
        for place, measure, column, value in conn.execute(question):  # type: ignore[arg-type]
            where = f"{table}|{place}|{measure}|{column}"
            found[where] = NOTHING if value is None else value
    for place, what, count in conn.execute(_COUNTS):
        found[f"count|{place}|{what}|all"] = str(count)
    for code in ("county_code", "town_code"):
        for table, question in _OF_PLACES.items():
            for place, kind, count, overdue in conn.execute(
                question.format(code=code)
            ):
                found[f"{table}|{place}|{kind}|count"] = str(count)
                found[f"{table}|{place}|{kind}|overdue"] = str(overdue)
        for table in _LISTS:
            question = (
                f"select {code}, count(*) filter (where is_current), count(*)"
                f" from mart_masked.{table} group by 1"
            )
            for place, today, ever in conn.execute(question):  # type: ignore[arg-type]
                found[f"list|{place}|{table}|today"] = str(today)
                found[f"list|{place}|{table}|ever"] = str(ever)
    return found | _zones(conn)


def _zones(conn: psycopg.Connection[Any]) -> Figures:
    found: Figures = {}
    for county, zone, light, count in conn.execute(_ZONE):
        column = {"红": "red", "黄": "yellow", "绿": "green", "灰": "grey"}
        here = f"zone|{county}|{zone}|"
        for other in column.values():
            found.setdefault(here + other, "0")
        found[here + column[light]] = str(count)
        towns = int(found.get(here + "towns", "0")) + count
        found[here + "towns"] = str(towns)
    return found
