"""A bulletin's Word file: the template filled in, the chart put in, and the same bytes for the same lines."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from yiku.bulletin.chart import put_chart
from yiku.bulletin.contents import Head, facts_of, quarter_facts_of
from yiku.bulletin.printable import printable_head, printable_lines
from yiku.calendar import is_quarter
from yiku.faults import StepError
from yiku.warehouse.bulletins import Line

CHART_MARK = "〔图〕"
# Without these a bulletin would leave out what it is for.
_NEEDED_BY_ALL = frozenset(
    {
        "title",
        "as_of",
        "overall",
        "first",
        "last",
        "asks",
        "recipients",
        "issued_on",
        "changes",
        "note",
        "silent",
    }
)
# What a zip says of the time of each part: a bulletin printed again is the same file.
_MADE = (2000, 1, 1, 0, 0, 0)


class TemplateBrokenError(StepError):
    """The office's template cannot be used; the message says what is missing or wrong in it."""


@dataclass(frozen=True)
class Paper:
    """A kind of bulletin: its template in the package, the tags that it needs, and what they print."""

    template: str
    needed: frozenset[str]
    facts: Callable[[Head, Sequence[Line]], dict[str, Any]]


MONTHLY = Paper(
    template="月通报.docx",
    needed=_NEEDED_BY_ALL | {"targets", "submissions", "problems"},
    facts=facts_of,
)
QUARTERLY = Paper(
    template="季督查.docx",
    needed=_NEEDED_BY_ALL
    | {"rounds", "findings", "towns", "sample", "visit_due"},
    facts=quarter_facts_of,
)


def paper_of(period: str) -> Paper:
    """Return the kind of bulletin that a period has."""
    return QUARTERLY if is_quarter(period) else MONTHLY


def shipped_template(paper: Paper = MONTHLY) -> bytes:
    """Return the template that the package brings."""
    return (
        resources.files("yiku.bulletin").joinpath(paper.template).read_bytes()
    )


def template_of(path: Path | None, paper: Paper = MONTHLY) -> bytes:
    """Return the office's own template, or the shipped one; TemplateBrokenError for a file that cannot be read."""
    if path is None:
        return shipped_template(paper)
    try:
        return path.read_bytes()
    except OSError as fault:
        raise TemplateBrokenError(
            f"通报模板 {path} 打不开（{fault.strerror}）。"
        ) from None


def build_document(
    template: bytes, head: Head, lines: Sequence[Line]
) -> bytes:
    """Return the Word file of an issue; TemplateBrokenError for a template that lacks something."""
    printed = printable_lines(lines)
    paper = paper_of(head.period)
    try:
        document = DocxTemplate(io.BytesIO(template))
        known = document.get_undeclared_template_variables()
        missing = sorted(paper.needed - known)
        if missing:
            raise TemplateBrokenError(
                f"通报模板缺少：{'、'.join(missing)}。请从自带的模板重新改起。"
            )
        facts = paper.facts(printable_head(head), printed)
        document.render(facts, autoescape=True)
    except (PackageNotFoundError, KeyError, zipfile.BadZipFile, ValueError):
        raise TemplateBrokenError(
            "通报模板不是 Word 文件（.docx），或已损坏。"
        ) from None
    except TemplateError as fault:
        # What Jinja says names the tag at fault, and no figure.
        raise TemplateBrokenError(
            f"通报模板里的标记写错了：{str(fault).splitlines()[0]}"
        ) from None
    _draw(document, [line for line in printed if line.section == "ranking"])
    out = io.BytesIO()
    document.save(out)
    return _undated(out.getvalue())


def _draw(document: Any, ranked: Sequence[Line]) -> None:
    """Put the chart where the template marks it; an office may do without."""
    drawn = [line for line in ranked if line.value is not None]
    for paragraph in document.docx.paragraphs:
        if CHART_MARK not in paragraph.text:
            continue
        for run in paragraph.runs:
            run.text = ""
        if drawn:
            put_chart(
                paragraph,
                f"各乡镇{drawn[0].measure_name}（{drawn[0].unit}）",
                [line.place_name or "" for line in drawn],
                [line.value for line in drawn if line.value is not None],
            )
        return


def _undated(data: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as made,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, made.read(name))
    return out.getvalue()
