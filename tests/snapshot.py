"""Write down all that one night comes to, and compare two such records: for changes that must change nothing.

    python tests/snapshot.py take INBOX DATE FOLDER       # a night in an installation of its own
    python tests/snapshot.py compare FOLDER FOLDER        # exit status 1 where they differ

A record holds every relation of the marts with its columns, comments and rights, the ledger, who is who, the messages
and the return workbooks, part by part. The key of ``person_sk`` is fixed, so that the same files give the same ids.
The differences are told by relation, column and count: no value of a person is printed.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql
from yiku.settings import Settings, load_settings
from yiku.warehouse.connection import connect
from yiku.warehouse.embedded import ensure_running, stop
from yiku.warehouse.init import prepare

KEY = bytes(32)
WHOLE_SCHEMAS = ("mart", "mart_masked", "published")
LEDGER = (
    "ops.submission",
    "ops.submission_sheet",
    "ops.finding",
    "ops.masked_cell",
    "ops.withdrawn_row",
    "ops.build_node",
    "register.person",
    "register.person_link",
    "pairing.proposal",
    "pairing.gap",
)
# What differs between two runs of the same night: moments (a version holds one), durations, transactions, places on the
# disk, counters.
BY_CHANCE = r"(^version|seconds|fingerprint|_xid|archive_key|finding_id|run_id|night_id)$"


def take(inbox: Path, day: date, folder: Path) -> None:
    """Run one night of an inbox in an installation of its own and write down what came of it."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="yiku-snap-") as home:
        settings = load_settings({"YIKU_HOME": home})
        ensure_running(settings)
        try:
            fix_key(settings)
            _run_night(Path(home), inbox, day)
            with closing(connect(settings)) as conn:
                _write_relations(conn, folder)
            _write_messages(settings, folder)
        finally:
            stop(settings)


