"""Issue a bulletin: freeze its lines once, and write its files again whenever they are asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from yiku.bulletin.contents import Head
from yiku.bulletin.corrections import changes
from yiku.bulletin.document import build_document, paper_of, template_of
from yiku.calendar import add_workdays, answer_by, is_quarter, next_quarter
from yiku.faults import StepError
from yiku.gazetteer.places import division_name
from yiku.intake.archive import fingerprint
from yiku.pipeline.inspection_form import write_inspection_form
from yiku.pipeline.issue_files import write_issue
from yiku.pipeline.outbox_folder import outbox_folder
from yiku.settings import Settings
from yiku.warehouse import bulletins, inspection_samples
from yiku.warehouse.bulletins import Gathering, Issue, Line
from yiku.warehouse.connection import Connection
from yiku.warehouse.inspection_samples import Draw
from yiku.warehouse.night_record import shown_day
from yiku.warehouse.one_state import read_in_one_state

# So long the households of a sample have to be visited.
VISIT_WORKDAYS = 20


class NoBulletinError(StepError):
    """There is no bulletin to write; the message says why."""


class AlteredIssueError(StepError):
    """What the ledger keeps of an issue is not what was issued; the message says which issue."""


@dataclass(frozen=True)
class Asked:
    """Which bulletin is asked for. ``today`` is the day of issue.

    ``correction`` asks for another issue and says what it corrects; '' leaves
    that to the figures.
    """

    county_code: str
    period: str
    today: date
    is_preview: bool = False
    correction: str | None = None


@dataclass
class Written:
    """What was written: the issue's number (0 for a preview), whether it was frozen just now, the files.

    ``changed_count`` says how many figures a new correction corrects; None for
    what corrects nothing.
    """

    issue: int
    is_new: bool
    files: list[Path] = field(default_factory=list)
    changed_count: int | None = None


@dataclass(frozen=True)
class _Gathered:
    """A county's month or quarter as it stands in the marts; with the sample that is drawn with its report."""

    as_of_on: date
    is_over: bool
    silent_towns: tuple[str, ...]
    lines: list[Line]
    draw: Draw | None = None


def day_of_issue(conn: Connection) -> date:
    """Return the day on which a bulletin is issued now: that of the marts that are shown."""
    day = shown_day(conn)
    if day is None:
        raise NoBulletinError("还没有发布过名单：请先跑一夜。")
    return day


def bulletin_folder(settings: Settings, county_code: str, today: date) -> Path:
    """Return where a county's bulletin lies in the outbox."""
    return outbox_folder(settings.outbox, today, county_code, "county")


def write_bulletin(
    conn: Connection, settings: Settings, asked: Asked, folder: Path
) -> Written:
    """Write the files of a county's month or quarter into a folder; freeze the issue where there is none yet.

    NoBulletinError for a period without figures, or one that is not over and no preview.
    TemplateBrokenError for an office's template that lacks something.
    """
    written = _written(conn, settings, asked, folder)
    if is_quarter(asked.period) and not asked.is_preview:
        # Beside the report that announces an inspection lies the form for it.
        following = next_quarter(asked.period)
        form = write_inspection_form(
            conn, asked.county_code, following, folder
        )
        written.files += [form] if form else []
    return written


def _written(
    conn: Connection, settings: Settings, asked: Asked, folder: Path
) -> Written:
    known = bulletins.issues(conn, asked.county_code, asked.period)
    if asked.is_preview:
        return _preview(conn, settings, asked, folder)
    if known and asked.correction is None:
        return _again(conn, known, folder)
    if asked.correction is not None:
        if not known:
            raise NoBulletinError("还没有印发过这一期的通报，没有可以更正的。")
        return _correct(conn, settings, asked, known, folder)
    found = _of_finished_period(conn, asked)
    head = _head(asked, 1, found)
    return _freeze(conn, settings, head, asked, found, folder)


def _preview(
    conn: Connection, settings: Settings, asked: Asked, folder: Path
) -> Written:
    found = _gathered(conn, asked)
    head = _head(asked, 1, found)
    written = Written(0, False)
    template = _template(settings, asked.period)
    document = build_document(template, head, found.lines)
    written.files += write_issue(folder, head, document, found.lines)
    return written


def _template(settings: Settings, period: str) -> bytes:
    own = settings.bulletin_template
    if is_quarter(period):
        own = settings.inspection_template
    return template_of(own, paper_of(period))


def _again(conn: Connection, known: Sequence[Issue], folder: Path) -> Written:
    """Write all issues of a month as they were; a template that changed since changes no file that was issued.

    AlteredIssueError where the ledger keeps something else than was issued.
    """
    written = Written(known[-1].issue, False)
    for issue in known:
        lines = bulletins.lines_of(conn, issue.bulletin_id)
        document = bulletins.document_of(conn, issue.bulletin_id)
        is_as_issued = (
            _fingerprint(lines) == issue.inputs_sha256
            and fingerprint(document) == issue.docx_sha256
        )
        if not is_as_issued:
            raise AlteredIssueError(
                f"{issue.county_code} {issue.period} 第{issue.issue}期的存档和印发时的指纹不符，"
                "可能被改动过：请从备份里找回。"
            )
        head = _head_of(issue, known[0])
        written.files += write_issue(folder, head, document, lines)
    return written


