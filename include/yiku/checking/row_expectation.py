"""What all expectations on rows have in common: which rows they look at, and columns as numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import (
    BatchExpectation,
    parse_result_format,
)
from great_expectations.expectations.metrics.metric_provider import (
    MetricProvider,
    metric_value,
)
from great_expectations.validator.metric_configuration import (
    MetricConfiguration,
)
from great_expectations.validator.validator import ValidationDependencies

from yiku.checking.frame import UNTIL

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Conditions = dict[str, list[Any]]
FRAME = "table.rows"
DAYS_A_MONTH = 30.4375


class TableRows(MetricProvider):  # type: ignore[misc]  # the library is not typed
    """The frame under judgement: a metric, so that it is fetched once for a whole suite."""

    metric_name = FRAME
    domain_keys = ("batch_id", "table")
    value_keys = ()

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(
        cls,  # noqa: N805 - the library calls it as a class method
        execution_engine: Any,
        metric_domain_kwargs: dict[str, Any],
        **_: Any,
    ) -> pd.DataFrame:
        frame: pd.DataFrame = execution_engine.get_domain_records(
            metric_domain_kwargs
        )
        return frame


class RowExpectation(BatchExpectation):  # type: ignore[misc]
    """A rule on rows. The four conditions say which rows it looks at; all of them must hold."""

    when: Conditions = {}  # noqa: RUF012 - a field of the library's model, copied for each object
    unless: Conditions = {}  # noqa: RUF012
    when_filled: list[str] = []  # noqa: RUF012
    when_blank: list[str] = []  # noqa: RUF012

    metric_dependencies: ClassVar[tuple[str, ...]] = (FRAME,)
    args_keys: ClassVar[tuple[str, ...]] = ()
    value_columns: ClassVar[tuple[str, ...]] = ("column",)

    def broken(self, frame: pd.DataFrame) -> Mask:
        """Return the mask of the rows that do not satisfy the rule, conditions aside."""
        raise NotImplementedError

    def columns_read(self) -> set[str]:
        """Return the columns whose values the rule looks at."""
        named = (getattr(self, f) for f in self.value_columns)
        flat = {
            c
            for n in named
            if n is not None
            for c in ([n] if isinstance(n, str) else n)
        }
        return flat | set(self.when) | set(self.unless)

    def columns_seen(self) -> set[str]:
        """Return the columns of which the rule only asks whether they are filled."""
        return {*self.when_filled, *self.when_blank}

    def columns_wished(self) -> set[str]:
        """Return the columns that the rule looks at where the frame has them."""
        return set()

    def get_validation_dependencies(
        self,
        execution_engine: Any = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """Ask for the frame alone; the inherited way rebuilds the configuration eight times for each expectation."""
        wanted = MetricConfiguration(
            FRAME,
            metric_domain_kwargs={"batch_id": self.batch_id},
            metric_value_kwargs=None,
        )
        form = parse_result_format(
            (runtime_configuration or {}).get("result_format", {})
        )
        return ValidationDependencies(
            metric_configurations={FRAME: wanted}, result_format=form
        )

    def _looked_at(self, frame: pd.DataFrame) -> Mask:
        mask = np.ones(len(frame), dtype=bool)
        for column, values in self.when.items():
            mask &= frame[column].isin(values).to_numpy()
        for column, values in self.unless.items():
            mask &= ~frame[column].isin(values).to_numpy()
        for column in self.when_filled:
            mask &= frame[column].notna().to_numpy()
        for column in self.when_blank:
            mask &= frame[column].isna().to_numpy()
        return mask

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        frame = metrics[FRAME]
        failed = np.flatnonzero(self.broken(frame) & self._looked_at(frame))
        names = (
            (runtime_configuration or {})
            .get("result_format", {})
            .get("unexpected_index_column_names", [])
        )
        references = (
            [{n: frame[n].to_numpy()[failed].tolist() for n in names}]
            if len(failed)
            else []
        )
        return {
            "success": not len(failed),
            "result": {
                "element_count": len(frame),
                "unexpected_count": len(failed),
                "unexpected_index_list": references,
            },
        }


def as_mask(values: pd.Series[Any]) -> Mask:
    """Return a column of truth values as an array."""
    return np.asarray(values, dtype=bool)


def numbers(
    frame: pd.DataFrame, column: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a column as floats, NaN where it is empty; dates count in days, months (YYYY-MM) by their first day."""
    values = frame[column]
    # Months are texts, and texts go into the judged frame as categories.
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.to_datetime(values.astype(object), format="%Y-%m")
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.to_numpy().astype("datetime64[D]")
        return np.where(
            np.isnat(days), np.nan, days.astype("int64").astype("float64")
        )
    return values.to_numpy(dtype="float64", na_value=np.nan)


def latest(
    frame: pd.DataFrame, column: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a column as ``numbers`` does, but a month or a year that was written alone by its last day."""
    found = numbers(frame, column)
    if column + UNTIL not in frame:
        return found
    until = numbers(frame, column + UNTIL)
    return np.where(np.isnan(until), found, until)
