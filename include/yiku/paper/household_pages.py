"""A page a household 一户一页, a file a village: for the town's own cadre, not for a wall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from yiku.calendar import in_chinese
from yiku.paper.file_names import HOUSEHOLDS, paper_name
from yiku.paper.printed import Printed
from yiku.paper.typesetting import Typesetter
from yiku.warehouse.household_facts import (
    Due,
    Helper,
    Household,
    TownHouseholds,
    Worker,
)


class _OfHousehold(Protocol):
    @property
    def household_sk(self) -> str: ...


Part = TypeVar("Part", bound=_OfHousehold)


def print_households(
    setter: Typesetter, town: TownHouseholds
) -> Iterator[Printed]:
    """Set the households of a town, a file a village and a page a household."""
    workers = _by_household(town.workers)
    helpers = _by_household(town.helpers)
    dues = _by_household(town.dues)
    for households in _by_village(town.households).values():
        first = households[0]
        pages = [
            {
                **_about(household),
                "workers": _workers(workers[household.household_sk]),
                "helpers": _helpers(helpers[household.household_sk]),
                "dues": _dues(dues[household.household_sk]),
            }
            for household in households
        ]
        facts = {
            "title": f"一户一页 {first.village_name or ''}",
            "day": in_chinese(first.as_of_on),
            "households": pages,
        }
        yield Printed(
            first.county_code,
            first.town_code,
            paper_name(HOUSEHOLDS, first.village_code, first.village_name),
            setter.pdf("household", facts),
        )


def _by_village(
    households: Sequence[Household],
) -> dict[str | None, list[Household]]:
    found: dict[str | None, list[Household]] = defaultdict(list)
    for household in households:
        # by its code: two villages of a town may have one name
        village = household.village_code or household.village_name
        found[village].append(household)
    return found


def _by_household(parts: Iterable[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.household_sk].append(part)
    return found


def _about(household: Household) -> dict[str, Any]:
    work = f"劳动力{household.labourers}人，已就业{household.employed}人"
    if household.is_zero_employment:
        work += "（零就业户）"
    return {
        "head": household.head_name,
        "place": f"{household.town_name or ''} {household.village_name or ''}",
        "about": [
            ["户编号", household.household_no],
            ["户属性", household.kind],
            ["脱贫属性", household.poverty_status],
            ["致贫原因", household.cause],
            ["主导产业", "、".join(household.industries)],
            ["家庭人口", household.member_count],
            ["就业情况", work],
        ],
    }


def _workers(workers: Sequence[Worker]) -> list[list[Any]]:
    rows = []
    for worker in workers:
        status = worker.status
        if worker.is_stale:
            status = f"{status or ''}（待核实）"
        rows.append(
            [
                worker.name,
                worker.sex,
                worker.age,
                worker.phone,
                worker.skill,
                worker.intent,
                status,
                worker.trainings,
                _yuan(worker.benefits_yuan),
                _day(worker.next_visit_on),
            ]
        )
    return rows


def _helpers(helpers: Sequence[Helper]) -> list[list[Any]]:
    return [
        [
            helper.kind,
            helper.name,
            helper.industry,
            _day(helper.since_on),
            helper.services,
            _day(helper.last_served_on),
        ]
        for helper in helpers
    ]


def _dues(dues: Sequence[Due]) -> list[list[Any]]:
    return [
        [due.name, due.policy, _day(due.since_on), _yuan(due.open_yuan)]
        for due in dues
    ]


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _yuan(amount: float | None) -> str | None:
    return f"{amount:,.2f}" if amount is not None else None
