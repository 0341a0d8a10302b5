"""One night on an inbox full of secrets, and a hunt for them wherever others read; and what each login may do.

Every list comes twice, from two towns: with secrets in each column of text, and with secrets where codes, numbers, days
and names belong; in the names of files, bundles and sheets, in titles, headers, hints and hidden sheets besides. The
hunt shares nothing with the masks: it takes a text apart into digits of any writing and looks for parts of the numbers
that were planted, and for the names and words themselves.
"""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from click.testing import CliRunner
from nights import COUNTY, DAY, PEOPLE, TOWNS, Nights, labourer, work, workbook
from openpyxl.comments import Comment
from plant import (
    ALL,
    CHINESE,
    FORMAL,
    OURS,
    THEIRS,
    Secrets,
    broken,
    faulty,
    sound,
    wide,
)
from psycopg import sql
from psycopg.conninfo import make_conninfo
from yiku import cli
from yiku.contracts import load_contracts
from yiku.settings import Settings
from yiku.warehouse.connection import connect
from yiku.warehouse.roles import GROUPS, create_login
from yiku.warehouse.trace import trace

TOWN, OTHER = list(TOWNS)
_VALUES = {
    c: str(n) for written in (CHINESE, FORMAL) for n, c in enumerate(written)
} | {"零": "0", "幺": "1"}
ILLNESSES = ("尿毒症", "肝硬化")
# So many digits of a number in a row are a good part of it.
PART = 6


# What programs count or draw by lot is nobody's number, and holds six digits of somebody's once in some runs: moments,
# UUIDs, and the marks in place of a number, which a key of each warehouse's own makes.
_OF_PROGRAMS = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
    r"|[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
    r"|＊[0-9a-f]{8}(?![0-9a-f])"
)


def digits_of(text: str) -> str:
    """Return a text with each digit, in any writing, as an ASCII one; words part numbers, signs do not."""
    found = []
    by_people = _OF_PROGRAMS.sub("x", text)
    for char in unicodedata.normalize("NFKC", by_people):
        if char in _VALUES or char.isdecimal():
            found.append(_VALUES.get(char) or str(unicodedata.digit(char)))
        elif char.isalpha():
            found.append(" ")
    return "".join(found)


@dataclass(frozen=True)
class Hunt:
    """What is looked for: parts of numbers by what they are, names, words of health."""

    parts: dict[str, str]
    names: re.Pattern[str]
    words: tuple[str, ...] = ILLNESSES
    part: int = PART

    @classmethod
    def of(
        cls,
        towns: Iterable[str],
        secrets: Iterable[Secrets],
        named: bool = True,
        words: tuple[str, ...] = ILLNESSES,
        part: int = PART,
    ) -> Hunt:
        """Look for all persons of some towns and for what was planted there; ``part`` digits of a number are a hit."""
        people = [p for town in towns for p in ALL[town]]
        numbers = [(what, n) for s in secrets for what, n in s.numbers.items()]
        numbers += [
            (f"a person's {what}", n)
            for p in people
            for what, n in (("ID", p.id_no), ("phone", p.phone))
        ]
        parts = {}
        for what, number in numbers:
            # what an ID shows by right are its first six digits, and towns of the county have codes that begin so
            shown, digits = (6 if len(number) == 18 else 0), number.rstrip("X")
            parts |= {
                digits[i : i + part]: what
                for i in range(shown, len(digits) - part + 1)
            }
        names = (
            "|".join(" ?".join(p.name) for p in people) if named else "(?!)"
        )
        return cls(parts, re.compile(names), words, part)

    def shown_in(self, text: str) -> set[str]:
        """Return which secrets a text shows; never the text itself."""
        spelt = digits_of(text)
        windows = {
            run[i : i + self.part]
            for run in spelt.split()
            for i in range(len(run) - self.part + 1)
        }
        found = {self.parts[w] for w in windows & self.parts.keys()}
        found |= {"a person's name"} if self.names.search(text) else set()
        return found | (
            {"an illness"} if any(w in text for w in self.words) else set()
        )

    def __call__(
        self, texts: Iterable[tuple[str, str]]
    ) -> dict[str, set[str]]:
        """Return what shows by where."""
        found: dict[str, set[str]] = {}
        for where, text in texts:
            if shown := self.shown_in(text):
                found.setdefault(where, set()).update(shown)
        return found


