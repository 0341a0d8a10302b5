"""The policy of the dbt project, read from its manifest: no database is asked."""

import csv
import gzip
import json
import re
from datetime import date
from importlib import resources
from pathlib import Path

import chinese_calendar
import pytest
import yaml
from dbt.cli.main import dbtRunner
from yiku.contracts.model import load_contracts
from yiku.marts_page import is_mart, render_marts_markdown

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
FOLDERS = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))

PROMISED = (
    "expert recruited_talent talent_need expert_group expert_group_member village_team village_team_member "
    "pairing_village pairing_household pairing_gap "
    "one_db list_basic_info list_training list_transfer_employment list_self_employment list_public_post household "
    "place status_conflict visit payment revisit_due subsidy_duplicate coverage target_progress entitlement task "
    "job_fair placement employment_base employer_award village_collective loan_subsidy training_class fund_line "
    "meeting inspection_finding post reconciliation demonstration_village "
    "local_talent leader honour care war_map assessment platform list_due sign_board share_holding "
    "consultation prescription prescription_visit training_order cascade_training demonstration_base base_household "
    "led_project returnee "
    "pairing_proposal pairing_shortfall unpaired_household"
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    target = tmp_path_factory.mktemp("dbt")
    run = dbtRunner().invoke(
        ["--quiet", "parse", "--no-partial-parse", *FOLDERS, "--target-path", str(target), "--log-path", str(target)]
    )
    assert run.success, run.exception
    return json.loads((target / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def marts(manifest):
    return {n["name"]: n for n in manifest["nodes"].values() if is_mart(n)}


def models(manifest, folder):
    return [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["fqn"][1] == folder]


def test_the_marts_that_are_promised_are_there(marts):
    assert set(PROMISED.split()) <= set(marts)


def test_every_mart_keeps_a_contract_with_a_key(marts):
    for node in marts.values():
        assert node["contract"]["enforced"], node["name"]
        assert [c for c in node["constraints"] if c["type"] == "primary_key"], node["name"]
        assert all(c["data_type"] for c in node["columns"].values()), node["name"]


def test_everything_is_described_in_english_and_chinese(marts):
    for node in marts.values():
        for what in (node, *node["columns"].values()):
            assert re.search("[一-鿿]", what["description"]), (node["name"], what["name"])
            assert re.search("[a-z]{3}", what["description"]), (node["name"], what["name"])
        assert node["config"]["persist_docs"] == {"relation": True, "columns": True}


def test_money_and_dates_say_so_in_their_names(marts):
    for node in marts.values():
        for column in node["columns"].values():
            if column["data_type"] == "date" and column["name"] != "birth_date":
                assert column["name"].endswith("_on"), (node["name"], column["name"])
            assert "amount" not in column["name"] or column["name"].endswith("_yuan")


def test_every_mart_says_where_and_whom(marts):
    for name, node in marts.items():
        columns = set(node["columns"])
        assert "county_code" in columns, name
        assert "town_code" in columns, name
        assert not {"name", "id_no"} & columns or "person_sk" in columns, name


def test_a_column_of_text_is_masked_by_its_form_or_as_free_text(marts):
    named = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]["forms"]
    columns = [name for names in named.values() for name in names.split()]
    assert len(columns) == len(set(columns)), "a column has one form"
    held = {c["name"]: c for node in marts.values() for c in node["columns"].values()}
    assert set(columns) <= set(held)
    assert {n for n in columns if not held[n]["data_type"].startswith("text")} == set()


def test_a_personal_column_of_a_contract_is_tagged_in_every_mart(marts):
    personal = {
        column.name
        for contract in load_contracts().values()
        for column in contract.columns
        if column.personal in ("id", "name", "phone", "account", "birth", "health", "certificate", "household")
    }
    untagged = {
        (node["name"], c["name"])
        for node in marts.values()
        for c in node["columns"].values()
        if c["name"] in personal and not c["config"]["meta"].get("personal")
    }
    assert untagged <= {("list_training", "payee")}  # a kind of payee there, not a name


def test_every_mart_has_its_masked_view(manifest, marts):
    masked = {n["name"]: n for n in models(manifest, "masked")}
    assert set(masked) == {f"masked_{name}" for name in marts}
    for name, node in masked.items():
        assert node["alias"] == name.removeprefix("masked_")
        assert node["depends_on"]["nodes"] == [f"model.yiku.{node['alias']}"]
        assert "masked_columns" in node["raw_code"]


def test_what_others_may_read_is_a_table_without_statistics(manifest):
    for node in [*models(manifest, "marts"), *models(manifest, "masked")]:
        assert node["config"]["materialized"] == "table", node["name"]
        assert "without_statistics" in node["config"]["post-hook"][0]["sql"], node["name"]


def test_published_tables_name_nobody(manifest):
    for node in models(manifest, "published"):
        for column in ("person_sk", "name", "id_no", "owner"):
            assert not re.search(rf"\b{column}\b", node["raw_code"]), (node["name"], column)


def test_layers_look_in_one_direction(manifest):
    order = {"staging": 0, "intermediate": 1, "marts": 2, "masked": 3, "published": 3}
    nodes = manifest["nodes"]
    # Which accepted rows stand is decided before staging; coverage feeds the targets that are measured in rates.
    allowed = {(f"stg_l{n}", "contradicted_row") for n in range(1, 6)} | {("indicator_actual", "coverage")}
    allowed |= {(n["name"], "contradicted") for n in models(manifest, "staging")}
    for node in nodes.values():
        if node["resource_type"] != "model":
            continue
        for below in node["depends_on"]["nodes"]:
            if below in nodes and nodes[below]["resource_type"] == "model":
                step = order[nodes[below]["fqn"][1]] <= order[node["fqn"][1]]
                assert step or (node["name"], nodes[below]["name"]) in allowed, (node["name"], below)


def test_every_mart_and_every_branching_step_has_a_unit_test(manifest):
    tested = {t["model"] for t in manifest["unit_tests"].values()}
    branching = {n["name"] for n in models(manifest, "intermediate")}
    marts = {n["name"] for n in models(manifest, "marts")}
    # The calendar has a row for each day of five years: assert_workdays_pass_over_holidays looks at it instead.
    # The union of contradictions branches in none of its rows.
    assert (branching | marts) - tested == {"calendar_day", "contradicted"}


def test_counties_are_those_of_the_division_table():
    packed = resources.files("yiku.register").joinpath("divisions.csv.gz").read_bytes()
    divisions = csv.DictReader(gzip.decompress(packed).decode().splitlines())
    known = {d["code"] + d["name"] for d in divisions if len(d["code"]) == 6}
    with (PROJECT / "seeds/county.csv").open(encoding="utf-8") as file:
        seeded = {words for row in csv.DictReader(file) for words in row["counties"].split(" ")}
    assert seeded == known


def test_days_off_are_those_of_the_calendar():
    with (PROJECT / "seeds/day_off.csv").open(encoding="utf-8") as file:
        seeded = {date.fromisoformat(r["day"]): r["is_workday"] == "true" for r in csv.DictReader(file)}
    assert min(seeded).year == 2016
    assert max(seeded).year == max(chinese_calendar.holidays).year
    for day, is_workday in seeded.items():
        assert chinese_calendar.is_workday(day) == is_workday
        assert is_workday != (day.weekday() < 5)


def test_the_page_of_the_marts_is_in_step(manifest):
    assert (ROOT / "docs/marts.md").read_text("utf-8") == render_marts_markdown(manifest)
