"""A build computes what changed and takes the rest over, and comes to what a build of everything comes to."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from nights import (
    DAY,
    PEOPLE,
    TOWNS,
    Nights,
    Row,
    labourer,
    members,
    post,
    villages,
    work,
    workbook,
)
from psycopg import sql
from yiku import pipeline
from yiku.pipeline import build_graph, guard, marts
from yiku.pipeline.due_nodes import public_name
from yiku.warehouse.connection import Connection, connect
from yiku.warehouse.shadow import SHADOWS
from yiku.warehouse.taken_over import take_over
from yiku.warehouse.undo import undo

TOWN, OTHER = list(TOWNS)
HERE, THERE = PEOPLE[TOWN], PEOPLE[OTHER]
IN_PLACE = ("stg", "core")
SEED = 15
# A table of every kind of difference that a catalogue knows between two relations.
CATALOGUE = """
select 'column', a.attnum::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
    a.attnotnull::text, a.atthasdef::text, a.attgenerated::text, coalesce(a.attstattarget, -1)::text,
    a.attcollation::text, a.attstorage::text, a.attcompression::text,
    coalesce(col_description(a.attrelid, a.attnum), '')
from pg_attribute as a where a.attrelid = %(relation)s::regclass and a.attnum > 0
union all
select 'relation', relkind::text, relpersistence::text, relrowsecurity::text, relforcerowsecurity::text,
    coalesce(reloptions::text, ''), relnatts::text, relreplident::text, relowner::text, coalesce(relacl::text, ''),
    relam::text, coalesce(obj_description(oid), '')
from pg_class where oid = %(relation)s::regclass
union all
select 'index', c.relname::text, replace(pg_get_indexdef(i.indexrelid), %(schema)s, ''), i.indisunique::text,
    '', '', '', '', '', '', '', ''
from pg_index as i inner join pg_class as c on i.indexrelid = c.oid where i.indrelid = %(relation)s::regclass
union all
select 'constraint', conname::text, contype::text, pg_get_constraintdef(oid), '', '', '', '', '', '', '', ''
from pg_constraint where conrelid = %(relation)s::regclass
union all
select 'policy', polname::text, polcmd::text, polpermissive::text, polroles::text,
    regexp_replace(pg_get_expr(polqual, polrelid), '[0-9]+', 'n', 'g'), '', '', '', '', '', ''
