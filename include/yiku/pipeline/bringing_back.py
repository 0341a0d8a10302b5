"""Lay receipts and return workbooks down where the clerks' files came from, each answer once.

What is to be laid down stands in the ledger since the answers were written. What a place
does not take tonight stays there, is told of, and is tried again the next night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from yiku.delivery.lay_down import NotLaidDownError, lay_down, telling
from yiku.delivery.unit_folder import ForeignFolderError, answers_folder
from yiku.faults import is_of_database
from yiku.intake.archive import Archive, fingerprint
from yiku.intake.inbox import Inbox
from yiku.intake.journal import Journal
from yiku.intake.path_names import Sender, masked
from yiku.intake.source import Source
from yiku.intake.sources import has_sources, load_sources
from yiku.intake.visits import visit
from yiku.pipeline.answer_round import (
    GONE,
    BroughtBack,
    Round,
    content_of,
    entry_of,
    note_failed,
)
from yiku.pipeline.posting import post_answers
from yiku.settings import Settings
from yiku.warehouse import answers_sent
from yiku.warehouse.answers_sent import Answer, Waiting
from yiku.warehouse.connection import Connection
from yiku.warehouse.inbox_seen import text_of
from yiku.warehouse.unit_deliveries import WALL_PAGE, Readers

_NO_FILE = "已没有 sources.yml，不知道往哪里送。"
_NO_PLACE = "sources.yml 里已没有这个来源，或不再往那里送。"
_OTHER_UNIT = "这个来源在 sources.yml 里现在只属于别的单位。"
_OURS = "程序出错（{}），请报告。"


def sources_without_answers(settings: Settings) -> list[str]:
    """Return the names of the sources of which is said that nothing goes back to them.

    A source that was renamed or removed is none of them: somebody waits for
    its answers, and is not to be forgotten in silence.
    """
    if not has_sources(settings):
        return []
    return [
        source.name
        for source in load_sources(settings)
        if source.answers is None
    ]


def readers_of(settings: Settings) -> Readers:
    """Return where units read what answers none of their files."""
    if not has_sources(settings):
        return Readers()
    sources = {source.name: source for source in load_sources(settings)}
    own: dict[tuple[str, str], str] = {}
    mailboxes: set[str] = set()
    without: list[str] = []
    for source in sources.values():
        if source.answers is None:
            without.append(source.name)
            continue
        if sources[source.answers].is_mailbox:
            mailboxes.add(source.name)
        # What lies at a place of one county its officer sees, too.
        if source.county:
            unit = source.unit or "county"
            own.setdefault((source.county, unit), source.name)
    return Readers(without, frozenset(mailboxes), own)


def answer_of(submission_id: int, kind: str, path: Path) -> Answer:
    """Return a file of the outbox as the ledger notes it."""
    data = path.read_bytes()
    return Answer(submission_id, kind, path.name, fingerprint(data), len(data))


def bring_back_all(conn: Connection, settings: Settings) -> BroughtBack:
    """Lay down whatever waits for it, place by place; each answer is committed by itself.

    But for wall pages, which tonight's take the place of.
    """
    waiting = [
        answer
        for answer in answers_sent.waiting_answers(conn)
        if answer.kind != WALL_PAGE
    ]
    conn.commit()
    rounds = Round(
        conn, settings.outbox, Journal(Archive.at(settings.archive))
    )
    if not has_sources(settings):
        if waiting:
            note_failed(rounds, waiting, _NO_FILE)
        return rounds.done
    sources = {source.name: source for source in load_sources(settings)}
    by_target = _by_target(waiting, sources)
    for source in sources.values():
        if source.is_mailbox and source.answers:
            # Who sent a mail without a file has no answer that waits, and is
            # to hear of it from where he sent it.
            by_target.setdefault(source.name, [])
    _bring_all_to(rounds, settings, by_target, sources)
    return rounds.done


def bring_pages(conn: Connection, settings: Settings) -> BroughtBack:
    """Lay tonight's wall pages down where their readers look; nothing else waits for them."""
    waiting = [
        answer
        for answer in answers_sent.waiting_answers(conn)
        if answer.kind == WALL_PAGE
    ]
    conn.commit()
    rounds = Round(
        conn, settings.outbox, Journal(Archive.at(settings.archive))
    )
    if waiting and has_sources(settings):
        sources = {source.name: source for source in load_sources(settings)}
        by_target = _by_target(waiting, sources)
        _bring_all_to(rounds, settings, by_target, sources)
    return rounds.done


