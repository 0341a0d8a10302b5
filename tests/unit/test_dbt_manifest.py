"""The policy of the dbt project, read from its manifest: no database is asked."""

import csv
import gzip
import json
import re
from copy import deepcopy
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

import chinese_calendar
import pytest
from dbt.cli.main import dbtRunner
from yiku import staging_models
from yiku.bi.shown_tables import read_shown_tables
from yiku.contracts.contract_files import load_contracts
from yiku.marts_page import is_mart, render_marts_markdown
from yiku.pipeline.build_graph import graph_nodes
from yiku.pipeline.guard import column_forms
from yiku.settings import load_settings

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
MASKS = (PROJECT / "macros/masked.sql").read_text("utf-8")
FOLDERS = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))

PROMISED = (
    "expert recruited_talent talent_need expert_group expert_group_member village_team village_team_member "
    "pairing_village pairing_household pairing_gap "
    "one_db list_basic_info list_training list_transfer_employment list_self_employment list_public_post household "
    "place status_conflict visit payment revisit_due subsidy_duplicate coverage target_progress entitlement task "
    "coverage_month target_month submission_score "
    "job_fair placement employment_base employer_award village_collective loan_subsidy training_class fund_line "
    "meeting inspection_finding post reconciliation demonstration_village "
    "local_talent leader honour care war_map assessment platform list_due sign_board share_holding "
    "consultation prescription prescription_visit training_order cascade_training demonstration_base base_household "
    "led_project returnee "
    "pairing_proposal pairing_shortfall unpaired_household"
)


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="module")
def parsed(target):
    """Give the manifest as dbt hands it to programs."""
    run = dbtRunner().invoke(
        [
            "--quiet",
            "parse",
            "--no-partial-parse",
            *FOLDERS,
            "--target-path",
            str(target),
            "--log-path",
            str(target),
        ]
    )
    assert run.success, run.exception
    return run.result


