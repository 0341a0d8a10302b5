"""A real Superset on a real warehouse: the bundle goes in, each county sees its own, a swap disturbs nobody.

It needs Superset's environment (``make bi-setup``), for the pages Chromium too; without them it says so and is skipped.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import yaml
from browser import NEEDS_BROWSER, browsers
from nights import Nights
from psycopg import sql
from yiku.bi.bundle import packed, read_bundle
from yiku.bi.checked_checkout import identities
from yiku.bi.superset_client import Superset, SupersetError
from yiku.settings import Settings, load_settings
from yiku.superset_trial import (
    ADMIN,
    Trial,
    bring_dashboards,
    running_superset,
)
from yiku.warehouse.connection import connect
from yiku.warehouse.free_ports import any_port
from yiku.warehouse.reader_logins import ANALYST, ReaderLogin
from yiku.warehouse.swap import PUBLIC, drop_old, swap

ROOT = load_settings({}).project_root
PYTHON = Path(os.environ.get("YIKU_BI_PYTHON") or ROOT / ".venv-bi/bin/python")
pytestmark = pytest.mark.skipif(
    not (PYTHON.exists() and PYTHON.parents[1].joinpath(".ready").exists()),
    reason="needs Superset's environment: Python 3.11 or 3.12 and make bi-setup",
)
BUNDLE = read_bundle(ROOT / "include/superset/assets")
HERE, THERE = ("510802", "利州区"), ("510821", "旺苍县")
FORCED, AT_ONCE, SWAPS = 100, 4, 5
_COPY = """
insert into {table} select (jsonb_populate_record(null::{table},
    replace(replace(to_jsonb(row)::text, '510802', '510821'), '利州区', '旺苍县')::jsonb)).*
from {table} as row
"""


def put_second_county(conn: psycopg.Connection[Any]) -> None:
    """Show every row of the county once more, as another county's."""
    found = conn.execute(
        "select table_schema, table_name from information_schema.columns"
        " where table_schema in ('mart_masked', 'published') and column_name = 'county_code'"
    ).fetchall()
    for schema, name in found:
        table = sql.Identifier(schema, name)
        conn.execute(sql.SQL(_COPY).format(table=table))
    conn.commit()


@pytest.fixture(scope="module")
def county(shared_nights: Nights) -> Nights:
    """Give an installation whose marts are built and show two counties."""
    shared_nights.build()
    with closing(connect(shared_nights.settings)) as conn:
        put_second_county(conn)
    return shared_nights


@pytest.fixture(scope="module")
def trial(county: Nights) -> Iterator[Trial]:
    """Give a Superset with the dashboards in it."""
    with running_superset(county.settings, PYTHON, any_port()) as server:
        bring_dashboards(county.settings, server)
        yield server
    with closing(connect(county.settings)) as conn:
        for login in server.logins:
            conn.execute(f"drop role {login.name}")
        conn.commit()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from browsers()


def login_of(trial: Trial, place: str) -> ReaderLogin:
    return next(login for login in trial.logins if login.place == place)


def admin(trial: Trial) -> Superset:
    return Superset(trial.url, ADMIN, trial.admin_password)


@dataclass
class Reader:
    """Somebody who asks Superset for figures over its interface."""

    trial: Trial
    name: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        facts = {"username": self.name, "password": self.password, "provider": "db"}  # fmt: skip
        address = f"{self.trial.url}/api/v1/security/login"
        token = self.session.post(address, json=facts).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def all(self, kind: str) -> list[dict[str, Any]]:
        words = {"q": json.dumps({"page_size": 200})}
        answer = self.session.get(
            f"{self.trial.url}/api/v1/{kind}/", params=words
        )
        return list(answer.json()["result"])

    def figures(self, chart: dict[str, Any], force: bool = False) -> requests.Response:  # fmt: skip
        body = {
            "datasource": {"id": chart["datasource_id"], "type": "table"},
            "force": force,
            "queries": [query_of(json.loads(chart["params"]))],
            "result_format": "json",
            "result_type": "full",
        }
        return self.session.post(
            f"{self.trial.url}/api/v1/chart/data", json=body
        )


def query_of(params: dict[str, Any]) -> dict[str, Any]:
    """Return what a chart asks, as its page would put it together."""
    columns = [params[key] for key in ("x_axis", "entity", "series") if params.get(key)]  # fmt: skip
    columns += params.get("groupby") or []
    columns += params.get("all_columns") or []
    metrics = list(params.get("metrics") or [])
    metrics += [params[key] for key in ("metric", "x", "y", "size") if params.get(key)]  # fmt: skip
    filters = []
    for one in params["adhoc_filters"]:
        filters.append(
            {"col": one["subject"], "op": one["operator"], "val": one["comparator"]}
        )  # fmt: skip
    query: dict[str, Any] = {
        "columns": columns,
        "filters": filters,
        "row_limit": 1000,
    }
    # A list of rows is asked for without measures; an empty list of them would ask for one row of groups.
    if metrics:
        query["metrics"] = metrics
    return query


