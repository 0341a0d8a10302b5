"""The lines of a bulletin as its sentences and tables say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from yiku.calendar import in_chinese
from yiku.warehouse.bulletins import Line

# A light in words: the page is printed in black, and read by those who do not see red.
LIGHTS = {
    "红": "红（落后）",
    "黄": "黄（接近）",
    "绿": "绿（达标）",
    "灰": "—",
}
_SHOWN_TOWNS = 3  # first and last, as secretaries name them
_MOST_ROWS = 14  # of a table: four pages are read, ten are not
# To whom a county's bulletin goes, by role; after the city's 《广元脱贫攻坚》.
RECIPIENTS = (
    ("报", "市脱贫攻坚领导小组办公室，本级党委、政府领导，作战指挥部"),
    ("送", "本级有关帮扶部门（单位）"),
    ("发", "各乡镇（街道）"),
)


@dataclass(frozen=True)
class Head:
    """What stands above and below the figures. ``note`` says what a correction corrects."""

    county_name: str
    period: str
    issue: int
    issued_on: date
    as_of_on: date
    note: str | None
    silent_towns: tuple[str, ...]
    is_preview: bool


def title_of(head: Head) -> str:
    """Return the title of an issue, which is also its file's name."""
    year, month = head.period.split("-")
    correction = f"（更正第{head.issue - 1}期）" if head.issue > 1 else ""
    preview = "（样稿）" if head.is_preview else ""
    return f"{head.county_name}{year}年{int(month)}月通报{correction}{preview}"


def facts_of(head: Head, lines: Sequence[Line]) -> dict[str, Any]:
    """Return what the template prints, all of it text."""
    ranked = _of(lines, "ranking")
    return {
        "red_head": f"{head.county_name}脱贫攻坚工作通报",
        "title": title_of(head),
        "issued_on": in_chinese(head.issued_on),
        "as_of": in_chinese(head.as_of_on),
        "note": head.note or "",
        "changes": _rows(_of(lines, "correction")),
        "overall": _rows(_of(lines, "overall")),
        "first": _rows(ranked[:_SHOWN_TOWNS]),
        "last": _rows(_last_of(ranked)),
        "town_count": len(ranked),
        "targets": _rows(_of(lines, "target")),
        "submissions": _rows(
            line
            for line in _of(lines, "submission")
            if line.measure != "score_pct" or line.rank is None
        ),
        "worst_senders": _rows(_last_of(_scored(lines))),
        "problems": _rows(_of(lines, "problem")),
        "asks": _rows(_of(lines, "ask")),
        "silent": "、".join(head.silent_towns),
        "recipients": [
            {"word": word, "names": names} for word, names in RECIPIENTS
        ],
    }


def _of(lines: Iterable[Line], section: str) -> list[Line]:
    return [line for line in lines if line.section == section]


def _scored(lines: Iterable[Line]) -> list[Line]:
    return [line for line in _of(lines, "submission") if line.rank is not None]


def _last_of(ranked: Sequence[Line]) -> Sequence[Line]:
    """Return the last of a ranking, but none that stands among the first."""
    return ranked[_SHOWN_TOWNS:][-_SHOWN_TOWNS:]


def _rows(lines: Iterable[Line]) -> list[dict[str, str]]:
    rows = []
    for line in list(lines)[:_MOST_ROWS]:
        rows.append(
            {
                "place": line.place_name or "",
                "name": line.measure_name,
                "value": shown(line.value, line.unit),
                "target": shown(line.target, line.unit),
                "light": LIGHTS.get(line.light or "", "—"),
                "rank": str(line.rank) if line.rank is not None else "—",
                "change": _signed(line.change),
                "rate": shown(line.rate_pct, "%"),
                "overdue": str(line.overdue) if line.overdue else "—",
                "due": str(line.due_on) if line.due_on else "—",
            }
        )
    return rows


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
