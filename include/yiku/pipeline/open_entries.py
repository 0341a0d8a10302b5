"""What is open in the warehouse, as entries of work lists: rows, questions, visits, people, pairs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from yiku.calendar import answer_by
from yiku.checking.findings import Finding
from yiku.checking.message import sentence
from yiku.contracts import Contract, load_codes, load_contracts, load_rules
from yiku.contracts.contract import Column
from yiku.formats import work_list_marks as marks
from yiku.formats.return_marks import ACCEPT_WORD
from yiku.formats.work_list_marks import LineKey
from yiku.intake.arrival import sender_key
from yiku.pipeline.missing_people import shown_value
from yiku.warehouse.open_items import (
    MissingPerson,
    OpenRow,
    ProposedPair,
    Question,
    Visit,
)
from yiku.worklist import Entry, reference_for
from yiku.worklist import page_forms as forms

# A quoted header, or its meaning, in what the ledger keeps of a question about headers (L04).
_QUOTED = re.compile(r"“([^“”]*)”")
# Follows from the number of a person; sent back it would be wrong after the next birthday.
_DERIVED = "X"
_PAIR_LISTS = {"village_chief": "T06", "household_technician": "T05"}


# --- rows


def row_entries(row: OpenRow) -> list[Entry]:
    """Return the entries of a row that was sent back: one for each cell that is to be put right."""
    contract = load_contracts()[row.template]
    by_field: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in row.findings:
        by_field[finding.field].append(finding)
    # What is said of the whole row stands beside what is wrong in its cells.
    if len(by_field) > 1:
        of_row = by_field.pop(None, [])
        first = next(iter(by_field))
        by_field[first] += of_row
    return [
        _cell_entry(row, contract, field, findings)
        for field, findings in by_field.items()
    ]


def _cell_entry(
    row: OpenRow,
    contract: Contract,
    field: str | None,
    findings: Sequence[Finding],
) -> Entry:
    column = None
    if field and contract.has(field):
        column = contract.column(field)
    present = shown_text(row.values, column.name) if column else ""
    rules = load_rules()
    titles = dict.fromkeys(rules[finding.rule].title for finding in findings)
    # The ledger holds no value of a person: it is put in here, for the sender alone.
    told = [
        sentence(_with_value(finding, present if column else ""))
        for finding in findings
    ]
    cells = _row_cells(row, contract) | {
        forms.WRONG: "；".join(titles),
        forms.ADVICE: "".join(dict.fromkeys(told)),
        forms.UNTIL: answer_by(row.opened_on).isoformat(),
        marks.COLUMN_HEADER: column.header if column else "",
        forms.PRESENT: present,
    }
    choices = _labels(column) if column else ()
    unlocked = frozenset() if column else frozenset({marks.COLUMN_HEADER})
    return Entry(
        key=_row_key(row),
        cells=cells,
        kept=kept_of_row(row, contract),
        choices={marks.CHANGE_HEADER: choices} if choices else {},
        unlocked=unlocked,
    )


def _with_value(finding: Finding, value: str) -> Finding:
    if not value:
        return finding
    facts = {**finding.facts, "value": value}
    return Finding(
        finding.file,
        finding.sheet,
        finding.row_no,
        finding.field,
        finding.rule,
        finding.verdict,
        facts,
        finding.template,
        finding.header,
    )


def _row_key(row: OpenRow) -> LineKey:
    unit = sender_key(row.county_code, row.unit_code)
    return LineKey(marks.ROW, unit, row.row_id)


def _row_cells(row: OpenRow, contract: Contract) -> dict[str, str]:
    first_file, first_row = first_place(row)
    return {
        forms.LIST: contract.title,
        forms.FILE: first_file,
        forms.ROW_NO: str(first_row),
        forms.NAME: name_in(row.values, contract),
        forms.ID_NO: shown_text(row.values, contract.person_id or ""),
    }


def first_place(row: OpenRow) -> tuple[str, int]:
    """Return file and line where a row came first: a work list that was sent back has a line of its own for it."""
    extra = row.values.get("extra") or {}
    file_name = str(extra.get(marks.FIRST_FILE) or row.file_name)
    row_no = str(extra.get(marks.FIRST_ROW) or row.row_no)
    return file_name, int(row_no) if row_no.isdecimal() else row.row_no


def name_in(values: Mapping[str, Any], contract: Contract) -> str:
    """Return by what a row is known to its clerk: the person's name, else the first text that it must have."""
    if contract.person_name:
        return shown_text(values, contract.person_name)
    named = [
        column.name
        for column in contract.columns
        if column.need == "M" and column.kind in ("name", "text")
    ]
    return shown_text(values, named[0]) if named else ""


