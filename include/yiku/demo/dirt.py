"""The dirt that is planted in cells.

One table, from the rule that must name it to the function and how often.

A function gets the record and the column and returns what the cell holds instead, or
UNFIT when this record does not lend itself to it. Most changes are told by what makes
them: ``_instead``, ``_written``, ``_on_text``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yiku.demo.page import Formula, Mark, Record
from yiku.demo.people import make_check

_HOMOPHONES = {
    "芳": "方",
    "伟": "玮",
    "军": "君",
    "建": "健",
    "英": "瑛",
    "华": "花",
    "平": "萍",
    "明": "鸣",
    "志": "智",
    "国": "果",
}

UNFIT = object()
RESULTS = frozenset({"xlsxwriter", "plain"})  # keeps the results of formulas
NO_RESULTS = frozenset({"openpyxl"})
TYPED = frozenset(
    {"xlsxwriter", "plain", "openpyxl", "xls"}
)  # tells a number from text

Change = Callable[[Record, str], object]


@dataclass(frozen=True)
class Plant:
    """How one kind of dirt is planted: in which list, column and formats."""

    rule: str
    verdict: str
    code: str
    field: str
    change: Change
    times: int = 3
    formats: frozenset[str] = frozenset()
    said: bool = True
    also: tuple[
        tuple[str, str], ...
    ] = ()  # other findings that the same cell must cause
    rows: int = 1


def spoil(plant: Plant, records: list[Record], start: int) -> bool:
    """Plant dirt on ``rows`` records from ``start``.

    Return False when these do not lend themselves to it.
    """
    chosen = records[start : start + plant.rows]
    if len(chosen) < plant.rows or not all(
        _is_free(record, plant.field) for record in chosen
    ):
        return False
    changed = [plant.change(record, plant.field) for record in chosen]
    if UNFIT in changed:
        return False
    for number, record in enumerate(chosen):
        value: Any = changed[number]
        # C10 is a column that a program filled downwards: each cell is one more than
        # that above it
        record.cells[plant.field] = (
            value + number if plant.rule == "C10" else value
        )
        record.marks.append(
            Mark(plant.rule, plant.verdict, plant.field, plant.said)
        )
        for rule, verdict in plant.also:
            record.marks.append(Mark(rule, verdict, plant.field))
    return True


def _is_free(record: Record, field: str) -> bool:
    """Return whether a cell is filled, on a row without other dirt."""
    is_empty = record.cells.get(field) in (None, "")
    return not (record.marks or record.taken or is_empty)


def _text(record: Record, field: str) -> str:
    return str(record.cells[field])


def _instead(value: object) -> Change:
    """Write one and the same into every cell."""

    def change(_record: Record, _field: str) -> object:
        return value

    return change


def _written(pattern: str) -> Change:
    """Write the cell's text into a pattern."""

    def change(record: Record, field: str) -> object:
        return pattern.format(_text(record, field))

    return change


def _on_text(rewrite: Callable[[str], object]) -> Change:
    """Change the cell's text."""

    def change(record: Record, field: str) -> object:
        return rewrite(_text(record, field))

    return change


def _where(value: object, other: object) -> Change:
    """Write another word where a certain one stands, and nowhere else."""

    def change(record: Record, field: str) -> object:
        return other if record.values[field] == value else UNFIT

    return change


def _homophone(name: str) -> object:
    other = _HOMOPHONES.get(name[-1])
    return name[:-1] + other if other else UNFIT


def with_bad_check(number: str) -> str:
    """Return an identity number whose last digit is wrong."""
    wrong = "5" if number[-1] == "3" else "3"
    return number[:-1] + wrong


def cut_short(number: str) -> str:
    """Return an identity number without its last digit."""
    return number[:-1]


def _number_as_float(number: str) -> object:
    return float(number) if number.isdigit() else UNFIT


def _noise(record: Record, field: str) -> object:
    return (
        record.values[field] - 4.5e-10
    )  # what is left of 3000 after some sums


def _lower_x(number: str) -> object:
    return number[:-1] + "x" if number.endswith("X") else UNFIT


def _letter_o(number: str) -> object:
    return number.replace("0", "O", 1)


