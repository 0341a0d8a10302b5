"""What a number format shows counts: as text, as an amount, and in every format that tells it."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import format_files as files
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from test_cleaning_table import at, clean, notes
from yiku.formats.cells import Look
from yiku.formats.detection import read_book
from yiku.formats.number_format import is_percent, shown, speaks


def formatted(
    template: str, name: str, values: list[object], code: str, **beside: object
):
    look = Look(
        formats={(4 + i, at(template, name)): code for i in range(len(values))}
    )
    return clean(template, look=look, **{name: values}, **beside)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (55, '0"万元"', "55万元"),
        (35000, '0!.0,"万元"', "3.5万元"),
        (35000, '#!.0000"万元"', "3.5000万元"),
        (350, '0!.0000"万"', "0.0350万"),
        (35000, '0.00,,"万元"\n%', "3.50万元%"),
        (35000, '[>=10000]0.0,"千";0', "35.0千"),
        (3200, '[>=10000]0.0,"千";0', "3200"),
        (1, '"GY"0000', "GY0001"),
        (12, "000000", "000012"),
        (13812345678, "000-0000-0000", "138-1234-5678"),
        (3, '"2017年"0"月"', "2017年3月"),
        (-5, '0"元";"亏"0"元"', "亏5元"),
        (3200, "G/通用格式\"元/月\"", "3200元/月"),
        (5, "[$¥-411]0", "日元5"),
    ],
)  # fmt: skip
def test_a_format_is_laid_out_as_the_program_shows_it(value, code, text):
    assert speaks(code)
    assert shown(Decimal(value), code).text == text


@pytest.mark.parametrize(
    "code",
    [
        None, "", "General", "G/通用格式", "0", "0.00", "#,##0.00", "0_ ;[Red]\\-0\\ ", "[$¥-804]#,##0.00", "@",
        '_ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "0.00E+00", "0.0##E-0", "# ?/?", "0.00%", "yyyy/m/d",
        'yyyy"年"m"月"d"日"', "[DBNum2][$-804]General", "h:mm", "0" * 500,
    ],
)  # fmt: skip
def test_a_format_that_only_rounds_and_groups_says_nothing(code):
    assert not speaks(code)


@given(
    st.text('0#?.,;%"\\!_*[]$¥-万元GYe+/@ \n', max_size=40),
    st.decimals(-(10**12), 10**12, places=2),
)
def test_no_format_makes_the_reader_fail(code, value):
    speaks(code), is_percent(code), shown(value, code)


def test_an_amount_in_ten_thousands_is_multiplied_out():
    cleaned = formatted("L4", "invest_yuan", [55, 56.78], '0"万元"')
    assert cleaned.frame["invest_yuan"].tolist() == [
        Decimal("550000.00"),
        Decimal("567800.00"),
    ]
    assert [n[2:] for n in notes(cleaned, "invest_yuan")] == [("N01", "A")] * 2
    assert cleaned.sheet_facts == {}  # the unit is written


@pytest.mark.parametrize(
    "code",
    [
        '0!.0,"万元"',
        '0.00,"千元"',
        '0"元"',
        '#!.0000"万元"',
        '[>=10000]0!.0,"万元";0"元"',
    ],
)
def test_an_amount_in_yuan_that_is_only_shown_in_ten_thousands_stays(code):
    cleaned = formatted("L4", "invest_yuan", [35000], code)
    assert cleaned.frame["invest_yuan"].tolist() == [Decimal("35000.00")]
    assert [n[3] for n in notes(cleaned)] == []


@pytest.mark.parametrize("code", ["0,", '0!.00,"万元"'])
def test_a_display_that_is_off_is_told_and_the_cell_is_taken(code):
    cleaned = formatted("L4", "invest_yuan", [35000], code)
    assert cleaned.frame["invest_yuan"].tolist() == [Decimal("35000.00")]
    assert [n[2:] for n in notes(cleaned)] == [("N01", "W")]


@pytest.mark.parametrize(
    ("code", "fact", "level"),
    [
        ('"$"0', "foreign", "Q"),
        ("[$€-407]0", "foreign", "Q"),
        ('0"元/天"', "span", "W"),
        ('0"00"', "shown", "Q"),
    ],
)
def test_what_the_format_makes_something_else_is_not_loaded(code, fact, level):
    cleaned = formatted("L3", "wage_yuan", [3000], code)
    assert cleaned.frame["wage_yuan"].tolist() == [None]
    assert [
        (n.code, n.facts["level"], n.facts.get(fact)) for n in cleaned.notes
    ] == [("N01", level, True)]


def test_a_header_in_one_unit_and_a_format_in_another_are_asked_about():
    for unit in ("元", "万元"):
        code = '0"万元"' if unit == "元" else '0"元"'
        cleaned = formatted(
            "L4", "invest_yuan", [55, 60], code, units={"invest_yuan": unit}
        )
        assert cleaned.frame["invest_yuan"].tolist() == [None, None]
    same = formatted(
        "L4", "invest_yuan", [55], '0"万元"', units={"invest_yuan": "万元"}
    )
    assert same.frame["invest_yuan"].tolist() == [Decimal("550000.00")]


def test_words_that_change_nothing_change_nothing():
    for code in (
        '"月薪"0',
        '#,##0"元/月"',
        '#,##0.00\\ "Yuan/Month"',
        "000000",
    ):
        cleaned = formatted("L3", "wage_yuan", [3200], code)
        assert cleaned.frame["wage_yuan"].tolist() == [Decimal("3200.00")]
        assert notes(cleaned) == []


def test_a_padded_number_in_a_column_of_texts_is_what_is_shown():
    assert formatted("L5", "post_no", [1, 23.0], '"GY"0000').frame[
        "post_no"
    ].tolist() == ["GY0001", "GY0023"]
    assert formatted("L1", "household_no", [7], "0000000000").frame[
        "household_no"
    ].tolist() == ["0000000007"]
    assert formatted("L1", "group_no", [3], '0"组"').frame[
        "group_no"
    ].tolist() == [3]
    assert formatted("L3", "start_on", [3], '"2017年"0"月"').frame[
        "start_on"
    ].tolist() == [date(2017, 3, 1)]


def test_a_number_that_lost_its_end_is_not_saved_by_its_format():
    cleaned = formatted(
        "L1", "id_no", [5.10802198503129e17], "000000000000000000"
    )
    assert [n[2:] for n in notes(cleaned, "id_no")] == [("I01", "Q")]


def xls(code: str) -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("表").write(0, 0, 55, xlwt.easyxf(num_format_str=code))
    book.save(out)
    return out.getvalue()


def ods(style: str) -> bytes:
    names = {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
    }
    spaces = " ".join(
        f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"'
        for k, v in names.items()
    )
    return files.ods(
        f"<office:document-content {spaces}><office:automatic-styles>{style}"
        '<style:style style:name="c" style:data-style-name="n"/></office:automatic-styles><office:body>'
        '<office:spreadsheet><table:table table:name="表"><table:table-row><table:table-cell table:style-name="c" '
        'office:value-type="float" office:value="55"><text:p>55</text:p></table:table-cell></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )


WAN_ODS = (
    '<number:number-style style:name="n"><number:number number:decimal-places="1" number:min-integer-digits="1"/>'
    "<number:text>万元</number:text></number:number-style>"
)
PARTED_ODS = (
    '<number:number-style style:name="n"><number:number number:min-integer-digits="2" number:display-factor="1000">'
    '<number:embedded-text number:position="1">.</number:embedded-text></number:number>'
    "<number:text>万元</number:text></number:number-style>"
)
CHOSEN_ODS = (
    '<number:number-style style:name="p"><number:number number:min-integer-digits="1"/><number:text>千元</number:text>'
    '</number:number-style><number:number-style style:name="n"><number:text>-</number:text>'
    '<number:number number:min-integer-digits="1"/>'
    '<style:map style:condition="value()&gt;=0" style:apply-style-name="p"/></number:number-style>'
)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (xls('0.0"万元"'), "55.0万元"),
        (xls("000000"), "000055"),
        (ods(WAN_ODS), "55.0万元"),
        (ods(PARTED_ODS), "0.0万元"),
        (ods(CHOSEN_ODS), "55千元"),
        (
            files.XML2003.replace('"Percent"', "'0\"万元\"'")
            .replace(">0.5<", ">55<")
            .encode(),
            "55万元",
        ),
    ],
)
def test_every_format_tells_how_its_numbers_are_shown(data, text):
    sheet = read_book(data, "表.xls").sheets[0]
    ((row, column), code), = sheet.look.formats.items()  # fmt: skip
    assert (
        shown(Decimal(str(sheet.values[row - 1][column - 1])), code).text
        == text
    )


def test_an_xlsb_tells_how_its_numbers_are_shown():
    look = (
        read_book(files.xlsb(number_format='0"万元"'), "表.xlsb")
        .sheets[0]
        .look
    )
    assert look.formats == {(2, 1): '0"万元"'}


def test_the_currency_of_the_country_is_no_foreign_money():
    assert (
        read_book(xls('"$"#,##0_);("$"#,##0)'), "表.xls")
        .sheets[0]
        .look.formats
        == {}
    )


def test_words_among_the_digits_stand_in_the_order_in_which_they_are_written():
    """In CF-2018-000 the 0 of the year is a place for a digit, and 1, 8 and - are words."""
    assert shown(Decimal(5), '"CF-"2018-000').text == "CF-2018-005"
