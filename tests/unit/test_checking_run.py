"""Running suites: references of rows and nothing else, faults of ours raised, every note judged."""

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml
from yiku.checking.findings import RuleError, SheetFacts
from yiku.checking.noted_cells import notes_frame
from yiku.checking.suites import row_suite
from yiku.checking.validation import Checker, checker
from yiku.cleaning.cleaned import Note
from yiku.contracts import load_contracts

FOLDER = Path(__file__).parents[2] / "expectations"
DAY = date(2017, 11, 20)


def rows(code, *given):
    """Return a linked frame in which nothing is known but what is given."""
    contract = load_contracts()[code]
    suite = Checker(FOLDER)._suite(
        f"{code}.rows", lambda: row_suite(FOLDER, contract)
    )
    names = sorted(
        {*contract.names, *suite.read, *suite.seen, *suite.told} - {"ref"}
    )
    usual = {
        "business_date": DAY,
        "as_of": DAY,
        "submission_id": 1,
        "version": "1",
        "id_shared": 1,
        "phone_households": 0,
    }
    frame = pd.DataFrame(
        [{n: {**usual, **g}.get(n) for n in names} for g in given],
        columns=names,
        dtype=object,
    )
    frame.insert(0, "ref", range(10, 10 + len(given)))
    return frame


def hits(code, *given):
    failed = checker(FOLDER).check_rows(code, rows(code, *given))
    return {
        (f.rule, f.verdict, f.field): f.refs.tolist()
        for f in failed
        if f.rule not in ("R01", "R02")
    }


def test_missing_values_follow_from_the_contract():
    failed = checker(FOLDER).check_rows(
        "L3", rows("L3", {"name": "甲"}, {"start_on": DAY, "end_on": DAY})
    )
    by_field = {(f.rule, f.field): f.refs.tolist() for f in failed}
    assert by_field["R01", "name"] == [11]
    assert by_field["R01", "start_on"] == [10]
    assert by_field["R02", "return_reason"] == [11]


def test_what_the_register_says_decides():
    known = {"in_register": True, "link_tier": "T0", "name_match": "same"}
    found = hits(
        "L1",
        known,
        {**known, "name_match": "different", "link_tier": "T2"},
        {**known, "name_match": "similar"},
        {**known, "in_register": False, "link_tier": "T7", "name_match": None},
        {**known, "id_shared": 2},
        {**known, "id_shared": 2, "name_match": "different"},
        {**known, "dead_before": True},
        {"in_register": False},
    )
    assert found == {
        ("I11", "Q", "name"): [11],
        ("C07", "W", "name"): [12],
        ("X07", "Q", "id_no"): [13],
        ("I11", "Q", "id_no"): [15],
        ("X08", "Q", "id_no"): [16],
    }


def test_a_row_against_other_rows():
    found = hits(
        "L5",
        {"twin": True},
        {"rival": True},
        {"loses_to_town": "某镇"},
        {"second_post": True},
    )
    assert found == {
        ("X01", "A", None): [10],
        ("X01", "Q", "id_no"): [11],
        ("X02", "Q", "id_no"): [12],
        ("X15", "Q", None): [13],
    }


def test_a_villages_candidates_come_with_the_finding():
    frame = rows(
        "L3",
        {
            "village_name": "大坪村",
            "village_state": "unknown",
            "village_candidates": ("太坪村",),
        },
    )
    failed = {f.rule: f for f in checker(FOLDER).check_rows("L3", frame)}
    assert failed["X06"].facts == {
        "choices": [("太坪村",)],
        "value": ["大坪村"],
    }


def test_rules_inside_a_row():
    money = {
        "std_yuan": Decimal("500.00"),
        "months": 3,
        "amount_yuan": Decimal("1600.00"),
    }
    dates = {"start_on": date(2017, 6, 1), "end_on": date(2017, 5, 1)}
    post = hits(
        "L5",
        money,
        dates,
        {"account_name": "甲", "name": "乙"},
        {"age": 15},
        {"age": 66},
    )
    assert post == {
        ("K01", "W", "amount_yuan"): [10],
        ("T08", "Q", "end_on"): [11],
        ("K05", "Q", "account_name"): [12],
        ("A01", "Q", "id_no"): [13],
        ("A02", "W", "id_no"): [13, 14],
    }
    spell = hits(
        "L3",
        {"start_on": date(2018, 1, 1)},
        {"start_on": date(2012, 1, 1), "id_birth_date": date(2000, 1, 1)},
    )
    assert spell == {
        ("T08", "Q", "start_on"): [10],
        ("T08", "Q", "id_no"): [11],
    }


