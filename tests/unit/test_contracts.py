"""The contracts, code lists and rules that the package ships hold together."""

import ast
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from datacontract.data_contract import DataContract
from yiku.contracts import load_codes, load_contracts, load_rules
from yiku.contracts.contract import KINDS, NEEDS
from yiku.contracts.rules import render_rules_markdown
from yiku.notices.kinds import load_kinds

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "include/yiku/contracts"
LISTS = [
    "E01",
    "E02",
    "E12",
    "H01",
    "H02",
    "L1",
    "L2",
    "L3",
    "L4",
    "L5",
    "V01",
    "V02",
]
KEY_PARTS = {
    "person_sk",
    "period",
    "start_month",
    "employer_norm",
    "village_code",
    "town_code",
}
# What is read past without a word to the clerk has no rule: a csv's encoding, titles, headers of several rows, numbers
# of columns, footers, headers printed again, empty rows. A place written in the first row only is R01 where it is lost.
SILENT = {"F03", "L01", "L02", "L07", "L09", "L11", "L16", "L17"}
RULE_IDS = [
    *(f"F{n:02}" for n in range(1, 15)),
    *(f"L{n:02}" for n in range(1, 23)),
    *(f"C{n:02}" for n in range(1, 14)),
    *(f"N{n:02}" for n in range(1, 7)),
    *(f"T{n:02}" for n in range(1, 10)),
    *(f"I{n:02}" for n in range(1, 17)),
    *(f"X{n:02}" for n in range(1, 16)),
    *("R01", "R02", "A01", "A02", "U01"),
]


def header_form(header: str) -> str:
    """Fold what clerks vary without meaning: width, spaces, brackets, stars, colons."""
    return re.sub(r"[\s()*:、]", "", unicodedata.normalize("NFKC", header))


def test_every_list_of_the_first_night_has_a_contract() -> None:
    assert set(LISTS) <= set(load_contracts())


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.odcs.yaml")), ids=lambda p: p.name
)
def test_a_contract_follows_the_open_standard(path: Path) -> None:
    run = DataContract(data_contract_file=str(path)).lint()
    assert [
        (check.name, check.reason)
        for check in run.checks
        if check.result != "passed"
    ] == []
    assert run.result == "passed"


@pytest.mark.parametrize(
    "contract", load_contracts().values(), ids=lambda c: c.code
)
def test_the_columns_of_a_list_hold_together(contract) -> None:
    codes = load_codes()
    assert len(set(contract.names)) == len(contract.names)
    for column in contract.columns:
        assert column.kind in KINDS
        assert column.need in NEEDS
        assert (column.kind == "code") == (column.codes is not None), (
            column.name
        )
        assert column.codes is None or column.codes in codes, column.name
        assert column.description, column.name
        for other in (*column.required_if, *column.required_unless):
            assert contract.has(other), (column.name, other)


@pytest.mark.parametrize(
    "contract", load_contracts().values(), ids=lambda c: c.code
)
def test_conditions_name_values_that_the_column_can_hold(contract) -> None:
    for column in contract.columns:
        for other, values in (
            *column.required_if.items(),
            *column.required_unless.items(),
        ):
            asked = contract.column(other)
            known = (
                load_codes()[asked.codes].labels
                if asked.codes
                else (True, False)
            )
            assert values == ("*",) or set(values) <= set(known), (
                column.name,
                values,
            )


# What offices call two columns of a list: the values below say which is meant (test_hints).
TOLD_BY_VALUES = {"T13": {"单位"}}


@pytest.mark.parametrize(
    "contract", load_contracts().values(), ids=lambda c: c.code
)
def test_a_header_means_one_column_of_its_list(contract) -> None:
    meanings = defaultdict(set)
    for column in contract.columns:
        for header in column.headers:
            meanings[header_form(header)].add(column.name)
    assert {
        h for h, m in meanings.items() if len(m) > 1
    } == TOLD_BY_VALUES.get(contract.code, set())


@pytest.mark.parametrize(
    "contract", load_contracts().values(), ids=lambda c: c.code
)
def test_keys_name_columns(contract) -> None:
    assert contract.keys
    assert {
        c for key in contract.keys for c in key.columns
    } <= KEY_PARTS | set(contract.names)
    assert contract.person_id is None or contract.has(contract.person_id)
    assert contract.person_name is None or contract.has(contract.person_name)


def test_columns_that_hold_a_person_are_classified() -> None:
    personal = {
        "id": "id",
        "phone": "phone",
        "account": "account",
        "id_or_uscc": "id",
        "disability": "health",
    }
    for contract in load_contracts().values():
        for column in contract.columns:
            if column.kind in personal:
                assert column.personal == personal[column.kind], (
                    contract.code,
                    column.name,
                )


@pytest.mark.parametrize("codes", load_codes().values(), ids=lambda c: c.name)
def test_the_forms_of_a_code_list_are_normalised(codes) -> None:
    for form in codes.forms:
        assert form == unicodedata.normalize("NFKC", form).strip(), form
    for label in codes.labels:
        assert codes.label(label) == label


