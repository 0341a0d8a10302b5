"""The dirt that is planted in cells: one table, from the rule that must name it to the function and how often.

A function gets the record and the column and returns what the cell holds instead, or UNFIT when this record does not
lend itself to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

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
RESULTS = frozenset({"xlsxwriter"})  # keeps the results of formulas
TYPED = frozenset({"xlsxwriter", "openpyxl", "xls"})  # tells a number from text


@dataclass(frozen=True)
class Plant:
    """How one kind of dirt is planted, in which list and column, and in which formats it can stand."""

    rule: str
    verdict: str
    code: str
    field: str
    change: Callable[[Record, str], object]
    times: int = 3
    formats: frozenset[str] = frozenset()
    said: bool = True
    also: tuple[tuple[str, str], ...] = ()  # other findings that the same cell must cause
    rows: int = 1


def spoil(plant: Plant, records: list[Record], at: int) -> bool:
    """Plant dirt on ``rows`` records from ``at``; False when these records do not lend themselves to it."""
    chosen = records[at : at + plant.rows]
    if len(chosen) < plant.rows or any(r.marks or r.taken or r.cells.get(plant.field) in (None, "") for r in chosen):
        return False
    changed = [(r, plant.change(r, plant.field)) for r in chosen]
    if any(value is UNFIT for _, value in changed):
        return False
    for n, (record, value) in enumerate(changed):
        record.cells[plant.field] = value + n if plant.rule == "C10" else value  # type: ignore[operator, assignment]
        record.marks.append(Mark(plant.rule, plant.verdict, plant.field, plant.said))
        record.marks += [Mark(rule, verdict, plant.field) for rule, verdict in plant.also]
    return True


def _text(record: Record, field: str) -> str:
    return str(record.cells[field])


def _homophone(record: Record, field: str) -> object:
    name = _text(record, field)
    return name[:-1] + _HOMOPHONES[name[-1]] if name[-1] in _HOMOPHONES else UNFIT


def _with_bad_check(record: Record, field: str) -> object:
    number = _text(record, field)
    return number[:-1] + ("3" if number[-1] != "3" else "5")


def _number_as_float(record: Record, field: str) -> object:
    number = _text(record, field)
    return float(number) if number.isdigit() else UNFIT


def _noise(record: Record, field: str) -> object:
    return record.values[field] - 4.5e-10  # what is left of 3000 after some sums


def _lower_x(record: Record, field: str) -> object:
    number = _text(record, field)
    return number[:-1] + "x" if number.endswith("X") else UNFIT


def _letter_o(record: Record, field: str) -> object:
    return _text(record, field).replace("0", "O", 1)


def _old_number(record: Record, field: str) -> object:
    number = _text(record, field)
    return number[:6] + number[8:17] if number[6:8] == "19" else UNFIT


def _cut_zeros(record: Record, field: str) -> object:
    number = _text(record, field)
    return number[:15] + "000" if make_check(number[:15] + "00") != "0" else UNFIT


def _impossible_birth(record: Record, field: str) -> object:
    body = _text(record, field)[:10] + "0230" + _text(record, field)[14:17]
    return body + make_check(body)


def _other_sex(record: Record, field: str) -> object:
    return "女" if record.cells[field] == "男" else "男"


def _scientific(record: Record, field: str) -> object:
    return f"{float(_text(record, field)[:17] + '0'):.5E}"


def _certificate(record: Record, field: str) -> object:
    return _text(record, field) + "44"


def _before_start(record: Record, field: str) -> object:
    start = record.values["start_on"]
    return date(start.year - 1, start.month, 1)


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _first_of_month(record: Record, field: str) -> str:
    day = record.values[field]
    return f"{day.year}年{day.month}月"


def _serial_day(record: Record, field: str) -> object:
    return (record.values[field] - date(1899, 12, 30)).days


PLANTS: tuple[Plant, ...] = (
    # text
    Plant("C01", "A", "L1", "id_no", lambda r, f: _wide(_text(r, f))),
    Plant("C02", "A", "L1", "name", lambda r, f: _text(r, f) + "\u200b"),
    Plant("C03", "A", "L1", "id_no", lambda r, f: "'" + _text(r, f)),
    Plant("C04", "A", "L3", "name", lambda r, f: " ".join(_text(r, f)), times=4),
    Plant("C05", "A", "L1", "name", lambda r, f: _text(r, f)[0] + "•" + _text(r, f)[1:]),
    Plant("C07", "W", "L1", "name", _homophone, times=4),
    Plant("C08", "A", "L1", "name", lambda r, f: _text(r, f) + "（户主）"),
    Plant("C09", "W", "L1", "phone", lambda r, f: "11111111111"),
    Plant("C09", "A", "L3", "phone", lambda r, f: "+86 " + _text(r, f)),
    Plant("C10", "Q", "L3", "phone", lambda r, f: 13900012340, times=1, formats=TYPED, rows=4),
    Plant("C11", "W", "L1", "train_intent", lambda r, f: "1"),
    Plant("C11", "A", "L1", "venture_intent", lambda r, f: "√" if r.values[f] else "×"),
    Plant("C12", "Q", "L1", "health", lambda r, f: "健康/残疾"),
    Plant("C13", "A", "L1", "emp_status", lambda r, f: "打工" if r.values[f] == "转移就业" else UNFIT),
    Plant("C13", "Q", "L1", "labour_capacity", lambda r, f: "会干活"),
    Plant("L12", "Q", "L3", "phone", lambda r, f: "同上"),
    Plant("L21", "Q", "L3", "wage_yuan", lambda r, f: Formula("=1/0", "#DIV/0!"), formats=RESULTS),
    Plant("L22", "A", "L1", "intent_job", lambda r, f: "NA", said=False),
    Plant("L20", "Q", "L3", "wage_yuan", lambda r, f: Formula("=A1*2", None), formats=frozenset({"openpyxl"})),
    # numbers and money
    Plant("N06", "Q", "L3", "wage_yuan", lambda r, f: Formula("=SUM(A1:A2)", 3000), formats=RESULTS),
    Plant("N01", "A", "L3", "wage_yuan", lambda r, f: f"{r.values[f]}元"),
    Plant("N01", "W", "L3", "wage_yuan", lambda r, f: f"{r.values[f]}左右"),
    Plant("N03", "A", "L3", "wage_yuan", _noise, formats=TYPED),
    Plant("N04", "W", "L3", "wage_yuan", lambda r, f: 120),
    Plant("N04", "Q", "L3", "wage_yuan", lambda r, f: -2000),
    # dates
    Plant("T01", "A", "L3", "start_on", _first_of_month),
    Plant("T02", "A", "L3", "start_on", _serial_day, formats=TYPED),
    Plant("T03", "Q", "L3", "start_on", lambda r, f: 2017.1, formats=TYPED),
    Plant("T04", "A", "L3", "start_on", lambda r, f: f"{r.values[f]:%Y-%m-%d} 00:00:00"),
    Plant("T05", "Q", "L1", "group_no", lambda r, f: date(2017, 3, 1), formats=TYPED),
    Plant("T06", "Q", "L3", "start_on", lambda r, f: "2017-2-30"),
    Plant("T08", "Q", "L3", "end_on", _before_start),
    Plant("T09", "W", "L3", "start_on", lambda r, f: "2017年"),
    # identity numbers
    Plant("F04", "Q", "L1", "id_no", _scientific),
    Plant("I01", "Q", "L1", "id_no", _number_as_float, times=5, formats=TYPED),
    Plant("I02", "Q", "L3", "id_no", _cut_zeros),
    Plant("I03", "A", "L1", "id_no", _lower_x),
    Plant("I04", "Q", "L3", "id_no", _letter_o),
    Plant("I05", "A", "L1", "id_no", lambda r, f: f"{_text(r, f)[:6]} {_text(r, f)[6:14]} {_text(r, f)[14:]}"),
    Plant("I06", "W", "L1", "id_no", _old_number),
    Plant("I07", "Q", "L1", "id_no", lambda r, f: _text(r, f)[:-1]),
    Plant("I08", "Q", "L1", "id_no", _with_bad_check, times=5),
    Plant("I09", "Q", "L3", "id_no", _impossible_birth),
    Plant("I10", "W", "L1", "sex", _other_sex, times=4),
    Plant("I13", "Q", "L1", "id_no", lambda r, f: "待补"),
    Plant("I14", "A", "L1", "id_no", _certificate),
    # rows
    Plant("R01", "Q", "L1", "name", lambda r, f: None),
    Plant("R02", "W", "L1", "ethnic", lambda r, f: None),
    Plant("X04", "W", "L1", "rel_to_head", lambda r, f: "儿媳" if r.values[f] == "子" else UNFIT),
    Plant("X06", "Q", "L1", "village_name", lambda r, f: "幸福里新村"),
)