EVERYBODY = Hunt.of(TOWNS, (OURS, THEIRS))
# a file's or a sheet's name may speak of an illness of whom nobody can tell; a program's log is full of numbers
WHOEVER = Hunt.of(TOWNS, (OURS, THEIRS), words=())
IN_LOGS = Hunt.of(TOWNS, (OURS, THEIRS), part=8)


def dressed(data: bytes, secrets: Secrets) -> bytes:
    """Write secrets into a sheet's name and title, a note, a hidden sheet, a foot and columns that nobody knows."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.active
    name, texts = secrets.person.name, secrets.texts()
    headers = (
        f"{name}备注",
        f"{broken(secrets.mobile, '-')}备注",
        f"{broken(secrets.id_no, '-')}说明",
    )
    page.title = f"{name}{broken(secrets.id_no, ' ')}"
    page["A1"] = f"{page['A1'].value}（联系人{name}{secrets.mobile}）"
    page["A4"].comment = Comment(texts[9], secrets.head.name)
    header = next(n for n in range(2, 5) if page.cell(n, 2).value)
    for n, word in enumerate(headers, 1):
        column = page.max_column + 1
        page.cell(header, column, word)
        page.cell(header + n, column, texts[n])
    page.append([f"填表人：{name}", None, f"电话：{wide(secrets.mobile)}"])
    hidden = book.create_sheet(f"{secrets.child.name}{secrets.mobile}")
    hidden.append([f"{name}的电话", secrets.mobile])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lay_out(nights: Nights) -> None:
    """Fill the inbox: every list from both towns, the reference lists from the county, and files that are wrong."""
    for code, contract in load_contracts().items():
        for town, secrets, count in ((TOWN, OURS, 20), (OTHER, THEIRS, 6)):
            told = secrets.texts()
            filled = {
                "title": contract.title,
                **({"filled": None} if contract.reference else {}),
            }
            at = list(load_contracts()).index(code)
            name = re.sub(r"[/\n]", "·", told[at % len(told)])
            if not contract.reference:
                rows = sound(code, town, secrets, count)
                nights.put(
                    town,
                    f"{name}{code}.xlsx",
                    dressed(workbook(code, rows, **filled), secrets),
                )
                nights.put(
                    town,
                    f"{name}错{code}.xlsx",
                    workbook(code, faulty(code, town, secrets), **filled),
                )
            elif town == TOWN:
                rows = sound(code, town, secrets)
                nights.put(
                    "county",
                    f"{name}{code}.xlsx",
                    dressed(workbook(code, rows, **filled), secrets),
                )
    _odd_files(nights)


def _odd_files(nights: Nights) -> None:
    name = f"{THEIRS.person.name}{THEIRS.mobile}"
    both = [work(p) for p in PEOPLE[OTHER][2:4]] + [
        work(BORROWED, town_name=TOWNS[OTHER], village_name="前哨村")
    ]
    # a name that is not the register's, and somebody who is on the other town's list: findings that could quote them
    wrong = [
        labourer(PEOPLE[OTHER][0], id_no=THEIRS.mobile),
        labourer(BORROWED, town_name=TOWNS[OTHER]),
    ]
    nights.put(
        OTHER, f"{THEIRS.account}.xlsx", dressed(workbook("L1", wrong), THEIRS)
    )
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as made:
        made.writestr(f"{name}.xlsx", dressed(workbook("L3", both), THEIRS))
    nights.put(OTHER, f"{name}.zip", bundle.getvalue())
    nights.put(
        OTHER, f"{name}.txt", f"{THEIRS.person.name}\t{THEIRS.mobile}".encode()
    )


# Somebody of the one town who is on a list of the other, whose sender wrote her number.
BORROWED = PEOPLE[TOWN][9]


@dataclass
class Attacked:
    """The night after it was run, and what the terminal said of it."""

    nights: Nights
    said: str


@pytest.fixture(scope="module")
def attacked(shared_nights: Nights) -> Attacked:
    lay_out(shared_nights)
    return Attacked(
        shared_nights,
        typed(
            shared_nights.settings,
            "nightly",
            "--inbox",
            str(shared_nights.inbox),
        ),
    )


def typed(settings: Settings, command: str, *words: str) -> str:
    """Return what the terminal says to a command of a night."""
    own = {
        "YIKU_HOME": str(settings.home),
        "YIKU_WAREHOUSE_DSN": str(settings.warehouse_dsn),
        "YIKU_WORKERS": "2",
    }
    run = [
        str(Path(sys.executable).with_name("yiku")),
        command,
        *words,
        "--date",
        DAY.isoformat(),
    ]
    done = subprocess.run(
        run,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout + done.stderr


# ids and hashes of our own, which are nobody's number
_OURS = "array['uuid'::regtype, 'timestamptz'::regtype, 'uuid[]'::regtype]"
_HASH = re.compile(r"[0-9a-f]{32,64}")


def cells(
    conn: psycopg.Connection[Any], schema: str
) -> Iterator[tuple[str, str]]:
    """Yield each value of each column that a login may read, by where it stands."""
    columns = conn.execute(
        "select relname, attname from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid"
        " where relnamespace = %s::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped"
        f" and atttypid <> all ({_OURS}) and has_schema_privilege(relnamespace, 'usage')"
        " and has_column_privilege(c.oid, a.attnum, 'select') order by 1, 2",
        (schema,),
    ).fetchall()
    for relation, column in columns:
        query = sql.SQL("select distinct {}::text from {}").format(
            sql.Identifier(column), sql.Identifier(schema, relation)
        )
        for (value,) in conn.execute(query).fetchall():
            if value is not None and not _HASH.fullmatch(value):
                yield f"{schema}.{relation}.{column}", value


def test_the_hunt_finds_every_secret_that_was_planted() -> None:
    for secrets in (OURS, THEIRS):
        for text in secrets.texts():
            assert EVERYBODY.shown_in(text), text


def test_every_list_came_in_with_its_secrets(attacked: Attacked) -> None:
    """What did not load would not be shown to anybody, and prove nothing."""
    for code, contract in load_contracts().items():
        table = sql.Identifier("raw", f"{contract.table}_now")
        with closing(connect(attacked.nights.settings, DAY)) as conn:
            rows = conn.execute(
                sql.SQL("select * from {}").format(table)
            ).fetchall()
            columns = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attname = %s"
            noted = conn.execute(
                columns, (f"raw.{contract.table}", "remark")
            ).fetchall()
        assert len(rows) >= 4 - 2 * (code == "V02"), code
        assert not noted or EVERYBODY.shown_in(str(rows)) >= {"mobile"}, code


@pytest.mark.parametrize("schema", ["mart_masked", "published"])
def test_nothing_shows_where_bi_and_the_public_read(
    attacked: Attacked, schema: str
) -> None:
    with closing(connect(attacked.nights.settings, DAY)) as conn:
        assert EVERYBODY(cells(conn, schema)) == {}
        assert len(EVERYBODY(cells(conn, "mart"))) > 200
        assert conn.execute(
            "select count(*) from published.sign_board"
        ).fetchone() != (0,)


def test_no_mask_had_to_be_helped(attacked: Attacked) -> None:
    assert (
        attacked.nights.rows(
            "select relation, column_name from ops.masked_cell"
        )
        == []
    )


# What finds a file and a sheet again is the ledger's own.
KEPT = {
    *(
        "ops.submission.file_name",
        "ops.submission.container",
        "ops.submission_sheet.named_in_file",
    ),
    *(
        "ops.inbox_seen.path",
        "ops.inbox_seen.location",
        "ops.night.inbox",
        "ops.header_confirmation.header",
    ),
    "ops.submission_sheet.version",  # a stamp of our own, all digits
    "ops.shadow_relation.relation",  # the server's count of what it made
    "ops.standing_relation.relation",
    "ops.night.began",  # the server's count of transactions
    "ops.inbox_seen.stamp",  # a file system's clock, to the nanosecond
    # the product's code by its hash
    "ops.night.version",
    "ops.submission_sheet.whereabouts_version",
}


def test_the_ledger_says_nothing_of_a_person(attacked: Attacked) -> None:
    with closing(connect(attacked.nights.settings, DAY)) as conn:
        assert {
            where: what
            for where, what in WHOEVER(cells(conn, "ops")).items()
            if where not in KEPT
        } == {}
        names = EVERYBODY(
            (w, v)
            for w, v in cells(conn, "ops")
            if w == "ops.submission.file_name"
        )
        assert all(
            what <= {"a person's name", "an illness"}
            for what in names.values()
        )
        assert conn.execute(
            "select count(*) from ops.finding where rule = 'F14'"
        ).fetchone() != (0,)


def written_texts(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield all that a night has written but the contents that came and what goes back to their senders."""
    for path in sorted(settings.home.rglob("*")):
        inside = path.relative_to(settings.home)
        if (
            path.is_file()
            and inside.parts[0] != "archive"
            and path.suffix not in (".xlsx", ".db", ".msgpack")
        ):
            yield (
                f"{inside.parts[0]} {path.suffix}",
                path.read_bytes().decode("utf-8", "ignore"),
            )


