"""Rows beside one another: the same person twice, two towns with one person, second posts, households, copied sheets.

Works on the linked rows of one list, stacked over the files of a batch, beside the rows that earlier nights loaded
(``loaded``). Each function adds facts; the suites say what follows from them. Which of two rows gives way never
depends on which arrived first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from yiku.contracts import Contract
from yiku.gazetteer.places import Gazetteer
from yiku.register.column_values import as_column, rows_of, values_of
from yiku.register.name_comparison import match_form

FAR = date.max
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
    frame: pd.DataFrame, contract: Contract, loaded: pd.DataFrame, gazetteer: Gazetteer
) -> pd.DataFrame:
    """Return ``frame`` (linked, with key and content) with the facts that need other rows added."""
    out = compare_claims(frame, contract, loaded, gazetteer)
    out["id_shared"] = _names_on_one_id(out, contract)
    out["heads"], out["relation_odd"] = _households(out)
    out["phone_households"] = _shared_phones(out)
    _states_before(out, contract)
    return out


def compare_claims(
    frame: pd.DataFrame, contract: Contract, loaded: pd.DataFrame, gazetteer: Gazetteer
) -> pd.DataFrame:
    """Return ``frame`` with the facts for which one row goes back because of another that says otherwise.

    Called with all rows, and again with those alone that stand: a row that is sent back for a fault of its own says
    nothing against others.
    """
    out = frame.copy(deep=False)
    _twins(out)
    out["loses_to_town"] = _lost_to_another_town(out, contract, loaded, gazetteer)
    out["second_post"] = _second_posts(out, contract, loaded)
    return out


def _twins(out: pd.DataFrame) -> None:
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


def _claims(out: pd.DataFrame, loaded: pd.DataFrame) -> pd.DataFrame:
    """All rows, of tonight and before, that say something of a person of tonight."""
    columns = [
        "person_sk",
        "period",
        "town_code",
        "key",
        "start",
        "end",
        "fill_date",
        "version",
        "register_town",
    ]
    both = [f.reindex(columns=columns) for f in (out, loaded) if len(f)]
    claims = (
        pd.concat(both, ignore_index=True) if both else pd.DataFrame(columns=columns)
    )
    homes = {p: t for p, t in rows_of(out, "person_sk", "register_town") if p}
    claims["register_town"] = [homes.get(p) for p in values_of(claims, "person_sk")]
    return claims[claims["person_sk"].isin(list(homes)) & claims["town_code"].notna()]


def _rank(claim: Mapping[Hashable, Any]) -> tuple[Any, ...]:
    """Order of claims to a person: the earlier start, then the register's town, then the fill date."""
    at_home = claim["town_code"] == claim["register_town"]
    return (
        _day(claim["start"]),
        not at_home,
        _day(claim["fill_date"]),
        claim["town_code"],
        str(claim["key"]),
    )


def _day(value: Any) -> date:
    return value if isinstance(value, date) and not pd.isna(value) else FAR


def _lost_to_another_town(
    out: pd.DataFrame, contract: Contract, loaded: pd.DataFrame, gazetteer: Gazetteer
) -> pd.Series[Any]:
    """Name the town that keeps a person whom two towns report on one list for one period (X02)."""
    if not contract.one_town:
        return as_column([None] * len(out), out)
    winner: dict[tuple[Any, Any], str] = {}
    for who, group in _contested(_claims(out, loaded)):
        home = group[group["town_code"] == group["register_town"]]
        best = min((home if len(home) else group).to_dict("records"), key=_rank)
        winner[who] = best["town_code"]
    lost = []
    for person, period, town in rows_of(out, "person_sk", "period", "town_code"):
        keeper = winner.get((person, period))
        lost.append(
            None if keeper in (None, town) else gazetteer.town_name(keeper) or keeper
        )
    return as_column(lost, out)


def _contested(claims: pd.DataFrame) -> Iterable[tuple[Any, pd.DataFrame]]:
    if not len(claims):
        return
    towns = claims.groupby(["person_sk", "period"])["town_code"].transform("nunique")
    yield from claims[towns > 1].groupby(["person_sk", "period"])


def add_spell(frame: pd.DataFrame, contract: Contract) -> None:
    """Add ``start`` and ``end`` of a row's spell where the list has spells that must not overlap, else None."""
    rule = contract.exclusive
    nothing = [None] * len(frame)
    frame["start"] = frame[rule["start"]] if rule else as_column(nothing, frame)
    ends = [values_of(frame, c) for c in rule["ends"]] if rule else [nothing]
    frame["end"] = as_column(
        (min((d for d in days if d), default=None) for days in zip(*ends, strict=True)),
        frame,
    )


def _second_posts(
    out: pd.DataFrame, contract: Contract, loaded: pd.DataFrame
) -> pd.Series[Any]:
    """Mark spells that overlap another, better founded spell of the same person (X15)."""
    if not contract.exclusive:
        return as_column([False] * len(out), out)
    newest = (
        _claims(out, loaded)
        .dropna(subset=["key"])
        .sort_values("version", ascending=False, kind="stable")
    )
    claims = newest.drop_duplicates(["person_sk", "key"], keep="first")
    several = (
        claims[claims.groupby("person_sk")["key"].transform("nunique") > 1]
        if len(claims)
        else claims
    )
    second: set[str] = set()
    for _, group in several.groupby("person_sk"):
        second |= _overlapping(sorted(group.to_dict("records"), key=_rank))
    return as_column((k in second for k in values_of(out, "key")), out)


def _overlapping(spells: list[dict[Hashable, Any]]) -> set[str]:
    kept: list[dict[Hashable, Any]] = []
    second = set()
    for spell in spells:
        if any(
            _day(spell["start"]) <= _day(k["end"])
            and _day(k["start"]) <= _day(spell["end"])
            for k in kept
        ):
            second.add(str(spell["key"]))
        else:
            kept.append(spell)
    return second


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
