"""The views on the raw tables.

Which versions of a row may count on the business date, and which one does.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from yiku.contracts.contract import Contract
from yiku.warehouse.connection import Connection

# What may count on the business date: rows that were loaded, and rows that were dropped because
# another one, which was loaded and counts, says the same: they confirm it on a later day. A row
# that was dropped in favour of one that was sent back afterwards counts for nothing.
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
        where l.fate = 'loaded' and l.key = v.key and l.content_hash is not distinct
            from v.content_hash and {l_counts}
    )
"""
# Rows that a clerk took out stay out, unless they came again afterwards in a
# newer version: then she wants them back.
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

# Of one version the loaded row is taken before those that confirm it: 'loaded'
# sorts after 'dropped'. Without a key a row is only itself.
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
_BY_RULE = """
select {code} as template, row_id, submission_id, person_sk, link_tier as tier,
    received_at as valid_from,
    null::text as decided_by, null::timestamptz as reversed_at
from raw.{table}
where person_sk is not null
"""
_BY_PEOPLE = """
select null, row_id, submission_id, person_sk, tier, decided_at, decided_by, reversed_at
from register.link_decision
"""
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
    """Put the views on a list's raw table in their place.

    The versions that may count, and those that do.
    """
    table = sql.Identifier(contract.table)
    standing = sql.Identifier(f"{contract.table}_standing")
    now = sql.Identifier(f"{contract.table}_now")
    # v is a version, l the loaded row that a dropped one confirms
    may_count = {
        "v_counts": counts(contract, "v", "v_sent"),
        "l_counts": counts(contract, "l", "l_sent"),
    }
    # With the rights of whoever asks: a view with its owner's rights would
    # show all rows, whatever the policies of the tables say.
    conn.execute(
        sql.SQL(_STANDING).format(view=standing, table=table, **may_count)
    )
    conn.execute(
        sql.SQL(_CURRENT).format(view=now, table=table, standing=standing)
    )
    _comment(conn, standing, f"{contract.title}：业务日期当日可以有效的各版本")
    _comment(conn, now, f"{contract.title}：业务日期当日有效的版本")


def _comment(conn: Connection, view: sql.Identifier, words: str) -> None:
    statement = sql.SQL("comment on view raw.{} is {}")
    conn.execute(statement.format(view, sql.Literal(words)))


def ensure_person_links(conn: Connection, lists: Sequence[Contract]) -> None:
    """Show every link of a row to a person in one view.

    By rule from the raw tables, by people from the decisions.
    """
    parts: list[sql.Composable] = []
    for contract in lists:
        code, table = (
            sql.Literal(contract.code),
            sql.Identifier(contract.table),
        )
        parts.append(sql.SQL(_BY_RULE).format(code=code, table=table))
    parts.append(sql.SQL(_BY_PEOPLE))
    view = sql.SQL(
        "create or replace view register.person_link with (security_invoker = true) as "
    )
    conn.execute(view + sql.SQL(" union all ").join(parts))
    conn.execute(
        "comment on view register.person_link is '哪一行关联到哪个人，依据什么；可撤销'"
    )
    statement = sql.SQL("comment on column {} is {}")
    for name, words in _LINK_WORDS.items():
        column = sql.Identifier("register", "person_link", name)
        conn.execute(statement.format(column, sql.Literal(words)))
