from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.cleaning.disability_ids import parse_disability
from yiku.cleaning.id_arithmetic import age_on, check_digit, check_digits_right
from yiku.cleaning.ids import parse_id, read_clean_ids
from yiku.cleaning.social_codes import (
    check_sign,
    is_valid,
    parse_id_or_uscc,
    parse_uscc,
)
from yiku.contracts import load_rules

TODAY = date(2017, 11, 20)
MAN, WOMAN, WITH_X = (
    "510802198503129977",
    "510802198503129985",
    "51080219650615997X",
)


def codes(parsed):
    return [m.code for m in parsed.met]


@st.composite
def ids(draw):
    born = draw(st.dates(date(1908, 1, 1), date(2017, 1, 1)))
    body = (
        draw(st.sampled_from(["510802", "520524", "522425", "512926"]))
        + f"{born:%Y%m%d}"
    )
    body += draw(st.sampled_from(["997", "998"]))
    return body + check_digit(body)


@pytest.mark.parametrize("number", [MAN, WOMAN, WITH_X, "520524196207019989"])
def test_the_vectors_of_the_standard_are_read_as_they_stand(number):
    assert parse_id(number, TODAY) == (number, (), None)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("51080219650615997x", "I03"),
        ("51080219650615997Ｘ", "C01"),
        ("51080219650615997Х", "I03"),  # Cyrillic
        ("51080219650615997×", "I03"),
        ("51080219650615997*", "I03"),
        ("'51080219650615997X", "C03"),
        ("身份证号:51080219650615997X", "C03"),
        ("510802 19650615 997X", "I05"),
        ("510802-19650615-997X", "I05"),
        ("51080219650615\n997X", "I05"),
        ("\ufeff51080219650615997X\u202c", "C02"),
        ("51080219650615997X（户主）", "I05"),
    ],
)
def test_what_has_one_meaning_is_repaired(typed, code):
    parsed = parse_id(typed, TODAY)
    assert parsed.value == WITH_X
    assert code in codes(parsed)
    assert {m.facts["level"] for m in parsed.met} == {"A"}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("5.10802E+17", "F04"),
        ("510802198503122000", "I02"),
        ("X10802198503129985", "I03"),
        ("51O802198503129985", "I04"),
        ("51080219850312998", "I07"),
        ("5108021985031299855", "I07"),
        ("13812345679", "I07"),
        ("某某某", "I07"),
        ("510802198503129978", "I08"),
        ("510802198502299974", "I09"),
        ("同上", "L12"),
        ("待补", "I13"),
        ("身份证丢失", "I13"),
        ("000000000000000000", "I13"),
        ("123456789012345678", "I13"),
    ],
)
def test_what_could_be_another_number_is_never_loaded(typed, code):
    parsed = parse_id(typed, TODAY)
    assert parsed.value is None
    assert code in codes(parsed)


def test_an_old_number_is_brought_to_18_digits():
    parsed = parse_id("510821680513997", TODAY)
    assert parsed.value == "510821196805139978"
    assert codes(parsed) == ["I06"]


def test_a_disability_certificate_in_the_id_column_is_split_off():
    parsed = parse_id(WOMAN + "44", TODAY)
    assert parsed.value == WOMAN
    assert parsed.quality == {"disability_no": WOMAN + "44"}
    assert parse_disability(WOMAN + "44B1", TODAY).value == WOMAN + "44B1"
    assert codes(parse_disability("12345", TODAY)) == ["I14"]
    assert codes(parse_disability(5.1e19, TODAY)) == ["I15"]


def test_an_unknown_province_is_only_a_warning():
    body = "99080219850312997"
    parsed = parse_id(body + check_digit(body), TODAY)
    assert parsed.value
    assert [(m.code, m.facts["level"]) for m in parsed.met] == [("I16", "W")]


def test_a_letter_for_a_digit_is_proposed_and_not_corrected():
    parsed = parse_id("5l0802198503129985", TODAY)
    assert parsed.value is None
    assert parsed.quality == {"candidate": WOMAN}


def test_a_placeholder_in_an_optional_column_is_blank_or_a_warning():
    assert parse_id("/", TODAY, mandatory=False).value is None
    assert (
        parse_id("不详", TODAY, mandatory=False).met[0].facts["level"] == "W"
    )


@given(st.one_of(st.integers(), st.floats(), st.just(float(MAN))))
def test_a_number_stored_as_a_number_never_gives_a_value(number):
    parsed = parse_id(number, TODAY)
    assert parsed.value is None
    assert codes(parsed) == ["I01"]


def test_the_fifteen_digits_that_are_left_are_kept_for_a_proposal():
    assert parse_id(5.10802198503129e17, TODAY).quality == {
        "prefix15": "510802198503129"
    }


