"""The bundle of the dashboards: in step with declaration and marts, and every planted fault found without a server."""

from __future__ import annotations

import copy
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from yiku.bi.bundle import packed, read_bundle
from yiku.bi.bundle_check import bundle_faults
from yiku.bi.checked_checkout import checked_bundle
from yiku.bi.dashboard_files import LEVELS
from yiku.bi.declared import DeclarationError, read_declaration
from yiku.bi.shown_tables import chinese_part, read_shown_tables
from yiku.bi.sql_words import asks_a_relation, named_columns
from yiku.bi.surroundings_faults import surroundings_faults
from yiku.bi.write_bundle import bundle_files, write_bundle
from yiku.cli import entry
from yiku.settings import Settings, load_settings

SETTINGS = load_settings({})
ASSETS = SETTINGS.superset / "assets"
WRITTEN = bundle_files(SETTINGS)
TABLES = read_shown_tables(SETTINGS.dbt_project)
DATABASE = "databases/yiku.yaml"
DATASET = "datasets/mart_masked.payment.yaml"
NUMBER = "charts/zijin/发放笔数.yaml"
BAR = "charts/xianqing/各乡镇比率.yaml"
TABLE = "charts/mingdan/冲突明细.yaml"
MAP = "charts/xianqing/各村的灯（按经纬度）.yaml"
DASHBOARD = "dashboards/xianqing.yaml"

Part = dict[str, Any]


def test_what_is_committed_is_what_the_declaration_gives():
    assert read_bundle(ASSETS) == WRITTEN


def test_there_are_five_dashboards_and_nothing_is_wrong_with_them():
    files, faults = checked_bundle(SETTINGS)
    assert faults == []
    titles = [d.title for d in read_declaration(SETTINGS.superset).dashboards]
    assert titles == [
        "县情一览",
        "五名单与回访",
        "人才结对",
        "资金与补贴",
        "报送质量",
    ]
    assert sum(name.startswith("charts/") for name in files) > 60


def test_a_bundle_that_did_not_change_is_the_same_bytes(tmp_path):
    write_bundle(SETTINGS, tmp_path / "assets")
    assert packed(read_bundle(tmp_path / "assets")) == packed(WRITTEN)


def plant(name: str, change: Callable[[Part], None]) -> list[str]:
    """Return what the check says of a bundle in which one file was changed."""
    part = copy.deepcopy(yaml.safe_load(WRITTEN[name]))
    change(part)
    text = yaml.safe_dump(part, allow_unicode=True)
    faults = bundle_faults({**WRITTEN, name: text}, WRITTEN, TABLES)
    return [f"{fault.file}：{fault.what}" for fault in faults]


def put(*path: Any, to: Any) -> Callable[[Part], None]:
    """Return a change that puts a value at a place of a part."""

    def change(part: Part) -> None:
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = to

    return change


def take(*path: Any) -> Callable[[Part], None]:
    """Return a change that takes away what stands at a place of a part."""

    def change(part: Part) -> None:
        for step in path[:-1]:
            part = part[step]
        del part[path[-1]]

    return change


