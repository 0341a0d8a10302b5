"""What the marts know to be open: visits that are made and pairs that are accepted on a work list become rows."""

from datetime import date, timedelta

import openpyxl
import pytest
from nights import COUNTY, DAY, PEOPLE, TOWNS, labourer, work, workbook
from test_night_work_list import fill, lines, listed, saved
from test_pairing_night import FAR, HOUSEHOLDS, pair, put_county
from yiku import pipeline
from yiku.formats import work_list_marks as marks
from yiku.worklist import page_forms as forms

TOWN, OTHER = list(TOWNS)
NEXT = DAY + timedelta(days=1)
VISITED, VISITOR = PEOPLE[TOWN][0], "李访"
# Nobody answered, so that the visit is due again after three workdays.
UNREACHED = {
    "town_name": TOWNS[TOWN],
    "village_name": VISITED.village,
    "name": VISITED.name,
    "id_no": VISITED.id_no,
    "visit_type": "定期",
    "visited_on": date(2017, 11, 14),
    "method": "电话",
    "reached": "否",
    "unreached_reason": "无人接听",
    "visitor": VISITOR,
}


@pytest.fixture(scope="module")
def month(shared_nights):
    """Two nights: of what the first one lists a clerk and an officer fill in some, and the second one takes it in."""
    nights = shared_nights
    put_county(nights)
    standing = [pair(FAR, HOUSEHOLDS[-1])]
    nights.put(OTHER, "T05.xlsx", workbook("T05", standing))
    # the last two are left out, so that a list misses them
    people = PEOPLE[TOWN][:8]
    nights.put(TOWN, "L1.xlsx", workbook("L1", [labourer(p) for p in people]))
    nights.put(TOWN, "L3.xlsx", workbook("L3", [work(VISITED)]))
    nights.put(TOWN, "E01.xlsx", workbook("E01", [UNREACHED]))
    nights.run(DAY)
    town, county = listed(nights), listed(nights, unit="county")
    first = {
        "visits": lines(town, forms.VISITS),
        "missing": lines(town, forms.MISSING),
        "pairs": lines(county, forms.PAIRS),
        "told": lines(county, forms.COUNTY),
    }
    ((visit_row, _),) = first["visits"]
    fill(
        town,
        forms.VISITS,
        visit_row,
        回访日期="2017-11-20",
        回访方式="电话",
        是否联系上="是",
        当前就业状态="转移就业",
        回访人=VISITOR,
    )
    wanted = [
        row_no
        for row_no, cells in first["pairs"]
        if cells[forms.SORT] == "技术员结对贫困户"
    ]
    accepted, declined, dateless = wanted[:3]
    fill(county, forms.PAIRS, accepted, 答复="接受", 开始日期="2017-11-21")
    fill(county, forms.PAIRS, declined, 答复="不接受")
    fill(county, forms.PAIRS, dateless, 答复="接受")
    nights.put(TOWN, "清单.xlsx", saved(town))
    nights.put("county", "清单.xlsx", saved(county))
    nights.run(NEXT)
    pairs = dict(first["pairs"])
    return nights, first, pairs[accepted], pairs[declined]


def test_a_visit_that_is_filled_in_is_a_visit(month):
    nights, first, *_ = month
    ((_, cells),) = first["visits"]
    assert cells[forms.NAME] == VISITED.name
    found = nights.rows(
        "select id_no, visitor, status_found from mart.visit where reached",
        day=NEXT,
    )
    assert found == [(VISITED.id_no, VISITOR, "转移就业")]
    after = listed(nights, NEXT)
    assert forms.VISITS.title not in after.sheetnames


def test_people_missing_from_a_list_are_named_to_their_town_alone(month):
    _, first, *_ = month
    assert {cells[forms.ID_NO] for _, cells in first["missing"]} == {
        person.id_no for person in PEOPLE[TOWN][8:]
    }


def test_an_accepted_pair_becomes_a_row_of_its_list(month):
    nights, _, cells, no = month
    declined = (no[forms.HOUSEHOLD], no[forms.HELPER])
    found = nights.rows(
        "select household_no, technician, paired_on::text from raw.t05_now where household_no <> %s",
        HOUSEHOLDS[-1],
        day=NEXT,
    )
    accepted = (cells[forms.HOUSEHOLD], cells[forms.HELPER], "2017-11-21")
    assert found == [accepted]
    after = listed(nights, NEXT, unit="county")
    left = {
        (line[forms.HOUSEHOLD], line[forms.HELPER])
        for _, line in lines(after, forms.PAIRS)
    }
    assert accepted[:2] not in left
    # nor is what was declined proposed again
    assert declined not in left
    # what lacked its day comes back as a row to mend
    ((_, back),) = lines(after, forms.ROWS)
    assert back[marks.COLUMN_HEADER] == "结对日期"


def test_the_officer_is_told_of_the_county(month):
    _, first, *_ = month
    assert {cells[forms.SORT] for _, cells in first["told"]} <= {
        "未接收的文件",
        "名单冲突",
        "迟报",
    }


def test_forms_go_out_once_a_period(month):
    nights, *_ = month
    opens, failed_until = date(2017, 12, 1), date(2017, 12, 5)
    first = pipeline.work_lists(nights.settings, failed_until)["forms"]
    assert first > 0
    folder = nights.settings.outbox / str(failed_until) / COUNTY / TOWN
    (form,) = folder.glob("回访记录表-荣山镇-2017-12.xlsx")
    texts = {
        cell
        for row in openpyxl.load_workbook(form).worksheets[0].values
        for cell in row
    }
    assert VISITED.id_no in texts
    # nobody's of another town
    assert texts.isdisjoint({person.id_no for person in PEOPLE[OTHER]})
    for day in (opens, failed_until, date(2017, 12, 6)):
        assert pipeline.work_lists(nights.settings, day)["forms"] == 0


def test_every_list_lies_in_the_folder_of_its_unit(month):
    nights, *_ = month
    found = nights.settings.outbox.glob("*/*/*/待办清单-*")
    for path in found:
        unit = path.name.split("-")[1]
        assert (path.parent.name, path.parent.parent.name) == (unit, COUNTY)
