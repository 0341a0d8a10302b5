import errno
import io
import os
from datetime import date, datetime

import botocore.exceptions
import fsspec
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.faults import StepError, can_pass, is_in_use
from yiku.intake.archive import Archive, ArchiveUnfitError, fingerprint
from yiku.intake.inbox import Inbox, PlaceBrokeError
from yiku.intake.journal import Arrived
from yiku.intake.path_names import (
    Sender,
    arrival_order,
    is_litter,
    masked,
    sender_of,
)
from yiku.pipeline import rebuild
from yiku.warehouse import pull


@pytest.mark.parametrize(
    ("path", "county", "unit"),
    [
        ("510802/510802101/a.xlsx", "510802", "510802101"),
        (
            "510802 利州区/510802101 大石镇/2017/11月/a.xlsx",
            "510802",
            "510802101",
        ),
        ("510802/county/a.xlsx", "510802", "county"),
        ("510802/County 县直/a.xlsx", "510802", "county"),
        ("510802/a.xlsx", "510802", None),
        ("510802/大石镇/a.xlsx", "510802", None),
        ("510802/510821101/a.xlsx", "510802", None),
        ("510802/5108021011/a.xlsx", "510802", None),
        ("a.xlsx", None, None),
        ("临时/510802101/a.xlsx", None, None),
    ],
)
def test_the_folders_say_who_sent_a_file(path, county, unit):
    assert sender_of(path) == Sender(county, unit)


@pytest.mark.parametrize(
    "path",
    [
        "510802/county/~$a.xlsx",
        "x/.DS_Store",
        ".git/a",
        "x/Thumbs.db",
        "x/a.xlsx.part",
    ],
)
def test_litter_is_passed_over(path):
    assert is_litter(path)


def test_numbers_of_persons_do_not_stay_in_a_name():
    assert (
        masked("补报身份证510802199003079977.xls")
        == "补报身份证510802＊＊＊＊＊＊＊＊＊＊＊＊.xls"
    )
    assert (
        masked("51080219900307997x的表")
        == "510802＊＊＊＊＊＊＊＊＊＊＊＊的表"
    )
    assert masked("510802900307997") == "510802＊＊＊＊＊＊＊＊＊"
    assert masked("13800001234张.csv") == "138＊＊＊＊＊＊＊＊张.csv"
    assert (
        masked("20171120-510802101-0007.xlsx")
        == "20171120-510802101-0007.xlsx"
    )


@given(st.text())
def test_masking_never_fails_and_is_done_once(name):
    assert masked(masked(name)) == masked(name)


def test_corrections_arrive_after_what_they_correct():
    names = [
        "名单（更正1）.csv",
        "附件2：名单.csv",
        "名单补报1批.csv",
        "名单最终版10.csv",
        "名单最终版2.csv",
    ]
    ordered = sorted(names, key=arrival_order)
    assert ordered == [
        "附件2：名单.csv",
        "名单补报1批.csv",
        "名单最终版2.csv",
        "名单最终版10.csv",
        "名单（更正1）.csv",
    ]


def test_a_folder_and_a_url_are_looked_at_alike(tmp_path):
    memory = fsspec.filesystem("memory")
    for path in (
        "510802/510802101/a.csv",
        "510802/county/sub/b.csv",
        "510802/county/~$b.csv",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"1")
        memory.pipe(f"/look/{path}", b"1")
    folder, url = (
        Inbox.at(str(tmp_path)).list(),
        Inbox.at("memory://look").list(),
    )
    assert (
        [f.path for f in folder]
        == [f.path for f in url]
        == ["510802/510802101/a.csv", "510802/county/sub/b.csv"]
    )


def test_a_file_that_still_grows_is_seen(tmp_path):
    path = tmp_path / "510802" / "county" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1")
    inbox = Inbox.at(str(tmp_path))
    (file,) = inbox.list()
    assert inbox.unchanged(file)
    path.write_bytes(b"12")
    assert not inbox.unchanged(file)
    path.unlink()
    assert not inbox.unchanged(file)


def test_a_missing_inbox_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        Inbox.at(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "kind", ["sftp", "SSH", "ftp", "smb", "http", "blockcache::sftp"]
)
def test_an_archive_is_not_kept_where_a_password_opens_it_or_nothing_can_be_renamed(
    kind,
):
    with pytest.raises(ArchiveUnfitError, match="YIKU_ARCHIVE") as refused:
        Archive.at(f"{kind}://u:s3cret@h/kept")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("where", ["folder", "memory"])