def test_another_name_for_a_column_that_a_list_does_not_share_is_a_fault_of_ours() -> (
    None
):
    from open_data_contract_standard.model import CustomProperty, SchemaObject
    from yiku.contracts.contract_files import _columns

    own = {"code": "Z1", "called": {"name": ["甲"]}}
    schema = SchemaObject(
        customProperties=[
            CustomProperty(property=k, value=v) for k, v in own.items()
        ]
    )
    with pytest.raises(ValueError, match=r"Z1: no shared columns \['name'\]"):
        _columns(schema, {})


def test_a_property_that_nothing_reads_is_a_fault_of_ours() -> None:
    from open_data_contract_standard.model import CustomProperty, SchemaObject
    from yiku.contracts.contract_files import _columns

    own = [
        CustomProperty(property="code", value="Z1"),
        CustomProperty(property="tilte_words", value=["甲"]),
    ]
    with pytest.raises(
        ValueError, match=r"nothing reads the properties \['tilte_words'\]"
    ):
        _columns(SchemaObject(customProperties=own), {})


def test_a_form_that_stands_for_two_labels_is_a_fault_of_ours() -> None:
    from yiku.contracts.codes import _parse

    text = "title: x\nentries: [{label: 甲, forms: [丙]}, {label: 乙, forms: [丙]}]"
    with pytest.raises(ValueError, match="丙 stands for two labels"):
        _parse("x", text)


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_the_catalogue_knows_every_rule(rule_id: str) -> None:
    assert (rule_id in load_rules()) == (rule_id not in SILENT)


def _literals(*folders: str) -> set[str]:
    """Return the words that stand as texts of their own in the Python of some rooms."""
    paths = [p for f in folders for p in (ROOT / "include/yiku").glob(f)]
    nodes = (
        n for p in paths for n in ast.walk(ast.parse(p.read_text("utf-8")))
    )
    return {
        n.value
        for n in nodes
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


_TELLS = r"(?:told_rows\(\"|(?<='))([A-Z]\d\d)(?=\"|' as rule)"


def _conflicts() -> list[Path]:
    return sorted(
        (ROOT / "dbt_project/models/intermediate/row_conflicts").glob("*.sql")
    )


def _emitters() -> dict[str, set[str]]:
    """Find for each way in which a rule may be emitted the rules that are."""
    suites = (
        yaml.safe_load(p.read_text("utf-8"))
        for p in (ROOT / "expectations").glob("*.yml")
    )
    told = [path.read_text("utf-8") for path in _conflicts()]
    return {
        "suites": {
            e["meta"]["rule"]
            for suite in suites
            for e in suite["expectations"]
        },
        "marts": {rule for text in told for rule in re.findall(_TELLS, text)},
        "reading": _literals("formats/*.py", "tables/*.py", "batch/*.py"),
        "intake": _literals("warehouse/registration.py"),
        "settling": _literals(
            "checking/outcomes.py", "checking/suites.py", "warehouse/undo.py"
        ),
        "notices": {
            str(k.rule) for k in load_kinds().by_name.values() if k.rule
        },
    }


def test_every_rule_is_emitted_by_whom_the_catalogue_names() -> None:
    emitted, rules = _emitters(), load_rules()
    assert {r.emitted_by for r in rules.values()} == emitted.keys()
    assert not [
        r.id for r in rules.values() if r.id not in emitted[r.emitted_by]
    ]
    # and nobody emits what the catalogue does not know, or says of somebody else
    for emitter in ("suites", "marts", "notices"):
        assert {
            rule for rule in emitted[emitter] if rule not in rules
        } == set()
    assert {
        r
        for r in emitted["marts"]
        if rules[r].emitted_by not in ("marts", "suites")
    } == set()
    assert {
        r for r in emitted["suites"] if rules[r].emitted_by != "suites"
    } <= {
        "R02",
        "X12",
    }


def test_a_message_of_the_ledger_has_no_place_for_a_persons_value() -> None:
    for rule in load_rules().values():
        assert rule.verdict in "AWQSF"
        assert rule.level in {"file", "sheet", "row", "cell"}
        assert rule.message
        assert rule.message_en
        places = set(re.findall(r"{(\w+)}", rule.message + rule.mend))
        assert not places & {"value", "name", "id_no", "phone", "account"}, (
            rule.id
        )


def test_a_message_with_missing_facts_still_reads() -> None:
    assert "…" in load_rules()["L08"].say(header="补贴金额")


def test_what_other_rows_contradict_names_no_column() -> None:
    """What dbt finds between lists is about rows: a message with a place for a header would read 【】."""
    told = {
        rule
        for path in _conflicts()
        for rule in re.findall(_TELLS, path.read_text("utf-8"))
    }
    rules = load_rules()
    assert {"K41", "K46"} <= told
    assert not [
        rule
        for rule in sorted(told)
        if "{header}" in rules[rule].message + rules[rule].mend
    ]


def test_the_page_of_rules_is_up_to_date() -> None:
    assert (ROOT / "docs/rules.md").read_text(
        "utf-8"
    ) == render_rules_markdown()
