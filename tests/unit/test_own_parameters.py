"""The numbers that a county sets for itself: what the file may say, and the sentence where it may not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from yiku.contracts.own_parameters import (
    FOR_ALL_ALONE,
    OwnParameter,
    ParametersError,
    known_names,
    load_own_parameters,
    parse_own_parameters,
)
from yiku.settings import Settings, load_settings

SETTINGS = load_settings({})
NAMES = known_names(SETTINGS)


def one(**said: object) -> str:
    """Return a file with one number, changed in some words; None takes a word out."""
    usual = {
        "name": "pairing_km_most",
        "jurisdiction": '"510821"',
        "value": 30,
        "valid_from": "2018-01-01",
    }
    words = {key: value for key, value in {**usual, **said}.items()}
    pairs = [f"{k}: {v}" for k, v in words.items() if v is not None]
    return f"parameters:\n  - {{{', '.join(pairs)}}}\n"


def test_a_number_is_read():
    assert parse_own_parameters(one(), NAMES) == (
        OwnParameter("pairing_km_most", "510821", 30, date(2018, 1, 1)),
    )


@pytest.mark.parametrize(
    "text",
    ["", "# nothing yet\n", "parameters: []\n"],
    ids=["empty", "a comment", "no entry"],
)
def test_a_file_may_set_nothing(text: str):
    assert parse_own_parameters(text, NAMES) == ()


def test_without_days_a_number_holds_always():
    (always,) = parse_own_parameters(
        one(valid_from=None, jurisdiction=510821, valid_to='"2019-12-31"'),
        NAMES,
    )
    assert always.valid_from == date(2010, 1, 1)
    assert always.valid_to == date(2019, 12, 31)
    assert always.jurisdiction == "510821"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "第1行不是有效的 YAML"),
        ("[1]", "应有 parameters 一项"),
        ("parameters: 3", "应有 parameters 一项"),
        ("parameters: [3]", "第1项应写成"),
        (one(name="pairing_km"), "name 应为：expert_villages_province_most"),
        (one(naem="x"), "不认识 naem"),
        (one(jurisdiction="旺苍县"), "jurisdiction 应为 6 位县区代码"),
        (one(jurisdiction='"510821101"'), "jurisdiction 应为 6 位县区代码"),
        (one(jurisdiction=None), "jurisdiction 应为 6 位县区代码"),
        (one(value=None), "value 应为整数"),
        (one(value="三十"), "value 应为整数"),
        (one(value=30.5), "value 应为整数"),
        (one(value="yes"), "value 应为整数"),
        (one(value=-1), "value 应在 1 到 10000"),
        (one(name="score_open_days", value=0), "value 应在 1 到 3660"),
        (
            one(name="talent_grant_budget_yuan", value=2**31),
            "value 应在 0 到 2147483647",
        ),
        (one(name="list_closing_day", value=31), "value 应在 1 到 28"),
        (one(name="war_map_behind_pct", value=101), "value 应在 0 到 100"),
        (one(name="stale_days", value=36600), "value 应在 0 到 3660"),
        (one(name="correction_workdays"), "不分县"),
        (one(valid_from="去年"), "valid_from 应写成 2018-01-01"),
        (one(valid_from=2018), "valid_from 应写成 2018-01-01"),
        (one(valid_from="2018-02-30"), "2018-01-01"),
        (one(valid_to="2017-12-31"), "valid_to 早于 valid_from"),
        (one() + one().split("\n")[1] + "\n", "第2项与第1项"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(text: str, said: str):
    with pytest.raises(ParametersError, match=re.escape(said)):
        parse_own_parameters(text, NAMES)


def own(tmp_path: Path, **variables: str) -> Settings:
    return load_settings({"YIKU_HOME": str(tmp_path), **variables})


def test_the_file_lies_outside_the_checkout(tmp_path: Path):
    (tmp_path / "parameters.yml").write_text(one(), "utf-8-sig")
    assert len(load_own_parameters(own(tmp_path))) == 1
    elsewhere = tmp_path / "elsewhere.yml"
    elsewhere.write_text("", "utf-8")
    named = own(tmp_path, YIKU_PARAMETERS=str(elsewhere))
    assert load_own_parameters(named) == ()
    device = own(tmp_path, YIKU_PARAMETERS="/dev/null")
    assert load_own_parameters(device) == ()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    settings = own(tmp_path, YIKU_PARAMETERS=str(tmp_path / "gone.yml"))
    with pytest.raises(ParametersError, match="不存在"):
        load_own_parameters(settings)
    with pytest.raises(ParametersError, match="文件夹"):
        load_own_parameters(replace(settings, parameters=tmp_path))
    other = tmp_path / "gbk.yml"
    other.write_bytes("parameters: # 参数".encode("gbk"))
    with pytest.raises(ParametersError, match="UTF-8"):
        load_own_parameters(replace(settings, parameters=other))


def test_the_example_can_be_used_and_names_every_number():
    text = (SETTINGS.project_root / "parameters.example.yml").read_text(
        "utf-8"
    )
    assert parse_own_parameters(text, NAMES)
    for name in NAMES:
        level = name.removeprefix("expert_villages").removesuffix("most")
        assert name in text or level in text, name


def test_every_number_is_read_by_a_model_and_by_county_where_it_can_be():
    macro = re.compile(r'parameter\("([a-z_]+)"(, |\)| ~ )')
    by_county, for_all = set(), set()
    for model in (SETTINGS.dbt_project / "models").rglob("*.sql"):
        for name, after in macro.findall(model.read_text("utf-8")):
            (for_all if after == ")" else by_county).add(name)
    assert for_all == set(FOR_ALL_ALONE)
    for name in set(NAMES) - for_all:
        assert any(name.startswith(read) for read in by_county), name
