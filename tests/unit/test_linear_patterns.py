"""Every pattern of ours takes time in proportion to a stranger's text, however that text was made to slow it down."""

from __future__ import annotations

import ast
import importlib
import itertools
import math
import pkgutil
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
import yiku

SHORT, LONG = 2_000, 16_000  # characters: three doublings
# A linear pattern takes eight times as long for eight times the text, a quadratic one 64 times; noise lies between.
MOST = 24.0
# Below so many seconds of the processor nothing can be told, and nothing is lost.
ENOUGH = 0.005
# A busy machine makes a run slower, never faster: what is slow by its nature is so each time that it is looked at.
ROUNDS = 12
# A linear pattern needs a few thousandths of a second; one that needs so many seconds doubles with every character.
ENDLESS = 1.0
# Modules that see no text of strangers, or cannot be imported without a server.
ELSEWHERE = ("yiku.demo", "yiku.airflow_glue", "yiku.airflow_home", "yiku.cli")
ANYWHERE = frozenset({"search", "finditer", "findall", "sub", "subn", "split"})
SAMPLES = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_SPACE: "x",
    codes.CATEGORY_NOT_DIGIT: "x",
    codes.CATEGORY_NOT_WORD: "-",
}


@dataclass(frozen=True)
class Used:
    """A pattern, and the ways in which its module uses it: looking for it anywhere, or at one place."""

    pattern: re.Pattern[Any]
    anywhere: bool
    at_start: bool


def patterns() -> dict[str, Used]:
    """Return every pattern of the package by where it stands."""
    found: dict[str, Used] = {}
    for info in pkgutil.walk_packages(yiku.__path__, "yiku."):
        if info.name.startswith(ELSEWHERE):
            continue
        module = importlib.import_module(info.name)
        source = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        methods = _methods(source)
        for name, value in vars(module).items():
            for n, pattern in enumerate(_patterns_in(value)):
                label = (
                    f"{info.name}.{name}[{n}]" if n else f"{info.name}.{name}"
                )
                used = (
                    methods.get(name)
                    if isinstance(value, re.Pattern)
                    else None
                )
                if used is not None or not isinstance(value, re.Pattern):
                    found[label] = Used(
                        pattern,
                        not used or bool(used & ANYWHERE),
                        not used or bool(used - ANYWHERE),
                    )
        found |= {
            f"{info.name}:{line}": used for line, used in _inline(source)
        }
    return found


def _methods(source: ast.Module) -> dict[str, set[str]]:
    """Return by name the methods that a module calls on it; nothing where it hands the thing on."""
    found: dict[str, set[str]] = {}
    handed = {
        n.id
        for n in ast.walk(source)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and isinstance(
            node.value, ast.Name
        ):
            found.setdefault(node.value.id, set()).add(node.attr)
    counts = Counter(
        n.id
        for n in ast.walk(source)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )
    owned = Counter(
        n.value.id
        for n in ast.walk(source)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    )
    return {
        name: found.get(name, set()) if counts[name] == owned[name] else set()
        for name in handed
    }


def _inline(source: ast.Module) -> Iterator[tuple[int, Used]]:
    """Yield the patterns that are written where they are used."""
    for node in ast.walk(source):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.args
        ):
            continue
        owner, text = node.func.value, node.args[0]
        if (
            isinstance(owner, ast.Name)
            and owner.id == "re"
            and isinstance(text, ast.Constant)
        ):
            method = node.func.attr
            if method in {*ANYWHERE, "match", "fullmatch"}:
                yield (
                    node.lineno,
                    Used(
                        re.compile(text.value),
                        method in ANYWHERE,
                        method not in ANYWHERE,
                    ),
                )


def _patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 3:
        for inner in [*value.keys(), *value.values()]:
            yield from _patterns_in(inner, depth + 1)
    elif isinstance(value, tuple | list | set | frozenset) and depth < 3:
        for inner in value:
            yield from _patterns_in(inner, depth + 1)


