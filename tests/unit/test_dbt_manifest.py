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
# Text columns that no clerk writes freely: codes of code lists, codes of places, words of ours.
WORDS = (
    "category title forms services source route talent_type urgency group_type role member_kind chief_level "
    "target_level pair_kind pair_kind_name helper_kind "
    "level county_code town_code village_code place_code place_name unit_code a_county_code a_town_code b_county_code "
    "b_town_code metric metric_name kind kind_name verdict told_to list a_list b_list status_list ref receipt_no fate "
    "fate_rule link_tier policy period a_period b_period state measure blocked_reason indicator conflicts sex ethnic "
    "edu rel_to_head labour_capacity school skill_level emp_status emp_intent intent_region verify_method "
    "poverty_status attr train_type result after_emp emp_form region channel contract ent_type op_status post_type "
    "exit_reason visit_type method status_found needs current_status pay_status a_pay_status b_pay_status fund_source "
    "exit_state industries aliases successors payee claimant_type from_month to_month quarter teacher_src mode "
    "first_month last_month beneficiary_kind "
    "title_name title_level how honour care dimension light result_use list_title cadence board_state state_now "
    "urgency mode case_state execution wanted dept stage cascade teacher_level trainee_kind layer effect "
    "leader_kind project_class policies industry paired_village_code "
    "distance_basis reason why"
)
PLAIN = frozenset(WORDS.split())


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


def test_no_text_column_goes_to_bi_without_a_thought(marts):
    for node in marts.values():
        for column in node["columns"].values():
            if column["data_type"].startswith("text") and not column["config"]["meta"].get("personal"):
                assert column["name"] in PLAIN, (node["name"], column["name"])


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


def test_the_leak_test_reads_all_that_others_may_read(manifest):
    leak = manifest["nodes"]["test.yiku.assert_no_person_shows"]
    open_to_others = {n["unique_id"] for f in ("masked", "published") for n in models(manifest, f)}
    assert set(leak["depends_on"]["nodes"]) == open_to_others
    assert leak["config"]["severity"].lower() == "error"


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
