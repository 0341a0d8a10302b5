"""Our own expectation classes: what a row must satisfy, judged for all rows at once.

Great Expectations' own column pair and multicolumn classes copy the frame, and some give no row references. Each class
here answers one question with one mask, and gives the references of the rows that fail with the same pass. Importing
this module registers the classes under their snake-case names. An empty value satisfies every class except
``expect_row_value_filled``: that something is missing is a matter of that class alone.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from yiku.checking.frame import UNTIL
from yiku.checking.row_expectation import (
    DAYS_A_MONTH,
    Mask,
    RowExpectation,
    as_mask,
    latest,
    numbers,
)

HALF_CENT = 0.005
# A span of whole years is a little longer when it holds a leap day.
SPAN_SLACK = 0.1


class ExpectRowValueFilled(RowExpectation):
    """The column holds something."""

    column: str
    value_columns: ClassVar[tuple[str, ...]] = ()

    def columns_seen(self) -> set[str]:
        """Return the columns of which the rule only asks whether they are filled."""
        return {self.column, *super().columns_seen()}

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows where the column is empty."""
        return as_mask(frame[self.column].isna())


class ExpectRowValueBlank(RowExpectation):
    """The column holds nothing: it is filled only where linking found something amiss."""

    column: str
    value_columns: ClassVar[tuple[str, ...]] = ()

    def columns_seen(self) -> set[str]:
        """Return the columns of which the rule only asks whether they are filled."""
        return {self.column, *super().columns_seen()}

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows where the column is filled."""
        return as_mask(frame[self.column].notna())


class ExpectRowValueNotIn(RowExpectation):
    """The column holds none of ``values``: flags that linking or cleaning raised, states that must not be.

    A cell of several values holds each of them.
    """

    column: str
    values: list[Any]

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows that hold one of the values."""
        held = frame[self.column]
        # Objects are left only where cells hold several values, which no
        # membership test of pandas looks into.
        if held.dtype != object:
            return as_mask(held.isin(self.values))
        return np.fromiter(
            (not _values(v).isdisjoint(self.values) for v in held),
            dtype=bool,
            count=len(held),
        )


class ExpectRowValueIn(RowExpectation):
    """The column holds one of ``values``, or nothing."""

    column: str
    values: list[Any]

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows that hold something else."""
        return as_mask(
            frame[self.column].notna() & ~frame[self.column].isin(self.values)
        )


class ExpectRowValueAmong(RowExpectation):
    """The value is among those that the column ``among`` holds; of several values, at least one is. Blanks pass."""

    column: str
    among: str
    value_columns: ClassVar[tuple[str, ...]] = ("column", "among")

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows whose value is not among those of the other column."""
        pairs = zip(frame[self.column], frame[self.among], strict=True)
        return np.fromiter(
            (_apart(value, others) for value, others in pairs),
            dtype=bool,
            count=len(frame),
        )


def _apart(value: Any, others: Any) -> bool:
    mine, theirs = _values(value), _values(others)
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _values(cell: Any) -> set[Any]:
    if isinstance(cell, tuple):
        return set(cell)
    return set() if pd.isna(cell) else {cell}


class ExpectRowValueLike(RowExpectation):
    """The text holds something of the form ``pattern``, anywhere in it."""

    column: str
    pattern: str

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows whose text holds nothing of that form."""
        texts = frame[self.column]
        return as_mask(
            texts.notna()
            & ~texts.astype(str).str.contains(self.pattern, regex=True)
        )


class ExpectRowValueBetween(RowExpectation):
    """The number lies between ``low`` and ``high``, both included unless ``strict``."""

    column: str
    low: float | None = None
    high: float | None = None
    strict: bool = False

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows outside the limits."""
        found = numbers(frame, self.column)
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        outside = (
            (found <= low) | (found >= high)
            if self.strict
            else (found < low) | (found > high)
        )
        return np.asarray(outside & ~np.isnan(found), dtype=bool)


class ExpectRowValuesOrdered(RowExpectation):
    """``first`` is at most ``second`` plus ``slack`` (days for dates; an imprecise date may be any of its days)."""

    first: str
    second: str
    slack: float = 0
    value_columns: ClassVar[tuple[str, ...]] = ("first", "second")

    def columns_wished(self) -> set[str]:
        """Return the columns that the rule looks at where the frame has them."""
        return {self.second + UNTIL}

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows in which the first is beyond the second."""
        return (
            numbers(frame, self.first)
            > latest(frame, self.second) + self.slack
        )


class ExpectRowValuesEqual(RowExpectation):
    """``first`` holds the same text as ``second``, or as ``otherwise``."""

    first: str
    second: str
    otherwise: str | None = None
    value_columns: ClassVar[tuple[str, ...]] = ("first", "second", "otherwise")

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows in which both are filled and differ."""
        first, second = (
            frame[self.first].astype(object),
            frame[self.second].astype(object),
        )
        differ = first.notna() & second.notna() & (first != second)
        if self.otherwise is not None:
            differ &= first != frame[self.otherwise].astype(object)
        return as_mask(differ)


