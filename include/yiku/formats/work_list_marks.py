"""The words by which a work list (待办清单) is known again when it comes back.

``worklist`` writes them, ``tables`` reads them. Each line carries all that is needed to understand its answer: a
clerk sorts lines, deletes them, or sends the one sheet that she filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

FILE_WORD = "待办清单"
KEY_HEADER, KEPT_HEADER = "清单键（勿改）", "原行（勿改）"
COLUMN_HEADER, CHANGE_HEADER, ANSWER_HEADER = "要改的列", "改为", "答复"
# The kinds of lines, as they stand in the keys.
ROW, HEADER, VISIT, GONE, PAIR, TOLD = "r", "h", "v", "d", "p", "i"
REFUSE_WORD, KEEP_WORD, TAKE_WORD, DECLINE_WORD = (
    "不同意",
    "漏报",
    "接受",
    "不接受",
)
CLEAR_WORD = "清空"
# What is kept beside a row that came by a work list: where it came first, and whom it is not about.
FIRST_FILE, FIRST_ROW, DECLINED_NOTE = "来件", "行号", "不同意系统推测"
_KEY = re.compile(r"yk-([rhvdpi])-(\d{6}|\d{9})-([0-9a-f-]{8,36})")
_MOST_KEPT = 32_000  # characters: a cell holds 32,767


class LineKey(NamedTuple):
    """What a line is about, for which unit (a town's code, or a county's), and which one it is."""

    kind: str
    unit: str
    reference: str


def key_text(key: LineKey) -> str:
    """Return a key as it stands in its cell."""
    return f"yk-{key.kind}-{key.unit}-{key.reference}"


def key_of(text: str) -> LineKey | None:
    """Return the key that stands in a cell; None for anything else."""
    found = _KEY.fullmatch(text.strip())
    return LineKey(*found.groups()) if found else None


def kept_text(kept: Mapping[str, Any]) -> str:
    """Return what is kept with a line as the text of a cell; '' where no cell has room for it."""
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _MOST_KEPT else ""


def kept_of(text: str) -> dict[str, Any]:
    """Return what was kept with a line; nothing where somebody typed over it."""
    try:
        found = json.loads(text)
    # Brackets within brackets without end are no fault of ours either.
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
