"""What the build reads holds now: a short token for each staging model, and one for all that stands around them.

Two equal tokens mean equal rows. A token that differs means nothing but that it is computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import LiteralString, NamedTuple

from psycopg import sql

from yiku.contracts import load_contracts
from yiku.warehouse.connection import Connection

_SCHEMAS = ("raw", "ops", "register", "pairing")
_NOW = "_now"
_TABLES = frozenset({"r", "p"})  # plain ones and those in partitions
_KINDS_OF = """
select n.nspname || '.' || c.relname, c.relkind::text
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname = any (%s) and c.relkind in ('r', 'v', 'm', 'p')
"""
# Every insert, update and delete that is committed leaves rows with other
# transactions at other places, so that nobody has to read what they hold. A
# freeze keeps xmin; a table that is written anew costs a build.
_TABLE = """
select {name}, (
    select concat_ws(' ', {relation}::regclass::oid, count(*),
        sum(hashtextextended(concat_ws(' ', r.tableoid, r.xmin, r.ctid), 0)))
    from {table} as r
)
"""
# What ``raw_views`` asks besides of the versions of a list: which files
# count on the business date, and what was taken out of them by then.
_TABLE_NOW = """
select {name}, (
    select concat_ws(
        ' ', {relation}::regclass::oid, count(*),
        sum(hashtextextended(concat_ws(' ', r.tableoid, r.xmin, r.ctid, c.counts_from), 0))
    )
    from {table} as r
    left join counting as c on r.submission_id = c.submission_id
) || ' ' || (
    select concat_ws(' ', count(*), sum(hashtextextended(w::text, 0)))
    from ops.withdrawn_now as w where w.template = {code}
)
"""
_COUNTING = """
with counting as materialized (
    -- the day itself, for a model may look at an earlier one
    select submission_id, business_date as counts_from
    from ops.submission
    where undone_at is null and business_date <= ops.business_date()
)
"""
# A table that is written again every night, or has columns that the marts do
# not show, goes by what is shown of it.
_CONTENT = """
select {name}, (
    select concat_ws(' ', count(*), sum(hashtextextended(shown::text, 0))) from ({query}) as shown
)
"""
_WORLD = """
select md5(string_agg(words, chr(10) order by words collate "C"))
from (
    select 'server ' || version() || ' ' || coalesce(datcollversion, '') || datcollate || current_setting('TimeZone')
    from pg_database where datname = current_database()
    union all
    select concat_ws(
        ' ', 'function', p.oid::regprocedure, md5(p.prosrc), p.provolatile, p.proconfig, p.proisstrict,
        p.prosqlbody::text
    )
    from pg_proc as p where p.pronamespace::regnamespace::text = any (%(schemas)s)
    union all
    select concat_ws(' ', 'view', r.ev_class::regclass, md5(r.ev_action::text))
    from pg_rewrite as r
    inner join pg_class as c on r.ev_class = c.oid
    where c.relnamespace::regnamespace::text = any (%(schemas)s)
    union all
    select concat_ws(' ', 'column', c.oid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod))
    from pg_attribute as a
    inner join pg_class as c on a.attrelid = c.oid
    where c.relnamespace::regnamespace::text = any (%(schemas)s) and c.relkind in ('r', 'v', 'p')
        and a.attnum > 0 and not a.attisdropped
    union all
    select 'word ' || md5(string_agg(w::text, chr(10) order by w::text collate "C")) from ops.code_word as w
    union all
    -- only whether it is the same key, never a part of it
    select 'key ' || md5(sha256(k.key || 'fingerprint'::bytea)::text) from register.identity_key as k
) as everything (words)
"""


class Staging(NamedTuple):
    """A staging model, the relation that it reads and the query by which it does."""

    node: str
    source: str
    query: str


def read_tokens(
    conn: Connection, models: Sequence[Staging]
) -> dict[str, str | None]:
    """Return by staging model a token of what it shows on the connection's business date; None if nobody can tell."""
    kinds: dict[str, str] = dict(
        conn.execute(_KINDS_OF, (list(_SCHEMAS),)).fetchall()
    )
    asked = {model.node: _question(model, kinds) for model in models}
    questions = [question for question in asked.values() if question]
    tokens: dict[str, str | None] = dict.fromkeys(asked)
    if questions:
        statement = sql.SQL(" union all ").join(questions)
        tokens.update(conn.execute(sql.SQL(_COUNTING) + statement).fetchall())
    return tokens


def _question(
    model: Staging, kinds: Mapping[str, str]
) -> sql.Composable | None:
    schema, relation = model.source.split(".")
    if schema != "raw":
        if kinds.get(model.source) not in _TABLES:
            return None
        return sql.SQL(_CONTENT).format(
            name=sql.Literal(model.node), query=_own_words(model.query)
        )
    is_now = relation.endswith(_NOW)
    table = relation.removesuffix(_NOW)
    code = _codes().get(table)
    is_as_ours = (
        kinds.get(f"raw.{table}") in _TABLES
        and (not is_now or kinds.get(model.source) == "v")
        and code is not None
    )
    if not is_as_ours:
        return None
    question: LiteralString = _TABLE_NOW if is_now else _TABLE
    return sql.SQL(question).format(
        name=sql.Literal(model.node),
        relation=sql.Literal(f"raw.{table}"),
        table=sql.Identifier("raw", table),
        code=sql.Literal(code),
    )


def _own_words(query: str) -> sql.Composable:
    # A model of our own dbt project, never anybody's text.
    return sql.SQL(query)


def _codes() -> dict[str, str]:
    return {
        contract.table: contract.code for contract in load_contracts().values()
    }


def world(conn: Connection) -> str:
    """Return a token of what models use without naming a source.

    Functions and views, the columns of tables, the words of code lists, the key of marks, the server itself.
    """
    found = conn.execute(_WORLD, {"schemas": list(_SCHEMAS)}).fetchone()
    assert found is not None
    return str(found[0])


def day_facts(conn: Connection) -> tuple[date | None, date | None]:
    """Return the business date and the first night of its month, as models ask for them."""
    found = conn.execute(
        "select ops.business_date(), ops.first_night()"
    ).fetchone()
    assert found is not None
    return found[0], found[1]