def _old_number(number: str) -> object:
    """Return the number of fifteen digits that people had before 1999.

    No century, no check digit.
    """
    century = number[6:8]
    return number[:6] + number[8:17] if century == "19" else UNFIT


def _cut_zeros(number: str) -> object:
    # where the check digit of the zeros is a zero, nothing would show that the program
    # cut them
    is_valid = make_check(number[:15] + "00") == "0"
    return UNFIT if is_valid else number[:15] + "000"


def _impossible_birth(number: str) -> object:
    body = number[:10] + "0230" + number[14:17]
    return body + make_check(body)


def _other_sex(sex: str) -> object:
    return "女" if sex == "男" else "男"


def _scientific(number: str) -> object:
    rounded = float(number[:17] + "0")
    return f"{rounded:.5E}"


def _in_groups(number: str) -> object:
    return f"{number[:6]} {number[6:14]} {number[14:]}"


def _foreign_dot(name: str) -> object:
    return f"{name[0]}•{name[1:]}"


def _tick(record: Record, field: str) -> object:
    return "√" if record.values[field] else "×"


def _before_start(record: Record, field: str) -> object:
    start = record.values["start_on"]
    return date(start.year - 1, start.month, 1)


def _wide(text: str) -> str:
    """Return a text as an input method set to full width writes it."""
    letters = []
    for letter in text:
        has_wide_form = "!" <= letter <= "~"
        letters.append(chr(ord(letter) + 0xFEE0) if has_wide_form else letter)
    return "".join(letters)


def _first_of_month(record: Record, field: str) -> str:
    day = record.values[field]
    return f"{day.year}年{day.month}月"


def _serial_day(record: Record, field: str) -> object:
    # Excel counts days from here, for it takes 1900 for a leap year
    since: timedelta = record.values[field] - date(1899, 12, 30)
    return since.days


_DIVIDED_BY_ZERO = Formula("=1/0", "#DIV/0!")
_NEVER_CALCULATED = Formula("=A1*2", None)
_SUM_OF_OTHERS = Formula("=SUM(A1:A2)", 3000)

