"""What becomes of rows, sheets and files; the law of the ledger over random verdicts."""

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from yiku.checking.findings import (
    Failed,
    JudgedNote,
    JudgedTable,
    RowFate,
    SheetHit,
    Verdicts,
)
from yiku.checking.message import message, sentence
from yiku.checking.outcomes import sent_back, settle_file, stopped_by
from yiku.contracts import load_contracts
from yiku.tables.table import MatchedColumn, SheetMetadata, Table


def failed(rule, verdict, field, *refs, **more):
    return Failed(
        rule, verdict, field, np.array(sorted(refs), dtype="int64"), **more
    )


def table(ref=0, rows=4, first_ref=0, **more):
    headers = more.pop("headers", {})
    matched = {n: MatchedColumn(n, 1, h, "alias") for n, h in headers.items()}
    places = more.pop("places", {})
    row_nos = list(more.pop("row_nos", range(5, 5 + rows)))
    read = Table(
        f"表{ref}",
        0,
        more.pop("template", "L3"),
        (4, 4),
        matched,
        row_nos,
        {},
        SheetMetadata(),
        places={
            name: [MatchedColumn(name, 1, header, "alias") for header in own]
            for name, own in places.items()
        },
        once=more.pop("once", frozenset()),
    )
    return JudgedTable(ref, read, "2017-10", row_nos, first_ref, **more)


def fates(outcome):
    return [(f.fate, f.rule) for s in outcome.sheets for f in s.fates]


def told(outcome, verdict=None):
    return [
        (f.row_no, f.field, f.rule, f.verdict)
        for f in outcome.findings
        if verdict in (None, f.verdict)
    ]


def test_rows_are_sent_back_loaded_and_dropped():
    verdicts = Verdicts(
        rows={
            "L3": [
                failed("X07", "W", "id_no", 0, 1),
                failed("X06", "Q", "village_name", 1),
                failed("X01", "A", None, 2, drops=True),
            ]
        }
    )
    outcome = settle_file(9, [table()], verdicts)
    assert fates(outcome) == [
        ("loaded", None),
        ("quarantined", "X06"),
        ("dropped", "X01"),
        ("loaded", None),
    ]
    assert (
        outcome.status,
        outcome.reason,
        outcome.template,
        outcome.period,
    ) == (
        "partly_loaded",
        None,
        "L3",
        "2017-10",
    )
    assert (
        outcome.counts.read,
        outcome.counts.loaded,
        outcome.counts.quarantined,
        outcome.counts.dropped,
    ) == (
        4,
        2,
        1,
        1,
    )
    assert told(outcome) == [
        (5, "id_no", "X07", "W"),
        (6, "id_no", "X07", "W"),
        (6, "village_name", "X06", "Q"),
        (None, None, "X01", "A"),
    ]
    assert {f.file for f in outcome.findings} == {9}


def test_tables_of_one_list_share_a_frame_and_keep_their_rows_apart():
    verdicts = Verdicts(
        rows={"L3": [failed("X06", "Q", "village_name", 3, 4)]}
    )
    outcome = settle_file(1, [table(0, 4, 0), table(1, 2, 4)], verdicts)
    assert [[f.fate for f in s.fates] for s in outcome.sheets] == [
        ["loaded"] * 3 + ["quarantined"],
        ["quarantined", "loaded"],
    ]


def test_repairs_are_counted_for_sheet_field_and_rule():
    notes = [JudgedNote(i, "start_on", "T01", "A", {}) for i in range(3)] + [
        JudgedNote(0, "name", "C04", "A", {})
    ]
    outcome = settle_file(1, [table()], Verdicts(notes={0: notes}))
    assert outcome.status == "loaded"
    assert [(f.field, f.rule, f.facts) for f in outcome.findings] == [
        ("start_on", "T01", {"n": 3, "rows": "5、6、7"}),
        ("name", "C04", {"n": 1, "rows": "5"}),
    ]


