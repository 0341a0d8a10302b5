"""Tables: numbered migrations for the ledger, and one raw table a list, derived from its contract.

A raw table holds every row that was read, whatever became of it. ``raw.<list>_standing`` shows the versions of its rows
that may count as of the night's date, ``raw.<list>_now`` of each row, told by its business key, the one that does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable

from psycopg import sql

from yiku.contracts.codes import load_codes
from yiku.contracts.contract import Column, Contract
from yiku.intake.version_order import version_of
from yiku.warehouse.connection import Connection

TYPES: Mapping[str, str] = {
    "date": "date",
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
    meta = {
        name: kind
        for name, kind, _ in META
        if name in _NOT_NULL or not contract.has(name)
    }
    places = {c.place_column: "text" for c in contract.placed}
    return {**meta, **{c.name: column_type(c) for c in contract.columns}, **places}


# --- migrations


def _scripts() -> list[Traversable]:
    folder = resources.files("yiku.warehouse").joinpath("migrations")
    return sorted(
        (p for p in folder.iterdir() if p.name.endswith(".sql")), key=lambda p: p.name
    )


def pending_migrations(conn: Connection) -> list[str]:
    """Return the names of the scripts that this warehouse has not seen: numbered ones once, others when changed.

    A script that ran under another number is known by its content. RuntimeError when a numbered script was changed
    after it ran: that is a fault of ours.
    """
    known = _applied(conn)
    renumbered = _renumbered(known)
    todo = []
    for script in _scripts():
        digest = _digest(script)
        if (
            script.name in known
            and _is_numbered(script)
            and known[script.name] != digest
        ):
            raise RuntimeError(f"migration {script.name} was changed after it ran")
        if known.get(script.name) != digest and script.name not in renumbered:
            todo.append(script.name)
    return todo


def _is_numbered(script: Traversable) -> bool:
    return script.name[0].isdigit()


def _renumbered(known: Mapping[str, str]) -> dict[str, str]:
    """Return by its name of today each numbered script that ran under a name that is no script's any more."""
    names = {script.name for script in _scripts()}
    former = {digest: name for name, digest in known.items() if name not in names}
    scripts = {
        script.name: _digest(script) for script in _scripts() if _is_numbered(script)
    }
    return {
        name: former[digest]
        for name, digest in scripts.items()
        if name not in known and digest in former
    }


def migrate(conn: Connection) -> list[str]:
    """Run the pending scripts in the caller's transaction; return their names."""
    conn.execute("create schema if not exists ops")
    conn.execute(
        "create table if not exists ops.migration"
        " (name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())"
    )
    for name, former in _renumbered(_applied(conn)).items():
        conn.execute(
            "update ops.migration set name = %s where name = %s", (name, former)
        )
    todo = pending_migrations(conn)
    for script in _scripts():
        if script.name in todo:
            conn.execute(script.read_bytes())
            conn.execute(
                "insert into ops.migration (name, sha256) values (%s, %s)"
                " on conflict (name) do update set sha256 = excluded.sha256, applied_at = clock_timestamp()",
                (script.name, _digest(script)),
            )
    return todo


def _digest(script: Traversable) -> str:
    return hashlib.sha256(script.read_bytes()).hexdigest()


def _applied(conn: Connection) -> dict[str, str]:
    there = conn.execute("select to_regclass('ops.migration') is not null").fetchone()
    if not there or not there[0]:
        return {}
    return {
        str(n): str(d)
        for n, d in conn.execute("select name, sha256 from ops.migration")
    }


# --- raw tables


def missing_raw(
    conn: Connection, contracts: Iterable[Contract]
) -> dict[str, list[str]]:
    """Return for each list the columns that its raw table still lacks (all of them where there is no table)."""
    there = _columns_there(conn)
    lacking = {c.table: _lacking(c, there.get(c.table, set())) for c in contracts}
    return {table: columns for table, columns in lacking.items() if columns}


def _lacking(contract: Contract, there: set[str]) -> list[str]:
    """Return the columns that a raw table lacks; one that is there by its former name is renamed, not added."""
    renamed = {column.name for column in renamed_columns(contract, there).values()}
    return [
        name
        for name in raw_columns(contract)
        if name not in there and name not in renamed
    ]


def renamed_columns(contract: Contract, there: Collection[str]) -> dict[str, Column]:
    """Return by its former name each column that a raw table with the columns ``there`` holds under that name alone."""
    wanted = raw_columns(contract)
    return {
        column.formerly: column
        for column in contract.columns
        if column.formerly
        and column.formerly in there
        and column.formerly not in wanted
        and column.name not in there
    }


def ensure_raw_tables(conn: Connection, contracts: Iterable[Contract]) -> list[str]:
    """Create the raw tables and their views, add missing columns; return the tables that changed."""
    lists = list(contracts)
    missing = missing_raw(conn, lists)
    for contract in lists:
        if contract.table in missing:
            _change_table(conn, contract, missing[contract.table])
    if missing:
        _person_link(conn, [c for c in lists if c.person])
    return list(missing)


