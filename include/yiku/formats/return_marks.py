"""The words by which a return workbook is known again when it comes back.

``returns`` writes them, ``formats`` and ``tables`` read them: a word that changes here is not
found again in the workbooks that are out already.
"""

from __future__ import annotations

import re

REPORT_SHEET = "校验报告"
RESULT_HEADER = "校验结果"
ADVICE_HEADER = "修改意见"
REFERENCE_HEADER = "行引用"
RECEIPT_LABEL = "回执编号"
REFERENCE_PREFIX = "r:"
ACCEPT_WORD = "同意"
# So that our comments are not taken for the clerk's own; authors get lost on the way.
COMMENT_START = "【一库校验】"
# Behind it stands what the clerk had remarked on the cell.
KEPT_COMMENT = "\n原批注："
VANISHED_SHEET = "本次未报人员"
# The questions about headers that were guessed, at the foot of the report.
LIST_LABEL, HEADER_LABEL, MEANING_LABEL = "名单名称", "您的表头", "系统理解为"
CONFIRM_LABEL = "对不对（填“是”或“否”）"
BAD_FILL = "FFC7CE"
WARN_FILL = "FFEB9C"
WITHDRAW_WORD = "删除"
_YES = frozenset({"是", "对", "同意", "正确", "√", "✓", "✔", "yes", "y"})
_PIECES = re.compile(r"[\s。，,；;！!：:、.]+")


def answer_in(text: str | None) -> str | None:
    """Return the answer (同意 or 删除) that a clerk wrote under 修改意见, or None.

    Our own advice stands in the same cell and names these words inside longer sentences, so that
    only a word that stands alone is an answer: the whole cell, or put before or behind the advice
    with a mark or a line break between.
    """
    pieces = set(_PIECES.split(text or ""))
    found = [word for word in (ACCEPT_WORD, WITHDRAW_WORD) if word in pieces]
    # Who writes both has not decided.
    return found[0] if len(found) == 1 else None


def reference_of(reference: str, nth: int) -> str:
    """Return the reference of the nth record (from 1) of a sheet's row.

    The row shows that of its first; a line of a work list that of the record which it is about.
    """
    shown = int(reference[-4:], 16)
    return f"{reference[:-4]}{shown + nth - 1:04x}"


def is_yes(text: str | None) -> bool:
    """Return whether a clerk's answer to a question of ours is a yes."""
    word = _PIECES.sub("", text or "")
    return word.lower() in _YES


def clerks_comment(text: str) -> str:
    """Return what a clerk remarked on a cell: the comment without what we wrote into it.

    '' if nothing is left.
    """
    if not text.startswith(COMMENT_START):
        return text
    return text.partition(KEPT_COMMENT)[2]
