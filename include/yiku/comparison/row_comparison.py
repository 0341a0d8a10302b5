"""Rows beside one another: the same person twice, households, phones, copied sheets.

Works on the linked rows of one list, stacked over the files of a batch. Each function adds facts; the suites say what
follows from them. Which of two rows of different files gives way is decided in ``yiku.comparison.rival_claims``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from yiku.comparison.rival_claims import Loss
from yiku.contracts import Contract
from yiku.gazetteer.places import Gazetteer
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.name_comparison import match_form

EMPLOYED = frozenset({"转移就业", "公益性岗位", "自主创业", "灵活就业"})
GONE = frozenset({"死亡", "服刑", "参军"})
# Heads answer 与户主关系 from their own side and write 本人.
HEAD = frozenset({"户主", "本人"})
YOUNGER = frozenset(
    {
        "子",
        "女",
        "之子",
        "之女",
        "长子",
        "次子",
        "三子",
        "长女",
        "次女",
        "孙子",
        "孙女",
        "外孙子",
        "外孙女",
    }
)
FEMALE = frozenset(
    {"妻", "女", "之女", "长女", "次女", "儿媳", "母", "岳母", "祖母", "孙女"}
)
MALE = frozenset(
    {
        "夫",
        "子",
        "之子",
        "长子",
        "次子",
        "三子",
        "女婿",
        "父",
        "岳父",
        "祖父",
        "孙子",
    }
)

# A phone that serves more persons than this, in more households than that, is nobody's own (C09).
SHARED_PHONE_PERSONS, SHARED_PHONE_HOUSEHOLDS = 5, 3
# A parent is at least this much older than a child, in years (X04).
PARENT_GAP = 15
# So many slips of the pen stop no file, however short it is.
FEW = 2
# So many digits of a row's fingerprint leave out where it says that it belongs (``content.fingerprints``).
PLACELESS = 16


def compare(
    frame: pd.DataFrame,
    contract: Contract,
    losses: Sequence[Loss],
    gazetteer: Gazetteer,
) -> pd.DataFrame:
    """Return ``frame`` (linked, with key and content) with the facts that need other rows added.

    ``losses`` says of each row what it gives way to (``yiku.comparison.rival_claims``).
    """
    out = frame.copy(deep=False)
    add_rivals(out)
    add_losses(out, losses, gazetteer)
    out["id_shared"] = _names_on_one_id(out, contract)
    out["heads"], out["relation_odd"] = _households(out)
    out["phone_households"] = _shared_phones(out)
    _states_before(out, contract)
    return out


def add_losses(
    out: pd.DataFrame, losses: Sequence[Loss], gazetteer: Gazetteer
) -> None:
    """Add to each row the name of the town that keeps its person (X02), and whether its post is a second one (X15)."""
    names: dict[str, str] = {}
    for town in {loss.to_town for loss in losses if loss.to_town}:
        names[town] = gazetteer.town_name(town) or town
    towns = (loss.to_town and names[loss.to_town] for loss in losses)
    out["loses_to_town"] = as_column(towns, out)
    out["second_post"] = as_column(
        (loss.is_second_post for loss in losses), out
    )


def add_rivals(out: pd.DataFrame) -> None:
    """Mark rows that repeat an earlier row of their file (twin) or contradict one with the same key (rival).

    Sheets of one workbook that speak for different months hold versions of a row, which are neither. A row that repeats
    one of several rivals is one of them: none of them is better than the others.
    """
    first_content: dict[tuple[Any, Any], str] = {}
    contradicted: set[tuple[Any, Any]] = set()
    seen: set[tuple[Any, Any, Any]] = set()
    is_repeated = []
    told = list(rows_of(out, "version", "key", "content_hash"))
    for version, key, content in told:
        is_repeated.append((version, key, content) in seen)
        seen.add((version, key, content))
        if first_content.setdefault((version, key), content) != content:
            contradicted.add((version, key))
    is_rival = [
        version is not None
        and key is not None
        and (version, key) in contradicted
        for version, key, _ in told
    ]
    out["rival"] = np.array(is_rival, dtype=bool)
    repeats = np.array(is_repeated, dtype=bool)
    out["twin"] = repeats & out["key"].notna() & ~out["rival"]


def _names_on_one_id(out: pd.DataFrame, contract: Contract) -> pd.Series[Any]:
    if not contract.person_id or not contract.person_name:
        return as_column([0] * len(out), out)
    rows = list(
        rows_of(out, "version", contract.person_id, contract.person_name)
    )
    names: dict[tuple[Any, str], set[str]] = defaultdict(set)
    for file, number, name in rows:
        if number and name:
            names[file, number].add(match_form(name))
    name_counts = (
        len(names.get((file, number), ())) for file, number, _ in rows
    )
    return as_column(name_counts, out)


@dataclass(frozen=True)
class _Member:
    """What a row says of somebody in a household of its file."""

    home: tuple[Any, Any]
    relation: str | None
    birth: date | None
    sex: str | None

    @property
    def is_head(self) -> bool:
        """Return whether the row names the head of a known household."""
        return self.home[1] is not None and self.relation in HEAD


def _households(out: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Count the heads of each row's household in its file, and mark relations that ages or sexes contradict."""
    members = _members(out)
    heads: dict[tuple[Any, Any], list[_Member]] = defaultdict(list)
    for member in members:
        if member.is_head:
            heads[member.home].append(member)
    head_counts = []
    is_odd = []
    for member in members:
        of_home = heads.get(member.home, [])
        head_counts.append(len(of_home))
        # of two heads nobody knows whose child or wife a row means
        only_head = of_home[0] if len(of_home) == 1 else None
        is_odd.append(_is_contradicted(member, only_head))
    return as_column(head_counts, out), as_column(is_odd, out)


