"""What is wrong with the database and the datasets of a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from yiku.bi.bundle_parts import (
    BundleParts,
    Fault,
    Part,
    Tables,
    canonical_uuid,
    is_chinese,
)
from yiku.bi.shown_tables import SCHEMAS
from yiku.bi.sql_words import (
    adds_rates,
    asks_a_relation,
    is_of_many_rows,
    is_unbalanced,
    named_columns,
    strange_calls,
)

_MUST_BE_OFF = {
    "allow_dml": "修改数据",
    "allow_file_upload": "上传文件",
    "allow_csv_upload": "上传文件",
    "allow_ctas": "建表",
    "allow_cvas": "建视图",
    "allow_run_async": "异步查询（需要另外的服务）",
}
# A dataset that asks a query, takes a template or fetches a file shows what no table of the marts says.
_MUST_BE_EMPTY = (
    "sql",
    "template_params",
    "fetch_values_predicate",
    "data",
    "data_file",
)


def database_faults(parts: BundleParts) -> Iterator[Fault]:
    """Yield what would let somebody see what is another's, or change the warehouse."""
    if len(parts.databases) != 1:
        yield Fault("databases", "应恰好有一个数据库")
    for name, database in parts.databases.items():
        if database.get("impersonate_user") is not True:
            yield Fault(name, "没有以登录人的身份查询（impersonate_user）")
        if (database.get("extra") or {}).get("per_user_caching") is not True:
            yield Fault(
                name,
                "缓存没有按登录人分开（extra.per_user_caching），会看到别县的数",
            )
        for switch, what in _MUST_BE_OFF.items():
            if database.get(switch):
                yield Fault(name, f"不应允许{what}（{switch}）")
        yield from _address_faults(name, database)


def _address_faults(name: str, database: Part) -> Iterator[Fault]:
    address = urlsplit(str(database.get("sqlalchemy_uri", "")))
    if not address.scheme.startswith("postgresql"):
        yield Fault(name, "数据库地址不是 Postgres 的（sqlalchemy_uri）")
    if address.username or address.password or database.get("password"):
        yield Fault(name, "数据库地址里不应有用户名或密码")


def dataset_faults(parts: BundleParts, tables: Tables) -> Iterator[Fault]:
    """Yield what datasets say that the marts do not."""
    databases = {
        canonical_uuid(part.get("uuid")) for part in parts.databases.values()
    }
    for name, dataset in parts.datasets.items():
        if canonical_uuid(dataset.get("database_uuid")) not in databases:
            yield Fault(name, "引用的数据库不在包里（database_uuid）")
        for key in _MUST_BE_EMPTY:
            if dataset.get(key):
                yield Fault(
                    name, f"数据集只能是一张表，不能有自己的查询（{key}）"
                )
        yield from _table_faults(name, dataset, tables)


def _table_faults(name: str, dataset: Part, tables: Tables) -> Iterator[Fault]:
    schema = str(dataset.get("schema"))
    table_name = str(dataset.get("table_name"))
    if schema not in SCHEMAS:
        yield Fault(
            name, f"{schema} 不是脱敏或公示的模式，只能用 {'、'.join(SCHEMAS)}"
        )
        return
    table = tables.get((schema, table_name))
    if table is None:
        yield Fault(name, f"没有表 {schema}.{table_name}")
        return
    known = {column.name for column in table.columns}
    if not is_chinese(dataset.get("description")):
        yield Fault(name, "说明不是中文")
    day = dataset.get("main_dttm_col")
    if day and day not in known:
        yield Fault(name, f"日期列 {day} 表里没有")
    for column in dataset.get("columns") or ():
        yield from _column_faults(name, column, known)
    for metric in dataset.get("metrics") or ():
        yield from _metric_faults(name, metric, known)
    yield from _twice(name, dataset)


def _column_faults(
    name: str, column: dict[str, Any], known: set[str]
) -> Iterator[Fault]:
    called = column.get("column_name")
    expression = column.get("expression")
    if expression:
        yield from _expression_faults(name, f"列 {called}", expression, known)
    elif called not in known:
        yield Fault(name, f"列 {called} 表里没有")
    if not is_chinese(column.get("verbose_name")):
        yield Fault(name, f"列 {called} 的名称不是中文")


def _metric_faults(
    name: str, metric: dict[str, Any], known: set[str]
) -> Iterator[Fault]:
    called = metric.get("metric_name")
    expression = metric.get("expression") or ""
    if not expression:
        yield Fault(name, f"度量 {called} 没有算式")
    elif not is_of_many_rows(expression):
        yield Fault(name, f"度量 {called} 的算式没有汇总（如 SUM、COUNT）")
    if adds_rates(expression):
        yield Fault(name, f"度量 {called} 把比率相加或平均了")
    yield from _expression_faults(name, f"度量 {called}", expression, known)
    if not is_chinese(metric.get("verbose_name")):
        yield Fault(name, f"度量 {called} 的名称不是中文")


def _expression_faults(
    name: str, what: str, expression: str, known: set[str]
) -> Iterator[Fault]:
    if asks_a_relation(expression):
        yield Fault(name, f"{what}的算式查询了别的表")
        return
    if is_unbalanced(expression):
        yield Fault(name, f"{what}的算式括号或引号不成对")
    for word in sorted(strange_calls(expression)):
        yield Fault(name, f"{what}的算式用了不该用的函数 {word}")
    for word in sorted(named_columns(expression) - known):
        yield Fault(name, f"{what}的算式用了表里没有的列 {word}")


def _twice(name: str, dataset: Part) -> Iterator[Fault]:
    """Yield names that a dataset gives to two things: Superset takes one of them, and nobody knows which."""
    seen: set[object] = set()
    named = [one.get("column_name") for one in dataset.get("columns") or ()]
    named += [one.get("metric_name") for one in dataset.get("metrics") or ()]
    for called in named:
        if called in seen:
            yield Fault(name, f"{called} 写了两次")
        seen.add(called)