def test_receipts_digests_and_logs_say_nothing_of_a_person(
    attacked: Attacked,
) -> None:
    settings = attacked.nights.settings
    texts = list(written_texts(settings))
    assert len([w for w, _ in texts if w == "outbox .txt"]) > 190
    assert [p for p in settings.outbox.rglob("*.*") if "digests" in p.parts]
    # The wall pages hang where anybody walks by.
    assert len([w for w, _ in texts if w == "outbox .html"]) > len(TOWNS)
    logs = [
        (w, t) for w, t in texts if w.startswith(("logs", "run", "airflow"))
    ]
    assert IN_LOGS(logs) == {}
    assert WHOEVER(line for line in texts if line not in logs) == {}
    assert EVERYBODY([("terminal", attacked.said)]) == {}


def test_airflow_keeps_nothing_of_a_person(attacked: Attacked) -> None:
    (path,) = attacked.nights.settings.airflow.glob("*.db")
    with closing(sqlite3.connect(path)) as conn:
        names = [
            n
            for (n,) in conn.execute(
                "select name from sqlite_master where type = 'table'"
            )
        ]
        assert conn.execute("select count(*) from xcom").fetchone() != (0,)
        rows = [
            (f"airflow {n}", str(r))
            for n in names
            for r in conn.execute(f'select * from "{n}"')
        ]
    assert IN_LOGS(rows) == {}