def test_a_cell_that_holds_something_not_understood_is_not_called_empty():
    verdicts = Verdicts(
        rows={
            "L3": [
                failed("R01", "Q", "start_on", 0, 1, 2),
                failed("R01", "Q", "name", 3),
            ]
        },
        notes={
            0: [
                JudgedNote(0, "start_on", "T03", "Q", {}),
                JudgedNote(1, "start_on", "T07", "A", {}),
                JudgedNote(2, "start_on", "C02", "A", {}),
            ]
        },
    )
    outcome = settle_file(1, [table()], verdicts)
    assert told(outcome, "Q") == [
        (5, "start_on", "T03", "Q"),
        (7, "start_on", "R01", "Q"),
        (8, "name", "R01", "Q"),
    ]


def test_an_item_of_a_wide_row_is_named_by_its_own_header():
    places = {"employer": ["第一项", "第二项", "第一项", "第二项"]}
    notes = [
        JudgedNote(1, "employer", "C12", "W", {}),
        JudgedNote(2, "employer", "C13", "A", {}),
    ]
    wide = table(
        headers={"employer": "第一项"}, row_nos=[5, 5, 6, 6], places=places
    )
    outcome = settle_file(1, [wide], Verdicts(notes={0: notes}))
    official = load_contracts()["L3"].column("employer").header
    assert [(f.rule, f.row_no, f.header) for f in outcome.findings] == [
        ("C12", 5, "第二项"),
        ("C13", None, official),
    ]


def test_what_stands_with_another_record_of_a_row_is_not_called_empty():
    wide = table(
        row_nos=[5, 5, 6, 6],
        once=frozenset({"wage_yuan"}),
    )
    missing = failed("R02", "W", "wage_yuan", 1, 2, 3)
    outcome = settle_file(1, [wide], Verdicts(rows={"L3": [missing]}))
    assert [(f.rule, f.row_no) for f in outcome.findings] == [("R02", 6)]


def test_a_column_that_is_not_on_the_sheet():
    verdicts = Verdicts(
        rows={
            "L3": [
                failed("R01", "Q", "town_name", 0, 1, 2, 3),
                failed("R02", "W", "edu", 0, 1, 2, 3),
                failed("R02", "W", "ethnic", 0, 1, 2, 3),
                failed("R02", "W", "return_reason", 1, conditional=True),
                failed("R02", "W", "phone", 2),
            ]
        }
    )
    outcome = settle_file(
        1,
        [table(headers={"name": "姓名", "phone": "手机", "edu": "学历"})],
        verdicts,
    )
    assert outcome.status == "loaded"
    assert told(outcome) == [
        (None, None, "R02", "W"),
        (7, "phone", "R02", "W"),
    ]
    assert "学历、民族、返乡原因" in message(outcome.findings[0])
    assert outcome.findings[1].header == "手机"


def test_a_held_sheet_sends_every_row_back():
    hits = {
        0: [
            SheetHit("F11", "S", {"town": "甲镇", "title_town": "乙镇"}),
            SheetHit("L13", "W", {"n": 1}),
        ]
    }
    verdicts = Verdicts(
        sheets=hits, rows={"L3": [failed("X06", "Q", "village_name", 0)]}
    )
    outcome = settle_file(1, [table(rows=2)], verdicts)
    assert (outcome.status, outcome.reason) == ("held", "F11")
    assert fates(outcome) == [("quarantined", "F11")] * 2
    assert told(outcome) == [
        (None, None, "F11", "S"),
        (None, None, "L13", "W"),
        (5, None, "F11", "Q"),
        (6, None, "F11", "Q"),
    ]
    assert sent_back(table(rows=2), verdicts).all()


def test_the_breaker_comes_after_the_rows():
    verdicts = Verdicts(
        sheets={0: [SheetHit("BRK", "S")]},
        rows={"L3": [failed("X06", "Q", "village_name", 0)]},
    )
    outcome = settle_file(1, [table(rows=2)], verdicts)
    assert fates(outcome) == [("quarantined", "X06"), ("quarantined", "BRK")]
    assert outcome.status == "held"


