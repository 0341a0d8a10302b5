"""From facts to digests: who is concerned, what they need to know, on at most a screen."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from yiku.calendar import add_workdays, next_workday
from yiku.display import inert
from yiku.notices.kinds import Kind, load_kinds
from yiku.notices.recipients import Recipient
from yiku.shown import without_numbers

LINES_A_KIND, LINES = 5, 24
DEADLINE_WORKDAYS = 10


@dataclass(frozen=True)
class NoticeFact:
    """One thing that somebody should know.

    ``title`` is what it is about (a list, a file, an indicator), ``detail`` a short Chinese text, ``ref`` a path or
    link, ``age`` how many workdays it has been open, ``place`` the name of the unit. No value of a person belongs in
    any of them.
    """

    kind: str
    county: str | None
    unit: str | None
    title: str
    count: int = 1
    detail: str = ""
    ref: str = ""
    age: int = 0
    place: str = ""


@dataclass(frozen=True)
class Digest:
    """What one recipient is told on one night. ``fingerprint`` is equal as long as nothing has changed."""

    recipient: Recipient
    day: date
    subject: str
    text: str
    html: str
    fingerprint: str
    facts: tuple[NoticeFact, ...] = field(repr=False, default=())


def first_workday_of_week(day: date) -> bool:
    """Tell whether ``day`` is the first workday since the last Sunday: the day of weekly facts."""
    sunday = day - timedelta(days=day.isoweekday())
    return next_workday(sunday) == day


def _concerns(recipient: Recipient, fact: NoticeFact, weekly: bool) -> int | None:
    kind = load_kinds().by_name[fact.kind]
    if (kind.weekly and not weekly) or not recipient.covers(fact.county, fact.unit):
        return None
    return kind.step(recipient.role, fact.age)


def _line(kind: Kind, fact: NoticeFact, place: str) -> str:
    # names of files and sheets are a stranger's words, and a chat group calls everybody for <at user_id="all">
    line = kind.line.format(title=inert(fact.title), count=fact.count, detail=inert(fact.detail))
    line = f"{inert(place)}：" * bool(place) + line.replace("（）", "").rstrip("：")
    return without_numbers(f"{line} → {inert(fact.ref, link=True)}" if fact.ref else line)


def _groups(facts: Iterable[NoticeFact]) -> list[tuple[Kind, list[NoticeFact]]]:
    kinds = load_kinds().by_name
    ordered = sorted(facts, key=lambda f: (kinds[f.kind].order, f.county or "", f.unit or "", -f.count, f.title, f.ref))
    return [(kinds[name], list(group)) for name, group in groupby(ordered, key=lambda f: f.kind)]


def _section(number: int, kind: Kind, facts: Sequence[NoticeFact], most: int, named: bool) -> list[str]:
    total = sum(f.count for f in facts)
    shown = facts[:most]
    lines = [
        f"{number}. {kind.heading}（{total}{kind.unit}）",
        *(f"  · {_line(kind, f, f.place * named)}" for f in shown),
    ]
    hidden = len(facts) - len(shown)
    return [*lines, f"  · 另有{hidden}项"] if hidden else lines


def _body(facts: Sequence[NoticeFact], day: date, named: bool) -> list[str]:
    """Return the lines below the subject, with the names of the units where the reader has several."""
    lines: list[str] = []
    groups = _groups(facts)
    # a heading and the count of what is left out take a line each
    most = max(1, min(LINES_A_KIND, LINES // len(groups) - 2))
    for number, (kind, group) in enumerate(groups, 1):
        lines += _section(number, kind, group, most, named)
    if any(f.kind in ("quarantined", "held", "rejected") for f in facts):
        due = add_workdays(day, DEADLINE_WORKDAYS)
        lines.append(f"请只改正退回的行，于{due.month}月{due.day}日前重新上报；改原文件或校验表均可。")
    return lines


def _english(facts: Sequence[NoticeFact]) -> str:
    counts = {kind.name.replace("_", " "): sum(f.count for f in group) for kind, group in _groups(facts)}
    return "In English: " + ", ".join(f"{name} {n}" for name, n in counts.items()) + "."


def _subject(recipient: Recipient, facts: Sequence[NoticeFact], day: date) -> str:
    kind, group = _groups(facts)[0]
    first = f"{kind.heading}{sum(f.count for f in group)}{kind.unit}"
    return without_numbers(f"【一库】{day:%Y-%m-%d} {recipient.name}：{first}")


def _page(subject: str, lines: Sequence[str]) -> str:
    rows = "".join(
        f"<p style='margin:2px 0 2px {'1.5em' if line.startswith(' ') else '0'}'>{html.escape(line.strip())}</p>"
        for line in lines
    )
    title = html.escape(subject)
    return (
        f"<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>{title}</title><h3>{title}</h3>{rows}</html>"
    )


def _fingerprint(told: Iterable[tuple[int, NoticeFact]]) -> str:
    """Hash what is told and how far it has been escalated, but not the age, which changes every day."""
    parts = sorted((f.kind, f.county or "", f.unit or "", f.title, f.count, f.detail, f.ref, s) for s, f in told)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def build_digest(recipient: Recipient, facts: Iterable[NoticeFact], day: date) -> Digest | None:
    """Build the digest of one recipient; None when nothing concerns them. KeyError for an unknown kind, our fault."""
    weekly = first_workday_of_week(day)
    steps = [(_concerns(recipient, f, weekly), f) for f in facts]
    told = [(step, f) for step, f in steps if step is not None]
    if not told:
        return None
    mine = tuple(f for _, f in told)
    subject, lines = _subject(recipient, mine, day), [*_body(mine, day, len(recipient.units) != 1), _english(mine)]
    return Digest(
        recipient, day, subject, "\n".join([subject, *lines]), _page(subject, lines), _fingerprint(told), mine
    )


def build_digests(recipients: Iterable[Recipient], facts: Sequence[NoticeFact], day: date) -> list[Digest]:
    """Build one digest for each recipient whom something concerns."""
    made = [build_digest(r, facts, day) for r in recipients]
    return [d for d in made if d is not None]


def should_send(digest: Digest, last_fingerprint: str | None) -> bool:
    """Tell whether a digest says anything that the recipient was not told last time."""
    return digest.fingerprint != last_fingerprint