def kept_of_row(row: OpenRow, contract: Contract) -> dict[str, Any]:
    """Return what a correction of one cell must know of its row: all other cells, and for which day they speak."""
    file_name, row_no = first_place(row)
    filled = row.values.get("fill_date")
    return {
        "key": row.row_id,
        "list": contract.code,
        "period": row.values.get("period_of_file"),
        "filled": filled.isoformat() if filled else None,
        "file": file_name,
        "row": row_no,
        "values": kept_values(row.values, contract),
    }


def kept_values(
    values: Mapping[str, Any], contract: Contract
) -> dict[str, str]:
    """Return the cells of a row as its clerk would write them again."""
    kept: dict[str, str] = {}
    for column in contract.columns:
        if column.need == _DERIVED:
            continue
        text = shown_text(values, column.name, as_money=column.kind == "money")
        if text:
            kept[column.name] = text
    return kept


def shown_text(
    values: Mapping[str, Any], name: str, as_money: bool = False
) -> str:
    """Return a value of a raw row as a clerk writes it; '' where nothing stands.

    Of money what was understood goes before what was typed: the unit stood elsewhere on the sheet.
    """
    if not name:
        return ""
    if as_money and values.get(name) is not None:
        return f"{values[name]:f}".rstrip("0").rstrip(".")
    value = shown_value(values, name)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _labels(column: Column) -> tuple[str, ...]:
    """Return what can be chosen for a column; nothing where several words or free ones may stand."""
    if column.kind == "bool":
        return ("是", "否")
    if not column.codes or column.many:
        return ()
    return load_codes()[column.codes].labels


# --- questions


def person_entry(row: OpenRow, suggested: str) -> Entry:
    """Return the question whether a row is about the person whom the register suggests (a number, in part hidden)."""
    contract = load_contracts()[row.template]
    cells = _row_cells(row, contract)
    written = cells.pop(forms.ID_NO)
    asked = (
        f"身份证号写的是“{written}”，系统推测是“{suggested}”。是同一个人吗？"
    )
    return Entry(
        key=_row_key(row),
        cells={**cells, forms.SORT: "人员", forms.QUESTION: asked},
        kept=kept_of_row(row, contract),
        choices={marks.ANSWER_HEADER: (ACCEPT_WORD, marks.REFUSE_WORD)},
    )


def is_declined(row: OpenRow) -> bool:
    """Return whether the clerk has said that a row is not about the person whom the register suggests."""
    extra = row.values.get("extra") or {}
    return marks.DECLINED_NOTE in extra


def question_entries(question: Question) -> list[Entry]:
    """Return what is asked of a sheet or file: each header that was guessed, or what to do with what was held."""
    if question.finding.rule == "L04":
        return _header_entries(question)
    finding = question.finding
    unit = sender_key(question.county_code, question.unit_code)
    reference = reference_for(
        question.receipt_no, finding.sheet, finding.rule, finding.part
    )
    sort = "整份文件" if finding.verdict == "F" else "整张表"
    cells = {
        forms.SORT: sort,
        forms.LIST: _title(finding),
        forms.FILE: _file_and_sheet(question),
        forms.QUESTION: sentence(finding),
    }
    key = LineKey(marks.TOLD, unit, reference)
    return [Entry(key, cells, choices={marks.ANSWER_HEADER: ()})]


def _header_entries(question: Question) -> list[Entry]:
    finding = question.finding
    contract = load_contracts().get(finding.template or "")
    if contract is None:
        return []
    unit = sender_key(question.county_code, question.unit_code)
    headers = _QUOTED.findall(str(finding.facts.get("headers", "")))
    meanings = _QUOTED.findall(str(finding.facts.get("fields", "")))
    entries: list[Entry] = []
    # What a rule says of headers beside each other is told in the return workbook.
    for header, meaning in zip(headers, meanings, strict=False):
        kept = {"list": contract.code, "header": header, "meaning": meaning}
        reference = reference_for(contract.code, header, meaning)
        cells = {
            forms.SORT: "表头",
            forms.LIST: contract.title,
            forms.FILE: _file_and_sheet(question),
            forms.QUESTION: f"“{header}”这一列，系统理解为“{meaning}”，对不对？",
        }
        key = LineKey(marks.HEADER, unit, reference)
        choices = {marks.ANSWER_HEADER: ("是", "否")}
        entries.append(Entry(key, cells, {**kept, "key": reference}, choices))
    return entries


