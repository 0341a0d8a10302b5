"""Runs the suites with Great Expectations and turns their results into verdicts.

One context for a process; each suite is put together once. A run asks for the references of failing rows and for
no values. Results are matched by what ``meta`` says, never by position. A rule that raises is our own fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

import yiku.checking.expectations  # noqa: F401 - registers our classes by name
from yiku.checking.findings import (
    Failed,
    JudgedNote,
    RuleError,
    SheetFacts,
    SheetHit,
    Verdicts,
)
from yiku.checking.frame import judged_frame
from yiku.checking.row_expectation import RowExpectation
from yiku.checking.suites import (
    Expectation,
    cell_suite,
    claims_suite,
    row_suite,
    sheet_suite,
)
from yiku.contracts import Contract, load_contracts

INDEX = "ref"
# Columns by which Great Expectations' own classes name what they look at.
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")


class Suite:
    """One suite, ready to run, with the columns of a frame that it needs."""

    def __init__(self, name: str, expectations: Sequence[Expectation]) -> None:
        self.gx = gx.ExpectationSuite(
            name=name, expectations=list(expectations)
        )
        self.read: set[str] = set()
        self.seen: set[str] = set()
        self.wished: set[str] = set()
        self.told = {
            c
            for e in expectations
            for c in e["meta"].get("facts", {}).values()
        }
        for expectation in self.gx.expectations:
            read, seen = _columns(expectation)
            self.read |= read
            self.seen |= seen
            if isinstance(expectation, RowExpectation):
                self.wished |= expectation.columns_wished()


def _columns(expectation: Any) -> tuple[set[str], set[str]]:
    if isinstance(expectation, RowExpectation):
        return expectation.columns_read(), expectation.columns_seen()
    named = [getattr(expectation, a, None) for a in _COLUMN_ARGUMENTS]
    return {
        c for n in named if n for c in ([n] if isinstance(n, str) else n)
    }, set()


class Checker:
    """Judges frames by the suites of one folder."""

    def __init__(
        self, folder: Path, contracts: Mapping[str, Contract] | None = None
    ) -> None:
        self._folder = folder
        self._contracts = load_contracts() if contracts is None else contracts
        self._suites: dict[Hashable, Suite | None] = {}
        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),  # without its folder for data docs
            progress_bars=ProgressBarsConfig(globally=False),
            # The library reports its use over the network otherwise, which
            # offices with such lists do not allow.
            analytics_enabled=False,
        )
        context = gx.get_context(mode="ephemeral", project_config=config)
        asset = context.data_sources.add_pandas("batch").add_dataframe_asset(
            "rows"
        )
        self._batches = asset.add_batch_definition_whole_dataframe("whole")

    def check_rows(self, code: str, frame: pd.DataFrame) -> list[Failed]:
        """Judge the linked rows of one list. ``frame`` has a column ``ref`` that rises from row to row.

        Raises RuleError when a rule cannot be run, for instance for want of a column.
        """
        suite = self._suite(
            f"{code}.rows",
            lambda: row_suite(self._folder, self._contracts[code]),
        )
        return [_failed(result, frame) for result in self._run(suite, frame)]

    def check_claims(
        self, code: str, frame: pd.DataFrame, where: str
    ) -> list[Failed]:
        """Judge rows by the rules on rows beside others alone, those WITHIN a file or BEYOND it.

        ``frame`` and errors as for all rules.
        """
        contract = self._contracts[code]
        suite = self._suite(
            f"{code}.claims.{where}",
            lambda: claims_suite(self._folder, contract, where),
        )
        return [_failed(result, frame) for result in self._run(suite, frame)]

    def check_cells(self, notes: pd.DataFrame) -> dict[int, list[JudgedNote]]:
        """Judge the noted cells (``cells.notes_frame``) and return the notes with their verdicts by ``sheet_ref``.

        Raises RuleError when the suite has no verdict for a note: every note must end in one.
        """
        # A suite for each set of codes that occurs: a night meets few of them,
        # and each rule costs a run whether it finds anything or not.
        codes = frozenset(notes["code"].unique())
        suite = self._suite(
            ("cells", codes), lambda: cell_suite(self._folder, codes)
        )
        verdicts = np.full(len(notes), None, dtype=object)
        for result in self._run(suite, notes):
            verdicts[_references(result)] = result.expectation_config.meta[
                "verdict"
            ]
        if missing := sorted(
            {
                c
                for c, v in zip(notes["code"], verdicts, strict=True)
                if v is None
            }
        ):
            raise RuleError(
                f"cells.yml has no verdict for a note: {', '.join(missing)}"
            )
        return _by_sheet(notes, verdicts)

    def check_sheets(
        self, facts: Sequence[SheetFacts]
    ) -> dict[int, list[SheetHit]]:
        """Judge tables as wholes, by the rules of all lists and then by those of their own list."""
        found: dict[int, list[SheetHit]] = defaultdict(list)
        own = sorted({f.template for f in facts if f.template})
        for code in [None, *own]:
            contract = None if code is None else self._contracts[code]
            suite = self._suite(
                f"{code}.sheets", partial(sheet_suite, self._folder, contract)
            )
            mine = [f for f in facts if code in (None, f.template)]
            by_ref = {f.sheet_ref: f for f in mine}
            for result in self._run(suite, _sheets_frame(mine, suite)):
                for ref in _references(result):
                    found[int(ref)].append(
                        _sheet_hit(result, by_ref[int(ref)])
                    )
        return dict(found)

    def judge(
        self,
        frames: Mapping[str, pd.DataFrame],
        notes: pd.DataFrame,
        facts: Sequence[SheetFacts],
    ) -> Verdicts:
        """Judge all that one batch, or a share of one, holds."""
        rows = {
            code: self.check_rows(code, frame)
            for code, frame in frames.items()
            if len(frame)
        }
        return Verdicts(
            rows, self.check_cells(notes), self.check_sheets(facts)
        )

    def _suite(
        self, name: Hashable, expectations: Callable[[], Sequence[Expectation]]
    ) -> Suite | None:
        """Return a suite, put together on first use; None when it has no rules."""
        if name not in self._suites:
            rules = expectations()
            self._suites[name] = Suite(str(name), rules) if rules else None
        return self._suites[name]

    def _run(self, suite: Suite | None, frame: pd.DataFrame) -> list[Any]:
        """Return the results of the expectations that ``frame`` does not meet; RuleError when one raised."""
        if suite is None or not len(frame):
            return []
        # Asked beforehand: of what a rule raises only the place is told, for
        # its words may hold values, and the column's name would be lost.
        if missing := sorted(
            (suite.read | suite.seen | suite.told) - set(frame.columns)
        ):
            raise RuleError(
                f"suite {suite.gx.name}: the frame lacks {', '.join(missing)}"
            )
        judged = judged_frame(
            frame,
            INDEX,
            suite.read | suite.wished.intersection(frame.columns),
            suite.seen,
        )
        batch = self._batches.get_batch(batch_parameters={"dataframe": judged})
        # References and no values: what a failing cell holds would go into
        # results, and from there into logs that anybody reads.
        wanted = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [INDEX],
            "exclude_unexpected_values": True,
            "return_unexpected_index_query": False,
        }
        results = batch.validate(suite.gx, result_format=wanted).results
        for result in results:
            _raise_if_broken(suite.gx.name, result)
        return [r for r in results if not r.success]


def _raise_if_broken(suite: str, result: Any) -> None:
    """Raise RuleError for a rule that raised; its message may hold values of people, so only the place is told."""
    info = result.exception_info or {}
    # one exception, or several by the metric that raised them
    several = (
        [info]
        if "raised_exception" in info
        else [i for i in info.values() if isinstance(i, Mapping)]
    )
    raised = [i for i in several if i.get("raised_exception")]
    if raised:
        config = result.expectation_config
        places = [
            t.strip()
            for t in str(raised[0].get("exception_traceback")).splitlines()
            if t.startswith("  File")
        ]
        raise RuleError(
            f"suite {suite}: {config.meta.get('rule')} ({config.type}) raised at {places[-1:]}"
        )


def _references(result: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    lists = [entry[INDEX] for entry in result.result["unexpected_index_list"]]
    # Our own classes give all rows of a rule in one entry, those of the
    # library an entry for each row.
    flat = [
        r for one in lists for r in (one if isinstance(one, list) else [one])
    ]
    return np.array(sorted(flat), dtype="int64")


def _failed(result: Any, frame: pd.DataFrame) -> Failed:
    meta, refs = result.expectation_config.meta, _references(result)
    # A process judges a share of the batch, so that refs are not positions in
    # its frame.
    positions = np.searchsorted(frame[INDEX].to_numpy(dtype="int64"), refs)
    wanted = dict(meta.get("facts", {}))
    if meta.get("field") in frame:
        wanted["value"] = meta["field"]
    facts = {
        place: frame[column].to_numpy(dtype=object)[positions].tolist()
        for place, column in wanted.items()
    }
    marks = {mark: bool(meta.get(mark)) for mark in ("conditional", "drops")}
    claims = meta.get("claims")
    return Failed(
        meta["rule"],
        meta["verdict"],
        meta.get("field"),
        refs,
        facts,
        claims=claims,
        **marks,
    )


def _by_sheet(
    notes: pd.DataFrame, verdicts: Iterable[str]
) -> dict[int, list[JudgedNote]]:
    found: dict[int, list[JudgedNote]] = defaultdict(list)
    columns = (notes[c] for c in ("sheet_ref", "position", "field", "code"))
    for ref, position, field, code, verdict, facts in zip(
        *columns, verdicts, notes["facts"], strict=True
    ):
        found[ref].append(JudgedNote(position, field, code, verdict, facts))
    return dict(found)


def _sheets_frame(
    facts: Sequence[SheetFacts], suite: Suite | None
) -> pd.DataFrame:
    columns: dict[str, Any] = {
        INDEX: [f.sheet_ref for f in facts],
        "list": [f.template for f in facts],
    }
    measured = (
        set() if suite is None else (suite.read | suite.seen) - columns.keys()
    )
    columns |= {
        m: [f.measures.get(m) for f in facts] for m in sorted(measured)
    }
    return pd.DataFrame(columns, dtype=object)


def _sheet_hit(result: Any, facts: SheetFacts) -> SheetHit:
    meta, measure = (
        result.expectation_config.meta,
        result.expectation_config.kwargs.get("column"),
    )
    return SheetHit(
        meta["rule"],
        meta["verdict"],
        facts.facts.get(measure, {}),
        meta.get("effect"),
    )


@cache
def checker(folder: Path) -> Checker:
    """Return the one checker of this process for a folder of suites."""
    return Checker(folder)