from pg_policy where polrelid = %(relation)s::regclass
"""


def relations(conn: Connection, schema: str) -> list[str]:
    query = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind in ('r', 'v') order by 1"
    return [name for (name,) in conn.execute(query, (schema,))]


def contents(conn: Connection, schema: str) -> dict[str, str]:
    """Return of each relation of a schema a fingerprint of all its rows, in whatever order they stand."""
    query = "select concat_ws(' ', count(*), md5(string_agg(md5(r::text), '' order by md5(r::text)))) from {} as r"
    found: dict[str, str] = {}
    for name in relations(conn, schema):
        row = conn.execute(
            sql.SQL(query).format(sql.Identifier(schema, name))
        ).fetchone()
        assert row is not None
        found[name] = row[0]
    return found


def rename(conn: Connection, names: dict[str, str]) -> None:
    """Give schemas that are there other names, which harms nothing that stands in them."""
    for name, to in names.items():
        if conn.execute("select to_regnamespace(%s)", (name,)).fetchone() != (
            None,
        ):
            statement = sql.SQL("alter schema {} rename to {}")
            conn.execute(
                statement.format(sql.Identifier(name), sql.Identifier(to))
            )
    conn.commit()


@contextmanager
def everything_beside(
    nights: Nights, day: date
) -> Iterator[dict[str, dict[str, str]]]:
    """Give what a build of everything comes to now; put what stood there back in its place."""
    ours = (*IN_PLACE, *SHADOWS)
    aside = {name: f"{name}_aside" for name in ours}
    with closing(connect(nights.settings, day)) as conn:
        rename(conn, aside)
        try:
            assert marts.failed_nodes(marts.build(nights.settings, day)) == []
            (number,) = conn.execute(
                "select max(night_id) from ops.night"
            ).fetchone() or (0,)
            guard.mask_what_shows(conn, nights.settings, number)
            found = {name: contents(conn, name) for name in ours}
            conn.rollback()
        finally:
            conn.rollback()
            for name in ours:
                statement = sql.SQL("drop schema if exists {} cascade")
                conn.execute(statement.format(sql.Identifier(name)))
            rename(conn, {to: name for name, to in aside.items()})
    yield found


class Events:
    """What may happen between two nights, each by its name."""

    def __init__(self, nights: Nights, own: Path) -> None:
        self.nights, self.own = nights, own
        self.file_count = 0

    def _put(
        self, unit: str, code: str, rows: list[Row], name: str = ""
    ) -> None:
        self.file_count += 1
        called = name or f"{code}-{self.file_count}.xlsx"
        self.nights.put(unit, called, workbook(code, rows))

    def new_file(self) -> None:
        self._put(OTHER, "L3", [work(p) for p in THERE[:3]])

    def _first(self) -> None:
        self._put(TOWN, "L1", [labourer(p) for p in HERE], "L1.xlsx")

    def corrected(self) -> None:
        rows = [labourer(p, phone=f"139{n:08d}") for n, p in enumerate(HERE)]
        self._put(TOWN, "L1", rows, "L1.xlsx")

    def posts(self) -> None:
        self._put(TOWN, "L5", [post(p) for p in HERE[:2]])

    def undone(self) -> None:
        with closing(connect(self.nights.settings)) as conn:
            row = conn.execute(
                "select max(submission_id) from ops.submission where template = 'L3' and undone_at is null"
            ).fetchone()
            if row and row[0]:
                undo(conn, row[0])
            conn.commit()

    def another_register(self) -> None:
        self._put("county", "H02", members()[1:], "H02.xlsx")

    def another_county(self) -> None:
        rows = [
            row | {"village_code": "510811100200", "town_code": "510811100"}
            for row in villages()[:1]
        ]
        data = workbook("V01", rows, filled=None)
        self.nights.put("county", "V01.xlsx", data, county="510811")

    def own_parameter(self) -> None:
        entry = "{name: answer_days, jurisdiction: 510802, value: 5}"
        self.own.write_text(f"parameters:\n  - {entry}\n", "utf-8")

    def link(self) -> None:
        with closing(connect(self.nights.settings)) as conn:
            conn.execute(
                "insert into register.link_decision (row_id, person_sk)"
                " select row_id, null from raw.l1 where person_sk is not null order by id_no limit 1"
            )
            conn.commit()

    def nothing(self) -> None:
        pass


def sequence(seed: int) -> list[tuple[list[str], int, bool]]:
    """Return what happens before each night, how many days pass until it, and whether all is looked at after it.

    The same for the same seed.
    """
    chance = random.Random(seed)
    events = [name for name in vars(Events) if not name.startswith("_")]
    chance.shuffle(events)
    pairs = [events[at : at + 2] for at in range(0, len(events), 2)]
    days = [chance.choice((0, 1, 31)) for _ in pairs]
    looked_at = {chance.randrange(len(pairs) - 1), len(pairs) - 1}
    return [
        (names, passed, number in looked_at)
        for number, (names, passed) in enumerate(zip(pairs, days, strict=True))
    ]


def build(nights: Nights, day: date) -> list[dict[str, Any]]:
    """Run the steps that build, and return what they said."""
    said = [
        pipeline.build_marts(nights.settings, day),
        pipeline.propose(nights.settings, day),
    ]
    return said


def test_what_follows_changes_is_what_a_whole_build_comes_to(
    nights: Nights, tmp_path: Path
) -> None:
    own = tmp_path / "own.yml"
    own.write_text("parameters: []\n", "utf-8")
    nights = replace(nights, settings=replace(nights.settings, parameters=own))
    events, day = Events(nights, own), DAY
    # Something has to be there before it can be mended or taken back.
    events.new_file()
    events._first()
    nights.take_in(day)
    build(nights, day)
    pipeline.publish(nights.settings, day)

    taken_over = []
    for names, days, is_looked_at in sequence(SEED):
        day += timedelta(days=days)
        for name in names:
            getattr(events, name)()
        nights.take_in(day)
        said = build(nights, day)
        taken_over.append(sum(facts.get("taken_over", 0) for facts in said))
        if not is_looked_at:
            pipeline.publish(nights.settings, day)
            continue
        with everything_beside(nights, day) as whole:
            pipeline.publish(nights.settings, day)
        with closing(connect(nights.settings, day)) as conn:
            assert (names, differing(conn, whole)) == (names, set())
    # Not all of it was computed in any of these nights.
    assert min(taken_over) > 0


def differing(conn: Connection, whole: dict[str, dict[str, str]]) -> set[str]:
    """Return what is shown otherwise than a build of everything would have it."""
    found: set[str] = set()
    for schema, expected in whole.items():
        shown = public_name(f"{schema}.x").split(".")[0]
        there = contents(conn, shown)
        # A view that is added with the rights.
        there.pop("payment_finance", None)
        if schema == "mart_shadow":
            # So are columns of this one.
            there.pop("payment", None)
            expected.pop("payment", None)
        found |= {
            f"{shown}.{name}"
            for name in {*there, *expected}
            if there.get(name) != expected.get(name)
        }
    return found


def shape(conn: Connection, relation: str) -> list[tuple[Any, ...]]:
    schema = relation.split(".")[0]
    return sorted(
        conn.execute(CATALOGUE, {"relation": relation, "schema": f"{schema}."})
    )


def test_a_mart_that_is_taken_over_is_as_dbt_makes_it(nights: Nights) -> None:
    nights.put(TOWN, "L1.xlsx", workbook("L1", [labourer(p) for p in HERE]))
    nights.take_in()
    nights.build()
    with closing(connect(nights.settings, DAY)) as conn:
        # Those that dbt makes, before rights are given to them.
        assert marts.failed_nodes(marts.build(nights.settings, DAY)) == []
        made = {
            f"{schema}.{name}": shape(conn, f"{schema}.{name}")
            for schema in SHADOWS
            for name in relations(conn, schema)
        }
        conn.commit()
        for schema in SHADOWS:
            conn.execute(
                sql.SQL("drop schema {} cascade; create schema {}").format(
                    sql.Identifier(schema), sql.Identifier(schema)
                )
            )
        for name in made:
            take_over(conn, public_name(name), name)
        differing = {
            name: set(made[name]) ^ set(shape(conn, name))
            for name in made
            if made[name] != shape(conn, name)
        }
        assert differing == {}
        rows = {name: contents(conn, name) for name in SHADOWS}
        shown = {
            public_name(f"{name}.x").split(".")[0]: found
            for name, found in rows.items()
        }
        for schema, found in shown.items():
            published = contents(conn, schema)
            published.pop("payment_finance", None)
            # what finance sees of payments is added with its rights
            assert {n for n in found if found[n] != published[n]} <= {
                "payment"
            }
            assert set(found) == set(published)
        conn.rollback()


# What these functions read is among the facts of the day and of the world.
READ_BY_FUNCTIONS = {"ops.night", "register.identity_key"}
STANDS_BEHIND = """
with recursive behind as (
    select 'raw.l1_now'::regclass::oid as relation
    union
    select d.refobjid
    from behind as b
    inner join pg_rewrite as r on r.ev_class = b.relation
    inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass
)
select relation::regclass::text from behind order by 1
"""
CALLED_BEHIND = """
select distinct d.refobjid::regproc::text
from pg_rewrite as r
inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    and d.refclassid = 'pg_proc'::regclass
where r.ev_class = any (%s::regclass[])
"""


def test_what_stands_behind_a_list_is_what_its_token_is_made_of(
    shared_nights: Nights,
) -> None:
    behind = [name for (name,) in shared_nights.rows(STANDS_BEHIND)]
    assert behind == [
        "ops.submission",
        "ops.withdrawn_now",
        "ops.withdrawn_row",
        "raw.l1",
        "raw.l1_now",
        "raw.l1_standing",
    ]
    called = {name for (name,) in shared_nights.rows(CALLED_BEHIND, behind)}
    assert called == {"ops.business_date"}


def test_no_function_that_models_call_reads_what_nobody_asks(
    shared_nights: Nights,
) -> None:
    bodies = dict(
        shared_nights.rows(
            "select pronamespace::regnamespace::text || '.' || proname, string_agg(prosrc, ' ') from pg_proc"
            " where pronamespace::regnamespace::text in ('ops', 'register', 'raw', 'pairing') group by 1"
        )
    )
    tables = {
        name
        for (name,) in shared_nights.rows(
            "select relnamespace::regnamespace::text || '.' || relname from pg_class where relkind in ('r', 'v', 'p')"
        )
    }
    # A mask is put together of two words.
    waiting = {
        name
        for name in bodies
        if name in build_graph.CALLED or name.startswith("ops.mask_")
    }
    reached: set[str] = set()
    while waiting:
        reached |= waiting
        named = {
            word
            for name in waiting
            for word in re.findall(r"\b\w+\.\w+", bodies[name])
        }
        assert (named & tables) - READ_BY_FUNCTIONS == set()
        waiting = (named & set(bodies)) - reached
    assert {
        "ops.business_date",
        "ops.mask_text",
        "ops.strip_numbers",
    } <= reached