def reader(trial: Trial, place: str) -> Reader:
    login = login_of(trial, place)
    return Reader(trial, login.name, login.password)


def exported(trial: Trial) -> dict[str, str]:
    """Return everything that a Superset holds, without the moment of the export."""
    one = Reader(trial, ADMIN, trial.admin_password)
    answer = one.session.get(f"{trial.url}/api/v1/assets/export/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = {
            name.partition("/")[2]: archive.read(name).decode()
            for name in archive.namelist()
        }
    del texts["metadata.yaml"]
    return texts


def test_a_county_an_analyst_and_all_charts_of_five_dashboards(trial):
    roles = [login.role for login in trial.logins]
    assert roles == ["yiku_county", "yiku_county", ANALYST]
    one = reader(trial, HERE[0])
    titles = {dashboard["dashboard_title"] for dashboard in one.all("dashboard")}  # fmt: skip
    assert titles == {"县情一览", "五名单与回访", "人才结对", "资金与补贴", "报送质量"}  # fmt: skip
    charts = one.all("chart")
    assert len(charts) == sum(name.startswith("charts/") for name in BUNDLE)
    for chart in charts:
        answer = one.figures(chart)
        assert answer.ok, (chart["slice_name"], answer.text[:300])
        assert answer.json()["result"][0]["error"] is None


def test_what_a_county_is_answered_is_its_own(trial):
    told = {}
    for place, name in (HERE, THERE, ("", "")):
        one = reader(trial, place)
        places = next(c for c in one.all("chart") if c["slice_name"] == "各村比率")  # fmt: skip
        rows = one.figures(places).json()["result"][0]["data"]
        told[name] = {row["village_code"][:6] for row in rows}
    assert told == {
        "利州区": {HERE[0]},
        "旺苍县": {THERE[0]},
        "": {HERE[0], THERE[0]},
    }


def imported_by_command(settings: Settings, trial: Trial) -> dict[str, Any]:
    """Return what ``yiku superset import`` says."""
    words = ["superset", "import", trial.url, "--user", ADMIN, "--json"]
    environment = {
        **os.environ,
        "YIKU_HOME": str(settings.home),
        "YIKU_SUPERSET_PASSWORD": trial.admin_password,
    }
    done = subprocess.run(
        [sys.executable, "-m", "yiku.cli", *words],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def test_a_second_import_changes_nothing(county, trial):
    before = exported(trial)
    assert len(before) == len(BUNDLE) - 1
    told = imported_by_command(county.settings, trial)
    assert told == {"files": len(BUNDLE), "removed": []}
    assert exported(trial) == before


def test_a_chart_that_left_git_disappears_and_what_people_made_stays(trial):
    one = Reader(trial, ADMIN, trial.admin_password)
    token = one.session.get(f"{trial.url}/api/v1/security/csrf_token/").json()
    headers = {"X-CSRFToken": token["result"], "Referer": trial.url}
    own = {"slice_name": "我的图", "viz_type": "table", "datasource_type": "table", "params": "{}"}  # fmt: skip
    own["datasource_id"] = one.all("chart")[0]["datasource_id"]
    made = one.session.post(f"{trial.url}/api/v1/chart/", json=own, headers=headers)  # fmt: skip
    assert made.ok, made.text

    name, page = "charts/zijin/发放笔数.yaml", "dashboards/zijin.yaml"
    without = {key: text for key, text in BUNDLE.items() if key != name}
    uuid = yaml.safe_load(BUNDLE[name])["uuid"]
    dashboard = yaml.safe_load(BUNDLE[page])
    nodes = dashboard["position"]
    gone = next(
        key
        for key, node in nodes.items()
        if key.startswith("CHART-") and node["meta"]["uuid"] == uuid
    )
    row = nodes[nodes.pop(gone)["parents"][-1]]
    row["children"].remove(gone)
    without[page] = yaml.safe_dump(dashboard, allow_unicode=True)

    server = admin(trial)
    server.bring_in(packed(without))
    assert server.take_out(identities(without)) == ["发放笔数"]
    titles = {chart["slice_name"] for chart in one.all("chart")}
    assert "发放笔数" not in titles
    assert "我的图" in titles
    server.bring_in(packed(BUNDLE))
    assert server.take_out(identities(BUNDLE)) == []
    assert "发放笔数" in {chart["slice_name"] for chart in one.all("chart")}


def swap_copy(conn: psycopg.Connection[Any]) -> None:
    """Put a copy of the marts in their place, as a night that found nothing new."""
    for schema in PUBLIC:
        conn.execute(f"create schema {schema}_shadow")
        tables = conn.execute(
            "select tablename from pg_tables where schemaname = %s order by 1",
            (schema,),
        ).fetchall()
        for (name,) in tables:
            conn.execute(
                f"create table {schema}_shadow.{name} as table {schema}.{name}"
            )
    conn.commit()
    swap(conn)
    conn.commit()
    drop_old(conn)


def test_no_forced_query_fails_while_marts_are_swapped(county, trial):
    one = reader(trial, HERE[0])
    charts = [c for c in one.all("chart") if c["slice_name"] != "我的图"]
    asked = [charts[number % len(charts)] for number in range(FORCED)]
    is_over = threading.Event()
    swaps = []

    def swapping() -> None:
        with closing(connect(county.settings)) as conn:
            while not is_over.is_set() or len(swaps) < SWAPS:
                swap_copy(conn)
                swaps.append(1)

    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        turning = pool.submit(swapping)
        answers = list(pool.map(lambda c: one.figures(c, force=True), asked))
        is_over.set()
        turning.result()
    wrong = [answer.text[:200] for answer in answers if not answer.ok]
    assert wrong == []
    assert len(swaps) >= SWAPS
    assert all(a.json()["result"][0]["is_cached"] is None for a in answers)


@dataclass
class Visit:
    """What somebody saw of a dashboard, and whom her browser asked."""

    text: str
    payloads: list[dict[str, Any]] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)