def test_the_servers_own_log_says_nothing_of_a_person(
    attacked: Attacked, server: Settings
) -> None:
    assert (
        IN_LOGS(
            [("postgres", (server.logs / "postgres.log").read_text("utf-8"))]
        )
        == {}
    )


def test_trace_says_nothing_of_a_person(attacked: Attacked) -> None:
    with closing(connect(attacked.nights.settings, DAY)) as conn:
        receipts = [
            r
            for (r,) in conn.execute(
                "select receipt_no from ops.submission"
            ).fetchall()
        ]
        pages = [t for r in receipts for t in trace(conn, r)]
    assert len(pages) > 190
    assert (
        WHOEVER(
            (
                "trace",
                f"{t.page()} {json.dumps(t.as_dict(), ensure_ascii=False)}",
            )
            for t in pages
        )
        == {}
    )


def test_check_for_a_program_says_nothing_of_a_person(
    attacked: Attacked,
) -> None:
    files = [str(p) for p in sorted(attacked.nights.inbox.rglob("*错*.xlsx"))][
        ::8
    ]
    said = CliRunner().invoke(cli.cli, ["check", "--json", *files]).output
    assert '"findings"' in said
    # without a register nobody knows who is a person; a name that is part of a file's name may stand
    assert (
        Hunt.of(TOWNS, (OURS, THEIRS), named=False, words=())(
            [("check", said)]
        )
        == {}
    )


