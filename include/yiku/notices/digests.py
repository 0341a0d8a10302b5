"""From facts to digests.

Who is concerned, what they need to know, on at most a screen.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from yiku.calendar import answer_by, next_workday
from yiku.display import inert
from yiku.notices.kinds import Kind, load_kinds
from yiku.notices.recipients import Recipient
from yiku.redaction import without_numbers

LINES_A_KIND = 5
LINES = 24  # what a screen holds
_TO_BE_MENDED = ("quarantined", "held", "rejected")
_PAGE = (
    "<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>"
    "{title}</title><h3>{title}</h3>{paragraphs}</html>"
)


@dataclass(frozen=True)
class Enclosure:
    """A file that a mail brings along. ``key`` is what the log knows it by."""

    key: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class NoticeFact:
    """One thing that somebody should know.

    ``title`` is what it is about (a list, a file, an indicator), ``detail`` a short
    Chinese text, ``ref`` a path or link, ``age`` how many workdays it has been open,
    ``place`` the name of the unit. No value of a person belongs in any of them.
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
    enclosure: Enclosure | None = None


@dataclass(frozen=True)
class Digest:
    """What one recipient is told on one night.

    ``fingerprint`` is equal as long as nothing has changed.
    """

    recipient: Recipient
    day: date
    subject: str
    text: str
    html: str
    fingerprint: str
    facts: tuple[NoticeFact, ...] = field(repr=False, default=())

    @property
    def enclosures(self) -> tuple[Enclosure, ...]:
        """Return the files that belong to what it tells."""
        every = (fact.enclosure for fact in self.facts)
        return tuple(file for file in every if file is not None)


def first_workday_of_week(day: date) -> bool:
    """Return whether ``day`` is the first workday since the last Sunday.

    The day of weekly facts.
    """
    # Monday may be a holiday, for which people then work on a weekend.
    sunday = day - timedelta(days=day.isoweekday())
    return next_workday(sunday) == day


def _step_told(
    recipient: Recipient, fact: NoticeFact, is_weekly_day: bool
) -> int | None:
    """Return how far a fact has been escalated for a recipient.

    None when it is none of their business today.
    """
    kind = load_kinds().by_name[fact.kind]
    if kind.weekly and not is_weekly_day:
        return None
    is_of_theirs = recipient.covers(fact.county, fact.unit)
    if kind.whole_county:
        is_of_theirs = recipient.covers_county(fact.county)
    if not is_of_theirs:
        return None
    return kind.step(recipient.role, fact.age)


def _line(kind: Kind, fact: NoticeFact, place: str) -> str:
    # names of files and sheets are a stranger's words, and a chat group calls everybody
    # for <at user_id="all">
    line = kind.line.format(
        title=inert(fact.title),
        count=fact.count,
        detail=inert(fact.detail),
    )
    # where there is no detail, its brackets or colon go too
    line = line.replace("（）", "").rstrip("：")
    if place:
        line = f"{inert(place)}：{line}"
    if fact.ref:
        line = f"{line} → {inert(fact.ref, link=True)}"
    return without_numbers(line)


def _order(fact: NoticeFact) -> tuple[int, str, str, int, str, str]:
    """Return what facts are sorted by.

    The gravest kind first, then by place, the most of a kind first.
    """
    kind = load_kinds().by_name[fact.kind]
    return (
        kind.order,
        fact.county or "",
        fact.unit or "",
        -fact.count,
        fact.title,
        fact.ref,
    )


def _groups(
    facts: Iterable[NoticeFact],
) -> list[tuple[Kind, list[NoticeFact]]]:
    kinds = load_kinds().by_name
    by_kind: dict[str, list[NoticeFact]] = {}
    for fact in sorted(facts, key=_order):
        by_kind.setdefault(fact.kind, []).append(fact)
    return [(kinds[name], group) for name, group in by_kind.items()]


def _total(facts: Iterable[NoticeFact]) -> int:
    return sum(fact.count for fact in facts)