def visit(browser: Any, trial: Trial, place: str) -> Visit:
    """Log a county's officer in by hand and let her open a dashboard."""
    login = login_of(trial, place)
    context = browser.new_context(
        viewport={"width": 1500, "height": 1600}, locale="zh-CN"
    )
    page = context.new_page()
    seen = Visit("")
    answers: list[Any] = []

    def heard(answer: Any) -> None:
        if answer.url.startswith(("http", "ws")):
            seen.reached.add(answer.url.split("/")[2])
        if "/api/v1/chart/data" in answer.url:
            answers.append(answer)

    page.on("response", heard)
    page.goto(f"{trial.url}/login/")
    page.fill("#username", login.name)
    page.fill("#password", login.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/welcome/**")
    page.goto(f"{trial.url}/superset/dashboard/xianqing/")
    # The last table of the first page holds the county's name in its rows.
    page.wait_for_selector("text=目标任务进度")
    page.wait_for_selector("table >> text=/区|县/")
    page.wait_for_load_state("networkidle")
    seen.text = page.inner_text("body")
    seen.payloads = [answer.json()["result"][0] for answer in answers]
    context.close()
    return seen


def assert_sees_its_own(
    seen: Visit, own: tuple[str, str], other: tuple[str, str]
) -> None:
    told = seen.text + json.dumps(seen.payloads, ensure_ascii=False)
    assert own[1] in told
    assert other[1] not in told


@NEEDS_BROWSER
def test_two_counties_in_turn_on_a_warm_cache_see_their_own(browser, trial):
    for own, other in ((HERE, THERE), (THERE, HERE), (HERE, THERE)):
        seen = visit(browser, trial, own[0])
        assert_sees_its_own(seen, own, other)
        assert seen.reached == {trial.url.removeprefix("http://")}
    # What was looked at before came from what is kept.
    assert all(payload["is_cached"] for payload in seen.payloads)


@NEEDS_BROWSER
def test_without_the_cache_by_login_one_county_sees_the_other(browser, trial):
    name = "databases/yiku.yaml"
    database = yaml.safe_load(BUNDLE[name])
    del database["extra"]["per_user_caching"]
    text = yaml.safe_dump(database, allow_unicode=True)
    admin(trial).bring_in(packed({**BUNDLE, name: text}))
    try:
        assert_sees_its_own(visit(browser, trial, HERE[0]), HERE, THERE)
        leaked = visit(browser, trial, THERE[0])
        with pytest.raises(AssertionError):
            assert_sees_its_own(leaked, THERE, HERE)
        assert HERE[1] in json.dumps(leaked.payloads, ensure_ascii=False)
    finally:
        admin(trial).bring_in(packed(BUNDLE))


def test_wrong_addresses_and_logins_are_told_in_one_sentence(trial):
    with pytest.raises(SupersetError, match="密码"):
        Superset(trial.url, ADMIN, "not the password")
    with pytest.raises(SupersetError, match="连不上"):
        Superset(f"http://127.0.0.1:{any_port()}", ADMIN, "x")
    with pytest.raises(SupersetError, match="http"):
        Superset("superset.example", ADMIN, "x")
    login = login_of(trial, HERE[0])
    officer = Superset(trial.url, login.name, login.password)
    with pytest.raises(SupersetError, match="Admin"):
        officer.bring_in(packed(BUNDLE))
