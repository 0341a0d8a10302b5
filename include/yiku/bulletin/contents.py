"""The lines of a bulletin as its sentences and tables say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from yiku.calendar import in_chinese, is_quarter
from yiku.warehouse.bulletins import Line

# A light in words: the page is printed in black, and read by those who do not see red.
LIGHTS = {
    "红": "红（落后）",
    "黄": "黄（接近）",
    "绿": "绿（基本达标）",
    "灰": "—",
}
# What the lights mean where problems are mended, not targets reached.
_MENDING = {LIGHTS["红"]: "红（有逾期）", LIGHTS["黄"]: "黄（整改中）"}
_WHOLE_PCT = 100
_MET = "绿（达标）"
_SHOWN_TOWNS = 3  # first and last, as secretaries name them
_MOST_ROWS = 14  # of a table: four pages are read, ten are not
_MOST_TOWNS, _MOST_ASKS = 10, 5  # in a quarter's report, which has more tables
# To whom a county's bulletin goes, by role; after the city's 《广元脱贫攻坚》.
RECIPIENTS = (
    ("报", "市脱贫攻坚领导小组办公室，本级党委、政府领导，作战指挥部"),
    ("送", "本级有关帮扶部门（单位）"),
    ("发", "各乡镇（街道）"),
)


@dataclass(frozen=True)
class Head:
    """What stands above and below the figures.

    ``note`` says what a correction corrects, ``corrected_on`` when the first
    issue went out, with which it is compared.
    """

    county_name: str
    period: str
    issue: int
    issued_on: date
    as_of_on: date
    note: str | None
    silent_towns: tuple[str, ...]
    is_preview: bool
    corrected_on: date | None = None


def title_of(head: Head) -> str:
    """Return the title of an issue, which is also its file's name."""
    preview = "（样稿）" if head.is_preview else ""
    name = paper_name(head.period, head.issue)
    return f"{head.county_name}{name}{preview}"


def paper_name(period: str, issue: int) -> str:
    """Return what the issue of a period is called, the county's name left out."""
    correction = f"（第{issue - 1}次更正）" if issue > 1 else ""
    year, part = period.split("-")
    if is_quarter(period):
        return f"{year}年第{part[1:]}季度督查通报{correction}"
    return f"{year}年{int(part)}月通报{correction}"


def facts_of(head: Head, lines: Sequence[Line]) -> dict[str, Any]:
    """Return what the template prints, all of it text."""
    scored = _with_rank(_of(lines, "submission"))
    return shared_facts(head, lines) | {
        "targets": _rows(_of(lines, "target")),
        "submissions": _rows(
            line
            for line in _of(lines, "submission")
            if line.measure != "score_pct" or line.rank is None
        ),
        "scored_count": len(scored),
        "worst_senders": _rows(_last_of(scored)),
        "problems": _rows(_of(lines, "problem")),
    }


def quarter_facts_of(head: Head, lines: Sequence[Line]) -> dict[str, Any]:
    """Return what the template of a quarter's report prints, all of it text."""
    sample = _of(lines, "sample")
    due_days = [line.due_on for line in sample if line.due_on is not None]
    towns = _of(lines, "town")
    # Who has mended all is counted, who has not is named.
    behind = [line for line in towns if line.light != "绿"]
    return shared_facts(head, lines) | {
        "rounds": _rows(_of(lines, "round")),
        "findings": _rows(_of(lines, "finding")),
        "towns": [_town_row(row) for row in _rows(behind, _MOST_TOWNS)],
        # Who stands first has most to do, and stands in the table above with the others.
        "asks": _rows(_of(lines, "ask"), _MOST_ASKS),
        "mended_count": len(towns) - len(behind),
        # Why nobody: a line of nought says nothing.
        "sample": _rows(line for line in sample if line.value),
        "visit_due": in_chinese(due_days[0]) if due_days else "",
    }


