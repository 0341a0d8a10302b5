"""The suites: what stands in ``expectations/``, and what follows from a contract.

A file holds a suite in Great Expectations' own shape: ``name`` and ``expectations``, each with ``type``, ``kwargs``,
``meta`` and ``severity``. ``meta`` says ``rule`` (id of the catalogue), ``verdict`` and ``field`` (the column to mark);
``facts`` (places of the message -> columns of the frame); ``needs: register`` where the rule looks at what linking
added; ``claims`` where a row goes back only because of others, which must stand themselves (``within`` its file, or
``beyond`` it); and in ``rows.yml``, which every list shares, ``of: person`` or ``lists`` where not all are meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from yiku.contracts import Column, Contract
from yiku.contracts.contract import ANYTHING
from yiku.contracts.yaml_text import parse_yaml

Expectation = dict[str, Any]
SEVERITY = {
    "Q": "critical",
    "S": "critical",
    "F": "critical",
    "W": "warning",
    "A": "info",
}
REQUIRED = {"M": ("R01", "Q"), "S": ("R02", "W")}


def read_suite(path: Path) -> list[Expectation]:
    """Read the expectations of one suite file; ValueError when one lacks its rule, verdict or severity."""
    # Many lists have no rules of their own, which is no mistake.
    if not path.exists():
        return []
    found: list[Expectation] = (
        parse_yaml(path.read_text("utf-8"))["expectations"] or []
    )
    for expectation in found:
        meta = expectation.get("meta", {})
        # Severity is what the engine's own reports show, the verdict is what
        # is done: they are two words for one thing and must not part.
        if "rule" not in meta or expectation.get("severity") != SEVERITY.get(
            meta.get("verdict")
        ):
            raise ValueError(
                f"{path.name}: {expectation.get('type')} has no rule, or a severity unlike its verdict"
            )
    return found


def row_suite(folder: Path, contract: Contract) -> list[Expectation]:
    """Put together all rules on the rows of one list."""
    shared = [
        placed
        for e in read_suite(folder / "rows.yml")
        if (placed := _placed(e, contract)) is not None
    ]
    own = read_suite(folder / f"{contract.table}.rows.yml")
    named = {(e["meta"]["rule"], e["meta"].get("field")) for e in own}
    # A list's own word on a rule and a column takes the place of the shared
    # one. Run beside it, it would give one cell two verdicts.
    kept = [
        e
        for e in shared
        if (e["meta"]["rule"], e["meta"].get("field")) not in named
    ]
    return [*kept, *own, *from_contract(contract)]


def claims_suite(
    folder: Path, contract: Contract, where: str
) -> list[Expectation]:
    """Put together the rules of one list by which a row goes back because of others ``where`` (WITHIN or BEYOND)."""
    suite = row_suite(folder, contract)
    return [e for e in suite if e["meta"].get("claims") == where]


def _placed(
    expectation: Expectation, contract: Contract
) -> Expectation | None:
    """Return a shared expectation with the list's own columns put in, or None if the list has no use for it."""
    meta = expectation["meta"]
    if meta.get("of") == "person" and (
        not contract.person or contract.reference
    ):
        return None
    if contract.code not in meta.get("lists", [contract.code]):
        return None
    names = {
        "person_id": contract.person_id,
        "person_name": contract.person_name,
    }
    field = names.get(meta.get("field"), meta.get("field"))
    if field is not None and not contract.has(field):
        return None
    return {**expectation, "meta": {**meta, "field": field}}


def from_contract(contract: Contract) -> list[Expectation]:
    """Derive the rules that a contract itself implies: what must be filled, what should be, which places must exist."""
    filled = [_filled(c) for c in contract.columns if c.need in REQUIRED]
    return [
        *filled,
        *(rule for c in contract.placed for rule in _somewhere(c)),
    ]


def _somewhere(column: Column) -> list[Expectation]:
    """Send back a village that is nowhere, and ask about one that may be any of several."""
    place = column.place_column
    facts = {
        "field": column.name,
        "facts": {"choices": f"{place}_candidates"},
        "needs": "register",
    }
    return [
        {
            "type": "expect_row_value_not_in",
            "kwargs": {"column": f"{place}_state", "values": [state]},
            "meta": {"rule": "X06", "verdict": verdict, **facts},
            "severity": SEVERITY[verdict],
        }
        # Where several towns have a village of that name the row itself is
        # right, so that it is loaded and asked about.
        for state, verdict in (("unknown", "Q"), ("unclear", "W"))
    ]


def _filled(column: Column) -> Expectation:
    rule, verdict = REQUIRED[column.need]
    kwargs: dict[str, Any] = {"column": column.name}
    for other, values in column.required_if.items():
        if ANYTHING in values:
            kwargs.setdefault("when_filled", []).append(other)
        else:
            kwargs.setdefault("when", {})[other] = list(values)
    if column.required_unless:
        kwargs["unless"] = {
            c: list(v) for c, v in column.required_unless.items()
        }
    meta = {
        "rule": rule,
        "verdict": verdict,
        "field": column.name,
        "conditional": len(kwargs) > 1,
    }
    return {
        "type": "expect_row_value_filled",
        "kwargs": kwargs,
        "meta": meta,
        "severity": SEVERITY[verdict],
    }


def sheet_suite(folder: Path, contract: Contract | None) -> list[Expectation]:
    """Put together the rules on sheets: those of every list, or with a contract those of that list alone."""
    return read_suite(
        folder
        / (
            "sheets.yml"
            if contract is None
            else f"{contract.table}.sheets.yml"
        )
    )


def cell_suite(
    folder: Path, codes: Iterable[str] | None = None
) -> list[Expectation]:
    """Read the rules on noted cells, those for ``codes`` alone when given: a rule without notes passes unseen."""
    wanted = None if codes is None else frozenset(codes)
    every = read_suite(folder / "cells.yml")
    return [
        e for e in every if wanted is None or e["kwargs"]["code"] in wanted
    ]


def rules_needing_register(
    folder: Path, contracts: Mapping[str, Contract]
) -> dict[str, list[str]]:
    """Return for each list the rules that cannot be judged without the register."""
    suites = {
        code: row_suite(folder, contract)
        for code, contract in contracts.items()
    }
    return {
        code: sorted(
            {
                e["meta"]["rule"]
                for e in suite
                if e["meta"].get("needs") == "register"
            }
        )
        for code, suite in suites.items()
    }