@pytest.fixture(scope="module")
def manifest(parsed, target):
    """Give the manifest as dbt writes it down."""
    return json.loads((target / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def marts(manifest):
    return {n["name"]: n for n in manifest["nodes"].values() if is_mart(n)}


def models(manifest, folder):
    return [
        n
        for n in manifest["nodes"].values()
        if n["resource_type"] == "model" and n["fqn"][1] == folder
    ]


def test_the_marts_that_are_promised_are_there(marts):
    assert set(PROMISED.split()) <= set(marts)


def test_every_mart_keeps_a_contract_with_a_key(marts):
    for node in marts.values():
        assert node["contract"]["enforced"], node["name"]
        assert [
            c for c in node["constraints"] if c["type"] == "primary_key"
        ], node["name"]
        assert all(c["data_type"] for c in node["columns"].values()), node[
            "name"
        ]


def test_everything_is_described_in_english_and_chinese(marts):
    for node in marts.values():
        for what in (node, *node["columns"].values()):
            assert re.search("[一-鿿]", what["description"]), (
                node["name"],
                what["name"],
            )
            assert re.search("[a-z]{3}", what["description"]), (
                node["name"],
                what["name"],
            )
        assert node["config"]["persist_docs"] == {
            "relation": True,
            "columns": True,
        }


def test_money_and_dates_say_so_in_their_names(marts):
    for node in marts.values():
        for column in node["columns"].values():
            if (
                column["data_type"] == "date"
                and column["name"] != "birth_date"
            ):
                assert column["name"].endswith("_on"), (
                    node["name"],
                    column["name"],
                )
            assert "amount" not in column["name"] or column["name"].endswith(
                "_yuan"
            )


def test_every_mart_says_where_and_whom(marts):
    for name, node in marts.items():
        columns = set(node["columns"])
        assert "county_code" in columns, name
        assert "county_name" in columns, name
        assert "town_code" in columns, name
        assert not {"name", "id_no"} & columns or "person_sk" in columns, name


def test_a_column_of_text_is_masked_by_its_form_or_as_free_text(marts):
    """A column is of one form wherever it stands; the forms are those that the masks and the look through them know."""
    formed = {}
    for node in marts.values():
        for column in node["columns"].values():
            if form := column["config"]["meta"].get("form"):
                assert column["data_type"] in ("text", "text[]"), (
                    node["name"],
                    column["name"],
                )
                assert formed.setdefault(column["name"], form) == form, (
                    node["name"],
                    column["name"],
                )
    unformed = {
        (node["name"], c["name"])
        for node in marts.values()
        for c in node["columns"].values()
        if c["name"] in formed
        and c["data_type"].startswith("text")
        and "form" not in c["config"]["meta"]
    }
    assert unformed == set()
    told = re.findall(
        r'^        "(\w+)": "\^|form (?:==|in) (.+?) -',
        MASKS,
        flags=re.MULTILINE,
    )
    known = {
        word
        for pair in told
        for part in pair
        for word in re.findall(r"\w+", part)
    }
    assert set(formed.values()) <= known
    assert column_forms(
        replace(load_settings({}), project_root=ROOT)
    ) == formed | {"id_no": "id"}


def test_what_a_contract_classifies_is_masked_in_every_mart(marts):
    personal = {
        column.name
        for contract in load_contracts().values()
        for column in contract.columns
        if column.personal not in (None, "none")
    }
    untagged = {
        (node["name"], c["name"])
        for node in marts.values()
        for c in node["columns"].values()
        if c["name"] in personal and not c["config"]["meta"].get("personal")
    }
    assert untagged <= {
        ("list_training", "payee")
    }  # a kind of payee there, not a name


def test_what_others_may_read_is_a_table_without_statistics_and_has_its_masked_copy(
    manifest,
):
    for node in models(manifest, "marts"):
        assert node["config"]["materialized"] == "table", node["name"]
        hooks = [hook["sql"] for hook in node["config"]["post-hook"]]
        assert hooks == [
            "{{ without_statistics(this) }}",
            "{{ masked_copy() }}",
        ], node["name"]
    assert models(manifest, "masked") == []


def test_published_tables_name_nobody(manifest):
    for node in models(manifest, "published"):
        for column in ("person_sk", "name", "id_no", "owner"):
            assert not re.search(rf"\b{column}\b", node["raw_code"]), (
                node["name"],
                column,
            )


def below(node):
    """Return the kinds and names of what a model reads, but seeds: those are values that a jurisdiction may set."""
    return [
        d.split(".")[::2][:2]
        for d in node["depends_on"]["nodes"]
        if not d.startswith("seed.")
    ]


def test_staging_reads_one_relation_and_nothing_else(manifest):
    for node in models(manifest, "staging"):
        assert re.fullmatch(r"stg_[a-z0-9]+__[a-z_]+", node["name"])
        assert [kind for kind, _ in below(node)] == ["source"], node["name"]
        assert not node["depends_on"]["macros"], node["name"]
        assert " join " not in node["raw_code"], node["name"]


def test_intermediate_reads_staging_and_itself(manifest):
    for node in models(manifest, "intermediate"):
        folder = node["fqn"][2]
        assert re.fullmatch(rf"int_{folder}__[a-z0-9_]+", node["name"])
        assert len(node["fqn"]) == 4, node["name"]
        assert {(kind, name.split("_")[0]) for kind, name in below(node)} <= {
            ("model", "stg"),
            ("model", "int"),
        }


def test_marts_read_staging_and_intermediate(manifest):
    for node in models(manifest, "marts"):
        assert {(kind, name.split("_")[0]) for kind, name in below(node)} <= {
            ("model", "stg"),
            ("model", "int"),
        }


def test_every_source_and_every_intermediate_model_is_described_in_english_and_chinese(
    manifest,
):
    intermediate = models(manifest, "intermediate")
    for node in [*manifest["sources"].values(), *intermediate]:
        assert re.search("[一-鿿]", node["description"]), node["name"]
        assert re.search("[a-z]{3}", node["description"]), node["name"]
    assert all(
        node["config"]["persist_docs"]["relation"] for node in intermediate
    )


def test_a_row_that_gives_way_counts_in_no_mart(manifest):
    """Of a list whose rows can be left out, only what decides on them reads the staging."""
    left_out = {
        name
        for node in models(manifest, "intermediate")
        if re.search(r"told_rows\(\"...\", \"Q\"", node["raw_code"])
        for name in re.findall(
            r"stg_[a-z0-9]+__[a-z_]+?(?=_versions\"|\")",
            node["raw_code"].split("told_rows")[1],
        )
    } - {"stg_t01__expert"}  # the other side of K52
    for name in left_out:
        entity = name.split("__")[1]
        (counting,) = [
            n["name"]
            for n in models(manifest, "intermediate")
            if n["name"].endswith(f"__{entity}")
        ]
        assert counting
        for node in models(manifest, "marts"):
            assert ["model", name] not in below(node), (node["name"], name)


def test_the_staging_is_as_the_contracts_say():
    folder = PROJECT / staging_models.FOLDER
    there = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert there == staging_models.staging_files(load_contracts().values())


def is_plain(node):
    """Tell whether a model decides nothing of its own: a union of others."""
    text = re.sub(
        r"{#.*?#}|{{ *config.*?}}", "", node["raw_code"], flags=re.DOTALL
    )
    return not re.search(r"\b(join|where|case|group|standing_rows)\b", text)


def test_every_mart_and_every_branching_step_has_a_unit_test(manifest):
    tested = {t["model"] for t in manifest["unit_tests"].values()}
    branching = {n["name"] for n in models(manifest, "intermediate")}
    marts = {n["name"] for n in models(manifest, "marts")}
    plain = {
        n["name"]
        for layer in ("intermediate", "marts")
        for n in models(manifest, layer)
        if is_plain(n)
    }
    assert (branching | marts) - tested - plain == set()


def test_counties_are_those_of_the_division_table():
    packed = (
        resources.files("yiku.gazetteer")
        .joinpath("divisions.csv.gz")
        .read_bytes()
    )
    divisions = csv.DictReader(gzip.decompress(packed).decode().splitlines())
    known = {d["code"] + d["name"] for d in divisions if len(d["code"]) == 6}
    with (PROJECT / "seeds/county.csv").open(encoding="utf-8") as file:
        seeded = {
            words
            for row in csv.DictReader(file)
            for words in row["counties"].split(" ")
        }
    assert seeded == known


def test_days_off_are_those_of_the_calendar():
    with (PROJECT / "seeds/day_off.csv").open(encoding="utf-8") as file:
        seeded = {
            date.fromisoformat(r["day"]): r["is_workday"] == "true"
            for r in csv.DictReader(file)
        }
    assert min(seeded).year == 2016
    assert max(seeded).year == max(chinese_calendar.holidays).year
    for day, is_workday in seeded.items():
        assert chinese_calendar.is_workday(day) == is_workday
        assert is_workday != (day.weekday() < 5)


def test_the_page_of_the_marts_is_in_step(manifest):
    assert (ROOT / "docs/marts.md").read_text(
        "utf-8"
    ) == render_marts_markdown(manifest)


def test_dashboards_see_the_columns_that_the_manifest_describes(manifest):
    # They are read from the files of descriptions, for parsing takes longer than the check of a bundle may.
    tables = read_shown_tables(PROJECT)
    described = {}
    for node in models(manifest, "marts") + models(manifest, "published"):
        schema = "mart_masked" if node["fqn"][1] == "marts" else "published"
        described[schema, node["alias"]] = node
    assert tables.keys() == described.keys()
    for key, node in described.items():
        shown = [column.name for column in tables[key].columns]
        is_masked = key[0] == "mart_masked"
        wanted = []
        for column in node["columns"].values():
            personal = column["config"]["meta"].get("personal")
            if is_masked and personal == "hidden":
                continue
            is_age = is_masked and personal == "age"
            wanted.append("age_band" if is_age else column["name"])
        assert shown == wanted, key


@pytest.fixture(scope="module")
def graph(parsed):
    return {node.unique_id: node for node in graph_nodes(parsed)}


def test_of_every_node_it_is_known_what_it_is_made_of(graph, manifest):
    wanted = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "test")
    }
    assert set(graph) == wanted
    assert {n.name: n.unknown for n in graph.values() if n.unknown} == {}
    staging = {node["unique_id"] for node in models(manifest, "staging")}
    assert {n.unique_id for n in graph.values() if n.source} == staging
    assert all(graph[name].query.startswith("select") for name in staging)