BY_SQL = {"expressionType": "SQL", "sqlExpression": "1 in (select 1)"}
OPEN_FILTER = {"expressionType": "SQL", "sqlExpression": "1=1) or (1=1"}
ENGLISH_SUM = {"label": "Sum", "column": {"column_name": "amount_yuan"}}
WRONG_SUM = {"label": "合计", "sqlExpression": "SUM(yuan)"}
CHART_1 = ("position", "CHART-1", "meta")
FILTER_1 = ("metadata", "native_filter_configuration", 0)
PLANTED = {
    # database
    "per-user caching off": (DATABASE, put("extra", "per_user_caching", to=False), "per_user_caching"),
    "per-user caching missing": (DATABASE, take("extra", "per_user_caching"), "per_user_caching"),
    "no extra at all": (DATABASE, take("extra"), "per_user_caching"),
    "no impersonation": (DATABASE, put("impersonate_user", to=False), "impersonate_user"),
    "a password": (DATABASE, put("sqlalchemy_uri", to="postgresql+psycopg2://bi:pw@db/yiku"), "密码"),
    "another kind of database": (DATABASE, put("sqlalchemy_uri", to="sqlite:///x.db"), "Postgres"),
    "writing allowed": (DATABASE, put("allow_dml", to=True), "allow_dml"),
    "uploads allowed": (DATABASE, put("allow_file_upload", to=True), "allow_file_upload"),
    # dataset
    "a query in text": (DATASET, put("metrics", 0, "expression", to="MAX(query_to_xml('select 1'))"), "query_to_xml"),
    "another role": (DATASET, put("metrics", 0, "expression", to="MAX(set_config('role','x',false))"), "set_config"),
    "a template": (DATASET, put("metrics", 0, "expression", to="SUM({{ x }})"), "别的表"),
    "a misspelt function": (DATASET, put("metrics", 0, "expression", to="COUTN(*)"), "COUTN"),
    "an open bracket": (DATASET, put("metrics", 0, "expression", to="COUNT(*"), "不成对"),
    "no sum": (DATASET, put("metrics", 0, "expression", to="amount_yuan"), "没有汇总"),
    "a sum of rates": (DATASET, put("metrics", 0, "expression", to="SUM(rate_pct)"), "比率"),
    "columns as a text": (DATASET, put("columns", to="amount_yuan"), "columns 的写法不对"),
    "extra as a text": (DATABASE, put("extra", to="{}"), "extra 的写法不对"),
    "settings as a text": (NUMBER, put("params", to="{}"), "params 的写法不对"),
    "a filter that ends before it should": (BAR, put("params", "adhoc_filters", 0, to=OPEN_FILTER), "数据集之外"),
    "metadata as a text": (DASHBOARD, put("metadata", to="{}"), "metadata 的写法不对"),
    "dataset outside": (DATASET, put("schema", to="mart"), "脱敏或公示"),
    "dataset of the ledger": (DATASET, put("schema", to="ops"), "脱敏或公示"),
    "no schema": (DATASET, put("schema", to=None), "脱敏或公示"),
    "unknown table": (DATASET, put("table_name", to="paymant"), "没有表"),
    "a query": (DATASET, put("sql", to="select * from mart.payment"), "sql"),
    "another database": (DATASET, put("database_uuid", to="0f0e1d2c-3b4a-5968-8776-655443322110"), "database_uuid"),
    "wrong column of a dataset": (DATASET, put("columns", 3, "column_name", to="id_card"), "id_card"),
    "a hidden column": (DATASET, put("columns", 3, "column_name", to="account_no"), "account_no"),
    "wrong expression": (DATASET, put("columns", -1, "expression", to="villag_name || ''"), "villag_name"),
    "wrong measure": (DATASET, put("metrics", 0, "expression", to="SUM(amount)"), "amount"),
    "measure of another table": (DATASET, put("metrics", 0, "expression", to="(SELECT 1 FROM mart.one_db)"), "别的表"),
    "no expression": (DATASET, put("metrics", 0, "expression", to=""), "没有算式"),
    "English column": (DATASET, put("columns", 3, "verbose_name", to="Row number"), "不是中文"),
    "no label": (DATASET, put("columns", 3, "verbose_name", to=None), "不是中文"),
    "half English measure": (DATASET, put("metrics", 0, "verbose_name", to="金额 amount"), "不是中文"),
    "English description": (DATASET, put("description", to="Payments"), "不是中文"),
    "column twice": (DATASET, put("columns", 3, "column_name", to="amount_yuan"), "两次"),
    "wrong day": (DATASET, put("main_dttm_col", to="paid_at"), "paid_at"),
    "metric gone": (DATASET, take("metrics", 2), "payments"),
    "column gone": (DATASET, put("columns", to=[]), "policy"),
    # chart
    "wrong kind": (NUMBER, put("viz_type", to="big_nummber"), "不认识"),
    "kind of an old Superset": (BAR, put("viz_type", to="dist_bar"), "不认识"),
    "kind of maps with tiles": (MAP, put("viz_type", to="deck_scatter"), "不认识"),
    "two kinds": (NUMBER, put("params", "viz_type", to="table"), "两处"),
    "wrong metric": (NUMBER, put("params", "metric", to="paymants"), "paymants"),
    "no metric": (NUMBER, take("params", "metric"), "metric"),
    "wrong metric of many": (BAR, put("params", "metrics", 1, to="targt"), "targt"),
    "wrong axis": (BAR, put("params", "x_axis", to="town"), "town"),
    "axis that cannot be grouped": ("charts/jiedui/专家级别.yaml", put("params", "groupby", to=["industries"]), "分组"),
    "wrong order": (BAR, put("params", "x_axis_sort", to="ratee"), "ratee"),
    "wrong split": ("charts/xianqing/各月就业率.yaml", put("params", "groupby", to=["countyname"]), "countyname"),
    "wrong column of a table": (TABLE, put("params", "all_columns", 0, to="county"), "county"),
    "wrong order of a table": (TABLE, put("params", "order_by_cols", to=['["overlap", true]']), "order_by_cols"),
    "wrong size of a bubble": (MAP, put("params", "size", to="numer"), "numer"),
    "wrong entity": (MAP, put("params", "entity", to="village"), "village"),
    "wrong filter": (BAR, put("params", "adhoc_filters", 0, "subject", to="leval"), "leval"),
    "wrong operator": (BAR, put("params", "adhoc_filters", 0, "operator", to="~~"), "运算"),
    "filter by SQL": (BAR, put("params", "adhoc_filters", 0, to=BY_SQL), "筛选"),
    "unknown control": (BAR, put("params", "metrcs", to=["rate"]), "metrcs"),
    "own measure in English": (NUMBER, put("params", "metric", to=ENGLISH_SUM), "不是中文"),
    "own measure of no column": (NUMBER, put("params", "metric", to=WRONG_SUM), "yuan"),
    "English title": (NUMBER, put("slice_name", to="Payments"), "标题不是中文"),
    "English axis": (MAP, put("params", "x_axis_label", to="Longitude"), "x_axis_label"),
    "missing dataset": (NUMBER, put("dataset_uuid", to="0f0e1d2c-3b4a-5968-8776-655443322110"), "dataset_uuid"),
    "no controls": (NUMBER, put("params", to=None), "params"),
    # dashboard
    "missing chart": (DASHBOARD, put(*CHART_1, "uuid", to="0f0e1d2c-3b4a-5968-8776-655443322110"), "不在包里"),
    "chart on no dashboard": (DASHBOARD, take("position", "CHART-1"), "没有"),
    "chart on no page": (DASHBOARD, put("position", "ROW-1-1", "children", to=[]), "不在任何一页"),
    "row too wide": (DASHBOARD, put(*CHART_1, "width", to=12), "一行宽"),
    "English tab": (DASHBOARD, put("position", "TAB-1", "meta", "text", to="County"), "页签"),
    "English dashboard": (DASHBOARD, put("dashboard_title", to="Overview"), "看板标题"),
    "English name on the page": (DASHBOARD, put(*CHART_1, "sliceName", to="People"), "图表名称"),
    "unknown element": (DASHBOARD, put("position", "ROW-1-1", "type", to="CAROUSEL"), "不认识"),
    "English filter": (DASHBOARD, put(*FILTER_1, "name", to="County"), "筛选的名称"),
    "filter of no dataset": (DASHBOARD, put(*FILTER_1, "targets", 0, "datasetUuid", to="x"), "datasetUuid"),
    "filter of no column": (DASHBOARD, put(*FILTER_1, "targets", 0, "column", "name", to="county"), "county"),
    "filter under no filter": (DASHBOARD, put(*FILTER_1, "cascadeParentIds", to=["NATIVE_FILTER-x"]), "上级"),
    "no filters": (DASHBOARD, put("metadata", "native_filter_configuration", to=[]), "没有县区"),
    "excluded chart of none": (DASHBOARD, put(*FILTER_1, "scope", "excluded", to=[999]), "排除"),
    "address of another": (DASHBOARD, put("slug", to="mingdan"), "slug"),
    "outside host": (DASHBOARD, put("css", to="@import url(https://fonts.example/x)"), "别的主机"),
    # files
    "no identity": (NUMBER, take("uuid"), "uuid"),
    "identity of chance": (NUMBER, put("uuid", to="b7b0a0a4-3c57-4f4e-9a63-0a4f3e6f1e11"), "uuid"),
    "identity of another": (NUMBER, put("uuid", to=yaml.safe_load(WRITTEN[BAR])["uuid"]), "相同"),
    "unknown word": (NUMBER, put("titel", to="x"), "titel"),
    "missing word": (NUMBER, take("version"), "version"),
    "not assets": ("metadata.yaml", put("type", to="Dashboard"), "assets"),
    "changed by hand": (NUMBER, put("params", "header_font_size", to=0.2), "bi-bundle"),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(planted):
    name, change, said = PLANTED[planted]
    told = plant(name, change)
    assert any(said in line for line in told), told


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (NUMBER, "{", "YAML"),
        (NUMBER, "- a list", "YAML"),
        (NUMBER, None, "没有这个文件"),
        (DATASET, None, "dataset_uuid"),
        (DATABASE, None, "恰好有一个数据库"),
        ("metadata.yaml", None, "metadata.yaml"),
        ("charts/zijin/旧图.yaml", WRITTEN[NUMBER], "相同"),
        ("queries/x.yaml", "a: 1", "四个文件夹"),
    ],
)
def test_a_file_that_cannot_be_read_is_gone_or_too_many_is_told_of(
    name, text, said
):
    files = {**WRITTEN, name: text}
    left = {key: value for key, value in files.items() if value is not None}
    told = bundle_faults(left, WRITTEN, TABLES)
    assert any(said in f"{fault.file}：{fault.what}" for fault in told)


