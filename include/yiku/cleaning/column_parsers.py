"""Which parser reads which column.

One function from a cell to its meaning for each column of a contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from yiku.cleaning.accounts import parse_account
from yiku.cleaning.as_shown import (
    AMOUNTS,
    TEXTS,
    parse_shown_amount,
    parse_shown_date,
    parse_shown_text,
)
from yiku.cleaning.choices import ChoiceReader
from yiku.cleaning.cleaned import CleaningContext, Parsed, Place
from yiku.cleaning.date_rules import DateRules, period_of, side_of
from yiku.cleaning.dates import keeps_zeros, parse_date
from yiku.cleaning.disability_ids import parse_disability
from yiku.cleaning.group_numbers import parse_group
from yiku.cleaning.ids import parse_id
from yiku.cleaning.numbers import NumberRules, parse_number
from yiku.cleaning.percentages import parse_percent
from yiku.cleaning.person_names import parse_name, parse_names
from yiku.cleaning.phones import parse_phone
from yiku.cleaning.quarters import parse_quarter
from yiku.cleaning.social_codes import parse_id_or_uscc, parse_uscc
from yiku.cleaning.text import (
    is_nothing,
    nothing,
    parse_place_name,
    parse_remark,
    parse_text,
    split_text,
)
from yiku.cleaning.yes_no import parse_bool
from yiku.contracts.codes import CodeList
from yiku.contracts.contract import Column
from yiku.contracts.money import factor_of
from yiku.tables.table import Table

Reader = Callable[[object], Parsed]


@dataclass(frozen=True)
class Desk:
    """What every reader of a table's columns may need."""

    table: Table
    codes: Mapping[str, CodeList]
    context: CleaningContext
    # kept from table to table: they remember what they read
    readers: dict[tuple[str, bool, str], ChoiceReader]


def _date(column: Column, desk: Desk) -> Reader:
    """Return the reader of a column of dates or months."""
    cells = desk.table.cells.get(column.name, [])
    rules = DateRules(
        side=side_of(column.name),
        business_year=desk.context.business_date.year,
        birth=column.name.startswith("birth"),
        epoch_1904=desk.context.epoch_1904,
        month_only=column.kind == "month",
        zero_lost=desk.context.untyped and not keeps_zeros(cells),
        period=period_of(desk.context.file_period, desk.context.business_date),
    )
    return lambda value: parse_date(value, rules)


def _quarter(column: Column, desk: Desk) -> Reader:
    """Return the reader of a column of quarters, in the year of the sheet."""
    # the sheet's own year, as 三季度 says none
    period = desk.context.file_period
    year = int(period[:4]) if period else desk.context.business_date.year
    return lambda value: parse_quarter(value, year)


def number_rules(column: Column, desk: Desk) -> NumberRules:
    """Return what reading a column of numbers must know."""
    unit = (
        desk.table.units.get(column.name) if column.kind == "money" else None
    )
    return NumberRules(
        kind=column.kind,
        scale=factor_of(unit),
        low=column.low,
        high=column.high,
        mandatory=column.need == "M",
        measure=column.measure,
        per=column.per,
        least=column.least,
    )


def _number(column: Column, desk: Desk) -> Reader:
    """Return the reader of a column of amounts, counts or percentages."""
    rules = number_rules(column, desk)
    if column.kind == "percent":
        return lambda value: parse_percent(value, rules, formatted=False)
    return lambda value: parse_number(value, rules)


def _code(column: Column, desk: Desk) -> Reader:
    """Return the reader of a coded column.

    Kept while its code list is the same object: it remembers what it has read.
    """
    if column.codes is None:
        return parse_text
    # what the ID says as well is only asked about
    key = (column.codes, column.many, "W" if column.need == "X" else "Q")
    reader = desk.readers.get(key)
    if reader is None or reader.codes is not desk.codes[column.codes]:
        reader = ChoiceReader(desk.codes[column.codes], column.many, key[2])
        desk.readers[key] = reader
    return reader


def _id(column: Column, desk: Desk) -> Reader:
    """Return the reader of a column of IDs, or of IDs and credit codes."""
    today, mandatory = desk.context.business_date, column.need == "M"
    read = parse_id_or_uscc if column.kind == "id_or_uscc" else parse_id
    return lambda value: read(value, today, mandatory)


def _text(column: Column, desk: Desk) -> Reader:
    """Return the reader of a column of texts: names, several words, a place, a remark."""
    if column.many:
        return parse_names if column.personal == "name" else split_text
    if column.place:
        return lambda value: (
            nothing(value)
            if isinstance(value, str) and is_nothing(value)
            else parse_text(value)
        )
    return parse_remark if column.name == "remark" else parse_text


def _bool(column: Column, desk: Desk) -> Reader:
    """Return the reader of a yes/no column, which knows the column's own words."""
    return partial(parse_bool, headers=column.headers, means=column.means)


_READERS: dict[str, Callable[[Column, Desk], Reader]] = {
    "id": _id,
    "id_or_uscc": _id,
    "date": _date,
    "month": _date,
    "quarter": _quarter,
    "money": _number,
    "number": _number,
    "integer": _number,
    "percent": _number,
    "code": _code,
    "text": _text,
    "place": _text,
    "bool": _bool,
    "name": lambda column, desk: parse_name,
    "phone": lambda column, desk: parse_phone,
    "town": lambda column, desk: parse_place_name,
    "village": lambda column, desk: parse_place_name,
    "group": lambda column, desk: parse_group,
    "disability": lambda column, desk: (
        lambda value: parse_disability(value, desk.context.business_date)
    ),
    "uscc": lambda column, desk: (
        lambda value: parse_uscc(value, column.need == "M")
    ),
    "account": lambda column, desk: (
        lambda value: parse_account(value, column.need == "M")
    ),
}


def reader_for(column: Column, desk: Desk) -> Reader:
    """Return the function that reads one cell of ``column``.

    KeyError for a kind that nobody reads, a fault of ours.
    """
    return _READERS[column.kind](column, desk)


def special_reader(
    column: Column,
    desk: Desk,
    place: Place,
) -> Reader | None:
    """Return the reader for a cell whose look changes its meaning. None otherwise.

    Its number format, or a symbol font.
    """
    position = place[0]
    where = desk.table.where(column.name, position)
    cell = (desk.table.rows[position], where.column if where else 0)
    look = desk.table.look
    if column.kind == "bool" and cell in look.symbol_font:
        return partial(parse_bool, symbol_font=True)
    if column.kind == "percent" and cell in look.percent:
        rules = number_rules(column, desk)
        return lambda value: parse_percent(value, rules, formatted=True)
    code = look.formats.get(cell)
    return _format_reader(column, desk, code) if code else None


def _format_reader(
    column: Column,
    desk: Desk,
    code: str,
) -> Reader | None:
    """Return the reader for numbers whose format speaks.

    None where the column's kind takes the number as it is.
    """
    if column.kind in AMOUNTS:
        unit = desk.table.units.get(column.name)
        rules = number_rules(column, desk)
        return _of_numbers(
            lambda value: parse_shown_amount(value, code, rules, unit)
        )
    read = reader_for(column, desk)
    if column.kind in TEXTS:
        return _of_numbers(lambda value: parse_shown_text(value, code, read))
    if column.kind in ("date", "month"):
        return _of_numbers(lambda value: parse_shown_date(value, code, read))
    return None


def _of_numbers(read: Callable[[float], Parsed]) -> Reader:
    """Return a reader for cells that the format says to be numbers."""

    def answer(value: object) -> Parsed:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("the format of a cell that holds no number")
        return read(value)

    return answer
