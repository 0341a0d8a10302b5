"""Who may read what of the marts: grants and row policies for every relation of a schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString

from psycopg import sql

from yiku.warehouse.connection import Connection

READERS = {
    "mart": ("yiku_town", "yiku_audit"),
    "mart_masked": ("yiku_county", "yiku_bi", "yiku_audit"),
    "published": (
        "yiku_town",
        "yiku_county",
        "yiku_finance",
        "yiku_bi",
        "yiku_audit",
    ),
}
# where finance can say select *: the columns of mart.payment that it may see, in a view that
# reads with its rights
FINANCE_VIEW = "payment_finance"
# what finance sees of mart.payment: no health, no status, of the ID the last four digits
FINANCE_COLUMNS = frozenset(
    (
        *(
            "submission_id",
            "row_no",
            "county_code",
            "county_name",
            "town_code",
            "village_code",
            "town_name",
            "village_name",
        ),
        *(
            "policy",
            "period",
            "payee",
            "name",
            "account_no",
            "amount_yuan",
            "pay_status",
            "blocked",
        ),
        *("blocked_reason", "paid_on"),
    )
)
# and what it sees in another way: the column that is made for it, of which column, how, and what
# its view calls it. A clerk writes into a bank's name what should stand elsewhere.
_MADE_FOR_FINANCE: dict[str, tuple[str, LiteralString, str, str]] = {
    "id_last4": ("id_no", "right(id_no, 4)", "id_last4", "证件号后四位"),
    "bank_shown": (
        "bank",
        "ops.mask_text(bank)",
        "bank",
        "开户银行（不含号码）",
    ),
    "account_name_shown": (
        "account_name",
        "ops.mask_text(account_name)",
        "account_name",
        "账户户名（不含号码）",
    ),
    "batch_no_shown": (
        "batch_no",
        "ops.mask_batch(batch_no)",
        "batch_no",
        "发放批次（不含个人号码）",
    ),
}


def is_read_as_reader(conn: Connection, schema: str, view: str) -> bool:
    """Return whether a view reads with the rights of whoever asks it."""
    query = (
        "select 'security_invoker=true' = any (reloptions) from pg_class"
        " where oid = format('%%I.%%I', %s::text, %s::text)::regclass"
    )
    row = conn.execute(query, (schema, view)).fetchone()
    return bool(row and row[0])


def relations_of(conn: Connection, schema: str) -> list[tuple[str, str]]:
    """Return the relations of a schema by name, with their kind."""
    query = (
        "select relname, relkind::text from pg_class where relnamespace = %s::regnamespace"
        " and relkind in ('r', 'v', 'm', 'p') order by relname"
    )
    found = conn.execute(query, (schema,))
    return [(str(name), str(kind)) for name, kind in found]


def _columns(conn: Connection, schema: str, table: str) -> list[str]:
    query = (
        "select attname from pg_attribute where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass"
        " and attnum > 0 and not attisdropped order by attnum"
    )
    return [str(name) for (name,) in conn.execute(query, (schema, table))]


# --- the schemas that are rebuilt


def apply_rights(conn: Connection, schema: str, final: str) -> None:
    """Give grants and row policies to every relation of ``schema``, which will be called ``final``.

    A view is refused with RuntimeError: its reader would need rights on what lies below.
    """
    for role in ("yiku_pipeline", *READERS[final]):
        grant_usage(conn, schema, role)
    if final == "mart":
        grant_usage(conn, schema, "yiku_finance")
    # By this number a reader's snapshot tells whether it is older than the
    # swap.
    swap = conn.execute("select pg_current_xact_id()::text").fetchone()
    for name, kind in relations_of(conn, schema):
        # Made together with the table of payments, and no mart.
        if final == "mart" and name == FINANCE_VIEW:
            continue
        if kind not in ("r", "p"):
            raise RuntimeError(f"{final}.{name} is a view: marts are tables")
        _protect_table(conn, schema, name, final)
        _show_whole(conn, schema, name, swap[0] if swap else "")
        grant_select(conn, schema, name, READERS[final])
        grant_select(conn, schema, name, ("yiku_pipeline",))


def grant_usage(conn: Connection, schema: str, role: str) -> None:
    """Let a role look into a schema."""
    statement = sql.SQL("grant usage on schema {} to {}")
    conn.execute(
        statement.format(sql.Identifier(schema), sql.Identifier(role))
    )


def grant_select(
    conn: Connection, schema: str, name: str, to: Iterable[str]
) -> None:
    """Let some roles read a relation."""
    for role in to:
        statement = sql.SQL("grant select on {} to {}")
        conn.execute(
            statement.format(
                sql.Identifier(schema, name), sql.Identifier(role)
            )
        )


def _policy(
    conn: Connection,
    schema: str,
    name: str,
    role: str,
    condition: sql.Composable,
    may: LiteralString = "select",
) -> None:
    relation, policy = (
        sql.Identifier(schema, name),
        sql.Identifier(f"{role}_sees"),
    )
    conn.execute(
        sql.SQL("drop policy if exists {} on {}").format(policy, relation)
    )
    statement = sql.SQL("create policy {} on {} for {} to {} using ({})")
    conn.execute(
        statement.format(
            policy, relation, sql.SQL(may), sql.Identifier(role), condition
        )
    )


def audit_policy(conn: Connection, schema: str, name: str, shown: str) -> None:
    """Let the auditor read a table through a policy that logs it under the name that is shown."""
    conn.execute(
        sql.SQL("alter table {} enable row level security").format(
            sql.Identifier(schema, name)
        )
    )
    # As a subquery it is asked once for a statement, not for every row.
    condition = sql.SQL("(select ops.log_read({}))").format(sql.Literal(shown))
    _policy(conn, schema, name, "yiku_audit", condition)
    # Where policies are on, whoever has none sees no row: the pipeline too.
    _policy(conn, schema, name, "yiku_pipeline", sql.SQL("true"), may="all")
    grant_select(conn, schema, name, ("yiku_audit",))


def _show_whole(conn: Connection, schema: str, name: str, swap: str) -> None:
    """Refuse a reader whose transaction looks at the time before the swap.

    She would find the new table empty.
    """
    relation = sql.Identifier(schema, name)
    conn.execute(sql.SQL("drop policy if exists whole on {}").format(relation))
    statement = sql.SQL(
        "create policy whole on {} as restrictive for select to public using (ops.shows_whole({}))"
    )
    conn.execute(statement.format(relation, sql.Literal(swap)))


def _protect_table(
    conn: Connection, schema: str, name: str, final: str
) -> None:
    columns, shown = _columns(conn, schema, name), f"{final}.{name}"
    audit_policy(conn, schema, name, shown)
    by_county = _within(columns, "county_code", "ops.my_counties()")
    masked = sql.SQL("(select ops.reads_all_masked({})) or {}").format(
        sql.Literal(shown), by_county
    )
    if final == "mart":
        _policy(
            conn,
            schema,
            name,
            "yiku_town",
            _within(columns, "town_code", "ops.my_towns()"),
        )
        _grant_finance(conn, schema, name, columns)
    elif final == "mart_masked":
        for role in ("yiku_county", "yiku_bi"):
            _policy(conn, schema, name, role, masked)
    else:
        for role in READERS["published"]:
            _policy(conn, schema, name, role, sql.SQL("true"))


def _within(columns: list[str], code: str, allowed: str) -> sql.Composable:
    """Return the condition that a row lies in a place of the reader.

    Of a pair of rows, either side.
    """
    present = [c for c in (code, f"a_{code}", f"b_{code}") if c in columns]
    parts = [
        sql.SQL("{} = any ((select {})::text[])").format(
            sql.Identifier(c), sql.SQL(allowed)
        )
        for c in present
    ]
    # Without the column nobody knows whose rows these are: better none than
    # all.
    return (
        sql.SQL("({})").format(sql.SQL(" or ").join(parts))
        if parts
        else sql.SQL("false")
    )


def _grant_finance(
    conn: Connection, schema: str, name: str, columns: list[str]
) -> None:
    if name != "payment":
        return
    made = [m for m, (of, *_) in _MADE_FOR_FINANCE.items() if of in columns]
    for column in made:
        if column not in columns:
            _make_column(conn, schema, column)
    shown = [*(c for c in columns if c in FINANCE_COLUMNS), *made]
    statement = sql.SQL("grant select ({}) on {} to yiku_finance")
    granted = sql.SQL(", ").join(map(sql.Identifier, shown))
    conn.execute(statement.format(granted, sql.Identifier(schema, name)))
    _policy(
        conn,
        schema,
        name,
        "yiku_finance",
        _within(columns, "county_code", "ops.my_counties()"),
    )
    _finance_view(conn, schema, shown)


def _make_column(conn: Connection, schema: str, made: str) -> None:
    _, how, _, title = _MADE_FOR_FINANCE[made]
    table, column = sql.Identifier(schema, "payment"), sql.Identifier(made)
    # Rights end at whole columns: of a part of one a column is made.
    add = sql.SQL(
        "alter table {} add column {} text generated always as ("
        + how
        + ") stored"
    )
    conn.execute(add.format(table, column))
    conn.execute(
        sql.SQL("alter table {} alter column {} set statistics 0").format(
            table, column
        )
    )
    about = sql.Identifier(schema, "payment", made)
    conn.execute(
        sql.SQL("comment on column {} is {}").format(about, sql.Literal(title))
    )


def _finance_view(
    conn: Connection, schema: str, columns: Iterable[str]
) -> None:
    view = sql.Identifier(schema, FINANCE_VIEW)
    called = {made: name for made, (*_, name, _) in _MADE_FOR_FINANCE.items()}
    shown = (
        sql.SQL("{} as {}").format(
            sql.Identifier(c), sql.Identifier(called.get(c, c))
        )
        for c in columns
    )
    statement = sql.SQL(
        "create or replace view {} with (security_invoker = true) as select {} from {}"
    )
    conn.execute(
        statement.format(
            view, sql.SQL(", ").join(shown), sql.Identifier(schema, "payment")
        )
    )
    conn.execute(
        sql.SQL("comment on view {} is '财政可看的补贴发放台账'").format(view)
    )
    grant_select(
        conn,
        schema,
        FINANCE_VIEW,
        ("yiku_finance", "yiku_audit", "yiku_pipeline"),
    )