def _bring_all_to(
    rounds: Round,
    settings: Settings,
    by_target: Mapping[str | None, Sequence[Waiting]],
    sources: Mapping[str, Source],
) -> None:
    for target, answers in by_target.items():
        if target is None:
            note_failed(rounds, answers, _NO_PLACE)
        else:
            _bring_or_note(rounds, settings, sources[target], answers)


def _bring_or_note(
    rounds: Round,
    settings: Settings,
    target: Source,
    answers: Sequence[Waiting],
) -> None:
    """Bring answers to one place; one on which something of ours breaks keeps no other waiting."""
    try:
        _bring_to(rounds, settings, target, answers)
    except Exception as fault:
        if is_of_database(fault):
            raise  # so it will be at the next place
        rounds.conn.rollback()
        waiting = answers_sent.waiting_answers(rounds.conn)
        left = {answer.delivery_id for answer in waiting}
        failed = [one for one in answers if one.delivery_id in left]
        note_failed(rounds, failed, _OURS.format(type(fault).__name__))


def _by_target(
    waiting: Sequence[Waiting], sources: Mapping[str, Source]
) -> dict[str | None, list[Waiting]]:
    """Return the answers by the source at whose place they belong, None where it has gone."""
    by_target: dict[str | None, list[Waiting]] = defaultdict(list)
    for answer in waiting:
        source = sources.get(answer.source)
        by_target[source.answers if source else None].append(answer)
    return by_target


def _bring_to(
    rounds: Round,
    settings: Settings,
    target: Source,
    answers: Sequence[Waiting],
) -> None:
    if target.is_mailbox:
        post_answers(rounds, target, answers)
        return
    # Opened only: the list of a place with thousands of files takes its time,
    # and nothing of it is wanted here.
    found = visit(target, settings, is_listed=False)
    if found.inbox is None:
        note_failed(rounds, answers, found.problem)
        return
    for position, answer in enumerate(answers):
        try:
            _lay_down_one(rounds, target, found.inbox, answer)
        except NotLaidDownError as refused:
            # a place that is away is so for all that follows; a name that it does not take
            # keeps no other waiting
            failed = answers[position:] if refused.is_away else [answer]
            note_failed(rounds, failed, str(refused))
            if refused.is_away:
                return
        except ForeignFolderError:
            # the file of sources was changed meanwhile; better undelivered than with somebody else
            note_failed(rounds, [answer], _OTHER_UNIT)
        except Exception as fault:
            # One answer on which something of ours breaks would else keep all
            # others waiting, night after night. The type alone: its text may
            # quote a name.
            rounds.conn.rollback()
            problem = _OURS.format(type(fault).__name__)
            note_failed(rounds, [answer], problem)


def _lay_down_one(
    rounds: Round, target: Source, place: Inbox, answer: Waiting
) -> None:
    data = content_of(rounds, answer)
    if data is None:
        note_failed(rounds, [answer], GONE)
        return
    sender = Sender(answer.county_code, answer.unit_code)
    ours = answers_sent.contents_laid_down(rounds.conn, sender)
    # One page at one place, night after night: a screen is pointed at it once.
    day = None if answer.kind == WALL_PAGE else answer.business_date
    with telling():
        folder = answers_folder(place, sender, day)
    # before it lies there: what the archive does not know, a rebuilt warehouse would take
    # for a submission
    rounds.journal.delivered(entry_of(answer, is_pending=True))
    name = lay_down(place, folder, answer.file_name, data, ours)
    rounds.journal.delivered(entry_of(answer, is_pending=False))
    # A clerk may write a number of a person into the name of a folder too, or
    # bytes that are no text.
    shown = text_of(f"{target.called}/{masked(folder)}/{name}")
    answers_sent.note_laid_down(rounds.conn, answer.delivery_id, shown)
    rounds.conn.commit()
    rounds.done.delivered += 1