def _run_night(home: Path, inbox: Path, day: date) -> None:
    yiku = Path(sys.executable).with_name("yiku")
    words = [
        yiku,
        "nightly",
        "--inbox",
        str(inbox),
        "--date",
        day.isoformat(),
        "--json",
    ]
    night = subprocess.run(
        words,
        env={**os.environ, "YIKU_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if night.returncode:
        raise SystemExit(
            f"the night ended with exit status {night.returncode}"
        )


def fix_key(settings: Settings) -> None:
    with closing(connect(settings)) as conn:
        prepare(conn)
        conn.execute("update register.identity_key set key = %s", (KEY,))
        conn.commit()


def _write_relations(conn: psycopg.Connection, folder: Path) -> None:
    relations = [
        *_relations_of(conn, WHOLE_SCHEMAS),
        *(tuple(name.split(".")) for name in LEDGER),
    ]
    for schema, name in relations:
        columns = _columns(conn, schema, name)
        _write_csv(
            folder / f"{schema}.{name}.shape", _shape(conn, schema, name)
        )
        _write_csv(
            folder / f"{schema}.{name}.rows",
            _rows(conn, schema, name, columns),
        )


def _relations_of(
    conn: psycopg.Connection, schemas: tuple[str, ...]
) -> list[tuple[str, str]]:
    query = (
        "select relnamespace::regnamespace::text, relname from pg_class"
        " where relkind in ('r', 'v') and relnamespace::regnamespace::text = any (%s) order by 1, 2"
    )
    return [
        (schema, name)
        for schema, name in conn.execute(query, (list(schemas),))
    ]


def _columns(conn: psycopg.Connection, schema: str, name: str) -> list[str]:
    query = (
        "select attname from pg_attribute where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass"
        " and attnum > 0 and not attisdropped and attname !~ %s and atttypid <> 'timestamptz'::regtype order by attnum"
    )
    return [
        column for (column,) in conn.execute(query, (schema, name, BY_CHANCE))
    ]


def _shape(
    conn: psycopg.Connection, schema: str, name: str
) -> Iterator[list[str]]:
    """Return the columns with types and comments, the rights and the row policies of a relation."""
    relation = f"{schema}.{name}"
    columns = (
        "select 'column', attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '')"
        " from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum"
    )
    rights = (
        "select 'right', unnest(relacl)::text, relrowsecurity::text, coalesce(obj_description(oid), '')"
        " from pg_class where oid = %s::regclass order by 2"
    )
    policies = (
        # the number of a night stands in the expression
        "select 'policy', polname, regexp_replace(pg_get_expr(polqual, polrelid), '[0-9]+', 'n'), '' from pg_policy"
        " where polrelid = %s::regclass order by 2"
    )
    for query in (columns, rights, policies):
        yield from (
            [str(word) for word in row]
            for row in conn.execute(query, (relation,))
        )


def _rows(
    conn: psycopg.Connection, schema: str, name: str, columns: list[str]
) -> Iterator[list[str]]:
    yield columns
    listed = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns
    )
    query = sql.SQL("select {} from {}").format(
        listed, sql.Identifier(schema, name)
    )
    yield from sorted(
        ["" if word is None else word for word in row]
        for row in conn.execute(query)
    )


def _write_messages(settings: Settings, folder: Path) -> None:
    """Write each message as it stands, each workbook as the fingerprints of its parts."""
    home = str(settings.home)
    for path in sorted(p for p in settings.outbox.rglob("*") if p.is_file()):
        name = str(path.relative_to(settings.outbox)).replace("/", "__")
        if zipfile.is_zipfile(path):
            _write_csv(folder / f"{name}.parts", _parts(path))
        else:
            (folder / name).write_bytes(
                path.read_bytes().replace(home.encode(), b"HOME")
            )


def _parts(path: Path) -> Iterator[list[str]]:
    with zipfile.ZipFile(path) as package:
        for member in sorted(package.namelist()):
            content = re.sub(
                rb"<dcterms:(created|modified)[^<]*", b"", package.read(member)
            )
            yield [member, hashlib.sha256(content).hexdigest()]


def _write_csv(path: Path, rows: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def compare(before: Path, after: Path) -> list[str]:
    """Return one line for each difference of two records; none holds a value."""
    names = sorted(
        {path.name for path in (*before.iterdir(), *after.iterdir())}
    )
    return [
        line
        for name in names
        for line in _differences(before / name, after / name)
    ]


def _differences(before: Path, after: Path) -> Iterator[str]:
    if not (before.exists() and after.exists()):
        yield f"{before.name}: only {'before' if before.exists() else 'after'}"
    elif before.read_bytes() == after.read_bytes():
        return
    elif before.suffix == ".rows":
        yield from _rows_that_differ(before, after)
    else:
        old, new = (
            Counter(path.read_bytes().splitlines()) for path in (before, after)
        )
        yield f"{before.name}: {(old - new).total()} lines gone, {(new - old).total()} lines come"


def _rows_that_differ(before: Path, after: Path) -> Iterator[str]:
    old, new = (_read_rows(path) for path in (before, after))
    kept = [column for column in old[0] if column in new[0]]
    for gone in sorted(set(old[0]) ^ set(new[0])):
        yield f"{before.name}: column {gone} only {'before' if gone in old[0] else 'after'}"
    differing = [
        c for c in kept if Counter(_column(old, c)) != Counter(_column(new, c))
    ]
    counts = [
        Counter(zip(*(_column(rows, c) for c in kept), strict=True))
        for rows in (old, new)
    ]
    gone_count, come_count = (
        (counts[0] - counts[1]).total(),
        (counts[1] - counts[0]).total(),
    )
    if gone_count or come_count:
        yield f"{before.name}: {gone_count} rows gone, {come_count} come; columns {', '.join(differing)}"


def _read_rows(path: Path) -> list[list[str]]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _column(rows: list[list[str]], name: str) -> list[str]:
    place = rows[0].index(name)
    return [row[place] for row in rows[1:]]


def main(words: list[str]) -> int:
    """Carry out one command line; return its exit status."""
    if len(words) == 4 and words[0] == "take":
        take(Path(words[1]), date.fromisoformat(words[2]), Path(words[3]))
        return 0
    if len(words) == 3 and words[0] == "compare":
        lines = compare(Path(words[1]), Path(words[2]))
        print("\n".join(lines) or "no difference")
        return 1 if lines else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