def returned(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield all that lies in a sender's part of the outbox: names, receipts and each part of each workbook."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield "name", path.name
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield from (
                    ("workbook", book.read(n).decode("utf-8", "ignore"))
                    for n in book.namelist()
                )
        else:
            yield path.suffix, path.read_bytes().decode("utf-8", "ignore")


def test_what_goes_back_holds_only_what_its_sender_wrote(
    attacked: Attacked,
) -> None:
    out = attacked.nights.settings.outbox / DAY.isoformat() / COUNTY
    # people of both towns were born in the same years
    theirs, ours = (
        Hunt.of([town], [of], words=(), part=10)
        for town, of in ((OTHER, THEIRS), (TOWN, OURS))
    )
    assert theirs(returned(out / TOWN)) == {}
    borrowed = {
        n[i : i + 10]
        for n in (BORROWED.id_no, BORROWED.phone)
        for i in range(len(n) - 9)
    }
    strange = replace(
        ours, parts={p: w for p, w in ours.parts.items() if p not in borrowed}
    )
    assert (
        strange(
            (w, t.replace(BORROWED.name, "")) for w, t in returned(out / OTHER)
        )
        == {}
    )


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
            create_login(
                owner, f"red_{role}", "a password", role, scopes.get(role, [])
            )
    for role in GROUPS:
        made[role] = psycopg.connect(
            make_conninfo(str(dsn), user=f"red_{role}", password="a password"),
            autocommit=True,
        )
    yield made
    for conn in made.values():
        conn.close()
    with psycopg.connect(str(dsn)) as owner:
        for role in GROUPS:
            owner.execute(
                sql.SQL("drop owned by {}").format(
                    sql.Identifier(f"red_{role}")
                )
            )
            owner.execute(
                sql.SQL("delete from ops.login_scope where login = {}").format(
                    sql.Literal(f"red_{role}")
                )
            )
            owner.execute(
                sql.SQL("drop role {}").format(sql.Identifier(f"red_{role}"))
            )


READS = {
    "yiku_town": {"mart", "published"},
    "yiku_county": {"mart_masked", "published"},
    "yiku_finance": {"published"},
    "yiku_bi": {"mart_masked", "published"},
    "yiku_audit": {
        "mart",
        "mart_masked",
        "published",
        "raw",
        "ops",
        "register",
        "pairing",
    },
}


def test_each_role_reads_its_schemas_and_no_other(
    logins: dict[str, psycopg.Connection[Any]],
) -> None:
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
        seen = {str(s) for (s,) in may} - (
            {"mart"} if role == "yiku_finance" else set()
        )  # the columns of payment
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


def test_what_a_login_reads_shows_nobody_whom_it_may_not_see(
    logins: dict[str, psycopg.Connection[Any]],
) -> None:
    """Each login reads every column of every relation that it is given."""
    for role in ("yiku_county", "yiku_bi", "yiku_town", "yiku_finance"):
        assert EVERYBODY(cells(logins[role], "published")) == {}, role
    for role in ("yiku_county", "yiku_bi"):
        assert EVERYBODY(cells(logins[role], "mart_masked")) == {}, role
    neighbour = Hunt.of([OTHER], [THEIRS], words=(), part=10)
    own = list(cells(logins["yiku_town"], "mart"))
    assert neighbour(own) == {}
    assert len({where for where, _ in own}) > 400
    # finance pays: it sees whom and to which account, and no more of a person
    paid = {
        f"mart.{t}.{c}"
        for t in ("payment", "payment_finance")
        for c in ("payee", "name", "account_name")
    }
    accounts = {f"mart.{t}.account_no" for t in ("payment", "payment_finance")}
    # whose name somebody typed into a bank or a batch, it may read: it reads names beside them
    paid |= {f"mart.payment.{c}_shown" for c in ("bank", "batch_no")}
    paid |= {f"mart.payment_finance.{c}" for c in ("bank", "batch_no")}
    found = EVERYBODY(cells(logins["yiku_finance"], "mart"))
    assert {
        where: what
        for where, what in found.items()
        if where not in accounts | paid
    } == {}
    assert all(
        what == {"a person's name"}
        for where, what in found.items()
        if where in paid
    )


def test_a_town_reads_its_own_rows_alone(
    logins: dict[str, psycopg.Connection[Any]],
) -> None:
    ask = logins["yiku_town"].execute
    for (relation,) in ask(
        "select tablename from pg_tables where schemaname = 'mart'"
    ).fetchall():
        held = {
            c
            for (c,) in ask(
                "select attname from pg_attribute where attrelid = %s::regclass",
                (f"mart.{relation}",),
            )
        }
        if "id_no" in held:
            ids = {
                i
                for (i,) in ask(
                    sql.SQL("select id_no from mart.{}").format(
                        sql.Identifier(relation)
                    )
                )
            }
            assert not ids & {p.id_no for p in PEOPLE[OTHER]}, relation


def test_the_planner_gives_nobody_away(
    attacked: Attacked, logins: dict[str, psycopg.Connection[Any]]
) -> None:
    """Ask as an attacker does: estimates must be the same whatever value is asked for, after a full ANALYZE too."""
    with psycopg.connect(
        str(attacked.nights.settings.warehouse_dsn), autocommit=True
    ) as owner:
        owner.execute("analyze")
    someone = PEOPLE[OTHER][3]

    for role, schema in (
        ("yiku_town", "mart"),
        ("yiku_county", "mart_masked"),
        ("yiku_bi", "mart_masked"),
    ):
        columns = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        there = {
            str(c)
            for (c,) in logins[role].execute(columns, (f"{schema}.one_db",))
        }
        for column, values in (
            ("id_no", [someone.id_no, someone.id_no[:10], "0", "9"]),
            ("name", [someone.name, someone.name[0], "一", "龥"]),
            ("phone", [someone.phone, "0", "2"]),
            ("household_no", [someone.household_no, "0", "9"]),
        ):
            for operator in ("=", ">", "<", "like"):
                if column in there:
                    told = {
                        _estimate(logins[role], schema, column, operator, v)
                        for v in values
                    }
                    assert len(told) == 1, (role, column, operator)
    for role in ("yiku_town", "yiku_county", "yiku_finance", "yiku_bi"):
        seen = logins[role].execute(
            "select schemaname, tablename, attname from pg_stats where schemaname <> 'published'"
        )
        assert [
            s for s in seen if not s[0].startswith(("pg_", "information"))
        ] == [], role


def _estimate(
    conn: psycopg.Connection[Any],
    schema: str,
    column: str,
    operator: str,
    value: str,
) -> float:
    query = sql.SQL(
        "explain (format json) select * from {} where {} " + operator + " {}"
    ).format(
        sql.Identifier(schema, "one_db"),
        sql.Identifier(column),
        sql.Literal(value),
    )
    row = conn.execute(query).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Plan Rows"])


def test_no_index_that_others_reach_is_on_a_personal_column(
    attacked: Attacked,
) -> None:
    """A condition that the index answers is asked before the row policy: what it removes would be counted."""
    found = attacked.nights.rows(
        "select c.relname, a.attname from pg_index as i inner join pg_class as c on c.oid = i.indrelid"
        " inner join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (i.indkey)"
        " where c.relnamespace = 'mart'::regnamespace"
        " and a.attname in ('id_no', 'name', 'phone', 'account_no', 'birth_date', 'household_no', 'head_name')"
    )
    assert found == []
