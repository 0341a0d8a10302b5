"""Whether a row of a return workbook still is the row that its reference names."""

from __future__ import annotations

import pytest
from yiku.comparison.answered_rows import answers, identity_columns
from yiku.contracts import load_contracts

FATHER, MOTHER = "510802198503129977", "510802198503129985"
ZHAO = {"key": None, "person_sk": None, "name": "赵建国", "id_no": FATHER}


@pytest.mark.parametrize(
    ("typed", "is_answer"),
    [
        ({}, True),
        (
            {"id_no": FATHER[:-2] + "6" + FATHER[-1]},
            True,
        ),  # a slip of the pen was mended
        ({"id_no": FATHER[:15]}, True),  # the program had cut it short
        ({"id_no": MOTHER}, True),  # the number was another's
        ({"name": "赵健国", "id_no": None}, True),
        ({"name": "王秀英"}, True),  # the name was another's
        ({"name": None, "id_no": FATHER}, True),
        (
            {"name": "赵建军", "id_no": "510802199001019971"},
            False,
        ),  # his brother
        ({"name": "王秀英", "id_no": MOTHER}, False),
        (
            {"name": "王秀英", "id_no": FATHER[:-2] + "8" + FATHER[-1]},
            False,
        ),  # born on one day
        ({"name": "王秀英", "id_no": None}, False),
        ({"name": None, "id_no": "510802199001019971"}, False),
        (
            {"name": "王秀英", "id_no": MOTHER, "person_sk": "p"},
            True,
        ),  # as the register has it
    ],
)
def test_a_reference_is_believed_where_the_content_does_not_speak_against_it(
    typed, is_answer
):
    earlier = ZHAO | {"person_sk": "p"}
    assert answers(load_contracts()["L3"], ZHAO | typed, earlier) is is_answer
    assert answers(load_contracts()["L3"], earlier, ZHAO | typed) is is_answer


def test_what_is_no_person_is_told_by_its_keys():
    contract = load_contracts()["E03"]
    names = identity_columns(contract)
    fair = {"key": "a", "person_sk": None} | dict.fromkeys(
        names, "荣山镇广场2017-03-01"
    )
    assert answers(contract, fair | {"key": "b"}, fair)
    assert not answers(
        contract,
        {"key": "b", "person_sk": None} | dict.fromkeys(names, "县人社局大厅"),
        fair,
    )
    assert answers(
        contract,
        {"key": None, "person_sk": None},
        {"key": None, "person_sk": None},
    )


@pytest.mark.parametrize(
    "contract", load_contracts().values(), ids=load_contracts()
)
def test_every_list_has_columns_by_which_its_rows_are_told_apart(contract):
    assert identity_columns(contract)