def test_the_archive_keeps_each_content_once(tmp_path, where):
    archive = Archive.at(
        str(tmp_path / "archive") if where == "folder" else "memory://kept"
    )
    stored = archive.store(io.BytesIO(b"abc"))
    assert stored == archive.store_bytes(b"abc")
    assert stored.sha256 == fingerprint(b"abc")
    assert archive.read(stored.sha256) == b"abc"
    assert [
        os.path.basename(n)
        for n in archive.files.ls(archive.root, detail=False)
    ] == [stored.sha256]
    with fsspec.open(archive.url(stored.sha256), "rb") as stream:
        assert stream.read() == b"abc"


def test_a_copy_that_breaks_off_leaves_nothing(tmp_path):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise OSError("line cut")

    archive = Archive.at(str(tmp_path / "archive"))
    with pytest.raises(OSError, match="line cut"):
        archive.store(Broken())
    assert list((tmp_path / "archive").iterdir()) == []


class Store:
    """An object store, which lists all keys in one go."""

    def __init__(self, keys):
        self.keys = keys

    def find(self, root, detail):
        return {key: {"name": key, "size": 0} for key in self.keys}

    def invalidate_cache(self):
        pass


def test_markers_of_folders_and_names_that_lead_out_are_no_files():
    keys = [
        "b/in",
        "b/in/",
        "b/in/510802/county/",
        "b/in/510802/county/a.csv",
        "b/in/510802/county/../../../etc/a.csv",
    ]
    look = Inbox(Store(keys), "b/in", "s3://b/in").look()
    assert [file.path for file in look.files] == ["510802/county/a.csv"]
    assert look.misnamed_count == 1


def test_a_rebuild_writes_nowhere_but_below_its_own_folder(tmp_path):
    archive = Archive.at(str(tmp_path / "archive"))
    stored = archive.store(io.BytesIO(b"a"))
    day = datetime(2017, 11, 20)
    where = "510802/../../a.csv"
    came = Arrived(where, stored.sha256, 1, date(2017, 11, 20), day)
    places = rebuild._LaidOut(tmp_path / "laid", archive)
    with pytest.raises(StepError):
        places.lay_out(came)
    assert not (tmp_path / "a.csv").exists()


class Ledger:
    """A connection of which nothing is asked but to commit."""

    def commit(self):
        pass


def answers_met(tmp_path, monkeypatch, data, source=None):
    """A pull that meets an answer of ours in a neighbour's 退回, as it is done."""
    folder = tmp_path / "510802/510802101/退回"
    folder.mkdir(parents=True)
    (folder / "R1.txt").write_bytes(data)
    own = {fingerprint(b"ours")}
    noted = []
    monkeypatch.setattr(
        pull, "answers_of_county", lambda conn, county, size: own
    )
    monkeypatch.setattr(
        pull.inbox_seen, "note_seen", lambda *seen: noted.append(seen[2].path)
    )
    inbox = Inbox.at(str(tmp_path))
    archive, result = Archive.at(str(tmp_path / "kept")), pull.PullResult()
    day = date(2017, 11, 20)
    under_way = pull._Pull(
        Ledger(), inbox, archive, set(), day, result, source
    )
    (file,) = inbox.list()
    return under_way, file, noted


def test_an_answer_of_ours_is_no_submission_at_whatever_place(
    tmp_path, monkeypatch
):
    under_way, file, noted = answers_met(tmp_path, monkeypatch, b"ours")
    pull._take_in(under_way, file, None)
    assert under_way.result.unchanged == 1
    assert noted == [file.path]


def test_an_answer_that_nobody_may_read_stops_no_source(tmp_path, monkeypatch):
    under_way, file, _ = answers_met(tmp_path, monkeypatch, b"ours", "a")

    def closed(*_):
        raise PlaceBrokeError(PermissionError())

    monkeypatch.setattr(Inbox, "open", closed)
    pull._take_in(under_way, file, None)
    assert under_way.result.changing == 1


@pytest.mark.parametrize("source", [None, "a"])
def test_a_file_that_a_clerk_has_open_stops_nothing(
    tmp_path, monkeypatch, source
):
    under_way, file, _ = answers_met(tmp_path, monkeypatch, b"ours", source)

    def locked(*_):
        raise PlaceBrokeError(OSError(errno.EBUSY, "busy"))

    monkeypatch.setattr(Inbox, "open", locked)
    pull._take_in(under_way, file, None)
    assert under_way.result.changing == 1


def test_what_says_that_a_place_is_away():
    busy = OSError(errno.EBUSY, "busy")
    assert not can_pass(busy)
    slow_down = OSError(errno.EBUSY, "slow down")
    slow_down.__cause__ = botocore.exceptions.ClientError({}, "GetObject")
    for fault in (
        slow_down,
        OSError("Socket is closed"),
        httpx.RemoteProtocolError("cut"),
        httpx.WriteError("cut"),
        httpx.WriteTimeout("cut"),
        httpx.ReadError("cut"),
    ):
        assert can_pass(fault), fault
        assert not is_in_use(fault)