def _section(
    number: int,
    kind: Kind,
    facts: Sequence[NoticeFact],
    most: int,
    is_named: bool,
) -> list[str]:
    lines = [f"{number}. {kind.heading}（{_total(facts)}{kind.unit}）"]
    for fact in facts[:most]:
        place = fact.place if is_named else ""
        lines.append(f"  · {_line(kind, fact, place)}")
    hidden_count = len(facts) - most
    # of a kind that is told by its heading alone the count stands there
    if most and hidden_count > 0:
        lines.append(f"  · 另有{hidden_count}项")
    return lines


def _body(facts: Sequence[NoticeFact], day: date, is_named: bool) -> list[str]:
    """Return the lines below the subject.

    ``is_named``: with the names of the units, for the reader has several.
    """
    lines: list[str] = []
    groups = _groups(facts)
    # a heading and the count of what is left out take a line each
    most = max(1, min(LINES_A_KIND, LINES // len(groups) - 2))
    # Where even so the screen is too small, the last kinds keep their heading.
    detailed_count = (LINES - len(groups)) // 2
    for number, (kind, group) in enumerate(groups, 1):
        shown = most if number <= detailed_count else 0
        lines += _section(number, kind, group, shown, is_named)
    if any(fact.kind in _TO_BE_MENDED for fact in facts):
        due = answer_by(day)
        lines.append(
            f"请只改正退回的行，于{due.month}月{due.day}日前重新上报；改原文件或校验表均可。"
        )
    return lines


def _english(facts: Sequence[NoticeFact]) -> str:
    counts = []
    for kind, group in _groups(facts):
        name = kind.name.replace("_", " ")
        counts.append(f"{name} {_total(group)}")
    return "In English: " + ", ".join(counts) + "."


def _subject(
    recipient: Recipient, facts: Sequence[NoticeFact], day: date
) -> str:
    kind, group = _groups(facts)[0]
    first = f"{kind.heading}{_total(group)}{kind.unit}"
    return without_numbers(f"【一库】{day:%Y-%m-%d} {recipient.name}：{first}")


def _page(subject: str, lines: Sequence[str]) -> str:
    paragraphs = []
    for line in lines:
        indent = "1.5em" if line.startswith(" ") else "0"
        text = html.escape(line.strip())
        paragraphs.append(f"<p style='margin:2px 0 2px {indent}'>{text}</p>")
    return _PAGE.format(
        title=html.escape(subject), paragraphs="".join(paragraphs)
    )


def _fingerprint(told: Iterable[tuple[int, NoticeFact]]) -> str:
    """Hash what is told, and how far it has been escalated."""
    parts = []
    # not the age, which changes every day: the same news would be sent again
    for step, fact in told:
        place = (fact.county or "", fact.unit or "")
        parts.append(
            (
                fact.kind,
                *place,
                fact.title,
                fact.count,
                fact.detail,
                fact.ref,
                step,
            )
        )
    # fingerprints of earlier nights stand in the ledger: neither form nor order of this
    # may change
    return hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()


def build_digest(
    recipient: Recipient, facts: Iterable[NoticeFact], day: date
) -> Digest | None:
    """Build the digest of one recipient.

    None when nothing concerns them. KeyError for an unknown kind, our fault.
    """
    is_weekly_day = first_workday_of_week(day)
    told = []
    for fact in facts:
        step = _step_told(recipient, fact, is_weekly_day)
        if step is not None:
            told.append((step, fact))
    if not told:
        return None
    mine = tuple(fact for _step, fact in told)
    # who has one unit alone need not be told its name
    has_several_units = len(recipient.units) != 1
    subject = _subject(recipient, mine, day)
    lines = [*_body(mine, day, has_several_units), _english(mine)]
    return Digest(
        recipient=recipient,
        day=day,
        subject=subject,
        text="\n".join([subject, *lines]),
        html=_page(subject, lines),
        fingerprint=_fingerprint(told),
        facts=mine,
    )


def build_digests(
    recipients: Iterable[Recipient], facts: Sequence[NoticeFact], day: date
) -> list[Digest]:
    """Build one digest for each recipient whom something concerns."""
    digests = []
    for recipient in recipients:
        digest = build_digest(recipient, facts, day)
        if digest is not None:
            digests.append(digest)
    return digests


def should_send(digest: Digest, last_fingerprint: str | None) -> bool:
    """Return whether a digest says anything that the recipient was not told last time."""
    return digest.fingerprint != last_fingerprint
