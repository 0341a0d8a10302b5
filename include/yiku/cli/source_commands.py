"""``yiku sources``: which of the places that files come from can be reached."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from yiku.cli.group import AS_JSON, cli, current_settings, say

if TYPE_CHECKING:
    from yiku.intake.source import Source
    from yiku.intake.visits import Visit
    from yiku.settings import Settings


@cli.group(help="来源（sources.yml）：文件从哪些地方来，答复送到哪里。")
def sources() -> None:
    """Look after the places that files come from."""


@sources.command(
    "check", help="逐个来源试一试能否打开；有打不开的，退出状态为 1。"
)
@AS_JSON
def check_sources(as_json: bool) -> None:
    """Say which sources can be reached now; nothing is taken in."""
    from yiku.intake.visits import REACHED

    visits = visits_now(current_settings())
    facts = {"sources": [_facts(found) for found in visits]}
    lines = [visit_line(found) for found in visits]
    say(as_json, facts, "\n".join(lines))
    if any(found.state != REACHED for found in visits):
        sys.exit(1)


def uses_sources(settings: Settings) -> bool:
    """Return whether there is a file of sources; one that is named and missing is wrong usage."""
    from yiku.intake.sources import has_sources
    from yiku.intake.sources_error import SourcesError

    try:
        return has_sources(settings)
    except SourcesError as wrong:
        raise click.UsageError(str(wrong)) from None


def known_sources(settings: Settings) -> tuple[Source, ...]:
    """Return the sources of the file of sources.

    None, or a file that cannot be used, is wrong usage.
    """
    from yiku.intake.sources import load_sources
    from yiku.intake.sources_error import SourcesError

    if not uses_sources(settings):
        raise click.UsageError(
            "没有 sources.yml：请用 --inbox 指明收件箱，或照 sources.example.yml 写一个。"
        )
    try:
        return load_sources(settings)
    except SourcesError as wrong:
        raise click.UsageError(str(wrong)) from None


def visits_now(settings: Settings) -> list[Visit]:
    """Open each source once, without waiting for those that are away."""
    from yiku.intake.visits import visit

    # A night waits and tries again, whoever stands at a terminal need not.
    visits = [visit(source, settings) for source in known_sources(settings)]
    return [_with_sending(found) for found in visits]


def _with_sending(found: Visit) -> Visit:
    """Return a visit to a mailbox with what keeps it from sending; the night finds that out by its letters."""
    from yiku.delivery.post_office import sending_problem
    from yiku.intake.source_logins import smtp_of
    from yiku.intake.visits import REACHED, REFUSED

    source = found.source
    is_to_send = source.is_mailbox and source.answers is not None
    if not is_to_send or found.state != REACHED:
        return found
    problem = sending_problem(smtp_of(source))
    if not problem:
        return found
    return replace(
        found, state=REFUSED, problem=f"能收信，不能寄信：{problem}"
    )


def visit_line(found: Visit) -> str:
    """Return what came of a visit as a sentence."""
    from yiku.intake.visits import REACHED

    source = found.source
    named = f"{source.name}（{source.kind}）"
    if found.state == REACHED and source.is_mailbox:
        opened = f"可以打开，{found.mail_count} 封邮件，{_answers(source)}。"
        return f"{named}：{opened}{_trusted(source)}"
    if found.look is None:
        return f"{named}：打不开。{found.problem}"
    file_count = len(found.look.files)
    told = [f"可以打开，{file_count} 个文件"]
    if found.look.closed_count:
        told.append(f"{found.look.closed_count} 个文件夹没有权限")
    if found.look.misnamed_count:
        told.append(f"{found.look.misnamed_count} 个文件名里有 .. 不能收")
    # said also where nothing goes back, for that is the one thing nobody notices
    told.append(_answers(source))
    sentence = "，".join(told)
    return f"{named}：{sentence}。"


def _trusted(source: Source) -> str:
    """Return what must hold for the word on forged senders to be worth anything; no program can find it out."""
    if not source.said.get("authserv"):
        return ""
    return "authserv 所指的服务器须删去来信自带的、冒它之名的 Authentication-Results，请向邮件管理员核实。"


def _answers(source: Source) -> str:
    if source.answers is None:
        return "答复只留在发件箱"
    if source.is_mailbox and source.answers == source.name:
        return "答复由它寄出"
    return f"答复送到 {source.answers}"


def _facts(found: Visit) -> dict[str, Any]:
    return {
        "name": found.source.name,
        "kind": found.source.kind,
        "state": found.state,
        "files": len(found.look.files) if found.look else None,
        "problem": found.problem or None,
        "answers": found.source.answers,
    }
