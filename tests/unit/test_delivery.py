"""Answers lie below their own unit's folder, whole, once, and never over what a clerk wrote."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from datetime import date

import pytest
from fsspec.implementations.sftp import SFTPFileSystem
from hypothesis import given
from hypothesis import strategies as st
from place_servers import (
    BUCKET,
    DAV_PASSWORD,
    DAV_USER,
    KEY,
    SECRET,
    client,
    serve_s3,
    serve_webdav,
)
from sftp_server import PASSWORD, USER, serve
from yiku.delivery import lay_down as lay_down_module
from yiku.delivery.lay_down import NotLaidDownError, lay_down
from yiku.delivery.unit_folder import ForeignFolderError, answers_folder
from yiku.intake.archive import fingerprint
from yiku.intake.inbox import Inbox
from yiku.intake.path_names import Sender, sender_of
from yiku.intake.sources import parse_sources
from yiku.intake.visits import visit
from yiku.pipeline import bringing_back
from yiku.settings import load_settings
from yiku.warehouse.answers_sent import Waiting

DAY = date(2017, 11, 20)
DASHI = Sender("510802", "510802101")
RONGSHAN = Sender("510802", "510802100")
NAME = "名单 #1.校验.xlsx"


def opened(entry, tmp_path, **more):
    settings = load_settings(
        {
            "YIKU_HOME": str(tmp_path),
            "YIKU_WORD": PASSWORD,
            "YIKU_DAV_WORD": DAV_PASSWORD,
            "YIKU_STORE_KEY": KEY,
            "YIKU_STORE_SECRET": SECRET,
        }
    )
    settings = replace(settings, **more)
    source = parse_sources(f"sources: [{entry}]", settings)[0]
    found = visit(source, settings)
    assert found.inbox is not None, found.problem
    return found.inbox


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    (made / "510802 利州区/510802101 大石镇").mkdir(parents=True)
    return made


@pytest.fixture(params=["folder", "sftp", "webdav", "s3"])
def place(request, folder, tmp_path):
    """A place of each kind with the same unit's folder."""
    SFTPFileSystem.clear_instance_cache()
    if request.param == "folder":
        yield opened(
            f"{{name: a, kind: folder, location: {folder}}}", tmp_path
        )
    elif request.param == "sftp":
        with serve(folder) as server:
            known = tmp_path / "known_hosts"
            known.write_text(server.known_hosts)
            entry = (
                f"{{name: a, kind: sftp, location: 'sftp://127.0.0.1:{server.port}', user: {USER},"
                " password: '${YIKU_WORD}'}"
            )
            yield opened(entry, tmp_path, known_hosts=str(known))
    elif request.param == "webdav":
        with serve_webdav(folder) as address:
            entry = (
                f"{{name: a, kind: webdav, location: '{address}', user: {DAV_USER},"
                " password: '${YIKU_DAV_WORD}'}"
            )
            yield opened(entry, tmp_path)
    else:
        with serve_s3() as endpoint:
            key = "in/510802 利州区/510802101 大石镇/a.csv"
            client(endpoint).put_object(Bucket=BUCKET, Key=key, Body=b"a")
            entry = (
                f"{{name: a, kind: s3, location: 's3://{BUCKET}/in', endpoint: '{endpoint}',"
                " key: '${YIKU_STORE_KEY}', secret: '${YIKU_STORE_SECRET}'}"
            )
            yield opened(entry, tmp_path)


def lying(place):
    """What lies below 退回, by path."""
    found = {}
    for file in place.list():
        if "退回" in file.path:
            with place.open(file) as stream:
                found[file.path] = stream.read()
    return found


def test_an_answer_lies_once_in_the_folder_that_the_unit_has(place):
    here = answers_folder(place, DASHI, DAY)
    assert here == "510802 利州区/510802101 大石镇/退回/2017-11-20"
    assert lay_down(place, here, NAME, b"first", ()) == NAME
    assert lay_down(place, here, NAME, b"first", ()) == NAME
    assert lying(place) == {f"{here}/{NAME}": b"first"}
    # a new answer of ours takes the place of our older one
    assert (
        lay_down(place, here, NAME, b"second", {fingerprint(b"first")}) == NAME
    )
    assert lying(place) == {f"{here}/{NAME}": b"second"}


