"""One night on an inbox full of secrets, and a hunt for them wherever others read; and what each login may do.

The hunt shares nothing with the masks: it takes a text apart into digits of any writing and looks for parts of the
numbers that were planted, and for the names and words themselves.
"""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import openpyxl
import psycopg
import pytest
from click.testing import CliRunner
from nights import COUNTY, DAY, PEOPLE, TOWNS, Nights, Person, id_number, labourer, post, work, workbook
from psycopg import sql
from psycopg.conninfo import make_conninfo
from yiku import cli
from yiku.contracts import load_contracts
from yiku.warehouse.connection import connect
from yiku.warehouse.roles import GROUPS, create_login
from yiku.warehouse.trace import trace

TOWN, OTHER = list(TOWNS)
VICTIM, CHILD_NAME = PEOPLE[TOWN][2], PEOPLE[TOWN][3].name
HEAD = PEOPLE[TOWN][0]
ID, CHILD_ID = id_number("19850313"), id_number("20100307", 998)
MOBILE, LANDLINE, ACCOUNT = "13987654321", "08397654321", "6217987654321098765"
ILLNESS = "尿毒症"
SECRETS = {"ID": ID, "child's ID": CHILD_ID, "mobile": MOBILE, "landline": LANDLINE, "account": ACCOUNT}
CHINESE, FORMAL, CIRCLED = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨"
_VALUES = {c: str(n) for written in (CHINESE, FORMAL) for n, c in enumerate(written)} | {"零": "0", "幺": "1"}


