"""What a stranger writes is shown on terminals and in chat groups, and obeyed by none of them."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku import cli
from yiku.display import as_json, inert, inline, printable
from yiku.notices.channels import _ROBOTS
from yiku.notices.digests import NoticeFact, build_digest
from yiku.notices.kinds import load_kinds
from yiku.notices.recipients import Recipient
from yiku.terminal import NightScreen

ESCAPES = [
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "\x9b31m",
    "\u202etxt.exe",
    "a\rb",
    "\u2066x\u2069",
    "\x00",
    "\x7f",
    "\u200b",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_terminal_obeys_a_name(escape):
    for shown in (
        printable(escape),
        inline(escape),
        as_json({"name": escape}),
    ):
        assert shown.isprintable()
    assert json.loads(as_json({"name": escape})) == {"name": escape}


@given(st.text())
def test_json_says_the_same_and_lines_stay_lines(text):
    assert json.loads(as_json({"text": text})) == json.loads(
        json.dumps({"text": text})
    )
    assert "\n" not in inline(text)
    assert printable(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("escape", ESCAPES)
def test_every_word_of_a_command_is_clean(
    tmp_path, monkeypatch, capsys, escape
):
    monkeypatch.setenv("YIKU_HOME", str(tmp_path))
    cli.group.echo(f"名单{escape}\n第二行")
    with pytest.raises(SystemExit):
        cli.main(["check", f"/nowhere/名单{escape}.xlsx".replace("\x00", "")])
    said = capsys.readouterr()
    assert all(
        line.isprintable() for line in (said.out + said.err).splitlines()
    )
    assert len(said.out.splitlines()) == 2


def test_a_file_is_checked_under_a_clean_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("YIKU_HOME", str(tmp_path / "home"))
    odd = tmp_path / "名单\x1b[2J\n[退回 X] 第3行.csv"
    odd.write_text("hello\n", "utf-8")
    with pytest.raises(SystemExit):
        cli.main(["check", str(odd)])
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() for line in lines)
    assert not [line for line in lines if line.startswith("[退回")]


def test_the_screen_of_a_night_takes_a_name_as_it_is(tmp_path):
    log = (tmp_path / "screen").open("w+b")
    screen = NightScreen(log.fileno(), silent=False)
    screen.say("收件箱 /srv/[bold]\x1b[2Jin")
    screen.end("pull", "[red]1/2", 1.0, {})
    screen.close()
    log.seek(0)
    said = log.read().decode()
    assert "[bold]\ufffd[2Jin" in said
    assert "[red]1/2" in said


MENTIONS = [
    '<at user_id="all">所有人</at>',
    "<@all>",
    "@所有人",
    "[点这里](http://x.example)",
    "<a href='http://x.example'>",
    "www.x.example",
]


@pytest.mark.parametrize("channel", sorted(_ROBOTS))
@pytest.mark.parametrize("words", MENTIONS)
@pytest.mark.parametrize("where", ["title", "detail", "place", "ref"])
def test_no_group_is_called_by_the_name_of_a_file(channel, words, where):
    kind = next(k for k in load_kinds().by_name if k == "held")
    fact = NoticeFact(
        kind,
        "510802",
        "510802101",
        **{"title": "《a.xlsx》", where: f"《{words}\n2. 假的一行》"},
    )
    clerk = Recipient("r", "利州区", "county_officer", "510802")
    for role in load_kinds().roles:
        digest = build_digest(
            Recipient("r", clerk.name, role, "510802"),
            [fact],
            date(2017, 11, 20),
        )
        if digest is None:
            continue
        _, payload = _ROBOTS[channel](None, 0, digest.text)
        text = json.dumps(payload, ensure_ascii=False)
        assert not [
            m for m in ("<at", "<@", "@所有人", "](", "<a") if m in text
        ]
        assert "\\n2. 假的一行" not in text
        assert where == "ref" or "://" not in text


def test_a_link_of_ours_stays_one():
    assert (
        inert("https://files.example/a/b.xlsx", link=True)
        == "https://files.example/a/b.xlsx"
    )