def test_the_command_is_quick_and_says_so(tmp_path):
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "yiku.cli", "superset", "check"],
        capture_output=True,
        text=True,
        env={"YIKU_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 处问题" in done.stdout
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of the processor: how busy the machine is says nothing of the check.
    assert ended.ru_utime - begun.ru_utime < 3


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://user:secret@127.0.0.1:1", "连不上 Superset（127.0.0.1:1）"),
        ("superset.example:8088", "http://"),
    ],
)
def test_a_superset_that_is_not_there_is_told_in_one_sentence(
    tmp_path, url, said
):
    done = subprocess.run(
        [sys.executable, "-m", "yiku.cli", "superset", "import", url],
        capture_output=True,
        text=True,
        env={
            "YIKU_HOME": str(tmp_path),
            "YIKU_SUPERSET_PASSWORD": "x",
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
        },
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_fault_ends_the_command_with_1(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "superset"
    shutil.copytree(SETTINGS.superset, folder)
    (folder / "assets" / DATASET).write_text("sql: select 1")
    monkeypatch.setattr(Settings, "superset", folder)
    with pytest.raises(SystemExit) as ended:
        entry.main(["superset", "check"])
    assert ended.value.code == 1
    assert DATASET in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("roles.json", '"can_slice"', '"can_sqllab"', "can_sqllab"),
        ("roles.json", '"一库分析"', '"Public"', "Public"),
        ("roles.json", '"can_list"', '"can_write_x"', "can_write_x"),
        ("roles.json", "[", "{", "读不了"),
        ("superset_config.py", "PUBLIC_ROLE_LIKE = None", "PUBLIC_ROLE_LIKE = 'Admin'", "PUBLIC_ROLE_LIKE"),
        ("superset_config.py", "TALISMAN_ENABLED = True", "TALISMAN_ENABLED = False", "TALISMAN_ENABLED"),
        ("superset_config.py", '"ENABLE_TEMPLATE_PROCESSING": False', '"ENABLE_TEMPLATE_PROCESSING": True', "TEMPLATE"),
        ("superset_config.py", 'get("SUPERSET_SECRET_KEY")', 'get("SUPERSET_SECRET_KEY", "x")', "SECRET_KEY"),
        ("superset_config.py", "\nAPP_NAME", "\nSECRET_KEY = 'x'\nAPP_NAME", "SECRET_KEY"),
    ],
)  # fmt: skip
def test_what_stands_beside_the_bundle_is_looked_at(
    tmp_path, file, old, new, said
):
    for name in ("roles.json", "superset_config.py"):
        shutil.copy(SETTINGS.superset / name, tmp_path)
    text = (tmp_path / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
    found = [f"{one.file} {one.what}" for one in surroundings_faults(tmp_path)]
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("where: {is_labourer: true}", "wher: {is_labourer: true}", "wher"),
        ("sort: [rate, down]", "sort: [rate, upp]", "upp"),
        ("stacked: true", "stackd: true", "stackd"),
        ("of: one_db, where", "of: one_db, where: {}, where", "写了两次"),
        ("title: 待办合计", "title: ../待办", "文件名"),
        ("slug: zijin", "slug: zi jin/x", "slug"),
        ("kind: number, of: task", "of: task", "kind"),
        ("datasets:", "datasets: [", "有效的 YAML"),
    ],
)
def test_a_word_that_the_declaration_does_not_know_is_refused(
    tmp_path, old, new, said
):
    text = (SETTINGS.superset / "dashboards.yml").read_text("utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    (tmp_path / "dashboards.yml").write_text(changed, "utf-8")
    with pytest.raises(DeclarationError, match=re.escape(said)):
        read_declaration(tmp_path)


def test_aliases_and_bytes_that_are_no_text_are_told_of(tmp_path):
    bomb = "a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    faults = bundle_faults({**WRITTEN, DATASET: bomb}, WRITTEN, TABLES)
    assert any(fault.file == DATASET for fault in faults)
    (tmp_path / "datasets").mkdir()
    (tmp_path / DATASET).write_bytes("看板".encode("gbk"))
    faults = bundle_faults(
        {**WRITTEN, **read_bundle(tmp_path)}, WRITTEN, TABLES
    )
    assert any(fault.file == DATASET for fault in faults)


def test_the_labels_of_the_marts_are_chinese_and_told_apart():
    for table in TABLES.values():
        labels = [column.label for column in table.columns]
        assert len(set(labels)) == len(labels), table.name
        for column in table.columns:
            assert re.search("[一-鿿]", column.label), column
            assert len(column.label) <= 20, column


@pytest.mark.parametrize(
    ("description", "chinese"),
    [
        ("Rank in the county. 县内名次。", "县内名次。"),
        ("红, 黄 or 绿 by the score. 灯：红、黄、绿。", "灯：红、黄、绿。"),
        (
            "已享 (paid) or 未享. 享受状态；未付清为未享。",
            "享受状态；未付清为未享。",
        ),
    ],
)
def test_the_chinese_of_a_description_is_its_last_part(description, chinese):
    assert chinese_part(description) == chinese


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("COUNT(*) FILTER (WHERE is_open)", {"is_open"}),
        ("COALESCE(NULLIF(a, 'b c'), \"D\")", {"a", "D"}),
        ("CASE x WHEN 'L1' THEN '基础' ELSE y END", {"x", "y"}),
    ],
)
def test_the_columns_of_an_expression_are_its_words(expression, names):
    assert named_columns(expression) == names
    assert not asks_a_relation(expression)


