"""What a bulletin says of its lines: what is cut, who is named last, which light is met, what a correction corrects."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import docx
import openpyxl
import pytest
from lxml import etree
from yiku.bulletin.contents import (
    Head,
    facts_of,
    quarter_facts_of,
    title_of,
)
from yiku.bulletin.corrections import changes
from yiku.bulletin.document import (
    QUARTERLY,
    TemplateBrokenError,
    build_document,
    shipped_template,
)
from yiku.bulletin.figures_book import build_figures
from yiku.pipeline.reports import due_quarter
from yiku.warehouse.bulletins import Line

HEAD = Head(
    county_name="利州区",
    period="2017-11",
    issue=1,
    issued_on=date(2017, 12, 5),
    as_of_on=date(2017, 11, 30),
    note=None,
    silent_towns=(),
    is_preview=False,
)
THIRD = replace(
    HEAD, issue=3, note="一份来件撤回", corrected_on=date(2017, 12, 5)
)
PLAIN = Line(
    section="ranking",
    place_code="510802101",
    place_name="大石镇",
    measure="four_full_pct",
    measure_name="四个全覆盖",
    value=Decimal("85.0000"),
    unit="%",
    target=Decimal("100.0000"),
    light="红",
    rank=1,
    change=None,
    rate_pct=None,
    overdue=None,
    due_on=None,
)


def towns(*ranks_and_lights: tuple[int | None, str]) -> list[Line]:
    return [
        PLAIN._replace(
            place_name=f"{at}号镇", place_code=str(at), rank=rank, light=light
        )
        for at, (rank, light) in enumerate(ranks_and_lights, start=1)
    ]


def section(name: str, count: int) -> list[Line]:
    return [
        PLAIN._replace(section=name, measure=f"m{at}", rank=None)
        for at in range(count)
    ]


def test_a_correction_is_cut_nowhere_and_a_long_table_says_what_it_leaves_out():
    lines = section("correction", 40) + section("target", 16)
    facts = facts_of(THIRD, lines)
    assert len(facts["changes"]) == 40
    assert len(facts["targets"]) == 15
    assert facts["targets"][-1]["name"] == "另有2项，见同名表格"
    # what is left out stands in the workbook
    book = openpyxl.load_workbook(io.BytesIO(build_figures(THIRD, lines)))
    assert book.active.max_row == len(lines) + 3


@pytest.mark.parametrize(
    ("lights", "named"),
    [
        ([(1, "绿")] * 6, []),
        ([(1, "红")] * 6, []),
        ([(1, "绿"), (2, "绿"), (3, "绿"), (4, "绿")], []),
        ([(1, "红"), (2, "红"), (3, "红"), (4, "红")], ["4号镇"]),
        (
            [(1, "黄"), (2, "黄"), (3, "黄"), (4, "红"), (None, "灰")],
            ["4号镇"],
        ),
    ],
    ids=["all-first-green", "all-first-red", "green", "four", "uncounted"],
)
def test_nobody_is_named_last_who_ranks_with_the_first_or_is_green(
    lights, named
):
    facts = facts_of(HEAD, towns(*lights))
    assert [row["place"] for row in facts["last"]] == named


def test_a_green_light_says_met_where_the_target_is_met():
    near = PLAIN._replace(light="绿", value=Decimal("95.0"))
    met = near._replace(value=Decimal("100.0"))
    of_task = PLAIN._replace(section="target", light="绿", target=Decimal(9))
    lines = [
        near._replace(section="overall"),
        met._replace(section="overall"),
        of_task._replace(rate_pct=Decimal("97.0")),
        of_task._replace(rate_pct=Decimal("100.0")),
    ]
    facts = facts_of(HEAD, lines)
    said = [row["light"] for row in facts["overall"] + facts["targets"]]
    assert said == ["绿（基本达标）", "绿（达标）"] * 2


def test_corrections_are_of_the_month_both_ways_and_by_whole_lines():
    gone = PLAIN._replace(place_code="510802102", place_name="小石镇")
    moved = PLAIN._replace(place_code="510802103", rank=4, light="黄")
    problem = PLAIN._replace(section="problem", measure="visit")
    before = [PLAIN, gone, moved, problem]
    now = [
        PLAIN._replace(value=Decimal("84.0000")),
        moved._replace(rank=5, light="红"),
        problem._replace(value=Decimal(999)),
        PLAIN._replace(place_code="510802104"),
    ]
    found = changes(before, now)
    told = [(line.value, line.change, line.measure_name) for line in found]
    assert told == [
        (Decimal(84), Decimal(-1), "四个全覆盖"),
        (Decimal(85), Decimal(0), "四个全覆盖（名次由4改为5，灯由黄改为红）"),
        (Decimal(85), None, "四个全覆盖（原通报没有）"),
        (None, None, "四个全覆盖（原通报有，现已没有）"),
    ]
    assert changes(before, before) == []


def test_a_correction_says_which_it_is_and_with_what_it_compares():
    assert title_of(THIRD) == "利州区2017年11月通报（第2次更正）"
    note = facts_of(THIRD, [])["note"]
    assert note.startswith("一份来件撤回")
    assert "第1期（2017年12月5日印发）" in note
    assert "没有变化" in note


def test_open_matters_are_dated_by_the_day_of_the_issue():
    lines = [
        PLAIN._replace(section=name)
        for name in ("overall", "submission", "problem", "ask")
    ]
    document = build_document(shipped_template(), HEAD, lines)
    texts = [p.text for p in docx.Document(io.BytesIO(document)).paragraphs]
    dated = [text for text in texts if "截至2017年12月5日" in text]
    assert len(dated) == 4  # at the top, and over sections four to six
    book = openpyxl.load_workbook(io.BytesIO(build_figures(HEAD, lines)))
    assert "截至 2017-12-05" in book.active["A2"].value


def test_characters_that_no_file_can_hold_spoil_no_bulletin():
    odd = "大\x0b石\x01镇\ufffe"
    head = replace(THIRD, note=odd, silent_towns=(odd,))
    lines = [
        PLAIN._replace(section=name, place_name=odd, measure_name=odd)
        for name in ("ranking", "correction", "ask")
    ]
    for data in (
        build_document(shipped_template(), head, lines),
        build_figures(head, lines),
    ):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in package.namelist():
                if name.endswith(".xml"):
                    etree.fromstring(package.read(name))
    opened = openpyxl.load_workbook(io.BytesIO(data))
    assert opened.active["B4"].value == "大石镇"


QUARTER = replace(HEAD, period="2017-Q4", issued_on=date(2018, 1, 4))


def test_a_quarter_is_called_one_and_names_who_has_not_mended_all():
    assert title_of(QUARTER) == "利州区2017年第4季度督查通报"
    town = PLAIN._replace(section="town", measure="open_count", unit="个")
    lines = [
        town._replace(light="红", value=Decimal(3), overdue=2),
        town._replace(light="黄", value=Decimal(1), place_name="小石镇"),
        town._replace(light="绿", value=Decimal(0), place_name="高坑乡"),
        PLAIN._replace(
            section="sample", value=Decimal(8), due_on=date(2018, 2, 1)
        ),
        PLAIN._replace(section="sample", measure="n", value=Decimal(0)),
    ]
    facts = quarter_facts_of(QUARTER, lines)
    told = [(row["place"], row["light"]) for row in facts["towns"]]
    assert told == [("大石镇", "红（有逾期）"), ("小石镇", "黄（整改中）")]
    assert facts["mended_count"] == 1
    assert len(facts["sample"]) == 1
    assert facts["visit_due"] == "2018年2月1日"
    many = quarter_facts_of(QUARTER, [lines[0]] * 36)
    assert len(many["towns"]) == 11
    assert many["towns"][-1]["place"] == "另有26项，见同名表格"


def test_a_quarter_without_inspections_says_so():
    document = build_document(
        shipped_template(QUARTERLY),
        QUARTER,
        [PLAIN._replace(section="overall")],
    )
    texts = [p.text for p in docx.Document(io.BytesIO(document)).paragraphs]
    for said in (
        "本季度没有抽取过督查名单。",
        "本季度没有收到督查问题，以前季度也没有结转。",
        "本期没有抽取督查名单。",
        "没有未销号的督查问题。",
    ):
        assert said in texts


def test_a_template_of_the_month_is_none_of_a_quarter():
    with pytest.raises(TemplateBrokenError, match="findings"):
        build_document(shipped_template(), QUARTER, [])


def test_a_problem_that_is_taken_back_corrects_what_was_told_of_towns():
    town = PLAIN._replace(
        section="town", measure="open_count", rank=None, overdue=2
    )
    (told,) = changes([town], [town._replace(overdue=1)])
    assert told.measure_name == "四个全覆盖（其中逾期由2改为1）"
    sample = PLAIN._replace(section="sample")
    assert changes([sample], [sample._replace(value=Decimal(1))]) == []


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2018, 1, 3), None),
        (date(2018, 1, 4), "2017-Q4"),
        (date(2018, 2, 1), "2017-Q4"),
        (date(2018, 3, 31), "2017-Q4"),
        (date(2018, 4, 4), "2018-Q1"),
    ],
)
def test_a_quarter_is_due_from_the_third_workday_of_the_next(day, quarter):
    assert due_quarter(day) == quarter