def _members(out: pd.DataFrame) -> list[_Member]:
    columns = [
        values_of(out, name)
        for name in (
            "version",
            "household_no",
            "household_sk",
            "rel_to_head",
            "id_birth_date",
            "id_sex",
        )
    ]
    members = []
    for file, written, registered, relation, birth, sex in zip(
        *columns, strict=True
    ):
        home = (file, written or registered)
        members.append(_Member(home, relation, birth, sex))
    return members


def _is_contradicted(member: _Member, head: _Member | None) -> bool:
    relation, birth = member.relation, member.birth
    if relation is None or birth is None:
        return False
    if relation in FEMALE and member.sex == "男":
        return True
    if relation in MALE and member.sex == "女":
        return True
    if head is None or head.birth is None:
        return False
    if relation in ("配偶", "夫", "妻"):
        return member.sex == head.sex
    age_gap_days = (birth - head.birth).days
    return relation in YOUNGER and age_gap_days < PARENT_GAP * 365


def _shared_phones(out: pd.DataFrame) -> pd.Series[Any]:
    """Return the number of households that share each row's phone where it is nobody's own, else 0."""
    if "phone" not in out:
        return as_column([0] * len(out), out)
    homes = out["household_sk"] if "household_sk" in out else out["person_sk"]
    calls = pd.DataFrame(
        {
            "file": out["submission_id"],
            "phone": out["phone"],
            "home": homes,
            "person": out["person_sk"],
        }
    )
    # Nearly every phone stands in few rows: only the others are counted by person and household.
    rows_of_phone = Counter(rows_of(calls, "file", "phone"))
    is_busy = [
        rows_of_phone[called] > SHARED_PHONE_PERSONS
        for called in rows_of(calls, "file", "phone")
    ]
    calls = calls[np.array(is_busy, dtype=bool) & calls["phone"].notna()]
    if not len(calls):
        return as_column([0] * len(out), out)
    by_phone = calls.groupby(["file", "phone"])
    persons = by_phone["person"].transform("nunique")
    households = by_phone["home"].transform("nunique")
    has_many_persons = persons > SHARED_PHONE_PERSONS
    has_many_households = households > SHARED_PHONE_HOUSEHOLDS
    shared = households.where(has_many_persons & has_many_households, 0)
    return as_column(shared.reindex(out.index, fill_value=0).astype(int), out)