def test_a_declaration_of_a_table_that_may_not_be_shown_is_refused(tmp_path):
    folder = tmp_path / "include/superset"
    folder.mkdir(parents=True)
    text = (SETTINGS.superset / "dashboards.yml").read_text("utf-8")
    wrong = text.replace("  one_db:\n", "  ops.finding:\n", 1)
    (folder / "dashboards.yml").write_text(wrong, "utf-8")
    (tmp_path / "dbt_project").symlink_to(SETTINGS.dbt_project)
    settings = load_settings({"YIKU_PROJECT_ROOT": str(tmp_path)})
    with pytest.raises(DeclarationError, match="脱敏"):
        bundle_files(settings)


def test_filters_lead_from_county_to_village():
    metadata = yaml.safe_load(WRITTEN[DASHBOARD])["metadata"]
    filters = metadata["native_filter_configuration"]
    assert [one["name"] for one in filters] == [*LEVELS.values(), "指标"]
    ids = [one["id"] for one in filters]
    above = [one["cascadeParentIds"] for one in filters[:3]]
    assert above == [[], ids[:1], ids[:2]]


def test_the_lock_of_superset_has_hashes_and_names_no_host():
    lock = (SETTINGS.superset / "superset.lock").read_text("utf-8")
    assert "://" not in lock
    packages = re.findall(r"^[a-z0-9._-]+==", lock, re.M)
    asked = (SETTINGS.superset / "superset.in").read_text("utf-8")
    for line in asked.splitlines():
        if line and not line.startswith("#"):
            name = re.split("[<>=]", line)[0]
            assert f"{name}==" in packages
    assert lock.count("--hash=sha256:") >= len(packages) > 150


def test_the_image_installs_the_lock_and_runs_as_nobody_special():
    lines = (SETTINGS.superset / "Dockerfile").read_text("utf-8").splitlines()
    assert any("--require-hashes" in line for line in lines)
    assert [x for x in lines if x.startswith("USER ")] == ["USER superset"]
    root = Path(SETTINGS.project_root)
    for line in (x for x in lines if x.startswith("COPY ")):
        assert all((root / path).exists() for path in line.split()[1:-1])


def test_each_dashboard_has_an_exposure_that_names_what_it_reads():
    path = SETTINGS.dbt_project / "models/exposures.yml"
    told = yaml.safe_load(path.read_text("utf-8"))["exposures"]
    exposed = {one["name"]: one["depends_on"] for one in told}
    for dashboard in read_declaration(SETTINGS.superset).dashboards:
        read = {chart.dataset for chart in dashboard.charts} | {"place"}
        named = {f"ref('{name.replace('.', '_')}')" for name in read}
        assert set(exposed[f"superset_{dashboard.slug}"]) == named
