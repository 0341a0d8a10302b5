"""What the servers that handed a mail on say of its sender: Authentication-Results (RFC 8601).

Parts of it are the sender's own choice (the address that the letter was
handed in under), so that it is read as its grammar has it: comments and
quoted strings are taken out before anything is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST_WORD = 8192  # characters; servers write some hundred
# The method stands first in its part: behind it come values of the sender's.
_RESULT = re.compile(r"(?i)\s*(dmarc|spf|dkim)(?:\s*/\s*\d+)?\s*=\s*(\w+)")
_ALIGNED_WITH = re.compile(
    r"(?i)\s(?:smtp\.mailfrom|header\.d|header\.i)\s*=\s*([^\s;]+)"
)
_QUOTED = '"'  # what is left of a quoted string


@dataclass(frozen=True)
class ServerWord:
    """One Authentication-Results.

    ``hop``: how many servers took the mail over after it was written, by the
    Received above it; ``is_cut``: it goes on beyond what is read of it.
    """

    text: str
    hop: int = 0
    is_cut: bool = False


@dataclass(frozen=True)
class _Result:
    method: str
    value: str
    domain: str  # that it is about, '' where it does not say so plainly


@dataclass(frozen=True)
class _Said:
    """What one word says: who said it, and its results; not ``is_whole``: a quote or a comment in it never ends."""

    server: str
    results: Sequence[_Result]
    hop: int
    is_whole: bool


def is_doubted(
    words: Iterable[ServerWord], authserv: str, domain: str
) -> bool:
    """Return whether the server that took a mail in doubts that it is from ``domain``.

    With ``authserv`` its word alone counts, and a mail without it is doubted;
    else any word against the mail counts, which only harms whoever forges it.
    """
    said = [_said(word) for word in words]
    if not authserv:
        return any(_speaks_against(one) for one in said)
    own = [one for one in said if one.server == authserv.lower()]
    if any(_has_failed(one) or not one.is_whole for one in own):
        # Below its own words stand those that came with the mail: a forged one
        # that says "fail" harms its forger alone.
        return True
    # A server's filters write a word each, beside each other; what stands
    # below another server's mark came with the mail.
    newest = [one for one in own if one.hop == own[0].hop]
    return not _vouches(newest, domain)


def _said(word: ServerWord) -> _Said:
    plain, is_whole = _plain(word.text)
    server, *parts = plain.split(";")
    named = server.split()
    return _Said(
        server=named[0].lower() if named else "",
        results=list(_results(parts)),
        hop=word.hop,
        is_whole=is_whole and not word.is_cut,
    )


def _plain(text: str) -> tuple[str, bool]:
    """Return a header without comments and what is quoted, and whether each of them ends.

    One character after the other: there may be ten thousand brackets.
    """
    kept: list[str] = []
    depth, is_quoted, is_escaped = 0, False, False
    for character in text:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and (is_quoted or depth):
            is_escaped = True
        elif is_quoted:
            is_quoted = character != '"'
        elif character == "(":
            depth += 1
            kept.append(" ")
        elif depth:
            depth -= character == ")"
        elif character == '"':
            is_quoted = True
            kept.append(_QUOTED)
        else:
            kept.append(character)
    return "".join(kept), not (depth or is_quoted)


def _results(parts: Iterable[str]) -> Iterator[_Result]:
    for part in parts:
        result = _RESULT.match(part)
        if result is None:
            continue
        about = _ALIGNED_WITH.search(part)
        domain = about[1] if about else ""
        if _QUOTED in domain:
            domain = ""  # the sender wrote it so, to be misread
        domain = domain.rpartition("@")[2].lower()
        yield _Result(result[1].lower(), result[2].lower(), domain)


def _has_failed(said: _Said) -> bool:
    return any(
        result.method == "dmarc" and result.value == "fail"
        for result in said.results
    )


def _vouches(words: Sequence[_Said], domain: str) -> bool:
    """Return whether a server vouches for the domain of From, not merely for whoever handed the mail on."""
    passed = [
        result
        for word in words
        for result in word.results
        if result.value == "pass"
    ]
    return any(
        result.method == "dmarc" or _is_same_domain(result.domain, domain)
        for result in passed
    )


def _speaks_against(said: _Said) -> bool:
    by_method: dict[str, set[str]] = {}
    for result in said.results:
        by_method.setdefault(result.method, set()).add(result.value)
    if "pass" in by_method.get("dmarc", ()):
        return False
    return any("fail" in values for values in by_method.values())


def _is_same_domain(about: str, domain: str) -> bool:
    return bool(about) and (about == domain or domain.endswith(f".{about}"))