def _file_and_sheet(question: Question) -> str:
    sheet = question.finding.sheet
    return f"{question.file_name}·{sheet}" if sheet else question.file_name


def _title(finding: Finding) -> str:
    contract = load_contracts().get(finding.template or "")
    return contract.title if contract else ""


# --- visits, people, pairs


def visit_entry(visit: Visit) -> Entry:
    """Return a visit that is due, to be filled in as a row of E01."""
    reference = reference_for(visit.person_sk, visit.visit_type)
    state = "已逾期" if visit.is_overdue else "快到期"
    if visit.needs_home_visit:
        state = "须上门"
    cells = {
        forms.VILLAGE: visit.village_name or "",
        forms.NAME: visit.name or "",
        forms.ID_NO: visit.id_no or "",
        forms.PHONE: visit.phone or "",
        forms.VISIT_SORT: visit.visit_type,
        forms.DUE: visit.due_on.isoformat(),
        forms.STATE: state,
    }
    values = {
        "town_name": visit.town_name,
        "village_name": visit.village_name,
        "name": visit.name,
        "id_no": visit.id_no,
        "phone": visit.phone,
        "visit_type": visit.visit_type,
    }
    kept = {"key": reference, "list": "E01", "values": _filled(values)}
    return Entry(LineKey(marks.VISIT, visit.town_code, reference), cells, kept)


def missing_entry(person: MissingPerson) -> Entry:
    """Return a labourer whom no list names."""
    cells = {
        forms.TOWN: person.town_name or "",
        forms.VILLAGE: person.village_name or "",
        forms.NAME: person.name or "",
        forms.ID_NO: person.id_no or "",
    }
    reference = reference_for("L1", person.person_sk)
    return Entry(LineKey(marks.TOLD, person.town_code, reference), cells)


def gone_entries(
    contract: Contract,
    period: str,
    unit: str,
    rows: Iterable[Mapping[str, Any]],
) -> list[Entry]:
    """Return the rows that the newest list of a unit no longer names."""
    entries: list[Entry] = []
    for row in rows:
        asked_on = row["asked_on"]
        reference = str(row["row_id"])
        kept = {
            "key": reference,
            "list": contract.code,
            "period": period,
            "filled": asked_on.isoformat() if asked_on else None,
            "values": kept_values(row, contract),
        }
        cells = {
            forms.LIST: contract.title,
            forms.PERIOD: period,
            forms.VILLAGE: shown_text(row, "village_name")
            if "village_name" in row
            else "",
            forms.NAME: name_in(row, contract),
            forms.ID_NO: shown_text(row, contract.person_id or ""),
        }
        key = LineKey(marks.GONE, unit, reference)
        entries.append(Entry(key, cells, kept))
    return entries


def pair_entry(pair: ProposedPair) -> Entry:
    """Return a proposed pair, to be accepted as a row of the list of such pairs."""
    cells = {
        forms.SORT: pair.kind_name,
        forms.HELPER: pair.name,
        forms.UNIT: pair.unit,
        forms.TOWN: pair.town_name,
        forms.VILLAGE: pair.village_name,
        forms.HOUSEHOLD: pair.household_no,
        forms.HEAD: pair.head_name,
        forms.TRADE: pair.industry,
        forms.REASON: pair.why,
    }
    values = {"town_name": pair.town_name, "village_name": pair.village_name}
    if pair.kind == "village_chief":
        values["expert"] = pair.name
    else:
        values |= {
            "technician": pair.name,
            "tech_id": pair.id_no,
            "household_no": pair.household_no,
            "head_name": pair.head_name,
            "industry": pair.industry,
        }
    # Of whom was declined is another proposal for the same household another question.
    reference = reference_for(pair.proposal_key, pair.id_no, pair.name)
    kept = {
        "key": reference,
        "list": _PAIR_LISTS[pair.kind],
        "values": _filled(values),
    }
    key = LineKey(marks.PAIR, pair.county_code, reference)
    return Entry(key, _filled(cells), kept)


def _filled(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def told_entry(
    county: str, sort: str, unit: str, matter: str, said: str
) -> Entry:
    """Return a line of what a county's officer is told of."""
    cells = {
        forms.SORT: sort,
        forms.UNIT: unit,
        forms.MATTER: matter,
        forms.SAID: said,
    }
    reference = reference_for(sort, unit, matter)
    return Entry(LineKey(marks.TOLD, county, reference), cells)
