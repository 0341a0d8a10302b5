"""The catalogue of findings.

What can be wrong, how bad it is, and what a clerk should do about it.

``rules.yml`` holds for each rule id: ``verdict`` (A W Q S F), ``level`` (file, sheet,
row, cell), ``title``, ``message`` and ``mend`` in Chinese with places for facts in
braces, and ``message_en``. A message in the warehouse never holds a value of a person:
only ``{header}``, ``{row}``, ``{n}``, names of places, dates of files and the like.
``detail`` is what the return workbook says instead, where ``{value}`` may stand. Whole
sentences without values stand in ``otherwise`` (verdict -> sentence) for a verdict that
is not the usual one, and in ``given`` (fact -> sentence) for a finding that knows the
fact. ``emitted_by`` says who finds it where that is no suite in ``expectations/``:
``reading`` (a file that cannot be read), ``intake`` (files as they arrive),
``settling`` (versions, and what is weighed once all rows are judged), ``marts`` (what
rows of other lists say), ``notices`` (what did not come at all).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from yiku.contracts import folder
from yiku.contracts.yaml_text import parse_yaml


# A sentence that lacks a fact still reaches the clerk; tests let it fail.
class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue.

    Verdicts: A repaired, W warning, Q row back, S sheet held, F file refused.
    """

    id: str
    verdict: str
    level: str
    title: str
    message: str
    mend: str
    message_en: str
    detail: str
    emitted_by: str = "suites"
    otherwise: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def tells_value(self) -> bool:
        """Whether what the sender reads of it may hold the cell's own value."""
        sentences = (
            self.detail,
            *self.otherwise.values(),
            *self.given.values(),
        )
        return any("{value}" in sentence for sentence in sentences)

    def say(self, case: str | None = None, **facts: object) -> str:
        """Return the Chinese sentence for the ledger.

        Facts that are missing show as an ellipsis.

        ``case`` is the verdict of this very finding, where it may be another than the
        rule's usual one.
        """
        return self._sentence(case, self.message, facts)

    def say_in_return(self, case: str | None = None, **facts: object) -> str:
        """Return the sentence for the sender's own workbook, where the value itself may stand."""
        return self._sentence(case, self.detail or self.message, facts)

    def _sentence(
        self, case: str | None, usual: str, facts: Mapping[str, object]
    ) -> str:
        sentence = (
            # The verdict goes before the facts: a row that is sent back needs
            # another sentence than one that is asked about, whatever is known
            # of it.
            self.otherwise.get(case or "")
            or self._given(facts)
            or usual + self.mend
        )
        return sentence.format_map(_Blank(facts))

    def _given(self, facts: Mapping[str, object]) -> str | None:
        """Return the sentence for the first fact that a finding knows."""
        for fact, sentence in self.given.items():
            if fact in facts:
                return sentence
        return None


@cache
def load_rules() -> Mapping[str, Rule]:
    """Read the catalogue by rule id."""
    text = folder.contracts_folder().joinpath("rules.yml").read_text("utf-8")
    return {
        name: _rule(name, entry) for name, entry in parse_yaml(text).items()
    }


def _rule(name: str, entry: Mapping[str, Any]) -> Rule:
    return Rule(
        id=name,
        verdict=entry["verdict"],
        level=entry["level"],
        title=entry["title"],
        message=entry["message"],
        mend=entry.get("mend", ""),
        message_en=entry["message_en"],
        detail=entry.get("detail", ""),
        emitted_by=entry.get("emitted_by", "suites"),
        otherwise=entry.get("otherwise", {}),
        given=entry.get("given", {}),
    )


_VERDICTS = {
    "A": "已自动更正",
    "W": "请核实",
    "Q": "已退回",
    "S": "整表未接收",
    "F": "未接收",
}
_LEVELS = {"file": "文件", "sheet": "工作表", "row": "行", "cell": "单元格"}


def render_rules_markdown() -> str:
    """Return the catalogue as the Markdown page that the documentation ships."""
    lines = [
        "# 校验规则 / Rules",
        "",
        "由 `include/yiku/contracts/rules.yml` 生成，请勿手改。Generated from the catalogue; do not edit.",
        "",
        "| 编号 | 结论 | 层级 | 名称 | 说明与改法 | English |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in load_rules().values():
        cells = (
            rule.id,
            f"{rule.verdict} {_VERDICTS[rule.verdict]}",
            _LEVELS[rule.level],
            rule.title,
            rule.message + rule.mend,
            rule.message_en,
        )
        # a bar in a cell would end it
        escaped = [cell.replace("|", "\\|") for cell in cells]
        lines.append(f"| {' | '.join(escaped)} |")
    return "\n".join(lines) + "\n"