def spaced(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def dashed(number: str) -> str:
    return f"{number[:3]}-{number[3:7]}-{number[7:]}"


def wide(number: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in number)


def written(number: str, digits: str) -> str:
    return "".join(digits[int(c)] if c.isdigit() else c for c in number)


# Each text holds one secret in a writing of its own; every column of free text gets one of them.
FREE = [
    f"电话{MOBILE}",
    f"联系{dashed(MOBILE)}",
    f"身份证 {spaced(ID)}",
    f"账号{spaced(ACCOUNT)}",
    f"号码{wide(MOBILE)}",
    f"打{written(MOBILE, CHINESE)}",
    f"打{written(MOBILE, FORMAL)}找人",
    f"座机{LANDLINE[:4]}-{LANDLINE[4:]}",
    f"打{written(MOBILE, CIRCLED)}",
    f"{VICTIM.name}家，{VICTIM.name}患{ILLNESS}",
    f"其女{CHILD_NAME}，{CHILD_ID}",
    f"卡号尾数{'·'.join(ACCOUNT[-8:])}",
]
NUMBERS = [spaced(ID), dashed(MOBILE), f"{VICTIM.name}-1", ACCOUNT, CHILD_ID, wide(MOBILE)]


def digits_of(text: str) -> str:
    """Return a text with each digit, in any writing, as an ASCII one; words part numbers, signs do not."""
    found = []
    for char in unicodedata.normalize("NFKC", text):
        if char in _VALUES or char.isdecimal():
            found.append(_VALUES.get(char) or str(unicodedata.digit(char)))
        elif char.isalpha():
            found.append(" ")
    return "".join(found)


def shown_in(text: str, persons: frozenset[str]) -> list[str]:
    """Return which secrets a text shows: seven digits of a number in a row, a full name, an illness."""
    spelt = digits_of(text)
    # what an ID shows by right are its first six digits, and towns of the county have codes that begin so
    pieces = {name: {n[i : i + 7] for i in range(len(n) == 18, len(n) - 6)} for name, n in SECRETS.items()}
    found = [name for name, parts in pieces.items() if any(p in spelt for p in parts)]
    found += ["a person's name"] * any(p in text for p in persons)
    return found + ["an illness"] * (ILLNESS in text)


PERSONS = frozenset({VICTIM.name, HEAD.name, CHILD_NAME})


def pick(texts: list[str], n: int) -> str:
    return texts[n % len(texts)]


def planted(code: str, rows: list[dict[str, Any]]) -> bytes:
    """Return a workbook of a list with a secret in each column of text that holds no code, and in its looks."""
    contract = load_contracts()[code]
    full = []
    for n, row in enumerate(rows):
        more = {
            c.name: pick(NUMBERS if c.name.endswith("_no") else FREE, n + i)
            for i, c in enumerate(contract.columns)
            if c.kind == "text" and c.personal in (None, "none") and c.name not in row
        }
        full.append(more | row)
    return dressed(workbook(code, full))


def dressed(data: bytes, *headers: str) -> bytes:
    """Write secrets into the names of the sheets, and above and into columns that nobody knows."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.active
    page.title = f"{VICTIM.name}{spaced(ID)}"
    last = page.max_column
    for n, header in enumerate((f"{VICTIM.name}备注", *headers), 1):
        page.cell(3, last + n, header)
        page.cell(4, last + n, pick(FREE, n))
    hidden = book.create_sheet(f"{CHILD_NAME}{MOBILE}")
    hidden.append([f"{VICTIM.name}的电话", MOBILE])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def board(person: Person, n: int, **more: Any) -> dict[str, Any]:
    return {
        "town_name": TOWNS[person.town], "village_name": person.village, "household_no": person.household_no,
        "head_name": person.name, "board_no": pick([*NUMBERS, f"{HEAD.name}1"], n), "expert": "王建国",
        "industry": pick(["茶叶", f"{HEAD.name}的茶{MOBILE}"], n), "content": pick(FREE, n),
        "position": pick(FREE, n + 3), "hung_on": date(2017, 3, 1), "board_state": "完好",
    } | more  # fmt: skip


def pair(person: Person, n: int) -> dict[str, Any]:
    return {
        "town_name": TOWNS[person.town], "village_name": person.village, "household_no": person.household_no,
        "head_name": person.name, "technician": HEAD.name, "tech_id": id_number("19700101"), "industry": "茶叶",
        "paired_on": date(2017, 1, 1), "end_reason": pick(FREE, n),
    }  # fmt: skip


def lay_out(nights: Nights) -> None:
    """Fill the inbox: secrets in every list that a town sends here, in the names of files, bundles and sheets."""
    people, name = PEOPLE[TOWN], f"{VICTIM.name}{MOBILE}"
    nights.put(TOWN, f"{name}基础信息.xlsx", planted("L1", [labourer(p) for p in people]))
    nights.put(TOWN, f"务工{dashed(MOBILE)}.xlsx", planted("L3", [work(p) for p in people[1:7]]))
    nights.put(TOWN, f"岗位{spaced(ID)}.xlsx", planted("L5", [post(p) for p in people[7:]]))
    nights.put(
        TOWN, f"明示牌{wide(ID)}.xlsx", dressed(workbook("T18", [board(p, n) for n, p in enumerate(people[::2])]))
    )
    nights.put(
        TOWN, f"{CHILD_NAME}结对.xlsx", dressed(workbook("T05", [pair(p, n) for n, p in enumerate(people[::2])]))
    )
    # a wrong number, a wrong choice and a name that is not the register's: findings that could quote them
    wrong = [labourer(people[0], id_no=MOBILE), labourer(people[1], emp_status=f"{VICTIM.name}{MOBILE}")]
    nights.put(OTHER, f"{ACCOUNT}.xlsx", dressed(workbook("L1", wrong)))
    told = (f"{VICTIM.name}{MOBILE}", wide(MOBILE), f"{dashed(MOBILE)}备注")
    nights.put(OTHER, f"表头{MOBILE}.xlsx", dressed(workbook("L3", [work(p) for p in PEOPLE[OTHER][2:4]]), *told))
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as made:
        made.writestr(f"{VICTIM.name}{MOBILE}.xlsx", dressed(workbook("L3", [work(p) for p in PEOPLE[OTHER][:2]])))
    nights.put(OTHER, f"{name}.zip", bundle.getvalue())
    nights.put(OTHER, f"{name}.txt", f"{VICTIM.name}\t{MOBILE}".encode())


@dataclass
class Attacked:
    """The night after it was run."""

    nights: Nights
    logged: str


@pytest.fixture(scope="module")
def attacked(shared_nights: Nights) -> Attacked:
    lay_out(shared_nights)
    shared_nights.run()
    return Attacked(shared_nights, json.dumps(shared_nights.log, default=str, ensure_ascii=False))


def hunt(texts: Iterator[tuple[str, str]], persons: frozenset[str] = PERSONS) -> dict[str, list[str]]:
    """Return what shows by where; never the text itself."""
    found: dict[str, list[str]] = {}
    for where, text in texts:
        for secret in shown_in(text, persons):
            found.setdefault(where, [])
            if secret not in found[where]:
                found[where].append(secret)
    return found


def cells(conn: psycopg.Connection[Any], schema: str) -> Iterator[tuple[str, str]]:
    relations = conn.execute(
        "select relname, attname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid"
        " where relnamespace = %s::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped"
        " and atttypid <> all (array['uuid'::regtype, 'timestamptz'::regtype, 'uuid[]'::regtype]) order by 1, 2",
        (schema,),
    ).fetchall()
    for relation, column in relations:
        query = sql.SQL("select distinct {}::text from {}").format(
            sql.Identifier(column), sql.Identifier(schema, relation)
        )
        for (value,) in conn.execute(query).fetchall():
            if value is not None:
                yield f"{schema}.{relation}.{column}", value


@pytest.mark.parametrize("schema", ["mart_masked", "published"])
def test_nothing_shows_where_bi_and_the_public_read(attacked: Attacked, schema: str) -> None:
    with closing(connect(attacked.nights.settings, DAY)) as conn:
        assert hunt(cells(conn, schema)) == {}
        assert conn.execute("select count(*) from mart.sign_board where content is not null").fetchone() != (0,)
        assert conn.execute("select count(*) from published.sign_board").fetchone() == (5,)


def test_no_mask_had_to_be_helped(attacked: Attacked) -> None:
    assert attacked.nights.rows("select relation, column_name from ops.masked_cell") == []


def test_the_ledger_says_nothing_of_a_person(attacked: Attacked) -> None:
    with closing(connect(attacked.nights.settings, DAY)) as conn:
        kept = {
            # the ledger's own: what finds a file and a sheet again
            *("ops.submission.file_name", "ops.submission.container", "ops.submission_sheet.named_in_file"),
            *("ops.inbox_seen.path", "ops.inbox_seen.location", "ops.night.inbox", "ops.header_confirmation.header"),
        }
        found = hunt(cells(conn, "ops"))
        assert {where: what for where, what in found.items() if where not in kept} == {}
        names = hunt((w, v) for w, v in cells(conn, "ops") if w.startswith("ops.submission.file_name"))
        assert all(what == ["a person's name"] for what in names.values())
        assert conn.execute("select count(*) from ops.finding where rule = 'F14'").fetchone() != (0,)


def test_receipts_digests_and_logs_say_nothing_of_a_person(attacked: Attacked) -> None:
    home = attacked.nights.settings.outbox.parent
    written_texts = [
        p for p in home.rglob("*") if p.suffix in (".txt", ".html", ".log", ".json") and "archive" not in p.parts
    ]
    assert [p for p in written_texts if p.name.startswith("R2017")]
    assert [p for p in written_texts if "digests" in p.parts]
    assert hunt((p.suffix, p.read_text("utf-8")) for p in written_texts) == {}
    assert hunt(iter([("XCom", attacked.logged)])) == {}


def test_trace_says_nothing_of_a_person(attacked: Attacked) -> None:
    with closing(connect(attacked.nights.settings, DAY)) as conn:
        receipts = [r for (r,) in conn.execute("select receipt_no from ops.submission").fetchall()]
        pages = [t for r in receipts for t in trace(conn, r)]
    assert len(pages) >= 8
    assert hunt(("trace", f"{t.page()} {json.dumps(t.as_dict(), ensure_ascii=False)}") for t in pages) == {}


def test_check_for_a_program_says_nothing_of_a_person(attacked: Attacked) -> None:
    files = [str(p) for p in sorted(attacked.nights.inbox.rglob("*.xlsx"))]
    said = CliRunner().invoke(cli.cli, ["check", "--json", *files]).output
    assert '"findings"' in said
    # without a register nobody knows who is a person; a name that is part of a file's name may stand
    assert hunt(iter([("check", said)]), frozenset()) == {}


# --- what each login may do


@pytest.fixture
def logins(attacked: Attacked) -> Iterator[dict[str, psycopg.Connection[Any]]]:
    dsn = attacked.nights.settings.warehouse_dsn
    scopes: dict[str, list[tuple[str, str | None]]] = {
        "yiku_town": [(COUNTY, TOWN)], "yiku_county": [(COUNTY, None)], "yiku_finance": [(COUNTY, None)],
    }  # fmt: skip
    made = {}
    with psycopg.connect(str(dsn)) as owner:
        for role in GROUPS:
            create_login(owner, f"red_{role}", "a password", role, scopes.get(role, []))
    for role in GROUPS:
        made[role] = psycopg.connect(
            make_conninfo(str(dsn), user=f"red_{role}", password="a password"), autocommit=True
        )
    yield made
    for conn in made.values():
        conn.close()
    with psycopg.connect(str(dsn)) as owner:
        for role in GROUPS:
            owner.execute(sql.SQL("drop owned by {}").format(sql.Identifier(f"red_{role}")))
            owner.execute(sql.SQL("delete from ops.login_scope where login = {}").format(sql.Literal(f"red_{role}")))
            owner.execute(sql.SQL("drop role {}").format(sql.Identifier(f"red_{role}")))


READS = {
    "yiku_town": {"mart", "published"},
    "yiku_county": {"mart_masked", "published"},
    "yiku_finance": {"published"},
    "yiku_bi": {"mart_masked", "published"},
    "yiku_audit": {"mart", "mart_masked", "published", "raw", "ops", "register", "pairing"},
}


def test_each_role_reads_its_schemas_and_no_other(logins: dict[str, psycopg.Connection[Any]]) -> None:
    """Every role asks for every column of every relation."""
    columns = (
        logins["yiku_pipeline"]
        .execute(
            "select nspname, relname, attname from pg_class as c inner join pg_namespace as n on n.oid = relnamespace"
            " inner join pg_attribute as a on a.attrelid = c.oid where relkind in ('r', 'v') and attnum > 0"
            " and not attisdropped and nspname not like 'pg\\_%' and nspname <> 'information_schema'"
        )
        .fetchall()
    )
    for role, allowed in READS.items():
        may = logins[role].execute(
            "select distinct s from unnest(%s::text[], %s::text[], %s::text[]) as c (s, r, a)"
            " where has_schema_privilege(s, 'usage') and has_column_privilege(format('%%I.%%I', s, r), a, 'select')",
            [list(part) for part in zip(*columns, strict=True)],
        )
        seen = {str(s) for (s,) in may} - ({"mart"} if role == "yiku_finance" else set())  # the columns of payment
        assert seen <= allowed, role
        writes = (
            logins[role]
            .execute(
                "select c.oid::regclass::text from pg_class as c where relkind in ('r', 'v')"
                " and relnamespace::regnamespace::text"
                " in ('mart', 'mart_masked', 'published', 'raw', 'ops', 'register')"
                " and has_schema_privilege(relnamespace, 'usage') and (has_table_privilege(c.oid, 'insert')"
                " or has_table_privilege(c.oid, 'update') or has_table_privilege(c.oid, 'delete'))"
            )
            .fetchall()
        )
        assert writes == [], role


def test_a_town_reads_its_own_rows_alone(logins: dict[str, psycopg.Connection[Any]]) -> None:
    ask = logins["yiku_town"].execute
    for (relation,) in ask("select tablename from pg_tables where schemaname = 'mart'").fetchall():
        held = {
            c for (c,) in ask("select attname from pg_attribute where attrelid = %s::regclass", (f"mart.{relation}",))
        }
        if "id_no" in held:
            ids = {i for (i,) in ask(sql.SQL("select id_no from mart.{}").format(sql.Identifier(relation)))}
            assert not ids & {p.id_no for p in PEOPLE[OTHER]}, relation


def test_the_planner_gives_nobody_away(attacked: Attacked, logins: dict[str, psycopg.Connection[Any]]) -> None:
    """Ask as an attacker does: estimates must be the same whatever value is asked for, after a full ANALYZE too."""
    with psycopg.connect(str(attacked.nights.settings.warehouse_dsn), autocommit=True) as owner:
        owner.execute("analyze")
    someone = PEOPLE[OTHER][3]

    for role, schema in (("yiku_town", "mart"), ("yiku_county", "mart_masked"), ("yiku_bi", "mart_masked")):
        columns = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        there = {str(c) for (c,) in logins[role].execute(columns, (f"{schema}.one_db",))}
        for column, values in (
            ("id_no", [someone.id_no, someone.id_no[:10], "0", "9"]),
            ("name", [someone.name, someone.name[0], "一", "龥"]),
            ("phone", [someone.phone, "0", "2"]),
            ("household_no", [someone.household_no, "0", "9"]),
        ):
            for operator in ("=", ">", "<", "like"):
                if column in there:
                    told = {_estimate(logins[role], schema, column, operator, v) for v in values}
                    assert len(told) == 1, (role, column, operator)
    for role in ("yiku_town", "yiku_county", "yiku_finance", "yiku_bi"):
        seen = logins[role].execute(
            "select schemaname, tablename, attname from pg_stats where schemaname <> 'published'"
        )
        assert [s for s in seen if not s[0].startswith(("pg_", "information"))] == [], role


def _estimate(conn: psycopg.Connection[Any], schema: str, column: str, operator: str, value: str) -> float:
    query = sql.SQL("explain (format json) select * from {} where {} " + operator + " {}").format(
        sql.Identifier(schema, "one_db"), sql.Identifier(column), sql.Literal(value)
    )
    row = conn.execute(query).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Plan Rows"])


def test_no_index_that_others_reach_is_on_a_personal_column(attacked: Attacked) -> None:
    """A condition that the index answers is asked before the row policy: what it removes would be counted."""
    found = attacked.nights.rows(
        "select c.relname, a.attname from pg_index as i inner join pg_class as c on c.oid = i.indrelid"
        " inner join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (i.indkey)"
        " where c.relnamespace = 'mart'::regnamespace"
        " and a.attname in ('id_no', 'name', 'phone', 'account_no', 'birth_date', 'household_no', 'head_name')"
    )
    assert found == []