PLANTS: tuple[Plant, ...] = (
    # --- text
    # an input method was left on full width
    Plant("C01", "A", "L1", "id_no", _on_text(_wide)),
    # copied from a web page, with a letter of no width behind it
    Plant("C02", "A", "L1", "name", _written("{}\u200b")),
    # the mark that keeps a number text, typed by hand
    Plant("C03", "A", "L1", "id_no", _written("'{}")),
    # spread out by spaces, so that short names fill the column
    Plant("C04", "A", "L3", "name", _on_text(" ".join), times=4),
    # the dot of another people's name, where there is none
    Plant("C05", "A", "L1", "name", _on_text(_foreign_dot)),
    # typed by ear: the register has the other character
    Plant("C07", "W", "L1", "name", _on_text(_homophone), times=4),
    # a relation in the cell of the name
    Plant("C08", "A", "L1", "name", _written("{}（户主）")),
    # a number that fills the cell and is nobody's
    Plant("C09", "W", "L1", "phone", _instead("11111111111")),
    # copied from a telephone's address book
    Plant("C09", "A", "L3", "phone", _written("+86 {}")),
    # dragged downwards: the program counted up
    Plant(
        "C10",
        "Q",
        "L3",
        "phone",
        _instead(13900012340),
        times=1,
        formats=TYPED,
        rows=4,
    ),
    # a figure for yes: 1 may be the first of two choices too
    Plant("C11", "W", "L1", "train_intent", _instead("1")),
    # ticks and crosses
    Plant("C11", "A", "L1", "venture_intent", _tick),
    # both words of a choice, none of them struck out
    Plant("C12", "Q", "L1", "health", _instead("健康/残疾")),
    # what people say for what the code list says
    Plant("C13", "A", "L1", "emp_status", _where("转移就业", "打工")),
    # a word of no code list
    Plant("C13", "Q", "L1", "labour_capacity", _instead("会干活")),
    # ditto, of which a sorted sheet has lost the row above
    Plant("L12", "Q", "L3", "phone", _instead("同上")),
    # an error that a formula left behind
    Plant(
        "L21",
        "Q",
        "L3",
        "wage_yuan",
        _instead(_DIVIDED_BY_ZERO),
        formats=RESULTS,
    ),
    # a program's word for nothing
    Plant("L22", "A", "L1", "intent_job", _instead("NA"), said=False),
    # a formula that was never calculated: the cell holds no number
    Plant(
        "L20",
        "Q",
        "L3",
        "wage_yuan",
        _instead(_NEVER_CALCULATED),
        formats=NO_RESULTS,
    ),
    # --- numbers and money
    # a sum where a person's own wage belongs
    Plant(
        "N06",
        "Q",
        "L3",
        "wage_yuan",
        _instead(_SUM_OF_OTHERS),
        formats=RESULTS,
    ),
    # the unit behind the number
    Plant("N01", "A", "L3", "wage_yuan", _written("{}元")),
    # about so much
    Plant("N01", "W", "L3", "wage_yuan", _written("{}左右")),
    # what binary fractions leave of a round sum
    Plant("N03", "A", "L3", "wage_yuan", _noise, formats=TYPED),
    # a wage of a day, or in another unit
    Plant("N04", "W", "L3", "wage_yuan", _instead(120)),
    # nobody earns less than nothing
    Plant("N04", "Q", "L3", "wage_yuan", _instead(-2000)),
    # --- dates
    # a month where a day is asked for
    Plant("T01", "A", "L3", "start_on", _first_of_month),
    # a day that lost its format is the number behind it
    Plant("T02", "A", "L3", "start_on", _serial_day, formats=TYPED),
    # 2017.1 as a number may be January or October
    Plant("T03", "Q", "L3", "start_on", _instead(2017.1), formats=TYPED),
    # what a database writes
    Plant("T04", "A", "L3", "start_on", _written("{} 00:00:00")),
    # 3-1 was a group and a household, until a program made a day of it
    Plant(
        "T05", "Q", "L1", "group_no", _instead(date(2017, 3, 1)), formats=TYPED
    ),
    # a day that no calendar has
    Plant("T06", "Q", "L3", "start_on", _instead("2017-2-30")),
    # over before it began
    Plant("T08", "Q", "L3", "end_on", _before_start),
    # a year alone
    Plant("T09", "W", "L3", "start_on", _instead("2017年")),
    # --- identity numbers
    # a csv that was opened and saved: the last digits are gone
    Plant("F04", "Q", "L1", "id_no", _on_text(_scientific)),
    # typed as a number, of which a program keeps fifteen digits
    Plant(
        "I01",
        "Q",
        "L1",
        "id_no",
        _on_text(_number_as_float),
        times=5,
        formats=TYPED,
    ),
    # the same, after somebody made it text again
    Plant("I02", "Q", "L3", "id_no", _on_text(_cut_zeros)),
    # the check digit ten in small
    Plant("I03", "A", "L1", "id_no", _on_text(_lower_x)),
    # a letter for a nought
    Plant("I04", "Q", "L3", "id_no", _on_text(_letter_o)),
    # in groups, as it is read out
    Plant("I05", "A", "L1", "id_no", _on_text(_in_groups)),
    # the number of the first generation of cards
    Plant("I06", "W", "L1", "id_no", _on_text(_old_number)),
    # a digit is missing
    Plant("I07", "Q", "L1", "id_no", _on_text(cut_short)),
    # a digit is wrong
    Plant("I08", "Q", "L1", "id_no", _on_text(with_bad_check), times=5),
    # born on the thirtieth of February
    Plant("I09", "Q", "L3", "id_no", _on_text(_impossible_birth)),
    # not what the number says
    Plant("I10", "W", "L1", "sex", _on_text(_other_sex), times=4),
    # to be filled in later
    Plant("I13", "Q", "L1", "id_no", _instead("待补")),
    # a certificate of the disabled: the number, then kind and degree
    Plant("I14", "A", "L1", "id_no", _written("{}44")),
    # --- rows
    # without the name nobody knows who it is
    Plant("R01", "Q", "L1", "name", _instead(None)),
    # asked for, though the row stands without it
    Plant("R02", "W", "L1", "ethnic", _instead(None)),
    # a son who is called a daughter-in-law
    Plant("X04", "W", "L1", "rel_to_head", _where("子", "儿媳")),
    # a housing estate, where the county knows villages
    Plant("X06", "Q", "L1", "village_name", _instead("幸福里新村")),
)