class ExpectRowProductEqual(RowExpectation):
    """The product of ``factors`` is ``result``, within ``tolerance`` (yuan) or within a ``share`` of the product."""

    factors: list[str]
    result: str
    tolerance: float = 0.01
    share: float = 0
    value_columns: ClassVar[tuple[str, ...]] = ("factors", "result")

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows whose product is another one."""
        product = np.prod([numbers(frame, f) for f in self.factors], axis=0)
        # floats carry money here only to compare it: half a cent keeps their noise out
        allowed = (
            np.maximum(self.tolerance, self.share * np.abs(product))
            + HALF_CENT
        )
        return np.asarray(
            np.abs(product - numbers(frame, self.result)) > allowed, dtype=bool
        )


class ExpectRowSpanWithin(RowExpectation):
    """From ``start`` to the earliest of ``ends``, both days included, lie at least ``count`` and at most ``most``.

    The unit is days, or with ``months`` months; a month that has begun counts for ``count``.
    """

    start: str
    ends: list[str]
    count: str | None = None
    most: float | None = None
    months: bool = False
    value_columns: ClassVar[tuple[str, ...]] = ("start", "ends", "count")

    def columns_wished(self) -> set[str]:
        """Return the columns that the rule looks at where the frame has them."""
        return {column + UNTIL for column in (self.start, *self.ends)}

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows whose span is too short, or too long, however their dates are read."""
        unit = DAYS_A_MONTH if self.months else 1
        # 2017年3月 to 2017年8月 may be 124 days or 184. A row is at fault only
        # where every reading of its dates is.
        shortest = (
            np.fmin.reduce([numbers(frame, e) for e in self.ends])
            - latest(frame, self.start)
            + 1
        ) / unit
        longest = (
            np.fmin.reduce([latest(frame, e) for e in self.ends])
            - numbers(frame, self.start)
            + 1
        ) / unit
        # An end that is not known leaves the others to count: fmin passes over
        # it where a plain minimum would know nothing at all.
        broken = shortest > (
            np.inf if self.most is None else self.most + SPAN_SLACK
        )
        if self.count is not None:
            broken |= numbers(frame, self.count) > np.ceil(longest)
        return np.asarray(broken, dtype=bool)


class ExpectRowGroupWithin(RowExpectation):
    """Rows that share all of ``group`` hold at most ``most`` different values in ``column``.

    Every row of a group that holds more of them fails.
    """

    group: list[str]
    column: str
    most: int = 1
    value_columns: ClassVar[tuple[str, ...]] = ("group", "column")

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows of groups that hold too many values."""
        values = pd.Series(
            pd.factorize(frame[self.column])[0], index=frame.index
        )
        # -1 is how factorize writes a blank, which is no value of its own.
        known = values.where(values >= 0)
        held = known.groupby(
            [frame[g] for g in self.group], observed=True
        ).transform("nunique")
        return as_mask((held > self.most) & known.notna())


class ExpectRowGroupSum(RowExpectation):
    """The numbers in ``column`` of rows that share all of ``group`` add up to ``total``, within ``tolerance``.

    Every row of a group that does not fails.
    """

    group: list[str]
    column: str
    total: float
    tolerance: float = 0.01
    value_columns: ClassVar[tuple[str, ...]] = ("group", "column")

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows of groups with another sum; a group without any number has none."""
        values = pd.Series(numbers(frame, self.column), index=frame.index)
        keys = [frame[g] for g in self.group]
        sums = values.groupby(keys, observed=True, dropna=False).transform(
            "sum", min_count=1
        )
        return as_mask(
            ((sums - self.total).abs() > self.tolerance) & values.notna()
        )


class ExpectRowsApart(RowExpectation):
    """Two rows of the same ``group`` do not overlap in days from ``start`` to ``end`` by more than ``slack`` days.

    The later row of two fails.
    """

    group: list[str]
    start: str
    end: str
    slack: float = 0
    value_columns: ClassVar[tuple[str, ...]] = ("group", "start", "end")

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the rows that begin before an earlier one of the group has ended."""
        start, end = numbers(frame, self.start), numbers(frame, self.end)
        keys = pd.MultiIndex.from_frame(frame[self.group].astype(object))
        named = frame[self.group].notna().all(axis=1).to_numpy() & ~np.isnan(
            start
        )
        order = np.lexsort((start, pd.factorize(keys)[0]))[: len(frame)]
        order = order[named[order]]
        group = pd.factorize(keys)[0][order]
        # A spell without an end still runs, and overlaps all that begin later.
        until = pd.Series(np.where(np.isnan(end), np.inf, end)[order])
        # The furthest end so far rather than that of the row before: a short
        # spell inside a long one would hide what the long one overlaps.
        reached = (
            until.groupby(group)
            .cummax()
            .groupby(group)
            .shift()
            .to_numpy(dtype="float64")
        )
        found = np.zeros(len(frame), dtype=bool)
        found[order] = reached - start[order] + 1 > self.slack
        return found


class ExpectNoNote(RowExpectation):
    """Cleaning left no note ``code``. Meant for the frame that has one row for each note."""

    code: str
    value_columns: ClassVar[tuple[str, ...]] = ()

    def columns_read(self) -> set[str]:
        """Return the columns whose values the rule looks at."""
        return {"code", *super().columns_read()}

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Find the notes with that code."""
        return as_mask(frame["code"] == self.code)