def test_what_a_clerk_wrote_over_an_answer_stays(place):
    here = answers_folder(place, DASHI, DAY)
    lay_down(place, here, NAME, b"hers", ())
    other = lay_down(place, here, NAME, b"ours", {fingerprint(b"older")})
    assert other == "名单 #1.校验(2).xlsx"
    assert lying(place) == {
        f"{here}/{NAME}": b"hers",
        f"{here}/{other}": b"ours",
    }


def save_after_look(monkeypatch, number):
    """Let a clerk save a file of the answer's name after that many looks at it."""
    kept = lay_down_module._content_at
    looks = []

    def look(files, target):
        seen = kept(files, target)
        if target.endswith(NAME):
            looks.append(target)
            if len(looks) == number:
                files.pipe_file(target, b"hers")
        return seen

    monkeypatch.setattr(lay_down_module, "_content_at", look)


def require_hers_beside_ours(place, here, older):
    ours = {fingerprint(older)} if older else ()
    other = lay_down(place, here, NAME, b"ours", ours)
    assert other == "名单 #1.校验(2).xlsx"
    found = lying(place)
    assert found[f"{here}/{NAME}"] == b"hers"
    assert found[f"{here}/{other}"] == b"ours"


@pytest.mark.parametrize("older", [None, b"older"])
def test_what_a_clerk_saves_while_we_write_stays(place, older, monkeypatch):
    here = answers_folder(place, DASHI, DAY)
    lay_down(place, here, NAME if older else "R1.txt", older or b"", ())
    save_after_look(monkeypatch, 1)
    require_hers_beside_ours(place, here, older)


# A store of objects has no renames; there the look is all.
@pytest.mark.parametrize("place", ["folder", "sftp", "webdav"], indirect=True)
def test_no_rename_goes_over_what_was_saved_in_that_moment(place, monkeypatch):
    here = answers_folder(place, DASHI, DAY)
    lay_down(place, here, "R1.txt", b"", ())
    save_after_look(monkeypatch, 2)
    require_hers_beside_ours(place, here, None)


def test_a_unit_without_a_folder_gets_one_by_its_code(place):
    here = answers_folder(place, RONGSHAN, DAY)
    assert here == "510802 利州区/510802100/退回/2017-11-20"
    lay_down(place, here, "R1.txt", b"receipt", ())
    assert lying(place) == {f"{here}/R1.txt": b"receipt"}
    assert answers_folder(place, Sender("510812", "county"), DAY) == (
        "510812/county/退回/2017-11-20"
    )


_NAMES = st.sampled_from(
    [
        "510802101",
        "510802101 大石镇",
        "510802100 荣山镇",
        "5108021011",
        "county",
        "其他",
    ]
)


@given(
    st.lists(_NAMES, max_size=4, unique=True),
    st.sampled_from([DASHI, RONGSHAN]),
)
def test_no_answer_ever_lies_in_a_folder_of_another_unit(names, sender):
    class Files:
        def ls(self, path, detail):
            names_here = names if path else ["510802", "510812 朝天区", "退回"]
            above = f"{path}/" if path else ""
            return [
                {"name": above + name, "type": "directory"}
                for name in names_here
            ]

    place = Inbox(Files(), "", "")
    assert sender_of(f"{answers_folder(place, sender, DAY)}/x") == sender


def test_a_place_of_one_unit_takes_no_answer_for_another(folder):
    own = Inbox.at(str(folder), "510802/510802101")
    assert answers_folder(own, DASHI, DAY) == "退回/2017-11-20"
    with pytest.raises(ForeignFolderError):
        answers_folder(own, RONGSHAN, DAY)
    county = Inbox.at(str(folder), "510802")
    with pytest.raises(ForeignFolderError):
        answers_folder(county, Sender("510812", "county"), DAY)