def _town_row(row: dict[str, str]) -> dict[str, str]:
    light = row["light"]
    # The row that says how many more there are is of no town.
    place = row["place"] or row["name"]
    return row | {"place": place, "light": _MENDING.get(light, light)}


def shared_facts(head: Head, lines: Sequence[Line]) -> dict[str, Any]:
    """Return what the templates of all bulletins print."""
    # Where nobody could be counted nobody stands first or last.
    ranked = _with_rank(_of(lines, "ranking"))
    corrected = _of(lines, "correction")
    return {
        "red_head": f"{head.county_name}脱贫攻坚工作通报",
        "title": title_of(head),
        "issued_on": in_chinese(head.issued_on),
        "as_of": in_chinese(head.as_of_on),
        "note": _note(head, bool(corrected)),
        # What was wrong is told to the last figure.
        "changes": [_row(line) for line in corrected],
        "overall": _rows(_of(lines, "overall")),
        "first": _rows(ranked[:_SHOWN_TOWNS]),
        "last": _rows(_last_of(ranked)),
        "town_count": len(ranked),
        "asks": _rows(_of(lines, "ask")),
        "silent": "、".join(head.silent_towns),
        "recipients": [
            {"word": word, "names": names} for word, names in RECIPIENTS
        ],
    }


def _of(lines: Iterable[Line], section: str) -> list[Line]:
    return [line for line in lines if line.section == section]


def _with_rank(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.rank is not None]


def _last_of(ranked: Sequence[Line]) -> list[Line]:
    """Return the last of a ranking, but none that ranks with the first or has done what was asked."""
    first_ranks = {line.rank for line in ranked[:_SHOWN_TOWNS]}
    behind = [
        line
        for line in ranked[_SHOWN_TOWNS:]
        if line.rank not in first_ranks and line.light != "绿"
    ]
    return behind[-_SHOWN_TOWNS:]


def _note(head: Head, has_changes: bool) -> str:
    if head.corrected_on is None:
        return head.note or ""
    found = "变化的数字见下表" if has_changes else "数字没有变化"
    compared = f"与第1期（{in_chinese(head.corrected_on)}印发）相比，{found}。"
    return f"{head.note}。{compared}" if head.note else compared


def _rows(
    lines: Iterable[Line], most: int = _MOST_ROWS
) -> list[dict[str, str]]:
    """Return the rows of a table; of a long one the first, and how many follow."""
    rows = [_row(line) for line in lines]
    left_out = len(rows) - most
    if left_out <= 0:
        return rows
    rest = dict.fromkeys(rows[0], "")
    rest["name"] = f"另有{left_out}项，见同名表格"
    return [*rows[:most], rest]


def _row(line: Line) -> dict[str, str]:
    return {
        "place": line.place_name or "",
        "name": line.measure_name,
        "value": shown(line.value, line.unit),
        "target": shown(line.target, line.unit),
        "light": _light(line),
        "rank": str(line.rank) if line.rank is not None else "—",
        "change": _signed(line.change),
        "rate": shown(line.rate_pct, "%"),
        "overdue": str(line.overdue) if line.overdue else "—",
        "due": str(line.due_on) if line.due_on else "—",
    }


def _light(line: Line) -> str:
    # A light turns green somewhat below the target: only what reaches it has met it.
    is_met = line.light == "绿" and _has_met_target(line)
    return _MET if is_met else LIGHTS.get(line.light or "", "—")


def _has_met_target(line: Line) -> bool:
    if line.rate_pct is not None:
        return line.rate_pct >= _WHOLE_PCT
    if line.value is None or line.target is None:
        return False
    return line.value >= line.target


def shown(value: Decimal | None, unit: str) -> str:
    """Return a figure as it is printed: as many decimals as it has, and its unit."""
    if value is None:
        return "—"
    return f"{plain(value)}{unit}"


def plain(value: Decimal) -> str:
    """Return a figure without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(change: Decimal | None) -> str:
    if change is None:
        return "—"
    return f"+{plain(change)}" if change > 0 else plain(change)