def _columns_there(conn: Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
    for table, column in conn.execute(query):
        found.setdefault(table, set()).add(column)
    return found


def _change_table(conn: Connection, contract: Contract, missing: list[str]) -> None:
    table, columns = sql.Identifier("raw", contract.table), raw_columns(contract)
    parts = [
        sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(columns[n])) for n in missing
    ]
    if len(missing) == len(columns):
        conn.execute(
            sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(parts))
        )
        for name in ("submission_id", "person_sk", "key"):
            conn.execute(
                sql.SQL("create index on {} ({})").format(table, sql.Identifier(name))
            )
        conn.execute(
            sql.SQL("create index on {} (unit_code, period_of_file)").format(table)
        )
    else:
        added = [sql.SQL("add column ") + p for p in parts]
        conn.execute(
            sql.SQL("alter table {} {}").format(table, sql.SQL(", ").join(added))
        )
        if any(c.place_column in missing for c in contract.placed):
            conn.execute(sql.SQL(_UNPLACED).format(table=table))
    _comment(conn, contract, missing)
    if "version" in missing:
        _put_in_versions(conn, contract)
    ensure_views(conn, contract)


def _comment(conn: Connection, contract: Contract, names: list[str]) -> None:
    meta = {name: words for name, _, words in META}
    meta |= {c.place_column: f"{c.header}：区划代码" for c in contract.placed}
    table = sql.Identifier("raw", contract.table)
    statement = sql.SQL("comment on table {} is {}")
    conn.execute(
        statement.format(table, sql.Literal(f"{contract.title}：每一行收到的数据"))
    )
    for name in names:
        words = contract.column(name).header if contract.has(name) else meta[name]
        column = sql.Identifier("raw", contract.table, name)
        conn.execute(
            sql.SQL("comment on column {} is {}").format(column, sql.Literal(words))
        )


# Files with rows that were judged before their places were looked up: the next night judges them again.
_UNPLACED = """
update ops.submission set replay = true
where undone_at is null and status in ('loaded', 'partly_loaded', 'held')
    and submission_id in (select submission_id from {table})
"""

_UNVERSIONED = """
select distinct
    r.submission_id, r.period_of_file, r.fill_date, r.saved_at, r.received_at, s.business_date
from raw.{table} as r
inner join ops.submission as s on r.submission_id = s.submission_id
where r.version is null and r.received_at is not null
"""
_VERSIONED = """
update raw.{table} set version = %s
where (submission_id, received_at) = (%s, %s)
    and (period_of_file, fill_date, saved_at) is not distinct from (%s::text, %s::date, %s::timestamptz)
"""


def _put_in_versions(conn: Connection, contract: Contract) -> None:
    """Say of the rows that were loaded before there were versions which version they are."""
    table = sql.Identifier(contract.table)
    found = conn.execute(sql.SQL(_UNVERSIONED).format(table=table)).fetchall()
    for number, period, filled, saved, received, arrived in found:
        version = version_of(period, filled, saved, received, arrived, number)
        conn.execute(
            sql.SQL(_VERSIONED).format(table=table),
            (version, number, received, period, filled, saved),
        )


# What may count on the business date: rows that were loaded, and rows that were dropped because another one, which was
# loaded and counts, says the same: they confirm it on a later day. A row that was dropped in favour of one that was
# sent back afterwards counts for nothing.
_STANDING = """
create or replace view raw.{view} with (security_invoker = true) as
select v.*
from raw.{table} as v
inner join ops.submission as v_sent on v.submission_id = v_sent.submission_id
where v.fate = 'loaded' and {v_counts}
union all
select v.*
from raw.{table} as v
inner join ops.submission as v_sent on v.submission_id = v_sent.submission_id
where
    v.fate = 'dropped'
    and v.key is not null
    and {v_counts}
    and exists (
        select
        from raw.{table} as l
        inner join ops.submission as l_sent on l.submission_id = l_sent.submission_id
        where l.fate = 'loaded' and l.key = v.key and l.content_hash is not distinct from v.content_hash and {l_counts}
    )
"""
_COUNTS = """(
    {sent}.undone_at is null
    and {sent}.business_date <= ops.business_date()
    and not exists (
        select
        from ops.withdrawn_now as w
        where
            {which}
            and w.template = {code}
            and w.key = {row}.key
            and (w.received_at >= {row}.received_at or w.version >= {row}.version)
    )
)"""

_ALL = sql.SQL("true")

_CURRENT = """
create or replace view raw.{view} with (security_invoker = true) as
select r.*
from raw.{table} as r
inner join (
    select distinct on (coalesce(v.key, v.row_id::text)) v.row_id
    from raw.{standing} as v
    order by
        coalesce(v.key, v.row_id::text),
        v.version desc nulls last, v.fate desc, v.part, v.row_no, v.row_id
) as n on r.row_id = n.row_id
"""


def counts(
    contract: Contract, row: str, sent: str, which: sql.Composable = _ALL
) -> sql.Composed:
    """Return the condition that a row of a list's raw table may count on the business date, whatever its fate.

    ``row`` and ``sent`` name its table and ``ops.submission`` in the query, ``which`` says what withdrawals (w) count.
    """
    names = {"row": sql.Identifier(row), "sent": sql.Identifier(sent)}
    return sql.SQL(_COUNTS).format(
        code=sql.Literal(contract.code), which=which, **names
    )


