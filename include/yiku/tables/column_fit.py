"""Whether the values of a column can stand in a column of a list: evidence for or against a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from yiku.contracts import CodeList, Column
from yiku.formats.cells import CellValue
from yiku.tables.value_profile import (
    NOTHING,
    STRENGTH,
    TESTS,
    cell_text,
    forms_of,
    is_choice,
    is_span,
    looks_like_village,
)

SAMPLE = 60


@dataclass(frozen=True, eq=False)
class ColumnSample:
    """The first filled values of a column, taken when somebody asks for them."""

    rows: Sequence[Sequence[CellValue]]
    column: int  # from 0

    @cached_property
    def values(self) -> tuple[CellValue, ...]:
        """The values, without blanks and the ways to write that there is nothing."""
        kept: list[CellValue] = []
        for row in self.rows:
            value = row[self.column]
            if value is None:
                continue
            if isinstance(value, str) and value.strip() in NOTHING:
                continue
            kept.append(value)
            if len(kept) == SAMPLE:
                break
        return tuple(kept)

    def _share_of(self, count: int) -> float:
        """Return what share of the values a count is; 0 for an empty sample."""
        return count / len(self.values) if self.values else 0.0

    def share(self, kind: str) -> float:
        """Return the share of values that look like ``kind``."""
        return self._share_of(sum(map(TESTS[kind], self.values)))

    def span_share(self) -> float:
        """Return the share of values that hold a start and an end at once."""
        return self._share_of(sum(map(is_span, self.values)))

    def code_share(self, codes: CodeList) -> float:
        """Return the share of values that the code list knows, by label or hand form."""
        forms = forms_of(codes)
        return self._share_of(
            sum(is_choice(value, forms) for value in self.values)
        )


@dataclass(frozen=True)
class Fit:
    """What a sample says about one column of a list.

    Whether it may be it, and how much it speaks for it.
    """

    fits: bool
    support: float


NEUTRAL = Fit(True, 0.0)
AGAINST = Fit(False, 0.0)
_ODD = -0.2
# Shares of the values: from where they may stand in a column, speak for it, or are
# mostly of one kind. Dirty values are among them.
_MAY_BE = 0.5
_CLEAR = 0.6
_MOSTLY = 0.7


def judge(
    sample: ColumnSample,
    column: Column,
    codes: Mapping[str, CodeList],
) -> Fit:
    """Judge whether the sampled values can stand in ``column``.

    Values that are missing speak neither way.
    """
    if not sample.values:
        return NEUTRAL
    if column.kind == "code":
        return _judge_code(sample, codes.get(column.codes or ""))
    if column.kind not in TESTS:
        return _judge_text(sample)
    # half of the values may be dirty beyond recognition
    share = sample.share(column.kind)
    support = STRENGTH[column.kind] * share if share >= _CLEAR else 0.0
    return Fit(share >= _MAY_BE, support)


def _judge_code(sample: ColumnSample, codes: CodeList | None) -> Fit:
    """Judge values below a header of coded values.

    The support falls fast where some are no choices: another list of words is near.
    """
    if codes is None or codes.open:
        return _judge_text(sample)
    share = sample.code_share(codes)
    # 是 and 否 stand below many headers
    is_yes_no = len(codes.labels) <= 2 or sample.share("bool") > 0.8
    strength = 0.1 if is_yes_no else 0.35
    support = strength * share**3 if share >= _CLEAR else 0.0
    return Fit(share >= _MAY_BE, support)


def _judge_text(sample: ColumnSample) -> Fit:
    """Judge values below a header of free text.

    They may be nearly anything, but no IDs or phones, and hardly dates, villages or yes
    and no.
    """
    if sample.share("id") > _MOSTLY or sample.share("phone") > _MOSTLY:
        return AGAINST
    if sample.share("date") > _MOSTLY or _only_bool(sample):
        return Fit(True, _ODD)
    has_several = len(sample.values) > 1
    if has_several and _village_share(sample) > _MOSTLY:
        return Fit(True, _ODD)
    return NEUTRAL


def _village_share(sample: ColumnSample) -> float:
    """Return the share of villages themselves.

    A village's committee is as much a unit that employs people.
    """
    villages = 0
    for value in sample.values:
        if looks_like_village(value) and not cell_text(value).strip().endswith(
            "会"
        ):
            villages += 1
    return villages / len(sample.values)


def _only_bool(sample: ColumnSample) -> bool:
    """Return whether all values are words, and most of them yes or no."""
    for value in sample.values:
        if not isinstance(value, str) or value.strip().isdigit():
            return False
    return sample.share("bool") > _MOSTLY