@given(ids(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_seen(number, place, digit):
    wrong = number[:place] + digit + number[place + 1 :]
    if wrong != number:
        assert parse_id(wrong, TODAY).value is None


@given(ids(), st.integers(0, 16))
def test_swapped_neighbours_are_always_seen(number, place):
    wrong = (
        number[:place]
        + number[place + 1]
        + number[place]
        + number[place + 2 :]
    )
    if wrong != number:
        assert parse_id(wrong, TODAY).value is None


@given(st.lists(ids(), max_size=20))
def test_many_check_digits_at_once_agree_with_one_by_one(numbers):
    wrong = [n[:17] + ("0" if n[17] != "0" else "1") for n in numbers]
    right = check_digits_right(numbers + wrong).tolist()
    assert right == [True] * len(numbers) + [False] * len(wrong)
    assert set(read_clean_ids(numbers + wrong, TODAY)) == set(numbers)


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.booleans(),
        st.floats(),
        st.integers(),
        st.dates(),
        st.datetimes(),
    )
)
def test_no_value_makes_an_id_parser_raise(value):
    for parsed in (
        parse_id(value, TODAY),
        parse_id_or_uscc(value, TODAY),
        parse_uscc(value),
        parse_disability(value, TODAY),
    ):
        assert parsed.value is None or isinstance(parsed.value, str)


def test_age_is_counted_in_full_years():
    assert age_on(date(1985, 11, 21), TODAY) == 31
    assert age_on(date(1985, 11, 20), TODAY) == 32


COMPANY = "91510802MA62ABCD1"
COMPANY += check_sign(COMPANY)


@pytest.mark.parametrize("code", [COMPANY, "N2510802MF12345674"])
def test_credit_codes_of_companies_and_village_collectives_are_read(code):
    assert parse_uscc(code) == (code, (), None)
    assert parse_id_or_uscc(code, TODAY).value == code


def test_a_letter_that_the_alphabet_lacks_is_the_digit_it_looks_like():
    parsed = parse_uscc(COMPANY.replace("0", "O"))
    assert parsed.value == COMPANY
    assert codes(parsed) == ["I17"]


def test_a_bad_credit_code_is_not_loaded_and_an_old_number_is():
    assert (
        parse_uscc(
            COMPANY[:-1] + "0" if COMPANY[-1] != "0" else COMPANY[:-1] + "1"
        ).value
        is None
    )
    assert parse_uscc("510802000012345").value == "510802000012345"
    assert codes(parse_uscc(9.15e17)) == ["I15"]


def test_a_payee_is_a_person_or_an_entity_by_its_number():
    assert parse_id_or_uscc(WOMAN, TODAY).value == WOMAN
    assert codes(parse_id_or_uscc("510802198503129978", TODAY)) == ["I08"]
    assert codes(parse_id_or_uscc("51510802MJ1234567X", TODAY)) == ["I17"]
    assert codes(parse_id_or_uscc(5.1e17, TODAY)) == ["I01"]


def test_digits_that_happen_to_check_as_a_credit_code_are_none():
    assert codes(parse_id_or_uscc("000000000000000000", TODAY)) == ["I13"]
    assert codes(parse_id_or_uscc("123456789012345678", TODAY)) == ["I13"]
    by_chance = next(
        c for n in range(100) if is_valid(c := f"5108021985023099{n:02d}")
    )  # 30 February
    assert parse_id_or_uscc(by_chance, TODAY).value is None


NUMBER = "510802198503129977"


@pytest.mark.parametrize(
    "typed",
    [
        f'"{NUMBER}"',
        f"“{NUMBER}”",
        f"'{NUMBER}'",
        f"‘{NUMBER}’",
        f"「{NUMBER}」",
        f"（{NUMBER}）",
        f"[{NUMBER}]",
        f"【{NUMBER}】",
        f'="{NUMBER}"',
        f"《{NUMBER}》",
        f"身份证：“{NUMBER}”",
        f"{NUMBER}（已核）",
        f"{NUMBER},",
        f"{NUMBER}。",
    ],
)
def test_a_number_is_taken_out_of_what_wraps_it(typed):
    parsed = parse_id(typed, TODAY)
    assert parsed.value == NUMBER
    assert {m.facts["level"] for m in parsed.met} == {"A"}


@pytest.mark.parametrize(
    "sign", ["*", "×", "x", "X", "•", "·", "●", "#", "＊", "?", "_"]
)
@pytest.mark.parametrize("shown", [(4, 4), (6, 4), (14, 0), (10, 4)])
def test_a_covered_number_is_asked_for_in_full(sign, shown):
    first, last = shown
    typed = NUMBER[:first] + sign * (18 - first - last) + NUMBER[18 - last :]
    parsed = parse_id(typed, TODAY)
    assert parsed.value is None
    assert parsed.met[-1].code == "I07"
    assert parsed.met[-1].facts["masked"]
    assert "遮盖" in load_rules()["I07"].say(
        "Q", header="身份证号", **parsed.met[-1].facts
    )


def test_two_numbers_in_a_cell_are_told_from_one_too_long():
    assert parse_id(f"{NUMBER}/{NUMBER}", TODAY).met[-1].facts["several"]
    assert parse_id(NUMBER + "7", TODAY).met[-1].facts["n"] == 19


def test_a_long_text_is_no_number_and_costs_nothing():
    assert parse_id("无" * 50_000 + "5", TODAY).value is None