def _correct(
    conn: Connection,
    settings: Settings,
    asked: Asked,
    known: Sequence[Issue],
    folder: Path,
) -> Written:
    """Freeze another issue; the last one is written again where it corrects the same already."""
    found = _of_finished_period(conn, asked)
    note = _note_of(asked)
    last = bulletins.lines_of(conn, known[-1].bulletin_id)
    has_news = bool(changes(last, found.lines))
    # Typed twice, or once more after a kill between the ledger and the files.
    is_repeated = len(known) > 1 and known[-1].note == note
    if not has_news and is_repeated:
        return _again(conn, known, folder)
    if not has_news and note is None:
        raise NoBulletinError(
            f"没有变化的数字：和第{known[-1].issue}期一样，没有另发更正。要更正文字，请写明更正了什么。"
        )
    first = bulletins.lines_of(conn, known[0].bulletin_id)
    corrected = changes(first, found.lines)
    head = replace(
        _head(asked, len(known) + 1, found),
        corrected_on=known[0].issued_on,
    )
    found = replace(found, lines=[*corrected, *found.lines])
    written = _freeze(conn, settings, head, asked, found, folder)
    written.changed_count = len(corrected)
    return written


def _freeze(
    conn: Connection,
    settings: Settings,
    head: Head,
    asked: Asked,
    found: _Gathered,
    folder: Path,
) -> Written:
    lines = found.lines
    template = _template(settings, asked.period)
    document = build_document(template, head, lines)
    issue = Issue(
        bulletin_id=0,
        county_code=asked.county_code,
        period=asked.period,
        issue=head.issue,
        issued_on=head.issued_on,
        as_of_on=head.as_of_on,
        note=head.note,
        silent_towns="、".join(head.silent_towns),
        inputs_sha256=_fingerprint(lines),
        docx_sha256=fingerprint(document),
    )
    bulletins.freeze(conn, issue, lines, document)
    if found.draw is not None:
        # With the report that announces it, or not at all.
        visited_by = add_workdays(asked.today, VISIT_WORKDAYS)
        inspection_samples.keep_draw(
            conn,
            asked.county_code,
            next_quarter(asked.period),
            found.draw,
            (asked.today, visited_by),
        )
    conn.commit()
    written = Written(head.issue, True)
    written.files += write_issue(folder, head, document, lines)
    return written


def _of_finished_period(conn: Connection, asked: Asked) -> _Gathered:
    found = _gathered(conn, asked)
    if not found.is_over:
        following = "下季度" if is_quarter(asked.period) else "下月"
        raise NoBulletinError(
            f"{asked.period} 还没有结束（{following}的第一夜之后才定稿）：要看样稿请加 --preview。"
        )
    return found


def _gathered(conn: Connection, asked: Asked) -> _Gathered:
    return read_in_one_state(conn, lambda: _read(conn, asked))


def _read(conn: Connection, asked: Asked) -> _Gathered:
    county, period = asked.county_code, asked.period
    found = bulletins.period_state(conn, county, period)
    if found is None:
        raise NoBulletinError(
            f"{period} 没有 {county} 的数字：那段时间没有发布过名单，或县区代码不对。"
        )
    as_of_on, is_over = found
    silent = bulletins.silent_towns(conn, county, as_of_on)
    lines = bulletins.gather(conn, _gathering(asked))
    draw = None
    if is_quarter(period):
        following = next_quarter(period)
        draw = inspection_samples.draw_of(conn, county, following)
    return _Gathered(as_of_on, is_over, tuple(silent), lines, draw)


def _gathering(asked: Asked) -> Gathering:
    wanted = Gathering(
        asked.county_code,
        asked.period,
        answer_by(asked.today),
        is_preview=asked.is_preview,
    )
    if not is_quarter(asked.period):
        return wanted
    return replace(
        wanted,
        next_period=next_quarter(asked.period),
        visit_due_on=add_workdays(asked.today, VISIT_WORKDAYS),
    )


def _note_of(asked: Asked) -> str | None:
    # A note of nothing but blanks says nothing.
    return (asked.correction or "").strip() or None


def _head(asked: Asked, number: int, found: _Gathered) -> Head:
    return Head(
        county_name=division_name(asked.county_code),
        period=asked.period,
        issue=number,
        issued_on=asked.today,
        as_of_on=found.as_of_on,
        note=_note_of(asked),
        silent_towns=found.silent_towns,
        is_preview=asked.is_preview,
    )


def _head_of(issue: Issue, first: Issue) -> Head:
    silent = issue.silent_towns
    return Head(
        county_name=division_name(issue.county_code),
        period=issue.period,
        issue=issue.issue,
        issued_on=issue.issued_on,
        as_of_on=issue.as_of_on,
        note=issue.note,
        silent_towns=tuple(silent.split("、")) if silent else (),
        is_preview=False,
        corrected_on=first.issued_on if issue.issue > 1 else None,
    )


def _fingerprint(lines: Sequence[Line]) -> str:
    text = json.dumps(lines, ensure_ascii=False, default=str)
    return fingerprint(text.encode())
