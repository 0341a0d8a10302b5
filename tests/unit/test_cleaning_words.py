from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.cleaning import looks_like
from yiku.cleaning.accounts import parse_account
from yiku.cleaning.choices import ChoiceReader
from yiku.cleaning.person_names import parse_name
from yiku.cleaning.phones import parse_phone
from yiku.cleaning.text import (
    parse_place_name,
    parse_remark,
    parse_text,
    split_text,
)
from yiku.cleaning.value_patterns import shares
from yiku.cleaning.yes_no import parse_bool
from yiku.contracts import load_codes
from yiku.contracts.codes import CodeList

HEALTH = CodeList(
    "hea", "健康状况", ("健康", "长期慢性病", "患有大病", "残疾"), {},
    {"健康": "健康", "良好": "健康"} |
    {"长期慢性病": "长期慢性病", "慢性病": "长期慢性病", "患有大病": "患有大病", "残疾": "残疾"},
)  # fmt: skip
TRADE = CodeList("occ", "工种", ("电工",), {}, {"电工": "电工"}, open=True)
ONE, MANY = (
    ChoiceReader(HEALTH, many=False, level="Q"),
    ChoiceReader(HEALTH, many=True, level="Q"),
)
ANYTHING = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.dates(),
    st.datetimes(),
)


def levels(parsed):
    return [(m.code, m.facts["level"]) for m in parsed.met]


@pytest.mark.parametrize(
    ("typed", "name", "code"),
    [
        ("李 明 伟", "李明伟", "C04"),
        ("\u3000李明伟", "李明伟", "C02"),
        ("李\u200b明伟\u202c", "李明伟", "C02"),
        ("阿木•德布日", "阿木·德布日", "C05"),
        ("阿木.德布日", "阿木·德布日", "C05"),
        ("阿木。德布日", "阿木·德布日", "C05"),
        ("阿木-德布日", "阿木·德布日", "C05"),
        ("李明伟（户主）", "李明伟", "C08"),
        ("李明伟(已死亡)", "李明伟", "C08"),
        ("李明伟（大）", "李明伟", "C08"),
        ("李明伟 户主", "李明伟", "C08"),
        ("李明伟教授", "李明伟", "C08"),
        ("李明伟（县农业局）", "李明伟", "C08"),
        ("李明伟同志", "李明伟", "C08"),
        ("欧阳 明伟", "欧阳明伟", "C04"),
        ("李明 伟", "李明伟", "C04"),
        ("张\ue863", "张䶮", "C06"),
    ],
)
def test_names_are_freed_from_what_is_not_theirs(typed, name, code):
    parsed = parse_name(typed)
    assert parsed.value == name
    assert levels(parsed) == [(code, "A")]


@pytest.mark.parametrize(
    "typed",
    [
        "李明伟（曾用名李小明）", "李明伟（王芳）", "李明伟、王芳", "李明伟大儿子", "李明伟原名李三",
        "李明伟 王芳", "李明伟\n王芳", "李明伟　王小芳　赵云", "李明伟等", "李明伟等3人",
    ],
)  # fmt: skip
def test_two_names_are_sent_back(typed):
    assert ("C08", "Q") in levels(parse_name(typed))


@pytest.mark.parametrize("typed", ["王yan", "王?", "王□", "张\ue000", "王", 3])
def test_characters_that_no_register_prints_are_warned_about(typed):
    assert levels(parse_name(typed)) == [("C06", "W")]


@pytest.mark.parametrize(
    "typed",
    ["李明", "欧阳菊兰", "阿木·德布日", "利州区某某（荣山）种植专业合作社"],
)
def test_good_names_stay_as_they_are(typed):
    assert parse_name(typed) == (typed, (), None)


def test_a_ditto_is_no_name():
    assert levels(parse_name("同上")) == [("L12", "Q")]


@pytest.mark.parametrize(
    "typed",
    [
        "138 1234 5679", "138-1234-5679", "+8613812345679", "86-13812345679", "13812345679.0", "１３８１２３４５６７９",
        "电话:13812345679", "13812345679（儿子）", "[手机]13812345679", "【本人】 13812345679",
        13812345679, 13812345679.0,
    ],
)  # fmt: skip
def test_phones_are_brought_to_eleven_digits(typed):
    assert parse_phone(typed).value == "13812345679"


@pytest.mark.parametrize(
    ("typed", "first", "rest"),
    [
        ("13812345679/13912345679", "13812345679", "13912345679"),
        ("13812345679、0839-3300123", "13812345679", "0839-3300123"),
        ("1381234567913912345679", "13812345679", "13912345679"),
    ],
)
def test_a_second_phone_is_kept_beside_the_first(typed, first, rest):
    assert parse_phone(typed) == (first, parse_phone(typed).met, {"alt": rest})


@pytest.mark.parametrize(
    "typed",
    [
        "1381234567",
        "138123456790",
        "11111111111",
        "13333333333",
        "村主任",
        3.5,
        -1,
    ],
)
def test_an_unusable_phone_stays_unknown(typed):
    assert (parse_phone(typed).value, levels(parse_phone(typed))) == (
        None,
        [("C09", "W")],
    )


def test_landlines_are_phones():
    assert parse_phone("08393300123").value == "0839-3300123"


def test_accounts_are_text_and_luhn_counts_for_cards_only():
    assert (
        parse_account("6228 4804 0256 4890 018").value == "6228480402564890018"
    )
    assert levels(parse_account("6228480402564890017")) == [("I18", "W")]
    assert parse_account("88110120001234567").met == ()
    assert levels(parse_account(6.21799656404877e18)) == [("I15", "Q")]
    assert levels(parse_account(88110120)) == [("I15", "Q")]
    assert parse_account("农商行").value is None


