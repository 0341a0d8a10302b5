"""The columns of the raw tables: those that every list has, and those of its contract.

A raw table holds every row that was read, whatever became of it. ``raw.<list>_standing`` shows
the versions of its rows that may count as of the night's date, ``raw.<list>_now`` of each row,
told by its business key, the one that does.
"""

from __future__ import annotations

from collections.abc import Mapping

from yiku.contracts.contract import Column, Contract

TYPES: Mapping[str, str] = {
    "date": "date",
    # To the fen: totals are compared with sums to the last digit.
    "money": "numeric(14,2)",
    "integer": "integer",
    "group": "integer",
    "number": "numeric",
    "percent": "numeric",
    "bool": "boolean",
}

# name, type, Chinese comment; a contract's column of the same name takes the place of these
META: tuple[tuple[str, str, str], ...] = (
    ("row_id", "uuid primary key", "行标识"),
    ("submission_id", "bigint not null", "提交编号"),
    ("sheet", "text", "工作表"),
    ("part", "smallint not null", "同一工作表上第几张表"),
    ("row_no", "integer not null", "行号"),
    (
        "fate",
        "text not null check (fate in ('loaded', 'quarantined', 'dropped'))",
        "去向",
    ),
    ("fate_rule", "text", "去向所依据的规则"),
    ("person_sk", "uuid", "人员标识"),
    ("link_tier", "text", "关联等级"),
    ("in_register", "boolean", "是否在建档立卡库"),
    ("household_sk", "uuid", "户标识"),
    ("county_code", "text", "县区代码"),
    ("unit_code", "text", "报送单位"),
    ("town_code", "text", "乡镇代码"),
    ("village_code", "text", "村代码"),
    ("period", "text", "报告期"),
    ("period_of_file", "text", "文件的报告期"),
    ("as_of", "date", "数据截至日"),
    ("fill_date", "date", "填报日期"),
    ("saved_at", "timestamptz", "文件保存时间"),
    ("received_at", "timestamptz", "收到时间"),
    # By its bytes: a language's own order would put other versions last.
    ("version", 'text collate "C"', "版本次序：大者为新"),
    ("key", "text", "业务主键"),
    ("content_hash", "text", "内容指纹"),
    ("quality", "jsonb", "数据质量标记"),
    ("original", "jsonb", "被更正或未能识别的原文"),
    ("extra", "jsonb", "未识别列的原文"),
)
_NOT_NULL = {"row_id", "submission_id", "part", "row_no", "fate"}


def column_type(column: Column) -> str:
    """Return the SQL type of a contract's column."""
    return "text[]" if column.many else TYPES.get(column.kind, "text")


def raw_columns(contract: Contract) -> dict[str, str]:
    """Return the columns of a list's raw table with their types, in order."""
    columns = {}
    for name, kind, _ in META:
        # a column of the list's own takes the place of one that all have, but for what the ledger
        # stands on
        if name in _NOT_NULL or not contract.has(name):
            columns[name] = kind
    columns |= {
        column.name: column_type(column) for column in contract.columns
    }
    columns |= {column.place_column: "text" for column in contract.placed}
    return columns