def test_what_dbt_knows_of_the_day_is_known(graph, manifest):
    """A macro's name in a node's own words is enough; dbt's list of the macros that it called is the lesser one."""
    by_dbt = {
        node["unique_id"]
        for node in manifest["nodes"].values()
        if "macro.yiku.business_date" in node["depends_on"]["macros"]
    }
    by_us = {n.unique_id for n in graph.values() if n.uses_day}
    assert by_dbt
    assert by_dbt & set(graph) <= by_us
    assert "model.yiku.int_targets__coverage_base" in by_us


@pytest.mark.parametrize(
    "words",
    [
        "select * from ops.login_scope",
        "select * from x where ops.reads_all_masked('x')",
        "select current_date",
        "select now()",
        "select gen_random_uuid()",
        "select * from {{ source('raw', 'l1') }}",
        'select * from {{ source("raw", "l1") }} join {{ source("raw", "l2") }}',
        "select {{ sly() }}",
    ],
)
def test_a_model_that_reads_something_else_is_never_taken_over(
    parsed, graph, words
):
    planted = deepcopy(parsed)
    name = "model.yiku.stg_l1__basic_info"
    planted.nodes[name].raw_code = words
    sly = deepcopy(planted.macros["macro.yiku.business_date"])
    sly.name = "sly"
    sly.macro_sql = "{% macro sly() %} {% if execute %} pairing.run {% endif %} {% endmacro %}"
    planted.macros["macro.yiku.sly"] = sly
    found = {node.unique_id: node for node in graph_nodes(planted)}
    assert found[name].unknown
    assert graph[name].unknown == ()