@pytest.mark.parametrize(
    ("typed", "label", "code"),
    [
        ("健康", "健康", None),
        ("1.健康", "健康", "C12"),
        ("①健康", "健康", "C12"),
        ("良好", "健康", "C13"),
        ("慢 性病", "长期慢性病", "C13"),
        ("殘疾", "残疾", "C13"),
        ("健康、良好", "健康", "C12"),
    ],
)
def test_hand_forms_of_a_choice(typed, label, code):
    parsed = ONE(typed)
    assert parsed.value == label
    assert code is None or (code, "A") in levels(parsed)
    assert MANY(typed).value == (label,)


@pytest.mark.parametrize(
    ("codes", "typed", "label"),
    [
        ("REG", "外省就业", "省外"),
        ("EMP", "目前待业", "未就业"),
        ("PST", "护林岗位", "护林"),
        ("EMP", "不就业", None),
        ("EMP", "公益性岗位（保洁）", "公益性岗位"),
        ("EMP", "公益性岗位（已退出）", None),
        ("INT", "想去省外", "省外"),
        ("LAB", "非普通劳动力人员", None),
        ("INT", "县外、省内", "县外省内"),
        ("REG", "省内/市外", "省内市外"),
        ("INT", "县内、省外", None),
    ],
)
def test_words_around_a_choice_change_it_only_where_they_deny_it(
    codes, typed, label
):
    assert (
        ChoiceReader(load_codes()[codes.lower()], False, "Q")(typed).value
        == label
    )


def test_two_choices_where_one_is_asked_for():
    assert levels(ONE("健康/残疾")) == [("C12", "Q")]
    assert MANY("慢性病、残疾").value == ("长期慢性病", "残疾")


def test_what_is_no_choice_is_sent_back_with_three_that_are():
    (found,) = ONE("健壮").met
    assert (found.code, found.facts["level"]) == ("C13", "Q")
    assert found.facts["choices"].split("、")[0] == "健康"
    assert len(found.facts["choices"].split("、")) == 3


def test_an_open_list_takes_other_words():
    assert ChoiceReader(TRADE, many=False, level="Q")("石匠") == (
        "石匠",
        (),
        None,
    )


@pytest.mark.parametrize(
    ("typed", "value"),
    [("是", True), ("否", False), ("√", True), ("×", False), ("有", True), ("无", False), ("Y", True), (True, True),
     ("☑是 □否", True), ("□是 ☑否", False), ("是☑ 否□", True), ("\uf0fe", True), ("\uf0fc", True), ("\uf0fb", False)],
)  # fmt: skip
def test_yes_and_no(typed, value):
    assert parse_bool(typed).value is value


@pytest.mark.parametrize("typed", ["1", "0", 1, 0, "□", "\uf0a3", "也许"])
def test_what_is_neither_yes_nor_no_stays_unknown(typed):
    assert (parse_bool(typed).value, levels(parse_bool(typed))) == (
        None,
        [("C11", "W")],
    )


def test_a_blank_is_no_no_and_a_symbol_font_gives_letters_a_meaning():
    assert parse_bool("").value is None
    assert parse_bool("  ").met[-1:] != [("C11", "W")]
    assert parse_bool("P", symbol_font=True).value is True
    assert parse_bool("£", symbol_font=True).value is None


def test_text_keeps_its_words_and_loses_what_cannot_be_seen():
    assert parse_text("'红岩\u00a0村\n二组").value == "红岩 村 二组"
    assert parse_text(12.0).value == "12"
    assert levels(parse_text(date(2017, 3, 1))) == [("T05", "Q")]
    assert parse_remark(date(2017, 3, 1)).value == "2017-03-01"
    assert levels(parse_text(5.1e17)) == [("I15", "Q")]
    assert parse_place_name(" 红 岩村 ").value == "红岩村"
    assert split_text("红岩村、洪岩村；红崖村").value == (
        "红岩村",
        "洪岩村",
        "红崖村",
    )


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("510802198503129985", "id"), ("510802198503129978", "id"), (510802198503129985, "id"),
        ("13812345679", "phone"),
        ("6228480402564890018", "account"), ("李明", "name"), ("2017-03-01", "date"), (date(2017, 3, 1), "date"),
        (3000, "number"), ("3,000", "number"), ("大石镇某某某某某", "text"), (float("nan"), "number"),
    ],
)  # fmt: skip
def test_what_a_value_looks_like(value, kind):
    assert looks_like(value) == kind


def test_the_shares_of_a_column():
    cells = ["13812345679", "13912345679", "510802198503129985", None]
    assert shares(cells, [None, None, "510802198503129985", None], "id") == {
        "phone": 2 / 3,
        "id": 1 / 3,
    }
    assert shares([], [], "id") == {}


def test_a_credit_code_of_digits_alone_is_no_account():
    code = "915108210000000106"
    assert shares([code], [code], "id_or_uscc") == {"id_or_uscc": 1.0}
    assert shares([code], [None], "id_or_uscc") == {"account": 1.0}


@given(ANYTHING)
def test_no_value_makes_a_word_parser_raise(value):
    for read in (
        parse_name,
        parse_phone,
        parse_account,
        parse_bool,
        parse_text,
        parse_place_name,
        split_text,
        ONE,
        MANY,
    ):
        read(value)
    parse_bool(value, symbol_font=True)
    looks_like(value)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_what_is_loaded_can_be_stored(text):
    for read in (parse_name, parse_text, parse_place_name):
        value = read(text + "\x00").value
        assert value is None or "\x00" not in value