def test_who_may_use_the_clerk_s_folder_may_use_what_lies_in_it(folder):
    unit = folder / "510802 利州区/510802101 大石镇"
    unit.chmod(0o2775)
    place = Inbox.at(str(folder))
    here = answers_folder(place, DASHI, DAY)
    lay_down(place, here, NAME, b"ours", ())
    assert stat.S_IMODE((folder / here).stat().st_mode) == 0o2775
    assert stat.S_IMODE((folder / here / NAME).stat().st_mode) == 0o664


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OSError(errno.ENOSPC, "no space"), "空间已满"),
        (OSError(errno.EROFS, "read-only"), "没有写入的权限"),
        (PermissionError(errno.EACCES, "denied"), "没有写入的权限"),
        (ConnectionResetError(), "暂时连不上"),
        (OSError("Failure"), "没有接收"),
    ],
)
def test_a_place_that_takes_nothing_is_told_of_and_left_clean(
    folder, monkeypatch, fault, said
):
    place = Inbox.at(str(folder))

    def refuse(*_, **__):
        raise fault

    monkeypatch.setattr(lay_down_module, "_rename", refuse)
    with pytest.raises(NotLaidDownError, match=said):
        lay_down(place, answers_folder(place, DASHI, DAY), NAME, b"ours", ())
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_half_a_file_is_never_seen_under_its_name(folder, monkeypatch):
    place = Inbox.at(str(folder))
    here = answers_folder(place, DASHI, DAY)
    short = {"size": 1}
    monkeypatch.setattr(type(place.files), "info", lambda *_: short)
    with pytest.raises(NotLaidDownError, match="空间已满"):
        lay_down(place, here, NAME, b"ours", ())
    assert [path for path in folder.rglob("*") if path.is_file()] == []


class Ledger:
    """The lines of answers, as strict about text as a database is."""

    def __init__(self, monkeypatch, waiting):
        self.laid, self.failed = {}, {}
        sent = bringing_back.answers_sent
        monkeypatch.setattr(sent, "waiting_answers", lambda conn: waiting)
        monkeypatch.setattr(sent, "contents_laid_down", lambda *_: set())
        monkeypatch.setattr(sent, "note_laid_down", self.note_laid_down)
        monkeypatch.setattr(sent, "note_not_laid_down", self.note_failed)

    def note_laid_down(self, conn, number, place):
        place.encode("utf-8")
        self.laid[number] = place

    def note_failed(self, conn, numbers, problem):
        self.failed |= dict.fromkeys(numbers, problem)

    def commit(self):
        pass

    rollback = commit


def waiting_in(outbox, number, sender):
    """An answer that lies in the outbox and waits to be laid down."""
    name, data = f"R{number}.txt", f"receipt {number}".encode()
    unit = outbox / DAY.isoformat() / sender.county_code / sender.unit_code
    unit.mkdir(parents=True, exist_ok=True)
    (unit / name).write_bytes(data)
    place = (sender.county_code, sender.unit_code, "a")
    sha256, size = fingerprint(data), len(data)
    return Waiting(
        number, "receipt", DAY, *place, name, sha256, size, f"R{number}"
    )


@pytest.fixture
def rounds(folder, tmp_path, monkeypatch):
    """Settings with one source, two answers that wait, and their ledger."""
    file = tmp_path / "sources.yml"
    file.write_text(
        f"sources: [{{name: a, kind: folder, location: {folder}}}]"
    )
    settings = load_settings({"YIKU_HOME": str(tmp_path)})
    waiting = [
        waiting_in(settings.outbox, 1, RONGSHAN),
        waiting_in(settings.outbox, 2, DASHI),
    ]
    return settings, Ledger(monkeypatch, waiting)


def test_a_folder_whose_name_is_no_text_gets_its_answers(folder, rounds):
    settings, ledger = rounds
    name = os.fsdecode("510802100 荣山镇".encode("gbk"))
    (folder / "510802 利州区" / name).mkdir()
    done = bringing_back.bring_back_all(ledger, settings)
    assert (done.delivered, done.undelivered) == (2, 0)
    assert ledger.laid[1].startswith("a/510802 利州区/510802100 ?")


def test_a_fault_of_ours_at_one_answer_keeps_no_other_waiting(
    rounds, monkeypatch
):
    settings, ledger = rounds
    kept = bringing_back.lay_down

    def broken(place, folder, name, data, ours):
        if name == "R1.txt":
            raise KeyError("secret")
        return kept(place, folder, name, data, ours)

    monkeypatch.setattr(bringing_back, "lay_down", broken)
    done = bringing_back.bring_back_all(ledger, settings)
    assert (done.delivered, done.undelivered) == (1, 1)
    assert ledger.failed == {1: "程序出错（KeyError），请报告。"}


def test_answers_that_wait_are_told_of_when_the_file_of_sources_is_gone(
    rounds,
):
    settings, ledger = rounds
    settings.sources.unlink()
    done = bringing_back.bring_back_all(ledger, settings)
    assert (done.delivered, done.undelivered) == (0, 2)
    assert set(ledger.failed.values()) == {
        "已没有 sources.yml，不知道往哪里送。"
    }