def test_mixed_up_and_repeated_sheets_have_no_rows():
    refused = settle_file(
        1,
        [table()],
        Verdicts(sheets={0: [SheetHit("X13", "F", {"percent": 40})]}),
    )
    assert (
        refused.status,
        refused.reason,
        refused.counts.read,
        fates(refused),
    ) == (
        "rejected",
        "X13",
        0,
        [],
    )
    repeated = settle_file(
        1,
        [table()],
        Verdicts(sheets={0: [SheetHit("F09", "W", {}, "duplicate")]}),
    )
    assert (repeated.status, repeated.reason, repeated.counts.read) == (
        "duplicate",
        "F09",
        0,
    )


def test_the_first_rule_that_stops_a_sheet_is_the_reason_and_later_ones_were_not_looked_at():
    hits = [
        SheetHit("X13", "F"),
        SheetHit("I12", "S"),
        SheetHit("N02", "S"),
        SheetHit("L05", "W"),
    ]
    assert stopped_by(hits).rule == "N02"
    outcome = settle_file(1, [table(rows=1)], Verdicts(sheets={0: hits}))
    assert [f.rule for f in outcome.findings] == ["N02", "L05", "N02"]
    assert stopped_by([SheetHit("L05", "W")]) is None


def test_a_file_of_several_sheets():
    held = {1: [SheetHit("L06", "S", {"headers": "姓名"})]}
    mixed = settle_file(
        1, [table(0), table(1, first_ref=4)], Verdicts(sheets=held)
    )
    assert (mixed.status, mixed.reason, [s.status for s in mixed.sheets]) == (
        "partly_loaded",
        "L06",
        ["loaded", "held"],
    )
    assert (mixed.counts.read, mixed.counts.quarantined) == (8, 4)
    other = settle_file(1, [table(0), table(1, template="L5")], Verdicts())
    assert (other.status, other.template) == ("loaded", None)


def test_files_without_tables():
    locked = settle_file(1, [], Verdicts(), [SheetHit("F05", "F")])
    assert (locked.status, locked.reason, locked.counts.read) == (
        "rejected",
        "F05",
        0,
    )
    unknown = settle_file(
        1, [], Verdicts(), [SheetHit("F12", "S", {"sheet": "Sheet1"})]
    )
    assert (unknown.status, unknown.reason) == ("held", "F12")
    assert message(unknown.findings[0]).startswith("工作表“Sheet1”")
    partly = settle_file(
        1, [table()], Verdicts(), [SheetHit("L14", "W", {"sheet": "说明2"})]
    )
    assert (partly.status, told(partly)) == (
        "loaded",
        [(None, None, "L14", "W")],
    )


def test_rows_that_change_nothing_are_dropped_unless_a_rule_sends_them_back():
    hinted = table(hints=["same_as_loaded", "overtaken", "overtaken", None])
    outcome = settle_file(
        1,
        [hinted],
        Verdicts(rows={"L3": [failed("X06", "Q", "village_name", 2)]}),
    )
    assert fates(outcome) == [
        ("dropped", "F09"),
        ("dropped", "X12"),
        ("quarantined", "X06"),
        ("loaded", None),
    ]
    assert told(outcome, "W") == [(None, None, "X12", "W")]


def test_what_a_clerk_typed_is_for_the_return_workbook_alone():
    notes = {
        0: [
            JudgedNote(0, "id_no", "I08", "Q", {}),
            JudgedNote(1, "emp_form", "C13", "Q", {"choices": ("甲", "乙")}),
        ]
    }
    written = {(0, "id_no"): "510802不可说", (1, "emp_form"): "瞎写"}
    outcome = settle_file(
        1,
        [table(headers={"id_no": "身份证"}, original=written)],
        Verdicts(notes=notes),
    )
    first, second = outcome.findings
    assert (
        message(first)
        == "〔转移就业名单·表0〕第5行【身份证】身份证号校验位不对，可能有一位写错。请对照身份证核对。"
    )
    assert "510802不可说" in sentence(first)
    assert "甲、乙" in message(second)
    assert "瞎写" not in message(second)
    assert "瞎写" in sentence(second)


