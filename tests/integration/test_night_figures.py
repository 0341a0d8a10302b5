"""Figures of a night: what towns report beside what their lists say."""

from datetime import date, timedelta

from nights import DAY, PEOPLE, TOWNS, post, workbook

TOWN, OTHER = list(TOWNS)
LATER = DAY + timedelta(days=1)


def figure(indicator: str, amount: float, kind: str = "实绩", unit: str = TOWNS[TOWN]) -> dict[str, object]:
    names = {"posts": ("公益性岗位", "个"), "trained_persons": ("培训人数", "人")}
    name, uom = names[indicator]
    row = {"year": 2017, "indicator": indicator, "indicator_name": name, "unit": unit, "target": amount}
    return row | {"uom": uom, "kind": kind}


def test_a_monthly_figure_that_is_not_the_lists_is_asked_about_once(nights):
    nights.put(TOWN, "L5.xlsx", workbook("L5", [post(p) for p in PEOPLE[TOWN][:2]]))
    lines = [figure("posts", 3), figure("posts", 9, "计划"), figure("trained_persons", 4)]
    nights.put(TOWN, "月报.xlsx", workbook("E12", lines, title="荣山镇2017年11月任务分解表"))
    agreeing = [figure("posts", 1, unit=TOWNS[OTHER])]
    nights.put(OTHER, "L5.xlsx", workbook("L5", [post(PEOPLE[OTHER][0])]))
    nights.put(OTHER, "月报乙.xlsx", workbook("E12", agreeing, title="大石镇2017年11月任务分解表"))
    outbox = nights.run()
    told = "select s.file_name, f.row_no, f.verdict, f.message from ops.finding as f"
    told += " inner join ops.submission as s using (submission_id) where f.rule = 'X11'"
    ((name, row_no, verdict, message),) = nights.rows(told)
    assert (name, row_no, verdict) == ("月报.xlsx", 4, "W")
    assert "荣山镇" in message
    assert list(outbox.rglob("*月报.xlsx.校验.xlsx"))
    assert nights.rows(
        "select actual, reported from mart.target_progress where town_code = %s and indicator = 'posts'", TOWN
    ) == [(2, 3)]
    nights.run(LATER)
    assert len(nights.rows(told)) == 1
    mended = workbook("E12", [figure("posts", 2)], title="荣山镇2017年11月任务分解表", filled=date(2017, 11, 16))
    nights.put(TOWN, "月报更正.xlsx", mended)
    nights.run(LATER + timedelta(days=1))
    assert nights.rows(
        "select file_name, closed_on is null from ops.finding inner join ops.submission using (submission_id) where rule = 'X11'"
    ) == [("月报.xlsx", False)]