def test_a_class_of_the_library_itself_works_in_a_suite():
    assert hits("V02", {"town_code": "510802101"}, {"town_code": "5108"}) == {
        ("K27", "Q", "town_code"): [11]
    }


def test_every_note_gets_the_verdict_of_its_case():
    contract = load_contracts()["L3"]
    notes = [
        Note(0, "id_no", "I01", {"level": "Q"}),
        Note(0, "sex", "I10", {"kind": "sex"}),
        Note(1, "birth_date", "I10", {"kind": "date"}),
        Note(1, "start_on", "L21", {"level": "Q"}),
        Note(1, "insured", "L21", {"level": "W"}),
        Note(2, "wage_yuan", "N04", {"level": "W"}),
        Note(2, "wage_yuan", "T02", {}),
    ]
    judged = checker(FOLDER).check_cells(notes_frame([(5, contract, notes)]))
    assert [(n.position, n.field, n.rule, n.verdict) for n in judged[5]] == [
        (0, "id_no", "I01", "Q"),
        (0, "sex", "I10", "W"),
        (1, "birth_date", "I10", "Q"),
        (1, "start_on", "L21", "Q"),
        (1, "insured", "L21", "W"),
        (2, "wage_yuan", "N04", "W"),
        (2, "wage_yuan", "T02", "A"),
    ]
    assert checker(FOLDER).check_cells(notes_frame([])) == {}


def test_a_note_without_verdict_is_a_fault_of_ours():
    notes = [Note(0, "id_no", "I99", {})]
    with pytest.raises(RuleError, match="I99"):
        checker(FOLDER).check_cells(
            notes_frame([(0, load_contracts()["L3"], notes)])
        )


def test_measures_of_sheets():
    facts = [
        SheetFacts(3, "L1", {"X13": 0.2, "X14": 0.79, "L13": 0}),
        SheetFacts(4, None, {"F12": 1}),
        SheetFacts(
            5,
            "L3",
            {"F09": 1, "L13": 4},
            {"L13": {"n": 4}, "F09": {"receipt": "R1"}},
        ),
    ]
    found = {
        ref: [(h.rule, h.verdict, h.effect) for h in hs]
        for ref, hs in checker(FOLDER).check_sheets(facts).items()
    }
    assert found == {
        3: [("X13", "F", None)],
        4: [("F12", "S", None)],
        5: [("F09", "W", "duplicate"), ("L13", "W", None)],
    }


def test_verdicts_can_go_to_another_process():
    frames = {"L5": rows("L5", {"twin": True})}
    verdicts = checker(FOLDER).judge(
        frames, notes_frame([]), [SheetFacts(1, "L5", {"L13": 1})]
    )
    assert pickle.loads(pickle.dumps(verdicts)).sheets == verdicts.sheets


def test_a_frame_that_lacks_a_column_is_a_fault_of_ours():
    with pytest.raises(RuleError, match="village_state"):
        checker(FOLDER).check_rows(
            "L3", rows("L3", {}).drop(columns="village_state")
        )


def test_a_rule_that_raises_is_a_fault_of_ours_and_tells_no_value(tmp_path):
    broken = {"column": "payee", "low": 0}
    meta = {"rule": "N04", "verdict": "Q", "field": "payee"}
    rule = {
        "type": "expect_row_value_between",
        "kwargs": broken,
        "meta": meta,
        "severity": "critical",
    }
    (tmp_path / "e02.rows.yml").write_text(
        yaml.safe_dump({"name": "x", "expectations": [rule]}), "utf-8"
    )
    with pytest.raises(RuleError, match="N04") as raised:
        Checker(tmp_path).check_rows("E02", rows("E02", {"payee": "不可说"}))
    assert "不可说" not in str(raised.value)


def test_results_hold_no_value_of_a_person(monkeypatch):
    seen = []
    own = Checker(FOLDER)
    run = own._run
    monkeypatch.setattr(
        own,
        "_run",
        lambda suite, frame: seen.append(run(suite, frame)) or seen[-1],
    )
    own.check_rows(
        "L3",
        rows(
            "L3",
            {"name": "不可说", "id_no": "x" * 18, "village_state": "unknown"},
        ),
    )
    assert seen[0]
    assert "不可说" not in str([r.to_json_dict() for r in seen[0]])


def test_an_empty_frame_needs_no_rules():
    assert checker(FOLDER).check_rows("L3", rows("L3", {}).iloc[:0]) == []