RULES = ["R01", "R02", "X06", "X07", "X01", "T08", "C13", "I08"]
FIELDS = ["name", "id_no", "start_on", "edu", None]
REFS = st.lists(st.integers(0, 11), max_size=6, unique=True)
FAILED = st.builds(
    lambda rule, verdict, field, refs, drops, conditional: failed(
        rule,
        verdict,
        field,
        *refs,
        drops=drops and verdict == "A",
        conditional=conditional,
    ),
    st.sampled_from(RULES),
    st.sampled_from("AWQ"),
    st.sampled_from(FIELDS),
    REFS,
    st.booleans(),
    st.booleans(),
)
NOTES = st.lists(
    st.builds(
        JudgedNote,
        st.integers(0, 3),
        st.sampled_from(FIELDS[:4]),
        st.sampled_from(RULES),
        st.sampled_from("AWQ"),
        st.just({}),
    ),
    max_size=6,
)
HITS = st.lists(
    st.sampled_from(
        [
            SheetHit("F11", "S"),
            SheetHit("X13", "F"),
            SheetHit("F09", "W", {}, "duplicate"),
            SheetHit("BRK", "S"),
            SheetHit("L13", "W", {"n": 1}),
        ]
    ),
    max_size=2,
)
HINTS = st.lists(
    st.sampled_from(["same_as_loaded", "overtaken", None]),
    min_size=4,
    max_size=4,
)


@given(
    st.lists(FAILED, max_size=6),
    st.dictionaries(st.integers(0, 2), NOTES),
    st.dictionaries(st.integers(0, 2), HITS),
    st.lists(HINTS, min_size=3, max_size=3),
    st.sampled_from([{}, {"name": "姓名"}]),
)
def test_the_law_holds_whatever_the_suites_say(
    rows, notes, hits, hints, headers
):
    verdicts = Verdicts({"L3": rows}, notes, hits)
    tables = [
        table(i, 4, 4 * i, hints=hints[i], headers=headers) for i in range(3)
    ]
    outcome = settle_file(7, tables, verdicts)
    for counts in (outcome.counts, *(s.counts for s in outcome.sheets)):
        assert (
            counts.read == counts.loaded + counts.quarantined + counts.dropped
        )
    assert outcome.counts.read == sum(len(s.fates) for s in outcome.sheets)
    for judged, settled in zip(tables, outcome.sheets, strict=True):
        mine = [f for f in outcome.findings if f.sheet == settled.sheet]
        back = {f.position for f in mine if f.verdict == "Q"}
        assert back == {
            i for i, f in enumerate(settled.fates) if f.fate == "quarantined"
        }
        assert (
            settled.status in ("rejected", "duplicate")
            or len(settled.fates) == 4
        )
        assert all(f == RowFate("loaded") or f.rule for f in settled.fates)
        places = [
            (f.position, f.field, f.rule)
            for f in mine
            if f.position is not None
        ]
        assert len(places) == len(set(places))
        repairs = [(f.field, f.rule) for f in mine if f.verdict == "A"]
        assert len(repairs) == len(set(repairs))
        if stopped_by(verdicts.sheets.get(judged.sheet_ref, ())) is None:
            assert set(np.flatnonzero(sent_back(judged, verdicts))) == back
    assert all(message(f) and sentence(f) for f in outcome.findings)
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_a_sentence_without_a_proposal_leaves_its_place_empty():
    notes = {0: [JudgedNote(0, "id_no", "I01", "Q", {})]}
    (finding,) = settle_file(
        1, [table(rows=1)], Verdicts(notes=notes)
    ).findings
    assert "…" not in sentence(finding)
