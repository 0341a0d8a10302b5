"""Rows beside one another: the same person twice, households, phones, copied sheets.

Works on the linked rows of one list, stacked over the files of a batch. Each function adds facts; the suites say what
follows from them. Which of two rows of different files gives way is decided in ``yiku.comparison.rival_claims``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
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
    {"夫", "子", "之子", "长子", "次子", "三子", "女婿", "父", "岳父", "祖父", "孙子"}
)

# A phone that serves more persons than this, in more households than that, is nobody's own (C09).
SHARED_PHONE_PERSONS, SHARED_PHONE_HOUSEHOLDS = 5, 3
# A parent is at least this much older than a child, in years (X04).
PARENT_GAP = 15
# So many slips of the pen stop no file, however short it is.
FEW = 2


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


def add_losses(out: pd.DataFrame, losses: Sequence[Loss], gazetteer: Gazetteer) -> None:
    """Add to each row the name of the town that keeps its person (X02), and whether its post is a second one (X15)."""
    names: dict[str, str] = {}
    for town in {loss.to_town for loss in losses if loss.to_town}:
        names[town] = gazetteer.town_name(town) or town
    towns = (loss.to_town and names[loss.to_town] for loss in losses)
    out["loses_to_town"] = as_column(towns, out)
    out["second_post"] = as_column((loss.is_second_post for loss in losses), out)


def add_rivals(out: pd.DataFrame) -> None:
    """Mark rows that repeat an earlier row of their file (twin) or contradict one with the same key (rival).

    Sheets of one workbook that speak for different months hold versions of a row, which are neither. A row that repeats
    one of several rivals is one of them: none of them is better than the others.
    """
    keyed = out["key"].notna()
    variants = (
        out[keyed].groupby(["version", "key"])["content_hash"].transform("nunique")
    )
    out["rival"] = (variants.reindex(out.index, fill_value=0) > 1).astype(bool)
    out["twin"] = (
        out.duplicated(["version", "key", "content_hash"]) & keyed & ~out["rival"]
    )


def _names_on_one_id(out: pd.DataFrame, contract: Contract) -> pd.Series[Any]:
    if not contract.person_id or not contract.person_name:
        return as_column([0] * len(out), out)
    names: dict[tuple[Any, str], set[str]] = defaultdict(set)
    rows = list(rows_of(out, "version", contract.person_id, contract.person_name))
    for file, number, name in rows:
        if number and name:
            names[file, number].add(match_form(name))
    return as_column((len(names.get((f, i), ())) for f, i, _ in rows), out)


def _households(out: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Count the heads of each row's household in its file, and mark relations that ages or sexes contradict."""
    relations = values_of(out, "rel_to_head")
    written, registered = values_of(out, "household_no"), values_of(out, "household_sk")
    files = values_of(out, "version")
    homes = [
        (f, no or sk) for f, no, sk in zip(files, written, registered, strict=True)
    ]
    heads: dict[tuple[Any, Any], list[int]] = defaultdict(list)
    for i, (home, relation) in enumerate(zip(homes, relations, strict=True)):
        if home[1] is not None and relation in HEAD:
            heads[home].append(i)
    births, sexes = values_of(out, "id_birth_date"), values_of(out, "id_sex")
    odd = []
    for i, (home, relation) in enumerate(zip(homes, relations, strict=True)):
        head = heads[home][0] if len(heads.get(home, ())) == 1 else None
        odd.append(_contradicts(relation, births[i], sexes[i], head, births, sexes))
    return as_column((len(heads.get(h, ())) for h in homes), out), as_column(odd, out)


def _contradicts(
    relation: str | None,
    birth: date | None,
    sex: str | None,
    head: int | None,
    births: list[Any],
    sexes: list[Any],
) -> bool:
    if relation is None or birth is None:
        return False
    if (relation in FEMALE and sex == "男") or (relation in MALE and sex == "女"):
        return True
    if head is None or births[head] is None:
        return False
    if relation in ("配偶", "夫", "妻"):
        return bool(sex == sexes[head])
    return bool(relation in YOUNGER and (birth - births[head]).days < PARENT_GAP * 365)


def _shared_phones(out: pd.DataFrame) -> pd.Series[Any]:
    if "phone" not in out:
        return as_column([0] * len(out), out)
    homes = out["household_sk"] if "household_sk" in out else out["person_sk"]
    table = pd.DataFrame(
        {
            "file": out["submission_id"],
            "phone": out["phone"],
            "home": homes,
            "who": out["person_sk"],
        }
    )
    groups = table[table["phone"].notna()].groupby(["file", "phone"])
    persons, households = (
        groups["who"].transform("nunique"),
        groups["home"].transform("nunique"),
    )
    many = (persons > SHARED_PHONE_PERSONS) & (households > SHARED_PHONE_HOUSEHOLDS)
    return as_column(
        households.where(many, 0).reindex(out.index, fill_value=0).astype(int), out
    )


def _states_before(out: pd.DataFrame, contract: Contract) -> None:
    """Mark rows of persons who the register says are dead, in prison, in the army or at school (X08).

    The census of labourers may say so itself; it is contradicted only when it reports them as employed.
    """
    states, schools = values_of(out, "member_state"), values_of(out, "register_school")
    reported = values_of(out, "emp_status")
    censused = contract.has("emp_status")
    working = [not censused or r in EMPLOYED for r in reported]
    gone = (
        s == "死亡" or (s in GONE and w) for s, w in zip(states, working, strict=True)
    )
    out["dead_before"] = as_column(
        (False if contract.reference else g for g in gone), out
    )
    pupils = (
        s not in (None, "非在校生") and w for s, w in zip(schools, working, strict=True)
    )
    out["in_school_before"] = as_column(
        (False if contract.reference else p for p in pupils), out
    )


def mixed_up_share(rows: pd.DataFrame) -> float:
    """Return the share of a table's registered numbers that stand beside somebody else's name (X13).

    One number repeated for several names is another fault (I11) and does not count.
    """
    facts = list(rows_of(rows, "in_register", "name_match", "id_shared"))
    bad = sum(
        bool(known) and match == "different" and names <= 1
        for known, match, names in facts
    )
    return bad / sum(bool(known) for known, _, _ in facts) if bad > 1 else 0.0


def proposal_share(
    rows: pd.DataFrame, truncated: np.ndarray[Any, np.dtype[np.bool_]]
) -> float:
    """Return the share of rows whose person could only be proposed; numbers cut by Excel do not count."""
    proposed = rows["proposal"].notna().to_numpy() & ~truncated
    return float(proposed.mean()) if proposed.sum() > FEW else 0.0


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
    owners: dict[str, set[str]] = defaultdict(set)
    for source in (frame, loaded):
        for content, unit in (
            rows_of(source, "content_hash", "unit_code") if len(source) else ()
        ):
            if (
                content is not None
            ):  # rows of before the fingerprint had a column of its own have none
                owners[content[:16]].add(unit)
    found = {}
    for sheet_ref, rows in frame.groupby("sheet_ref"):
        unit = rows["unit_code"].iloc[0]
        others = Counter(
            o
            for c in values_of(rows, "content_hash")
            for o in owners[c[:16]]
            if o != unit
        )
        n, town = max(((n, town) for town, n in others.items()), default=(0, ""))
        at_home = values_of(rows, "register_town").count(unit) / len(rows)
        share = n / len(rows) if len(rows) > 2 and at_home < 0.5 else 0.0
        found[int(str(sheet_ref))] = (share, town if share else "")
    return found
