"""Figures of a night: what towns report beside what their lists say."""

from datetime import date, timedelta

from nights import DAY, PEOPLE, TOWNS, labourer, members, post, workbook
from yiku.pipeline import row_conflicts
from yiku.warehouse.connection import connect
from yiku.warehouse.undo import undo

TOWN, OTHER = list(TOWNS)
LATER, NEXT_MONTH = DAY + timedelta(days=1), date(2017, 12, 1)


def figure(
    indicator: str, amount: float, kind: str = "实绩", unit: str = TOWNS[TOWN]
) -> dict[str, object]:
    names = {
        "posts": ("公益性岗位", "个"),
        "trained_persons": ("培训人数", "人"),
    }
    name, uom = names[indicator]
    row = {
        "year": 2017,
        "indicator": indicator,
        "indicator_name": name,
        "unit": unit,
        "target": amount,
    }
    return row | {"uom": uom, "kind": kind}


def test_a_monthly_figure_that_is_not_the_lists_is_asked_about_once(nights):
    nights.put(
        TOWN, "L5.xlsx", workbook("L5", [post(p) for p in PEOPLE[TOWN][:2]])
    )
    lines = [
        figure("posts", 3),
        figure("posts", 9, "计划"),
        figure("trained_persons", 4),
    ]
    nights.put(
        TOWN,
        "月报.xlsx",
        workbook("E12", lines, title="荣山镇2017年11月任务分解表"),
    )
    agreeing = [figure("posts", 1, unit=TOWNS[OTHER])]
    nights.put(OTHER, "L5.xlsx", workbook("L5", [post(PEOPLE[OTHER][0])]))
    nights.put(
        OTHER,
        "月报乙.xlsx",
        workbook("E12", agreeing, title="大石镇2017年11月任务分解表"),
    )
    outbox = nights.run()
    told = "select s.file_name, f.row_no, f.verdict, f.message from ops.finding as f"
    told += " inner join ops.submission as s using (submission_id) where f.rule = 'X11'"
    ((name, row_no, verdict, message),) = nights.rows(told)
    assert (name, row_no, verdict) == ("月报.xlsx", 4, "W")
    assert "荣山镇" in message
    assert list(outbox.rglob("*月报.xlsx.校验.xlsx"))
    assert nights.rows(
        "select actual, reported from mart.target_progress where town_code = %s and indicator = 'posts'",
        TOWN,
    ) == [(2, 3)]
    with connect(nights.settings, DAY) as conn:
        assert row_conflicts.tell(conn, DAY) == 0
    mended = workbook(
        "E12",
        [figure("posts", 2)],
        title="荣山镇2017年11月任务分解表",
        filled=date(2017, 11, 16),
    )
    nights.put(TOWN, "月报更正.xlsx", mended)
    nights.take_in(LATER)
    assert nights.rows(
        "select closed_on is null from ops.finding where rule = 'X11'"
    ) == [(False,)]


def test_a_figure_is_asked_about_no_more_when_the_lists_agree_with_it(nights):
    nights.put(
        TOWN, "L5.xlsx", workbook("L5", [post(p) for p in PEOPLE[TOWN][:2]])
    )
    nights.put(
        TOWN,
        "月报.xlsx",
        workbook(
            "E12", [figure("posts", 3)], title="荣山镇2017年11月任务分解表"
        ),
    )
    asked = "select closed_on, closed_by from ops.finding where rule = 'X11'"
    asking = nights.run()
    assert nights.rows(asked) == [(None, None)]
    nights.put(TOWN, "L5补报.xlsx", workbook("L5", [post(PEOPLE[TOWN][2])]))
    later = nights.run(LATER)
    assert nights.rows(asked) == [(LATER, None)]
    assert ("withdrawn", 1) in [
        item for said in nights.log for item in said.items()
    ]
    ((receipt,),) = nights.rows(
        "select receipt_no from ops.submission where file_name = '月报.xlsx'"
    )
    (before,), (after,) = (
        list(folder.rglob(f"{receipt}.txt")) for folder in (asking, later)
    )
    assert "[X11]" in before.read_text("utf-8")
    assert "[X11]" not in after.read_text(
        "utf-8"
    )  # its sender hears that it need not be mended
    nights.run()  # again for its own date: what a later night withdrew stays so
    assert nights.rows(asked) == [(LATER, None)]
    with connect(nights.settings, LATER) as conn:
        ((number,),) = conn.execute(
            "select max(submission_id) from ops.submission"
        )
        undo(conn, number)
    outbox = nights.run(NEXT_MONTH)
    assert nights.rows(asked) == [(None, None)]
    assert list(outbox.rglob("*月报.xlsx.校验.xlsx"))


def base_of(nights, town=TOWN):
    """Return how many labourers and households the newest marts measure a town by, and how many are listed."""
    query = "select metric, numerator, denominator from mart.coverage where place_code = %s"
    found = {metric: (n, of) for metric, n, of in nights.rows(query, town)}
    return (*found["registered_rate_pct"], found["household_employed_pct"][1])


def without(*people):
    """Return the list of registered persons in which some are noted as dead."""
    gone = {p.id_no for p in people}
    rows = [
        {**m, "member_state": "死亡"} if m["id_no"] in gone else m
        for m in members()
    ]
    return workbook("H02", rows, title="家庭成员登记表", filled=LATER)


def test_a_month_is_measured_by_the_register_of_its_first_night(nights):
    here = PEOPLE[TOWN]
    nights.put(
        TOWN, "L1.xlsx", workbook("L1", [labourer(p) for p in here[:4]])
    )
    nights.take_in()
    nights.put("county", "H02新.xlsx", without(*here[2:4]))
    nights.take_in(LATER)
    nights.build(LATER)
    assert base_of(nights) == (
        2,
        10,
        5,
    )  # what is known of the two who died is nothing
    registered = "select count(*) from core.int_people__register_person where is_labourer and town_code = %s"
    assert nights.rows(registered, TOWN) == [(8,)]
    nights.take_in(NEXT_MONTH)
    nights.build(NEXT_MONTH)
    assert base_of(nights) == (2, 8, 4)
    with connect(nights.settings) as conn:
        ((number,),) = conn.execute(
            "select max(submission_id) from ops.submission where unit_code = 'county'"
        )
        undo(conn, number)
    nights.take_in(NEXT_MONTH)
    nights.build(NEXT_MONTH)
    assert base_of(nights) == (4, 10, 5)


def test_a_night_run_again_for_its_own_date_measures_by_the_same_people(
    nights,
):
    nights.take_in()
    nights.put("county", "H02新.xlsx", without(PEOPLE[TOWN][2]))
    nights.take_in(LATER)
    nights.take_in(NEXT_MONTH)
    nights.take_in(LATER)
    nights.build(LATER)
    assert base_of(nights) == (0, 10, 5)