def ensure_views(conn: Connection, contract: Contract) -> None:
    """Put the views on a list's raw table in their place: the versions that may count, and those that do."""
    table = sql.Identifier(contract.table)
    standing, now = (
        sql.Identifier(f"{contract.table}_{which}") for which in ("standing", "now")
    )
    v_counts, l_counts = (counts(contract, row, f"{row}_sent") for row in "vl")
    conn.execute(
        sql.SQL(_STANDING).format(
            view=standing, table=table, v_counts=v_counts, l_counts=l_counts
        )
    )
    conn.execute(sql.SQL(_CURRENT).format(view=now, table=table, standing=standing))
    comment = sql.SQL("comment on view raw.{} is {}")
    conn.execute(
        comment.format(
            standing, sql.Literal(f"{contract.title}：业务日期当日可以有效的各版本")
        )
    )
    conn.execute(
        comment.format(now, sql.Literal(f"{contract.title}：业务日期当日有效的版本"))
    )


_LINK_WORDS = {
    "template": "名单代码",
    "row_id": "行标识",
    "submission_id": "提交编号",
    "person_sk": "人员标识",
    "tier": "关联等级",
    "valid_from": "从何时起",
    "decided_by": "谁决定；为空时是按规则",
    "reversed_at": "何时收回",
}


def _person_link(conn: Connection, lists: list[Contract]) -> None:
    """Show every link of a row to a person in one view: by rule from the raw tables, by people from the decisions."""
    by_rule = [
        sql.SQL(
            "select {code} as template, row_id, submission_id, person_sk, link_tier as tier, received_at as valid_from,"
            " null::text as decided_by, null::timestamptz as reversed_at from raw.{table} where person_sk is not null"
        ).format(code=sql.Literal(c.code), table=sql.Identifier(c.table))
        for c in lists
    ]
    by_people = sql.SQL(
        "select null, row_id, submission_id, person_sk, tier, decided_at, decided_by, reversed_at"
        " from register.link_decision"
    )
    body = sql.SQL(" union all ").join([*by_rule, by_people])
    conn.execute(
        sql.SQL(
            "create or replace view register.person_link with (security_invoker = true) as "
        )
        + body
    )
    conn.execute(
        "comment on view register.person_link is '哪一行关联到哪个人，依据什么；可撤销'"
    )
    for name, words in _LINK_WORDS.items():
        column = sql.Identifier("register", "person_link", name)
        conn.execute(
            sql.SQL("comment on column {} is {}").format(column, sql.Literal(words))
        )


# --- who owes what


def stale_duties(conn: Connection, contracts: Iterable[Contract]) -> list[Contract]:
    """Return the lists whose filler or cadence ``ops.list_duty`` does not hold as their contract says."""
    there = conn.execute("select to_regclass('ops.list_duty') is not null").fetchone()
    query = "select code, title, cadence, audience from ops.list_duty"
    held = (
        {str(code): tuple(rest) for code, *rest in conn.execute(query)}
        if there and there[0]
        else {}
    )
    return [
        c for c in contracts if held.get(c.code) != (c.title, c.cadence, c.audience)
    ]


def ensure_duties(conn: Connection, contracts: Iterable[Contract]) -> list[str]:
    """Write who fills which list and how often, as the contracts say; return the lists that changed."""
    stale = stale_duties(conn, contracts)
    for c in stale:
        conn.execute(
            "insert into ops.list_duty (code, title, cadence, audience) values (%s, %s, %s, %s)"
            " on conflict (code) do update"
            " set title = excluded.title, cadence = excluded.cadence, audience = excluded.audience",
            (c.code, c.title, c.cadence, c.audience),
        )
    return [c.code for c in stale]


# --- the words that stand as they are where numbers and names are masked

# What these lists say of a person is shown to nobody else.
_SENSITIVE = frozenset({"hea", "cause", "unr", "ret"})


def _code_words(contracts: Iterable[Contract]) -> set[str]:
    labels = {
        label
        for c in load_codes().values()
        if c.name not in _SENSITIVE
        for label in c.labels
    }
    return labels | set(load_codes()["indicator"].forms) | {c.title for c in contracts}


def stale_words(conn: Connection, contracts: Iterable[Contract]) -> bool:
    """Tell whether ``ops.code_word`` holds other words than the code lists and titles do."""
    there = conn.execute("select to_regclass('ops.code_word') is not null").fetchone()
    held = (
        {str(w) for (w,) in conn.execute("select word from ops.code_word")}
        if there and there[0]
        else set()
    )
    return held != _code_words(contracts)


def ensure_words(conn: Connection, contracts: Iterable[Contract]) -> None:
    """Write the words of all code lists and the titles of all lists in place of those that are there."""
    conn.execute("delete from ops.code_word")
    words = sorted(_code_words(contracts))
    conn.cursor().executemany(
        "insert into ops.code_word (word) values (%s)", [(w,) for w in words]
    )
