"""What is true in the demo counties, list by list.

One dictionary of typed values for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from yiku.demo.occupations import POST_YUAN, Roles
from yiku.demo.people import NO_PUPIL, Resident
from yiku.demo.rows import Row, days, person_columns, pick
from yiku.demo.world import County, Town

TWICE = 6  # holders for whom a month's pay is asked a second time
_REGIONS = {
    "县内": "县内",
    "县外省内": "省内市外",
    "省外": "省外",
}  # of work, by what people wish for
# One town of each county has put its visits off: a leader sees them overdue.
_LATE_VISITOR = 3
_LONG_AGO = timedelta(days=100)


def census(resident: Resident, roles: Roles, rng: Random) -> Row:
    """Return the row of the census of labourers."""
    person = resident.person
    home = resident.household
    status = roles.status(person.id_no) or rng.choice(("未就业", "在家务农"))
    intent = rng.choice(("县内", "县外省内", "省外"))
    wants_training = rng.random() < 0.6
    is_idle = status == "未就业"
    return person_columns(resident) | {
        "labour_capacity": person.labour,
        "health": person.health,
        "school": NO_PUPIL,
        "emp_status": status,
        "unemp_reason": rng.choice(("照顾家庭", "无合适岗位"))
        if is_idle
        else None,
        "emp_intent": intent,
        "intent_region": _REGIONS[intent],
        "intent_job": rng.choice(("缝纫工", "建筑工", "保安", "厨师")),
        "intent_wage": rng.randrange(2000, 5000, 100),
        "train_intent": wants_training,
        "train_want": rng.choice(("养殖", "焊工", "家政"))
        if wants_training
        else None,
        "venture_intent": rng.random() < 0.1,
        "poverty_status": home.poverty_status,
        "exit_year": 2016 if home.exited else None,
        "verified_on": days(date(2017, 9, 1), date(2017, 11, 8), rng),
        "verify_method": rng.choice(("上门", "电话")),
        "verifier": "何建国",
    }


def visit(resident: Resident, roles: Roles, rng: Random) -> Row:
    """Return a visit that found what the lists say."""
    number = resident.person.id_no
    is_founder = number in roles.venture
    work = roles.work(number)
    return person_columns(resident) | {
        "visit_type": "需求" if is_founder else "定期",
        "visited_on": days(date(2017, 10, 20), date(2017, 11, 8), rng),
        "method": rng.choice(("上门", "电话")),
        "reached": True,
        "status_found": roles.status(number),
        "employer": work.get("employer"),
        "wage_yuan": work.get("wage_yuan"),
        "stable": True,
        "needs": ("资金", "场地") if is_founder else ("无",),
        "satisfaction": 5,
        "action": "已登记",
        "visitor": "何建国",
    }


def payments(roles: Roles) -> dict[str, list[Row]]:
    """Return the county's ledger of payments by sheet.

    Trainings, posts and start-up grants.
    """
    trained = []
    for row in roles.training.values():
        trained.append(
            _payment(
                roles,
                row,
                "培训补贴",
                row["end_on"],
                row["amount_yuan"],
                row["paid_on"],
            )
        )
    posts = []
    for row in roles.post.values():
        month, paid_on = date(2017, 10, 1), date(2017, 11, 8)
        posts.append(
            _payment(roles, row, "公益性岗位补贴", month, POST_YUAN, paid_on)
        )
    grants = []
    for row in roles.venture.values():
        if row["grant_yuan"]:
            grants.append(
                _payment(
                    roles,
                    row,
                    "一次性创业补贴",
                    row["paid_on"],
                    row["grant_yuan"],
                    row["paid_on"],
                )
            )
    # a sheet of supplements, which asks for some months again
    second = []
    for number, paid in enumerate(posts[:TWICE]):
        second.append(_asked_again(paid, number))
    return {
        "培训补贴": trained,
        "岗位补贴": posts,
        "创业补贴": grants,
        "岗位补贴补发": second,
    }


def _asked_again(paid: Row, number: int) -> Row:
    """Return a second payment for the same month.

    Every other one is paid already, the rest can still be stopped.
    """
    second = paid | {"batch_no": "201711补"}
    is_paid = number % 2 == 1
    return (
        second if is_paid else second | {"pay_status": "审核", "paid_on": None}
    )


def _payment(
    roles: Roles,
    row: Row,
    policy: str,
    month: date,
    yuan: int,
    paid_on: date,
) -> Row:
    return pick(row, ("town_name", "village_name")) | {
        "policy": policy,
        "period": f"{month:%Y-%m}",
        "payee": row["name"],
        "payee_id": row["id_no"],
        "std_yuan": yuan,
        "qty": 1,
        "amount_yuan": yuan,
        "bank": "农村信用社",
        "account_name": row["name"],
        "account_no": roles.accounts[row["id_no"]],
        "batch_no": f"{paid_on:%Y%m}",
        "fund_source": "省",
        "pay_status": "拨付",
        # a week on the village's board, a week before the money
        "notice_from": paid_on - timedelta(days=15),
        "notice_to": paid_on - timedelta(days=8),
        "paid_on": paid_on,
    }


Rows = Callable[[Town], list[Row]]


def _long_ago(row: Row, roles: Roles) -> None:
    """Let a visit lie so far back that the next one is overdue; not before the work began that it found."""
    visited_on = row["visited_on"] - _LONG_AGO
    began = roles.work(row["id_no"]).get("start_on")
    if began is None or began <= visited_on:
        row["visited_on"] = visited_on


def town_lists(
    county: County, roles: Roles, rng: Random
) -> Mapping[str, Rows]:
    """Return for each list that towns send how its rows are made for one town."""

    def labourers(town: Town) -> list[Row]:
        return [census(resident, roles, rng) for resident in town.labourers]

    def visits(town: Town) -> list[Row]:
        rows = []
        for resident in town.residents[::2]:
            if roles.status(resident.person.id_no):
                rows.append(visit(resident, roles, rng))
        if town is county.towns[_LATE_VISITOR]:
            for row in rows:
                _long_ago(row, roles)
        return rows

    return {
        "L1": labourers,
        "L2": _told_of(roles.training),
        "L3": _told_of(roles.transfer),
        "L4": _told_of(roles.venture),
        "L5": _told_of(roles.post),
        "E01": visits,
    }


def _told_of(rows: Mapping[str, Row]) -> Rows:
    """Return how a town picks the rows of its residents."""

    def of_town(town: Town) -> list[Row]:
        numbers = [resident.person.id_no for resident in town.residents]
        return [rows[number] for number in numbers if number in rows]

    return of_town