def _states_before(out: pd.DataFrame, contract: Contract) -> None:
    """Mark rows of persons who the register says are dead, in prison, in the army or at school (X08).

    The census of labourers may say so itself; it is contradicted only when it reports them as employed.
    """
    dead_before = [False] * len(out)
    in_school_before = [False] * len(out)
    # what the register itself says contradicts nothing
    if not contract.reference:
        columns = ("member_state", "register_school", "emp_status")
        said = [values_of(out, name) for name in columns]
        is_census = contract.has("emp_status")
        for position, (state, school, reported) in enumerate(
            zip(*said, strict=True)
        ):
            is_working = not is_census or reported in EMPLOYED
            is_gone = state in GONE and is_working
            dead_before[position] = state == "死亡" or is_gone
            is_pupil = school is not None and school != "非在校生"
            in_school_before[position] = is_pupil and is_working
    out["dead_before"] = as_column(dead_before, out)
    out["in_school_before"] = as_column(in_school_before, out)


def mixed_up_share(rows: pd.DataFrame) -> float:
    """Return the share of a table's registered numbers that stand beside somebody else's name (X13).

    One number repeated for several names is another fault (I11) and does not count.
    """
    registered_count = 0
    mixed_up_count = 0
    for known, match, names in rows_of(
        rows, "in_register", "name_match", "id_shared"
    ):
        if known:
            registered_count += 1
            mixed_up_count += match == "different" and names <= 1
    # one slip is the row's own fault, not the table's
    return mixed_up_count / registered_count if mixed_up_count > 1 else 0.0


def proposal_share(
    rows: pd.DataFrame, truncated: np.ndarray[Any, np.dtype[np.bool_]]
) -> float:
    """Return the share of rows whose person could only be proposed; numbers cut by Excel do not count."""
    is_proposed = rows["proposal"].notna().to_numpy() & ~truncated
    return float(is_proposed.mean()) if is_proposed.sum() > FEW else 0.0


def rows_of_one_person(rows: pd.DataFrame) -> int:
    """Return how many rows of a table the busiest person takes."""
    counts = rows["person_sk"].value_counts()
    return int(counts.max()) if len(counts) else 0


def copy_shares(
    frame: pd.DataFrame, loaded: pd.DataFrame
) -> dict[int, tuple[float, str]]:
    """Return for each table (``sheet_ref``) the share of rows that equal another town's, and that town's code (X14).

    A table whose people mostly live in its own town by the register is the original, whoever copied it.
    """
    owners = _owners_by_content(frame, loaded)
    found = {}
    for sheet_ref, rows in frame.groupby("sheet_ref"):
        found[int(str(sheet_ref))] = _copy_share(rows, owners)
    return found


def _owners_by_content(*frames: pd.DataFrame) -> dict[str, set[str]]:
    """Return which units told of each content, wherever they say it belongs."""
    owners: dict[str, set[str]] = defaultdict(set)
    for frame in frames:
        if not len(frame):
            continue
        for content, unit in rows_of(frame, "content_hash", "unit_code"):
            # rows of before the fingerprint had a column of its own have none
            if content is not None:
                owners[content[:PLACELESS]].add(unit)
    return owners


def _copy_share(
    rows: pd.DataFrame, owners: Mapping[str, set[str]]
) -> tuple[float, str]:
    unit = rows["unit_code"].iloc[0]
    equal_counts: Counter[str] = Counter()
    for content in values_of(rows, "content_hash"):
        others = owners.get(content[:PLACELESS], set())
        equal_counts.update(other for other in others if other != unit)
    at_home_share = values_of(rows, "register_town").count(unit) / len(rows)
    if not equal_counts or len(rows) <= FEW or at_home_share >= 0.5:
        return 0.0, ""
    # of two towns with as many equal rows the later code is named, whichever came first
    equal_count, town = max(
        (count, town) for town, count in equal_counts.items()
    )
    return equal_count / len(rows), town
