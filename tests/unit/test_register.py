"""Who is who: places, names, tiers, and rows beside one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.comparison.content import (
    business_keys,
    fingerprints,
    normal_employer,
)
from yiku.comparison.rival_claims import add_spell, losses_within
from yiku.comparison.row_comparison import (
    compare,
    copy_shares,
    mixed_up_share,
    proposal_share,
)
from yiku.comparison.unchanged import fate_hints
from yiku.contracts import load_contracts
from yiku.gazetteer.places import Gazetteer, Village, divisions
from yiku.gazetteer.regions import region_of
from yiku.register.decisions import NOBODY, pairs_decided
from yiku.register.identity import person_key
from yiku.register.link import link
from yiku.register.name_comparison import compare_names
from yiku.register.snapshot import (
    HOME_COLUMNS,
    PERSON_COLUMNS,
    RegisterSnapshot,
)

KEY = b"k" * 32
FATHER, MOTHER, SON = (
    "510802198503129977",
    "510802198503129985",
    "51080219650615997X",
)
DAY = date(2017, 11, 20)
VILLAGES = [
    Village("510802100201", "金银村", "510802100", aliases=("银山村",)),
    Village("510802100202", "月坝村", "510802100"),
    Village("510802100001", "月坝社区", "510802100"),
    Village("510802101201", "金银村", "510802101"),
    Village(
        "510802100203",
        "旧村",
        "510802100",
        valid_to=date(2015, 1, 1),
        successors=("510802100202",),
    ),
]


def person(id_no: str, name: str, **facts: Any) -> dict[str, Any]:
    base = {
        "person_sk": person_key(KEY, id_no),
        "id_no": id_no,
        "name": name,
        "household_sk": "h1",
        "household_no": "1",
        "county_code": "510802",
        "town_code": "510802100",
        "village_code": "510802100201",
        "member_state": "在册",
        "school": "非在校生",
    }
    return {**dict.fromkeys(PERSON_COLUMNS), **base, **facts}


def snapshot(
    *people: dict[str, Any], old_ids: dict[str, str] | None = None
) -> RegisterSnapshot:
    frame = pd.DataFrame(
        list(people), columns=list(PERSON_COLUMNS), dtype=object
    )
    return RegisterSnapshot(frame, Gazetteer({}, VILLAGES), KEY, old_ids or {})


def rows(code: str, *given_rows: dict[str, Any]) -> pd.DataFrame:
    columns = {c.name: None for c in load_contracts()[code].columns}
    meta = {
        "submission_id": 1,
        "sheet_ref": 0,
        "county_code": "510802",
        "unit_code": "510802100",
        "as_of": DAY,
        "fill_date": DAY,
        "period": "2017-11",
        "saved_at": None,
        "received_at": datetime(2017, 11, 20, tzinfo=UTC),
    }
    found = pd.DataFrame(
        [{**columns, **meta, **r} for r in given_rows], dtype=object
    )
    found["version"] = [f"{n:03d}" for n in found["submission_id"]]
    return found


def linked(
    code: str,
    register: RegisterSnapshot,
    *given_rows: dict[str, Any],
    originals: Any = None,
) -> pd.DataFrame:
    frame = rows(code, *given_rows)
    contract = load_contracts()[code]
    out = link(frame, contract, register, originals or [None] * len(frame))
    add_spell(out, contract)
    out["content_hash"] = pd.Series(fingerprints(out, contract), dtype=object)
    out["key"] = pd.Series(business_keys(out, contract), dtype=object)
    return out


def linked_as(
    code: str,
    register: RegisterSnapshot,
    row: dict[str, Any],
    **properties: Any,
) -> pd.Series[Any]:
    """Link one row of a list as if its contract had other properties."""
    frame = rows(code, row)
    return link(
        frame, replace(load_contracts()[code], **properties), register, [None]
    ).iloc[0]


def test_people_of_an_open_list_need_not_stand_in_the_register() -> None:
    register = snapshot(person(FATHER, "张三"))
    stranger = {"id_no": SON, "name": "李四"}
    assert linked_as("E01", register, stranger)["in_register"] is False
    found = linked_as("E01", register, stranger, open_register=True)
    assert (found["in_register"], found["link_tier"], found["person_sk"]) == (
        None,
        "T7",
        person_key(KEY, SON),
    )
    assert linked_as(
        "E01", register, {"id_no": FATHER, "name": "张三"}, open_register=True
    )["in_register"]


def test_who_has_no_number_is_told_by_name_unit_and_phone() -> None:
    words = ("name", "employer", "phone")
    row = {"name": "王教授", "employer": "省农科院", "phone": "13900000000"}
    found = linked_as("E01", snapshot(), row, person_key=words)
    again = linked_as(
        "E01", snapshot(), {**row, "town_name": "荣山镇"}, person_key=words
    )
    assert (found["link_tier"], found["person_sk"]) == (
        "T6",
        again["person_sk"],
    )
    other = linked_as(
        "E01", snapshot(), {**row, "phone": "13900000001"}, person_key=words
    )
    assert other["person_sk"] != found["person_sk"]
    assert (
        linked_as("E01", snapshot(), {**row, "phone": None}, person_key=words)[
            "person_sk"
        ]
        is None
    )
    numbered = linked_as(
        "E01", snapshot(), {**row, "id_no": FATHER}, person_key=words
    )
    assert numbered["person_sk"] == person_key(KEY, FATHER)


def test_a_named_household_is_looked_up_by_its_number() -> None:
    home = (
        "510802",
        "7",
        "赵大",
        "510802100",
        "510802100202",
        ["茶叶"],
        "未脱贫",
    )
    register = snapshot(person(FATHER, "张三"))
    register.households = lambda: pd.DataFrame(
        [home], columns=list(HOME_COLUMNS), dtype=object
    )
    row = {
        "id_no": FATHER,
        "name": "张三",
        "household_no": "7",
        "head_name": "赵大",
    }
    own = linked_as("E01", register, row)
    assert (own["household_sk"], own["household_state"]) == ("h1", None)
    found = linked_as("E01", register, row, names_household=True)
    assert found["household_sk"] not in (None, "h1")
    assert (found["household_state"], found["household_head_match"]) == (
        "known",
        "same",
    )
    assert (found["household_industries"], found["household_poverty"]) == (
        ("茶叶",),
        "未脱贫",
    )
    assert (found["town_code"], found["village_code"]) == (
        "510802100",
        "510802100202",
    )
    wrong = linked_as(
        "E01",
        register,
        {**row, "head_name": "钱二", "household_no": "7"},
        names_household=True,
    )
    assert wrong["household_head_match"] == "different"
    missing = linked_as(
        "E01", register, {**row, "household_no": "8"}, names_household=True
    )
    assert (missing["household_state"], missing["household_head_match"]) == (
        "unknown",
        None,
    )


def test_a_village_without_its_town_is_looked_up_in_the_county() -> None:
    office = {"unit_code": "county", "id_no": FATHER, "name": "张三"}
    found = linked_as("L3", snapshot(), {**office, "village_name": "月坝村"})
    assert (found["village_code"], found["town_code"]) == (
        "510802100202",
        "510802100",
    )
    twice = linked_as("L3", snapshot(), {**office, "village_name": "金银村"})
    assert (
        twice["village_state"],
        twice["village_code"],
        twice["town_code"],
    ) == (
        "ambiguous",
        None,
        None,
    )
    # where a village may be left out, one that cannot be told apart is no fault
    assert (
        linked_as("E02", snapshot(), {**office, "village_name": "金银村"})[
            "village_state"
        ]
        == "not_checked"
    )


def test_the_place_of_a_session_is_never_a_trainees_home() -> None:
    register = snapshot(
        person(
            FATHER, "张三", town_code="510802101", village_code="510802101201"
        )
    )
    trainee = {"unit_code": "county", "id_no": FATHER, "name": "张三"}
    alone = linked_as("T12", register, {**trainee, "village_name": "月坝村"})
    assert (
        alone["village_code"],
        alone["town_code"],
        alone["village_state"],
    ) == (
        "510802100202",
        "510802100",
        "ok",
    )
    twice = linked_as("T12", register, {**trainee, "village_name": "金银村"})
    assert (
        twice["village_state"],
        twice["village_code"],
        twice["town_code"],
    ) == (
        "unclear",
        None,
        None,
    )
    for town in ("510802100", "510802101"):
        said = {"village_name": "金银村", "town_name": divisions()[town]}
        assert (
            linked_as("T12", register, {**trainee, **said})["village_code"][:9]
            == town
        )
    # nothing is said of the place: nobody guesses that it was held where a trainee lives
    assert linked_as("T12", register, trainee)["town_code"] is None


def test_a_village_beside_the_place_of_the_row_is_looked_up_in_the_county() -> (
    None
):
    def paired(text: str | None, **row: Any) -> tuple[Any, ...]:
        found = linked_as(
            "T15",
            snapshot(),
            {"unit_code": "county", **row, "paired_village": text},
        )
        return tuple(
            found[f"paired_village_place{what}"]
            for what in ("", "_state", "_candidates")
        )

    assert paired("月坝村") == ("510802100202", "ok", ())
    assert paired("银山村委会")[:2] == ("510802100201", "alias")
    assert paired("桃花源村") == (None, "unknown", ())
    assert paired("月壩村") == (None, "unknown", ("月坝村", "月坝社区"))
    assert paired("月坝村、桃花源村")[:2] == (None, "unknown")
    assert paired(None)[:2] == (None, "blank")
    # a name of two towns: the row's town says which, or the text itself; else nobody guesses
    towns = {code: divisions()[code] for code in ("510802100", "510802101")}
    both = tuple(f"{name}金银村" for name in towns.values())
    assert paired("金银村") == (None, "unclear", tuple(sorted(both)))
    for code, name in towns.items():
        assert paired("金银村", town_name=name)[0] == f"{code}201"
        assert paired("金银村", unit_code=code)[0] == f"{code}201"
        assert (
            paired(f"{name}金银村", unit_code="510802100")[0] == f"{code}201"
        )
    # two villages in one cell are neither of them, one and the same twice is that one
    assert paired("月坝村、旧村")[0] == "510802100202"
    assert paired("月坝村和金银村", unit_code="510802101")[1:] == (
        "unclear",
        ("月坝村", "金银村"),
    )
    # nobody knows the county's villages
    assert paired("桃花源村", county_code="510821")[1] == "not_checked"


@pytest.mark.parametrize(
    ("code", "column"),
    [("T21", "area"), ("T22", "unit"), ("E12", "unit"), ("E14", "unit")],
)
def test_a_unit_may_be_the_county_a_town_or_a_village_or_no_place_at_all(
    code: str, column: str
) -> None:
    def meant(text: str, **row: Any) -> tuple[Any, ...]:
        found = linked_as(
            code, snapshot(), {"unit_code": "county", **row, column: text}
        )
        return (found[f"{column}_place"], found[f"{column}_place_state"])

    town = divisions()["510802100"]
    counties = ("利州区", "利州", "510802", "利州区人民政府")
    assert {meant(text) for text in counties} == {("510802", "ok")}
    towns = (
        town,
        town[:-1],
        f"{town}人民政府",
        f"利州区{town}",
        f"{town}党委",
        "510802100",
    )
    assert {meant(text) for text in towns} == {("510802100", "ok")}
    assert {
        meant(text)[0] for text in ("月坝村", "月坝村委会", f"{town}月坝村")
    } == {"510802100202"}
    assert meant("金银村") == (None, "unclear")
    assert meant("金银村", unit_code="510802101") == ("510802101201", "ok")
    for nowhere in (
        "桃花源村",
        "桃花源村委会",
        "桃花源社区",
        "月坝村、桃花源村",
    ):
        assert meant(nowhere) == (None, "unknown")
    others = (
        "县就业局",
        "各村",
        "本村",
        "我镇",
        "全部贫困村",
        "12个行政村",
        "月坝村、金银村",
        "第一战区",
        "桃花源村卫生室",
    )
    assert {meant(text) for text in others} == {(None, "not_checked")}


def test_what_people_decided_of_a_row_goes_before_what_the_rules_find() -> (
    None
):
    register = snapshot(person(FATHER, "张三"), person(SON, "张小三"))
    said = {"id_no": FATHER, "name": "张山"}

    def decided(
        row: dict[str, Any],
        whose: str | None,
        register: RegisterSnapshot = register,
    ) -> tuple[Any, ...]:
        found = linked_as("L3", register, {**row, "decided": whose})
        return tuple(
            found[c]
            for c in ("person_sk", "link_tier", "name_match", "proposal")
        )

    father, mother, son = (person_key(KEY, i) for i in (FATHER, MOTHER, SON))
    assert decided(said, None)[:3] == (father, "T1", "similar")
    assert decided(said, father)[:3] == (father, "D", "same")
    assert decided(said, NOBODY)[:3] == (None, "T2", "different")
    # the number is another's: whoever was meant has none that is known, and the row goes back
    assert decided(said, mother)[:3] == (None, "T2", "different")
    # a stranger's number
    assert decided({"id_no": MOTHER, "name": "李四"}, NOBODY)[:2] == (
        None,
        "T2",
    )
    assert decided({"id_no": MOTHER, "name": "李四"}, mother)[:2] == (
        mother,
        "D",
    )
    # nobody is proposed where it was decided that nobody is meant, nor a person from whom they were told apart
    slip = {
        "id_no": "510802198503129979",
        "name": "张三",
        "town_name": divisions()["510802100"],
    }
    unread = {**slip, "id_no": None, "phone": "1"}
    known = snapshot(person(FATHER, "张三", phone="1"))
    here = {"village_name": "金银村"}
    assert decided({**unread, **here}, None, known)[3] == father
    assert decided({**unread, **here}, NOBODY, known)[3] is None
    typed = {**slip, "id_no": "510802198503129985"}
    near = snapshot(person("510802198503129986", "张三"))
    assert decided(typed, None, near)[3] == person_key(
        KEY, "510802198503129986"
    )
    near.apart = frozenset(
        {
            frozenset(
                person_key(KEY, n)
                for n in ("510802198503129985", "510802198503129986")
            )
        }
    )
    assert decided(typed, None, near)[3] is None
    assert son not in decided(said, None)


def test_one_person_of_two_is_linked_as_the_other() -> None:
    register = snapshot(person(FATHER, "张三"))
    father, mother, son = (person_key(KEY, i) for i in (FATHER, MOTHER, SON))
    stranger = {"id_no": MOTHER, "name": "张三"}
    assert linked_as("L3", register, stranger)["person_sk"] == mother
    unknown = person_key(KEY, "somebody in nobody's register")
    register.merged = {mother: father, son: unknown}
    found = linked_as("L3", register, stranger)
    assert (found["person_sk"], found["link_tier"], found["register_name"], found["in_register"]) == (
        father, "D", "张三", True,
    )  # fmt: skip
    # whatever she is called: people said who she is
    renamed = linked_as("L3", register, {**stranger, "name": "王五"})
    assert (
        renamed["person_sk"],
        renamed["link_tier"],
        renamed["name_match"],
    ) == (
        father,
        "D",
        "same",
    )
    # who is in nobody's register is known by the key alone; the register's own lists are not changed by anybody
    assert (
        linked_as("L3", register, {"id_no": SON, "name": "李四"})["person_sk"]
        == unknown
    )
    assert linked_as("H02", register, stranger)["person_sk"] == mother


def test_of_two_decisions_on_a_pair_the_later_one_holds() -> None:
    assert pairs_decided([("a", "b", True), ("b", "c", True)]) == (
        {"b": "a", "c": "a"},
        frozenset(),
    )
    assert pairs_decided([("a", "b", True), ("a", "b", False)]) == (
        {},
        frozenset({frozenset("ab")}),
    )
    assert pairs_decided([("a", "b", False), ("b", "a", True)]) == (
        {"a": "b"},
        frozenset(),
    )
    # a circle is none
    assert pairs_decided(
        [("a", "b", True), ("b", "c", True), ("c", "a", True)]
    )[0] == {
        "b": "a",
        "c": "a",
    }


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcde"), st.sampled_from("abcde"), st.booleans()
        ).filter(lambda t: t[0] != t[1])
    )
)
def test_nobody_is_merged_with_somebody_who_is_merged_away(
    told: list[tuple[str, str, bool]],
) -> None:
    merged, _ = pairs_decided(told)
    assert not set(merged) & set(merged.values())


def compared(
    code: str, register: RegisterSnapshot, *given_rows: dict[str, Any]
) -> pd.DataFrame:
    frame = linked(code, register, *given_rows)
    contract = load_contracts()[code]
    losses = losses_within(frame, contract, frame.iloc[:0])
    return compare(frame, contract, losses, register.gazetteer)


@pytest.mark.parametrize(
    ("typed", "state", "code"),
    [
        ("金银村", "ok", "510802100201"),
        ("金银村村民委员会", "alias", "510802100201"),
        ("荣山镇金银村", "ok", "510802100201"),
        ("银山村", "alias", "510802100201"),
        ("旧村", "alias", "510802100202"),
        ("金铜村", "unknown", None),
        ("月坝", "ambiguous", None),
        (None, "blank", None),
    ],
)
def test_a_village_name_means_something_inside_its_town(
    typed: str | None, state: str, code: str | None
) -> None:
    found = Gazetteer({}, VILLAGES).find_village("510802100", typed, DAY)
    assert (found.state, found.code) == (state, code)


@pytest.mark.parametrize(
    ("typed", "group"),
    [
        ("月坝村委", None),
        ("月坝村民委员会", None),
        ("月坝村3组", 3),
        ("月坝村第三村民小组", 3),
        ("月坝村一社", 1),
        ("月坝村十二组", 12),
        ("荣山镇月坝村", None),
        ("利州区荣山镇月坝村2组", 2),
        ("四川省广元市利州区荣山镇月坝村第二村民小组", 2),
        ("月坝村（原旧社村）", None),
        ("月坝村（贫困村）", None),
        ("月坝村（3组）", None),
        ("1月坝村", None),
        ("12.月坝村", None),
        ("月 坝 村", None),
        ("月坝村村", None),
    ],
)
def test_a_village_is_found_in_whatever_stands_around_its_name(
    typed: str, group: int | None
) -> None:
    found = Gazetteer({}, VILLAGES).find_village("510802100", typed, DAY)
    assert (found.code, found.group) == ("510802100202", group)


@pytest.mark.parametrize(
    "typed",
    [
        "月坝村/金银村",
        "月坝村、金银村",
        "大石镇月坝村",
        "月坝新村",
        "3组",
        "月坝村3号",
        "无",
        "新村3组",
        "村" * 500,
    ],
)
def test_what_names_another_place_or_two_is_no_village_of_the_town(
    typed: str,
) -> None:
    assert (
        Gazetteer({}, VILLAGES).find_village("510802100", typed, DAY).state
        == "unknown"
    )


def test_a_former_name_in_brackets_is_the_last_resort() -> None:
    found = Gazetteer({}, VILLAGES).find_village(
        "510802100", "新月村（原月坝村）", DAY
    )
    assert found.code == "510802100202"


def test_a_village_that_two_towns_have_is_told_by_the_town_beside_it() -> None:
    places = Gazetteer({}, VILLAGES)
    assert (
        places.find_village("510802", "荣山镇金银村", DAY).code
        == "510802100201"
    )
    assert (
        places.find_village("510802", "大石镇金银村", DAY).code
        == "510802101201"
    )
    assert places.find_village("510802", "金银村", DAY).candidates == (
        "大石镇金银村",
        "荣山镇金银村",
    )


def test_the_group_beside_a_village_is_kept() -> None:
    row = {
        "unit_code": "510802100",
        "id_no": FATHER,
        "name": "张三",
        "village_name": "月坝村3组",
    }
    assert linked_as("L1", snapshot(), row)["group_no"] == 3
    assert linked_as("L1", snapshot(), {**row, "group_no": 5})["group_no"] == 5


@pytest.mark.parametrize(
    "code",
    [
        c
        for c, contract in load_contracts().items()
        if contract.has("village_name")
    ],
)
def test_a_village_that_is_nowhere_is_told_on_every_list(code: str) -> None:
    if load_contracts()[code].reference:
        return
    for unit in ("510802100", "county"):
        found = linked_as(
            code, snapshot(), {"unit_code": unit, "village_name": "乌有村"}
        )
        assert found["village_state"] == "unknown"


def test_a_pair_may_be_with_a_village_of_another_town() -> None:
    villages = [*VILLAGES, Village("510802101202", "远村", "510802101")]
    register = RegisterSnapshot(
        pd.DataFrame([], columns=list(PERSON_COLUMNS), dtype=object),
        Gazetteer({}, villages),
        KEY,
        {},
    )
    away = {"unit_code": "510802100", "village_name": "远村"}
    assert linked_as("T15", register, away)["village_code"] == "510802101202"
    assert (
        linked_as("L3", register, away)["village_state"] == "unknown"
    )  # where people live, the town counts


def test_from_nowhere_no_address_is_near_or_far() -> None:
    row = {
        "county_code": "",
        "unit_code": "county",
        "region": "县内",
        "place": "四川省广元市利州区",
    }
    assert linked_as("L3", snapshot(), row)["region_agrees"] is None
    assert linked_as("L3", snapshot(), {**row, "county_code": "510802"})[
        "region_agrees"
    ]


def test_an_unknown_village_comes_with_its_neighbours() -> None:
    found = Gazetteer({}, VILLAGES).find_village("510802100", "金铜村", DAY)
    assert found.candidates == ("金银村",)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("荣山镇", "510802100"), ("荣山", "510802100"), ("东河镇", None)],
)
def test_town_names_come_from_the_shipped_divisions(
    typed: str, code: str | None
) -> None:
    assert Gazetteer().find_town("510802", typed) == code


@pytest.mark.parametrize(
    ("typed", "registered", "expected"),
    [
        ("阿木·军惹莫", "阿木•军惹莫", "same"),
        ("赵玮", "赵伟", "similar"),
        ("王?华", "王䶮华", "similar"),
        ("王yan华", "王䶮华", "similar"),
        ("李春花", "李春华", "similar"),
        ("张三", "李四", "different"),
        ("赵强", "钱强", "different"),
    ],
)
def test_names_compare(typed: str, registered: str, expected: str) -> None:
    assert compare_names(typed, registered) == expected


@given(st.text("赵钱孙李周吴郑王伟芳娜敏静·", min_size=1, max_size=6))
def test_a_name_is_always_the_same_as_itself(name: str) -> None:
    assert compare_names(name, name) == "same"


def test_tiers() -> None:
    register = snapshot(
        person(FATHER, "赵伟"), person(MOTHER, "钱芳"), old_ids={SON: FATHER}
    )
    out = linked(
        "L1",
        register,
        {"name": "赵伟", "id_no": FATHER},
        {"name": "赵玮", "id_no": FATHER},
        {"name": "钱芳", "id_no": FATHER},
        {"name": "赵伟", "id_no": SON},
        {"name": "孙丽", "id_no": "510821196907119986"},
    )
    assert list(out["link_tier"]) == ["T0", "T1", "T2", "T5", "T7"]
    assert out["person_sk"].isna().tolist() == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert out["person_sk"][3] == out["person_sk"][0]
    assert list(out["in_register"]) == [True, True, True, True, False]


def test_nobody_is_missing_from_a_register_that_was_never_sent() -> None:
    out = linked("L1", snapshot(), {"name": "赵伟", "id_no": FATHER})
    assert out["in_register"][0] is None


def test_a_slip_in_the_number_is_proposed_and_never_corrected() -> None:
    register = snapshot(person(FATHER, "赵伟"))
    wrong = FATHER[:9] + "7" + FATHER[10:]
    out = linked(
        "L1", register, {"name": "赵伟", "id_no": None}, originals=[wrong]
    )
    assert out["person_sk"][0] is None
    assert out["proposal"][0] == person_key(KEY, FATHER)


def test_two_persons_of_one_name_give_no_proposal() -> None:
    register = snapshot(person(FATHER, "赵伟"), person(MOTHER, "赵伟"))
    out = linked(
        "L1",
        register,
        {"name": "赵伟", "village_name": "金银村", "household_no": "1"},
    )
    assert out["proposal"][0] is None


def test_the_town_of_the_register_keeps_a_person_whom_two_towns_report() -> (
    None
):
    register = snapshot(person(FATHER, "赵伟"))
    here = {"name": "赵伟", "id_no": FATHER, "fill_date": date(2017, 11, 19)}
    there = {
        **here,
        "unit_code": "510802101",
        "submission_id": 2,
        "fill_date": date(2017, 11, 1),
    }
    for order in ((here, there), (there, here)):
        out = compared("L1", register, *order)
        losers = {
            r["unit_code"]: r["loses_to_town"] for r in out.to_dict("records")
        }
        assert losers == {"510802100": None, "510802101": "荣山镇"}


def test_the_earlier_post_keeps_a_person_who_holds_two() -> None:
    register = snapshot(person(FATHER, "赵伟"))
    first = {
        "name": "赵伟",
        "id_no": FATHER,
        "post_no": "A",
        "start_on": date(2017, 1, 1),
        "end_on": date(2017, 12, 31),
    }
    second = {**first, "post_no": "B", "start_on": date(2017, 3, 1)}
    later = {
        **first,
        "post_no": "C",
        "start_on": date(2018, 1, 1),
        "end_on": date(2018, 12, 31),
    }
    for order in ((first, second, later), (second, later, first)):
        out = compared("L5", register, *order)
        assert {
            r["post_no"]: r["second_post"] for r in out.to_dict("records")
        } == {
            "A": False,
            "B": True,
            "C": False,
        }


def test_a_repeated_row_is_a_twin_and_a_changed_one_a_rival() -> None:
    register = snapshot(person(FATHER, "赵伟"), person(MOTHER, "钱芳"))
    a, b = (
        {"name": "赵伟", "id_no": FATHER},
        {"name": "钱芳", "id_no": MOTHER, "edu": "小学"},
    )
    out = compared("L1", register, a, a, b, {**b, "edu": "初中"})
    assert list(out["twin"]) == [False, True, False, False]
    assert list(out["rival"]) == [False, False, True, True]


def test_relations_that_ages_or_sexes_contradict() -> None:
    register = snapshot(
        person(FATHER, "赵伟"), person(MOTHER, "钱芳"), person(SON, "赵强")
    )
    out = compared(
        "L1",
        register,
        {
            "name": "赵伟",
            "id_no": FATHER,
            "household_no": "1",
            "rel_to_head": "户主",
        },
        {
            "name": "钱芳",
            "id_no": MOTHER,
            "household_no": "1",
            "rel_to_head": "配偶",
        },
        {
            "name": "赵强",
            "id_no": SON,
            "household_no": "1",
            "rel_to_head": "之子",
        },
    )
    assert list(out["relation_odd"]) == [False, False, True]
    assert list(out["heads"]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("state", "reported", "expected"),
    [
        ("死亡", "未就业", True),
        ("服刑", "服刑", False),
        ("服刑", "转移就业", True),
        ("在册", "转移就业", False),
    ],
)
def test_the_dead_and_those_who_are_away(
    state: str, reported: str, expected: bool
) -> None:
    register = snapshot(person(FATHER, "赵伟", member_state=state))
    out = compared(
        "L1",
        register,
        {"name": "赵伟", "id_no": FATHER, "emp_status": reported},
    )
    assert out["dead_before"][0] is expected


def test_a_broken_sort_shows_as_names_beside_other_numbers() -> None:
    register = snapshot(
        person(FATHER, "赵伟"), person(MOTHER, "钱芳"), person(SON, "孙强")
    )
    out = compared(
        "L1",
        register,
        {"name": "赵伟", "id_no": MOTHER},
        {"name": "钱芳", "id_no": SON},
        {"name": "孙强", "id_no": FATHER},
    )
    assert mixed_up_share(out) == 1.0
    one = compared(
        "L1",
        register,
        *({"name": n, "id_no": FATHER} for n in ("赵伟", "钱芳", "孙强")),
    )
    assert mixed_up_share(one) == 0.0, (
        "one number for several names is another fault"
    )


def test_a_copied_sheet_is_the_one_whose_people_live_elsewhere() -> None:
    ids = [FATHER, MOTHER, SON]
    register = snapshot(
        *(
            person(i, n)
            for i, n in zip(ids, ("赵伟", "钱芳", "孙强"), strict=True)
        )
    )
    original = [
        {"name": n, "id_no": i}
        for i, n in zip(ids, ("赵伟", "钱芳", "孙强"), strict=True)
    ]
    copy = [
        {**r, "unit_code": "510802101", "sheet_ref": 1, "submission_id": 2}
        for r in original
    ]
    out = linked("L3", register, *original, *copy)
    assert copy_shares(out, out.iloc[:0]) == {
        0: (0.0, ""),
        1: (1.0, "510802100"),
    }


HONGTU = [
    "宏图建筑有限公司",
    "宏图建筑（有限公司）",
    "宏图建筑 公司",
    "宏图建筑",
    "宏图建筑股份有限公司",
    "宏图·建筑集团",
]
HONGTU += [
    "宏图建筑有限责任公司",
    "宏图建筑（集团）股份公司",
    "宏图建筑(集团)有限公司",
    "“宏图”建筑集团公司",
    "宏图建筑 。",
]


@pytest.mark.parametrize("name", HONGTU)
def test_an_employer_is_the_same_however_its_company_is_written(
    name: str,
) -> None:
    assert normal_employer(name) == "宏图建筑"


def test_what_tells_two_employers_apart_stays() -> None:
    assert (
        normal_employer("宏图（广元）有限公司")
        == normal_employer("宏图广元公司")
        != normal_employer("宏图（成都）公司")
    )
    assert normal_employer("ＡＢＣ电子") == normal_employer("abc电子有限公司")
    assert normal_employer("有限公司") == "有限公司"
    assert normal_employer("—— ") is None


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("四川省广元市利州区", "县内"),
        ("广元市利州区荣山镇", "县内"),
        ("利州区", "县内"),
        ("四川省广元市剑阁县", "市内县外"),
        ("成都市双流区", "省内市外"),
        ("四川成都", "省内市外"),
        ("广东省东莞市", "省外"),
        ("东莞", "省外"),
        ("浙江 宁波", "省外"),
        ("新加坡", "境外"),
        ("四川省", None),
        ("某建筑工地", None),
    ],
)
def test_a_region_is_told_from_the_address(
    address: str, region: str | None
) -> None:
    assert region_of(address, "510802") == region


def versions(*given_rows: tuple[str, str, date | None, int]) -> pd.DataFrame:
    frame = pd.DataFrame(
        given_rows,
        columns=["key", "content_hash", "fill_date", "submission_id"],
        dtype=object,
    )
    frame["version"] = [
        f"{d} {n:03d}"
        for d, n in zip(
            frame["fill_date"], frame["submission_id"], strict=True
        )
    ]
    return frame


@pytest.mark.parametrize("passes", [True, False])
def test_only_a_row_that_passes_overtakes_another(passes: bool) -> None:
    frame = versions(
        ("k", "a", date(2017, 11, 1), 1), ("k", "b", date(2017, 11, 5), 2)
    )
    hints = fate_hints(frame, pd.Series([True, passes]), frame.iloc[:0])
    assert hints == (["overtaken", None] if passes else [None, None])


def test_a_row_equal_to_the_loaded_version_changes_nothing() -> None:
    loaded = versions(("k", "a", date(2017, 11, 1), 1))
    frame = versions(
        ("k", "a", date(2017, 11, 5), 2), ("k", "b", date(2017, 10, 1), 3)
    )
    assert fate_hints(frame, pd.Series([True, True]), loaded) == [
        "same_as_loaded",
        "overtaken",
    ]


def test_two_slips_of_the_pen_stop_no_file_however_short() -> None:
    rows = pd.DataFrame({"proposal": ["a", "b", None]}, dtype=object)
    assert proposal_share(rows, np.zeros(3, dtype=bool)) == 0
    many = pd.DataFrame({"proposal": ["a", "b", "c", None]}, dtype=object)
    assert proposal_share(many, np.zeros(4, dtype=bool)) == 0.75


def test_fingerprints_are_those_that_earlier_nights_kept() -> None:
    """A column that nobody filled is hashed by itself: it must not change what rows of before are compared with."""
    contract = load_contracts()["L3"]
    nothing = np.array([None, None], dtype=object)
    frame = pd.DataFrame(
        {column.name: nothing for column in contract.columns}, dtype=object
    )
    frame["name"] = np.array(["王小明", None], dtype=object)
    assert fingerprints(frame, contract) == [
        "7b00b6a83c8890601346cd661a43ee72",
        "56b87d46caef1bfe1346cd661a43ee72",
    ]
