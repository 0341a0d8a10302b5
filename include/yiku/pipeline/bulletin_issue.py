"""Issue a bulletin: freeze its lines once, and write its files again whenever they are asked for."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from yiku import private
from yiku.bulletin.contents import Head, title_of
from yiku.bulletin.document import build_document, template_of
from yiku.bulletin.figures_book import build_figures
from yiku.calendar import answer_by
from yiku.faults import StepError
from yiku.gazetteer.places import divisions
from yiku.settings import Settings
from yiku.warehouse import bulletins
from yiku.warehouse.bulletins import Issue, Line
from yiku.warehouse.connection import Connection
from yiku.warehouse.night_record import shown_day

_CONVERT_SECONDS = 120  # LibreOffice starts slowly on a busy machine


class NoBulletinError(StepError):
    """There is no bulletin to write; the message says why."""


@dataclass(frozen=True)
class Asked:
    """Which bulletin is asked for. ``correction`` says what a new issue corrects; ``today`` is the day of issue."""

    county_code: str
    period: str
    today: date
    is_preview: bool = False
    correction: str | None = None


@dataclass
class Written:
    """What was written: the issue's number (0 for a preview), whether it was frozen just now, the files."""

    issue: int
    is_new: bool
    files: list[Path] = field(default_factory=list)


def day_of_issue(conn: Connection) -> date:
    """Return the day on which a bulletin is issued now: that of the marts that are shown."""
    day = shown_day(conn)
    if day is None:
        raise NoBulletinError("还没有发布过名单：请先跑一夜。")
    return day


def bulletin_folder(settings: Settings, county_code: str, today: date) -> Path:
    """Return where a county's bulletin lies in the outbox."""
    return settings.outbox / today.isoformat() / county_code / "county"


def write_bulletin(
    conn: Connection, settings: Settings, asked: Asked, folder: Path
) -> Written:
    """Write the files of a county's month into a folder; freeze the issue where there is none yet.

    NoBulletinError for a month without figures, or one that is not over and no preview.
    TemplateBrokenError for an office's template that lacks something.
    """
    known = bulletins.issues(conn, asked.county_code, asked.period)
    if asked.is_preview:
        return _preview(conn, settings, asked, folder)
    if known and not asked.correction:
        return _again(conn, settings, known, folder)
    if asked.correction and not known:
        raise NoBulletinError("还没有印发过这个月的通报，没有可以更正的。")
    return _freeze(conn, settings, asked, known, folder)


def _preview(
    conn: Connection, settings: Settings, asked: Asked, folder: Path
) -> Written:
    as_of, _ = _month(conn, asked)
    lines = _gathered(conn, asked)
    head = _head(conn, asked, 1, as_of)
    written = Written(0, False)
    document = build_document(
        template_of(settings.bulletin_template), head, lines
    )
    _write(written, folder, head, document, lines)
    return written


def _again(
    conn: Connection,
    settings: Settings,
    known: Sequence[Issue],
    folder: Path,
) -> Written:
    """Write all issues of a month as they were; a template that changed since changes no file that was issued."""
    written = Written(known[-1].issue, False)
    for issue in known:
        lines = bulletins.lines_of(conn, issue.bulletin_id)
        head = _head_of(issue)
        document = bulletins.document_of(conn, issue.bulletin_id)
        _write(written, folder, head, document, lines)
    return written


def _freeze(
    conn: Connection,
    settings: Settings,
    asked: Asked,
    known: Sequence[Issue],
    folder: Path,
) -> Written:
    as_of, is_over = _month(conn, asked)
    if not is_over:
        raise NoBulletinError(
            f"{asked.period} 还没有结束（下月的第一夜之后才定稿）：要看样稿请加 --preview。"
        )
    number = len(known) + 1
    head = _head(conn, asked, number, as_of)
    lines = _gathered(conn, asked)
    if known:
        before = bulletins.lines_of(conn, known[0].bulletin_id)
        lines = [*changes(before, lines), *lines]
    document = build_document(
        template_of(settings.bulletin_template), head, lines
    )
    issue = Issue(
        bulletin_id=0,
        county_code=asked.county_code,
        period=asked.period,
        issue=number,
        issued_on=asked.today,
        as_of_on=as_of,
        note=asked.correction,
        silent_towns="、".join(head.silent_towns),
        inputs_sha256=_fingerprint(lines),
        docx_sha256=hashlib.sha256(document).hexdigest(),
    )
    bulletins.freeze(conn, issue, lines, document)
    conn.commit()
    written = Written(number, True)
    _write(written, folder, head, document, lines)
    return written