def words_of(pattern: re.Pattern[Any]) -> list[str]:
    """Return the pieces of text that a pattern speaks of: its literals, and a sample of each set of characters."""
    source = (
        pattern.pattern
        if isinstance(pattern.pattern, str)
        else pattern.pattern.decode("latin-1")
    )
    found: dict[str, None] = {}
    _collect(
        parser.parse(
            source, pattern.flags & (re.VERBOSE | re.IGNORECASE | re.DOTALL)
        ),
        found,
    )
    kinds: dict[str, str] = {}
    for word in found:  # one digit is as good as another
        kinds.setdefault(
            re.sub(r"\d", "1", re.sub("[一-鿿]", "一", word))
            if len(word) == 1
            else word,
            word,
        )
    return [word for word in kinds.values() if word][:14]


def _collect(tree: Any, found: dict[str, None]) -> None:
    run = ""
    for code, argument in tree:
        if code is codes.LITERAL:
            run += chr(argument)
            continue
        found[run] = None
        run = ""
        if code is codes.IN:
            found |= dict.fromkeys(
                _sample(kind, inner) for kind, inner in argument[:6]
            )
        elif code is codes.NOT_LITERAL or code is codes.ANY:
            found["x"] = None
        for inner in _inside(argument):
            _collect(inner, found)
    found[run] = None


def _sample(kind: Any, inner: Any) -> str:
    """Return a character that a part of a set takes; nothing for the sign that turns a set round."""
    if kind is codes.LITERAL:
        return chr(inner)
    if kind is codes.RANGE:
        return chr(inner[0])
    return SAMPLES.get(inner, "x") if kind is codes.CATEGORY else ""


def _inside(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for inner in argument:
            yield from _inside(inner)


def texts(words: list[str], size: int) -> Iterator[str]:
    """Yield long texts of the pieces, each and each pair again and again, that end in what no pattern waits for."""
    for piece in [
        *words,
        *(a + b for a, b in itertools.permutations(words[:5], 2)),
        "".join(words),
    ]:
        yield piece * (size // len(piece)) + "\n\x01"
    for first, piece in itertools.product(words[:3], words[:6]):
        yield first + piece * (size // len(piece)) + "\x01"


def seconds(used: Used, text: str) -> float:
    """Return how long a pattern takes on a text in the ways in which it is used; infinity for far too long.

    Counted in this thread's processor time: the server of another test may still work in a thread of this process.
    """
    subject: Any = (
        text
        if isinstance(used.pattern.pattern, str)
        else text.encode("latin-1", "replace")
    )
    began = time.thread_time()
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
        if used.at_start:
            used.pattern.fullmatch(subject)
            used.pattern.match(subject)
        if used.anywhere:
            for _ in used.pattern.finditer(subject):
                pass
    except TimeoutError:
        return math.inf
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.thread_time() - began


def slow_on(used: Used) -> str | None:
    """Return the beginning of a text that makes a pattern slow; None when there is none."""
    words = words_of(used.pattern)
    for short, long in zip(
        texts(words, SHORT), texts(words, LONG), strict=True
    ):
        taken = seconds(used, long)
        if taken == math.inf or (
            taken > ENOUGH and _is_out_of_proportion(used, short, long)
        ):
            return long[:40]
    return None


def _is_out_of_proportion(used: Used, short: str, long: str) -> bool:
    """Return whether the long text takes too long beside the short one each time that they are run in turns."""
    return all(
        seconds(used, long) > max(ENOUGH, MOST * seconds(used, short))
        for _ in range(ROUNDS)
    )


@pytest.fixture(autouse=True)
def _interrupted() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


def test_every_pattern_takes_time_in_proportion_to_its_text():
    found = patterns()
    different = {
        (used.pattern, used.anywhere, used.at_start): name
        for name, used in found.items()
    }

    slow = {
        name: text
        for key, name in different.items()
        if (text := slow_on(Used(*key))) is not None
    }

    assert slow == {}
    assert len(different) > 150


@pytest.mark.parametrize(
    "text",
    [
        r"\d+[年月]?\d*个$",
        r"(?:\s*a\s*)*b",
        r"<c\s[^>]*t=\"e\"",
        r"(?:a|aa)+$",
    ],
)
def test_a_pattern_that_is_not_linear_is_noticed(text: str):
    assert slow_on(Used(re.compile(text), True, True)) is not None
