"""Two headers of one name, told apart by whose they are (L03).

户主姓名 身份证号 | 姓名 身份证号: each number is that of the name before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from yiku.contracts import Contract
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.known_headers import HeaderMatching
from yiku.tables.table import Problem

_HEAD_NAME = "head_name"
_HEAD_ID = "head_id_no"


def tell_twins_apart(
    matching: HeaderMatching,
    headers: Sequence[ColumnHeader],
) -> list[Problem]:
    """Tell two headers of one name apart by the name column before each.

    What cannot be told is a problem where the list must have the column; elsewhere
    nobody's values are better than the wrong ones.
    """
    contract = matching.contract
    problems: list[Problem] = []
    # headers are told in reading order, whatever the merges
    order = sorted(headers, key=lambda header: header.column)
    for name, rivals in list(matching.twice.items()):
        if _settle_by_owner(matching, order, name, rivals):
            continue
        if contract.column(name).need == "M":
            facts = {"header": rivals[0].leaf, "field": name, "n": len(rivals)}
            problems.append(("L03", facts))
        else:
            del matching.matches[name]
            matching.unknown.extend(rivals)
    if _only_head_is_named(matching):
        kinds = [contract.column(name).kind for name in matching.matches]
        facts = {"header": "户主姓名", "field": "name", "n": kinds.count("id")}
        problems.append(("L03", facts))
    return problems


def _settle_by_owner(
    matching: HeaderMatching,
    order: Sequence[ColumnHeader],
    name: str,
    rivals: Sequence[ColumnHeader],
) -> bool:
    """Give a column to the one header that is the person's; return whether one is.

    The head's number goes to its own column, where the list has one that is free.
    """
    contract = matching.contract
    owners = [_owner(matching, order, header) for header in rivals]
    own: list[ColumnHeader] = []
    heads: list[ColumnHeader] = []
    for header, owner in zip(rivals, owners, strict=True):
        if owner == contract.person_name:
            own.append(header)
        if owner == _HEAD_NAME:
            heads.append(header)
    # two numbers behind one name cannot be told apart
    if name == _HEAD_ID or len(own) != 1:
        return False
    # a third one is nobody's
    if len(own) + len(heads) != len(rivals):
        return False
    match = matching.matches[name]
    matching.matches[name] = replace(match, header=own[0])
    twin = _twin(contract, name)
    if twin and twin not in matching.matches and len(heads) == 1:
        matching.matches[twin] = replace(match, field=twin, header=heads[0])
    else:
        matching.unknown.extend(heads)
    return True


def _twin(contract: Contract, name: str) -> str | None:
    """Return the column that holds of the head what ``name`` holds of the person.

    Only of numbers: of names the contract has both columns by other headers.
    """
    if contract.column(name).kind == "id" and contract.has(_HEAD_ID):
        return _HEAD_ID
    return None


def _only_head_is_named(matching: HeaderMatching) -> bool:
    """Return whether a list of people has no names but those of the heads."""
    # a list of firms or of households has no other person
    if matching.contract.person_name != "name":
        return False
    return "name" not in matching.matches and _HEAD_NAME in matching.matches


def _owner(
    matching: HeaderMatching,
    order: Sequence[ColumnHeader],
    header: ColumnHeader,
) -> str | None:
    """Return whose column this is: the nearest name column to its left.

    A number stands behind the name that it belongs to, in every form of the county.
    """
    people = {matching.contract.person_name, _HEAD_NAME}
    owner: str | None = None
    names: dict[int, str] = {}
    for name, match in matching.matches.items():
        if name in people:
            names[match.header.column] = name
    for other in order:
        if other.column < header.column:
            owner = names.get(other.column, owner)
    return owner
