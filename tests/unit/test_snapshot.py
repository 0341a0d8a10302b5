"""The record of a night tells what differs, and never a value."""

import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from snapshot import compare


def record(folder, rows, message="好"):
    folder.mkdir()
    with (folder / "mart.one.rows").open(
        "w", encoding="utf-8", newline=""
    ) as file:
        csv.writer(file).writerows(rows)
    (folder / "receipt.txt").write_text(message, "utf-8")
    return folder


def test_equal_records_do_not_differ(tmp_path):
    rows = [["name", "age"], ["甲", "3"]]
    assert (
        compare(record(tmp_path / "a", rows), record(tmp_path / "b", rows))
        == []
    )


def test_a_row_a_column_a_message_and_a_relation_are_told_without_values(
    tmp_path,
):
    before = record(
        tmp_path / "a",
        [["name", "age", "sex"], ["甲", "3", "男"], ["乙", "4", "女"]],
    )
    after = record(
        tmp_path / "b",
        [["name", "age"], ["甲", "3"], ["乙", "5"]],
        message="坏",
    )
    (after / "mart.two.rows").write_text("x\n", "utf-8")
    lines = compare(before, after)
    assert lines == [
        "mart.one.rows: column sex only before",
        "mart.one.rows: 1 rows gone, 1 come; columns age",
        "mart.two.rows: only after",
        "receipt.txt: 1 lines gone, 1 lines come",
    ]
