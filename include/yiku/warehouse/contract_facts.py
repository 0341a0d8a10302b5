"""What the contracts say that the database has to know itself.

Who owes which list, which words are nobody's own.
"""

from __future__ import annotations

from collections.abc import Iterable

from yiku.contracts.codes import load_codes
from yiku.contracts.contract import Contract
from yiku.warehouse.connection import Connection

# What these lists say of a person is shown to nobody else.
_SENSITIVE = frozenset({"hea", "cause", "unr", "ret"})
_DUTY = """
insert into ops.list_duty (code, title, cadence, audience) values (%s, %s, %s, %s)
on conflict (code) do update
set title = excluded.title, cadence = excluded.cadence, audience = excluded.audience
"""


def stale_duties(
    conn: Connection, contracts: Iterable[Contract]
) -> list[Contract]:
    """Return the lists whose filler or cadence ``ops.list_duty`` does not hold as their contract says."""
    held: dict[str, tuple[str, ...]] = {}
    if _is_there(conn, "ops.list_duty"):
        query = "select code, title, cadence, audience from ops.list_duty"
        held = {code: tuple(rest) for code, *rest in conn.execute(query)}
    return [
        contract
        for contract in contracts
        if held.get(contract.code) != _duty(contract)
    ]


def _duty(contract: Contract) -> tuple[object, ...]:
    return contract.title, contract.cadence, contract.audience


def ensure_duties(
    conn: Connection, contracts: Iterable[Contract]
) -> list[str]:
    """Write who fills which list and how often, as the contracts say.

    Return the lists that changed.
    """
    stale = stale_duties(conn, contracts)
    for contract in stale:
        conn.execute(_DUTY, (contract.code, *_duty(contract)))
    return [contract.code for contract in stale]


def stale_words(conn: Connection, contracts: Iterable[Contract]) -> bool:
    """Return whether ``ops.code_word`` holds other words than the code lists and titles do."""
    held: set[str] = set()
    if _is_there(conn, "ops.code_word"):
        found = conn.execute("select word from ops.code_word")
        held = {str(word) for (word,) in found}
    return held != _code_words(contracts)


def ensure_words(conn: Connection, contracts: Iterable[Contract]) -> None:
    """Write the words of all code lists and the titles of all lists in place of those that are there."""
    # Old words go: what is a word of a code list is shown unmasked, and a
    # stale one might be somebody's name.
    conn.execute("delete from ops.code_word")
    lines = [(word,) for word in sorted(_code_words(contracts))]
    conn.cursor().executemany(
        "insert into ops.code_word (word) values (%s)", lines
    )


def _code_words(contracts: Iterable[Contract]) -> set[str]:
    codes = load_codes()
    words = {contract.title for contract in contracts}
    words |= set(codes["indicator"].forms)
    for code_list in codes.values():
        if code_list.name not in _SENSITIVE:
            words |= set(code_list.labels)
    return words


def _is_there(conn: Connection, table: str) -> bool:
    """Return whether a table has been made: a plan is asked for before anything is."""
    found = conn.execute(
        "select to_regclass(%s) is not null", (table,)
    ).fetchone()
    return found is not None and bool(found[0])
