"""The suite files keep their promises to the catalogue and the contracts."""

from itertools import chain
from pathlib import Path

import pytest
import yaml
from yiku.checking.suites import (
    SEVERITY,
    cell_suite,
    from_contract,
    read_suite,
    row_suite,
    rules_needing_register,
    sheet_suite,
)
from yiku.checking.validation import Suite
from yiku.contracts import load_codes, load_contracts, load_rules

FOLDER = Path(__file__).parents[2] / "expectations"
# What linking and comparing add to the contract's own columns.
LINKED = {
    *(
        "ref",
        "business_date",
        "as_of",
        "submission_id",
        "version",
        "sheet_ref",
        "county_code",
        "unit_code",
        "period",
    ),
    *(
        "person_sk",
        "link_tier",
        "in_register",
        "register_name",
        "name_match",
        "register_town",
        "register_village",
    ),
    *(
        "household_state",
        "household_head_match",
        "household_industries",
        "household_poverty",
    ),
    *(
        "household_sk",
        "member_state",
        "register_school",
        "register_labour",
        "id_birth_date",
        "id_sex",
        "age",
    ),
    *(
        "proposal",
        "typed_over",
        "town_code",
        "village_code",
        "village_state",
        "village_candidates",
        "moved",
        "key",
        "content_hash",
    ),
    *(
        "twin",
        "rival",
        "id_shared",
        "loses_to_town",
        "second_post",
        "heads",
        "relation_odd",
        "phone_households",
    ),
    *("dead_before", "in_school_before", "region_agrees", "typed_over"),
}


def every_expectation():
    return list(
        chain.from_iterable(
            read_suite(p) for p in sorted(FOLDER.glob("*.yml"))
        )
    )


def test_each_rule_stands_in_the_catalogue_with_a_fitting_severity():
    rules = load_rules()
    for expectation in every_expectation():
        meta = expectation["meta"]
        assert meta["rule"] in rules, meta
        assert expectation["severity"] == SEVERITY[meta["verdict"]]


def test_another_verdict_than_the_usual_one_has_its_own_words_where_the_usual_would_be_false():
    rules = load_rules()
    for meta in (e["meta"] for e in every_expectation()):
        rule = rules[meta["rule"]]
        if (
            "A" in (meta["verdict"], rule.verdict)
            and meta["verdict"] != rule.verdict
        ):
            assert meta["verdict"] in rule.otherwise, meta


@pytest.mark.parametrize("code", sorted(load_contracts()))
def test_a_lists_suite_asks_for_columns_that_there_are(code):
    contract = load_contracts()[code]
    suite = row_suite(FOLDER, contract)
    ready = Suite(code, suite)
    linked = LINKED | {
        f"{c.place_column}_{what}"
        for c in contract.placed
        for what in ("state", "candidates")
    }
    assert (ready.read | ready.seen) <= linked | set(contract.names)
    fields = {e["meta"].get("field") for e in suite} - {None}
    assert fields <= set(contract.names)
    facts = set(
        chain.from_iterable(e["meta"].get("facts", {}).values() for e in suite)
    )
    assert facts <= linked | set(contract.names)


@pytest.mark.parametrize("code", sorted(load_contracts()))
def test_values_that_a_suite_names_are_labels_of_the_columns_code_list(code):
    contract, codes = load_contracts()[code], load_codes()
    for expectation in row_suite(FOLDER, contract):
        kwargs = expectation["kwargs"]
        named = {**kwargs.get("when", {}), **kwargs.get("unless", {})}
        if "values" in kwargs:
            named[kwargs["column"]] = kwargs["values"]
        for column, values in named.items():
            if contract.has(column) and contract.column(column).codes:
                assert set(values) <= set(
                    codes[contract.column(column).codes].labels
                ), (column, values)


def test_mandatory_and_expected_columns_become_rules():
    suite = row_suite(FOLDER, load_contracts()["L3"])
    by_field = {
        e["meta"]["field"]: e
        for e in suite
        if e["type"] == "expect_row_value_filled"
    }
    assert (
        by_field["start_on"]["meta"]["rule"],
        by_field["start_on"]["severity"],
    ) == (
        "R01",
        "critical",
    )
    assert (
        by_field["wage_yuan"]["meta"]["rule"],
        by_field["wage_yuan"]["severity"],
    ) == ("R02", "warning")
    assert by_field["return_reason"]["kwargs"]["when_filled"] == ["end_on"]


def test_conditions_of_a_contract_become_conditions_of_the_rule():
    derived = {
        e["meta"]["field"]: e for e in from_contract(load_contracts()["L1"])
    }
    assert derived["emp_intent"]["kwargs"]["unless"] == {
        "labour_capacity": ["丧失劳动力", "无劳动力"]
    }
    assert derived["train_want"]["kwargs"]["when"] == {"train_intent": [True]}
    assert derived["emp_intent"]["meta"]["conditional"]
    assert not derived["name"]["meta"]["conditional"]


def test_a_lists_own_verdict_takes_the_place_of_the_shared_one():
    verdicts = {
        code: [
            e["meta"]["verdict"]
            for e in row_suite(FOLDER, load_contracts()[code])
            if e["meta"]["rule"] == "X07"
        ]
        for code in ("L1", "L3", "H02")
    }
    assert verdicts == {"L1": ["Q"], "L3": ["W"], "H02": []}


def test_what_needs_the_register_is_known():
    needing = rules_needing_register(FOLDER, load_contracts())
    assert {"X06", "X07", "X08"} <= set(needing["L3"])
    assert "R01" not in needing["L3"]


def test_cells_and_sheets_are_read():
    assert {e["kwargs"]["code"] for e in cell_suite(FOLDER, ["I01"])} == {
        "I01"
    }
    assert len(cell_suite(FOLDER)) > 50
    assert {"X13", "X14", "N02", "F11"} <= {
        e["meta"]["rule"] for e in sheet_suite(FOLDER, None)
    }
    assert sheet_suite(FOLDER, load_contracts()["L1"]) == []


def test_a_suite_without_verdict_is_a_fault_of_ours(tmp_path):
    wrong = {
        "name": "x",
        "expectations": [
            {
                "type": "expect_no_note",
                "kwargs": {"code": "I01"},
                "severity": "info",
            }
        ],
    }
    (tmp_path / "x.yml").write_text(yaml.safe_dump(wrong), "utf-8")
    with pytest.raises(ValueError, match=r"x\.yml"):
        read_suite(tmp_path / "x.yml")
