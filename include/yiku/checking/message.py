"""The sentence that a clerk reads for a finding: without a person's value for the ledger, with it for the sender."""

from __future__ import annotations

from typing import Any

from yiku.checking.findings import Finding
from yiku.contracts import load_contracts, load_rules

# The only facts of a finding that may be values of a person: the cell's own, and the number that the register suggests.
VALUE, PROPOSAL = "value", "proposal"
_PROPOSED = "系统推测是“{}”，确认无误就把本行“修改意见”整格改成“同意”。"
_JOIN, _NONE = "、", "无"


def message(finding: Finding) -> str:
    """Return the sentence for the ledger; it holds no value of a person."""
    said = load_rules()[finding.rule].say(
        finding.verdict, **public_facts(finding), **_where(finding)
    )
    return _place(finding) + _unnamed(said)


def sentence(finding: Finding) -> str:
    """Return the sentence for the sender's own workbook, where the value itself may stand."""
    rule, facts = load_rules()[finding.rule], public_facts(finding)
    if (value := finding.facts.get(VALUE)) is not None:
        facts[VALUE] = value
    proposal = finding.facts.get(PROPOSAL)
    asked = _PROPOSED.format(proposal) if proposal else ""
    return (
        _unnamed(
            rule.say_in_return(finding.verdict, **facts, **_where(finding))
        )
        + asked
    )


def _unnamed(said: str) -> str:
    """Speak of a sheet without a name, as csv and html have, as of the table itself."""
    return said.replace("工作表“”", "本表")


def public_facts(finding: Finding) -> dict[str, Any]:
    """Return what the message needs beside its place, without any value of a person."""
    told = {
        k: v
        for k, v in finding.facts.items()
        # A proposal is as much a person's number as the value is: the ledger
        # is read by more people than the sender.
        if k not in (VALUE, PROPOSAL, "header", "row", "sheet", "list")
    }
    return {
        k: _JOIN.join(map(str, v)) or _NONE
        if isinstance(v, (tuple, list))
        else v
        for k, v in told.items()
    }


def _where(finding: Finding) -> dict[str, Any]:
    facts = finding.facts
    return {
        "header": finding.header or facts.get("header", ""),
        "row": finding.row_no
        if finding.row_no is not None
        else facts.get("row", ""),
        "sheet": finding.sheet or facts.get("sheet") or "",
        "list": _title(finding) or facts.get("list", ""),
    }


def _title(finding: Finding) -> str:
    contract = load_contracts().get(finding.template or "")
    return contract.title if contract else ""


def _place(finding: Finding) -> str:
    names = "·".join(n for n in (_title(finding), finding.sheet) if n)
    row = f"第{finding.row_no}行" if finding.row_no is not None else ""
    return (f"〔{names}〕" if names else "") + row
