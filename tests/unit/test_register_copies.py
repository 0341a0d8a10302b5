"""Copied prescriptions, against a comparison of every pair."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from yiku.pipeline.text_similarity import (
    Copy,
    Text,
    alike_pairs,
    find_copies,
    plain,
)

SPRING = date(2017, 3, 1)
MEASURES = "冬季清园一次，剪除病枝并集中烧毁，萌芽前喷施石硫合剂，五月上旬再喷一次波尔多液，注意排水防涝，增施有机肥。"


def text(row: str, words: str, village: str = "v1", day: int = 0) -> Text:
    return Text(SPRING + timedelta(days=day), village, row, words)


def found(*texts: Text) -> list[Copy]:
    """Compare the texts, and see that their order does not matter."""
    copies = find_copies(texts)
    assert find_copies(reversed(texts)) == copies
    return copies


def is_alike(a: str, b: str) -> bool:
    """Say it as the rule does: more than 95 % of the longer text."""
    same = max(len(a), len(b)) - Levenshtein.distance(a, b)
    return 100 * same > 95 * max(len(a), len(b))


def every_copy(texts: list[Text]) -> list[Copy]:
    """Find the copies by comparing each row with each."""
    copies = []
    for row in texts:
        originals = [
            t
            for t in texts
            if t < row
            and t.village_code != row.village_code
            and is_alike(plain(t.words), plain(row.words))
        ]
        if plain(row.words) and originals:
            copies.append(Copy(row.row_id, min(originals).row_id))
    return sorted(copies)


@st.composite
def families(draw: st.DrawFn) -> list[str]:
    """Make texts around the bound: a few stems, and what some edits make of them, wherever they fall."""
    letters = (
        st.sampled_from("甲乙丙丁")
        if draw(st.booleans())
        else st.sampled_from([chr(0x4E00 + n) for n in range(90)])
    )
    texts = []
    for stem in draw(
        st.lists(
            st.text(letters, min_size=1, max_size=90), min_size=1, max_size=3
        )
    ):
        for edits in draw(
            st.lists(
                st.lists(
                    st.tuples(st.floats(0, 1), letters, st.integers(0, 2)),
                    max_size=5,
                ),
                max_size=4,
            )
        ):
            words = stem
            for place, letter, kind in edits:
                at = int(place * len(words))
                words = (
                    words[:at] + letter * (kind > 0) + words[at + (kind < 2) :]
                )
            texts.append(words)
        texts.append(stem)
    return texts


@settings(max_examples=400, deadline=None)
@given(families())
@example(["甲" * 20, "甲" * 21, "甲" * 19, "甲"])
@example(["甲乙" * 40, "乙甲" * 40, "甲乙" * 39 + "甲"])
def test_no_pair_is_missed_and_none_is_made_up(texts: list[str]) -> None:
    distinct = sorted(set(texts), key=lambda t: (len(t), t))
    wanted = {pair for pair in combinations(distinct, 2) if is_alike(*pair)}
    pairs = list(alike_pairs(texts := list(dict.fromkeys(texts))))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == wanted
    assert set(alike_pairs(texts[::-1])) == wanted


@settings(max_examples=200, deadline=None)
@given(families(), st.data())
def test_the_copies_are_those_of_a_comparison_of_every_row_with_every_other(
    words: list[str], data: st.DataObject
) -> None:
    places = st.tuples(st.integers(0, 3), st.sampled_from(["v1", "v2", "v3"]))
    drawn = data.draw(
        st.lists(places, min_size=len(words), max_size=len(words))
    )
    texts = [
        text(f"r{n}", w, village, day)
        for n, (w, (day, village)) in enumerate(zip(words, drawn, strict=True))
    ]
    assert found(*texts) == every_copy(texts)


def test_what_a_clerk_changes_to_hide_a_copy_does_not_hide_it():
    original = text("r1", MEASURES)
    for n, words in enumerate(
        (
            MEASURES.replace("，", "；\n"),
            "今" + MEASURES[1:-2] + "粪",
            MEASURES.replace("一次", "壹次", 1),
        )
    ):
        assert found(original, text("r2", words, "v2", day=n)) == [
            Copy("r2", "r1")
        ]


def test_a_short_copy_is_found_and_a_text_of_its_own_is_not():
    assert found(
        text("r1", "清沟排水，增施有机肥"),
        text("r2", "清沟排水；增施有机肥。", "v2"),
    ) == [Copy("r2", "r1")]
    assert (
        found(
            text("r1", "清沟排水，增施有机肥"),
            text("r2", "清沟排水，增施复合肥", "v2"),
        )
        == []
    )
    assert found(text("r1", "……"), text("r2", "。", "v2")) == []


def test_a_village_may_repeat_itself():
    assert found(text("r1", MEASURES), text("r2", MEASURES, day=1)) == []


def test_the_earliest_of_another_village_is_the_original():
    rows = [
        text("r1", MEASURES, "v1", 0),
        text("r2", MEASURES, "v1", 1),
        text("r3", MEASURES, "v2", 2),
        text("r4", MEASURES, "v1", 3),
    ]
    assert found(*rows) == [Copy("r3", "r1"), Copy("r4", "r3")]


@pytest.mark.parametrize("length", [20, 21, 40, 41])
def test_more_than_ninety_five_in_a_hundred_characters_must_be_equal(length):
    words = "".join(chr(0x4E00 + n) for n in range(length))
    edits = (length - 1) // 20
    kept, lost = ("补" * n + words[n:] for n in (edits, edits + 1))
    assert found(text("r1", words), text("r2", kept, "v2")) == [
        Copy("r2", "r1")
    ]
    assert found(text("r1", words), text("r2", lost, "v2")) == []


def test_a_common_opening_makes_no_pair_of_two_texts():
    rng = random.Random(1)
    words = [
        "根据专家现场查看情况提出以下措施"
        + "".join(rng.choices(MEASURES, k=60))
        for _ in range(3000)
    ]
    assert list(alike_pairs(words)) == []