def changes(before: Sequence[Line], now: Sequence[Line]) -> list[Line]:
    """Return the figures that differ from the first issue, with by how much; what is asked is no figure."""
    old = {_key(line): line for line in before}
    found = []
    for line in now:
        earlier = old.get(_key(line))
        is_same = earlier is not None and earlier.value == line.value
        if is_same or line.section == "ask":
            continue
        change = None
        has_both = earlier is not None and earlier.value is not None
        if earlier is not None and has_both and line.value is not None:
            change = line.value - (earlier.value or 0)
        found.append(line._replace(section="correction", change=change))
    return found


def _key(line: Line) -> tuple[str, str | None, str]:
    return line.section, line.place_code, line.measure


def _gathered(conn: Connection, asked: Asked) -> list[Line]:
    due_on = answer_by(asked.today)
    return bulletins.gather(conn, asked.county_code, asked.period, due_on)


def _month(conn: Connection, asked: Asked) -> tuple[date, bool]:
    found = bulletins.month_state(conn, asked.county_code, asked.period)
    if found is None:
        raise NoBulletinError(
            f"{asked.period} 没有 {asked.county_code} 的数字：那个月没有发布过名单，或县区代码不对。"
        )
    return found


def _head(conn: Connection, asked: Asked, number: int, as_of: date) -> Head:
    silent = bulletins.silent_towns(conn, asked.county_code, asked.period)
    return Head(
        county_name=_county(asked.county_code),
        period=asked.period,
        issue=number,
        issued_on=asked.today,
        as_of_on=as_of,
        note=asked.correction,
        silent_towns=tuple(silent),
        is_preview=asked.is_preview,
    )


def _head_of(issue: Issue) -> Head:
    silent = issue.silent_towns
    return Head(
        county_name=_county(issue.county_code),
        period=issue.period,
        issue=issue.issue,
        issued_on=issue.issued_on,
        as_of_on=issue.as_of_on,
        note=issue.note,
        silent_towns=tuple(silent.split("、")) if silent else (),
        is_preview=False,
    )


def _county(code: str) -> str:
    return divisions().get(code, code)


def _fingerprint(lines: Sequence[Line]) -> str:
    text = json.dumps(lines, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(
    written: Written,
    folder: Path,
    head: Head,
    document: bytes,
    lines: Sequence[Line],
) -> None:
    private.make_folder(folder)
    title = title_of(head)
    path = folder / f"{title}.docx"
    path.write_bytes(document)
    written.files.append(path)
    book = folder / f"{title}.xlsx"
    book.write_bytes(build_figures(head, lines))
    written.files.append(book)
    pdf = _converted(path)
    if pdf is not None:
        written.files.append(pdf)


def _converted(document: Path) -> Path | None:
    """Return the PDF of a Word file beside it; None where LibreOffice is missing or fails.

    The Word file is what goes out.
    """
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="yiku-office-") as profile:
        # A profile of its own: LibreOffice that is open elsewhere would take the work over, and do nothing.
        words = [program, f"-env:UserInstallation=file://{profile}"]
        words += ["--headless", "--convert-to", "pdf", "--outdir"]
        words += [str(document.parent), str(document)]
        try:
            subprocess.run(
                words,
                capture_output=True,
                timeout=_CONVERT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    pdf = document.with_suffix(".pdf")
    return pdf if pdf.exists() else None
