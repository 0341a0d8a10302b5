"""``sources.yml``: several places, each opened with secrets from elsewhere and visited for itself."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import pytest
import sftp_server
from fsspec.implementations.sftp import SFTPFileSystem
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
from yiku.intake import sftp as sftp_module
from yiku.intake import source_logins
from yiku.intake import visits as visits_module
from yiku.intake.inbox import DEMO_MARK, Inbox, InboxAwayError
from yiku.intake.location import locate
from yiku.intake.source import place_of_source
from yiku.intake.source_logins import Login, keep_login, location_of
from yiku.intake.sources import has_sources, parse_sources
from yiku.intake.sources_error import SourcesError
from yiku.intake.visits import AWAY, REACHED, REFUSED, visit, visit_all
from yiku.settings import load_settings

SECRETS = {
    "YIKU_SFTP_WORD": PASSWORD,
    "YIKU_STORE_KEY": KEY,
    "YIKU_STORE_SECRET": SECRET,
    "YIKU_DAV_WORD": DAV_PASSWORD,
}


@pytest.fixture
def settings(tmp_path):
    return load_settings({"YIKU_HOME": str(tmp_path), **SECRETS})


def one(text, settings):
    return parse_sources("sources:\n" + text, settings)[0]


FOLDER = "  - {name: 共享盘, kind: folder, location: /srv/in}\n"


def test_the_example_is_read_and_shows_no_secret(settings):
    text = (settings.project_root / "sources.example.yml").read_text("utf-8")
    given = {
        "YIKU_STORE_KEY": "k",
        "YIKU_STORE_SECRET": "hidden",
        "YIKU_WEBDAV_PASSWORD": "w",
        "YIKU_MAIL_PASSWORD": "hidden",
        "YIKU_BAOCHAO_WORD": "hidden",
    }
    found = parse_sources(text, replace(settings, variables=given))
    assert [source.kind for source in found] == [
        "folder",
        "sftp",
        "s3",
        "webdav",
        "mailbox",
    ]
    assert [source.prefix for source in found] == [
        "",
        "510812",
        "",
        "510802/510802101",
        "510802",
    ]
    assert "hidden" not in repr(found)
    assert "hidden" not in repr(location_of(found[2], settings))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sources 一项"),
        ("sources: 3", "sources 一项"),
        ("sources: [a", "第1行不是有效的 YAML"),
        ("sources: [3]", "第1项应写成"),
        ("sources: [{name: a, kind: folder}]", "缺少 location"),
        ("sources: [{name: a, kind: ftp, location: x}]", "kind 应为"),
        (
            "sources: [{name: a, kind: folder, location: x, hots: y}]",
            "不认识 hots",
        ),
        ("sources: [{name: a, kind: sftp, location: /in}]", "应写成 sftp://…"),
        (
            "sources: [{name: a, kind: folder, location: 's3://b'}]",
            "应是文件夹",
        ),
        (
            "sources: [{name: a, kind: sftp, location: 'sftp://h/in', password: hunter2}]",
            "不能直接写在文件里",
        ),
        (
            "sources: [{name: a, kind: sftp, location: 'sftp://u:hunter2@h/in'}]",
            "location 里不能有口令",
        ),
        (
            "sources: [{name: a, kind: webdav, location: 'https://h', password: '${YIKU_NONE}'}]",
            "YIKU_NONE 没有设置",
        ),
        (
            "sources: [{name: a, kind: folder, location: x, county: 5108}]",
            "6 位",
        ),
        (
            "sources: [{name: a, kind: folder, location: x, county: '510802', unit: '510812101'}]",
            "本县的 9 位",
        ),
        (
            "sources: [{name: a, kind: folder, location: x}, {name: a, kind: folder, location: y}]",
            "同名",
        ),
        (
            "sources: [{name: a, kind: folder, location: x}, {name: b, kind: folder, location: x/}]",
            "同一个地方",
        ),
        (
            "sources: [{name: a, kind: folder, location: x}, {name: b, kind: folder, location: x/y}]",
            "在来源 a 之内",
        ),
        (
            "sources: [{name: a, kind: folder, location: x, answers: b}]",
            "here、none 或另一来源",
        ),
        (
            "sources: [{name: a, kind: folder, location: x, county: '510802', answers: b},"
            " {name: b, kind: folder, location: y, county: '510812'}]",
            "只属于别的单位",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_shows_no_secret(
    text, said, settings
):
    with pytest.raises(SourcesError, match=said) as wrong:
        parse_sources(text, settings)
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{name: a, kind: sftp, location: '${YIKU_PLACE}'}", "location"),
        (
            "{name: a, kind: s3, location: 's3://b', endpoint: '${YIKU_STORE}'}",
            "endpoint",
        ),
        (
            "{name: a, kind: s3, location: 's3://b',"
            " endpoint: 'https://k:hunter2@h'}",
            "endpoint",
        ),
    ],
)
def test_an_address_holds_no_secret_wherever_it_comes_from(
    entry, said, settings
):
    variables = {
        "YIKU_PLACE": "sftp://u:hunter2@h/in",
        "YIKU_STORE": "https://k:hunter2@h",
    }
    own = replace(settings, variables=variables)
    wrong_file = f"sources: [{entry}]"
    with pytest.raises(SourcesError, match=f"{said} 里不能有口令") as wrong:
        parse_sources(wrong_file, own)
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize(
    ("kind", "one_way", "other_way"),
    [
        ("sftp", "sftp://h/in", "SFTP://H/in"),
        ("sftp", "sftp://h/in", "sftp://h:22//in/"),
        ("sftp", "sftp://h/in", "sftp://clerk@h/in"),
        ("sftp", "sftp://h/a b", "sftp://h/a%20b"),
        ("sftp", "sftp://h/in", "sftp://h/x/../in/./"),
        ("webdav", "https://h/dav", "https://H:443/dav"),
        ("s3", "s3://b/in", "s3://b//in/"),
        ("folder", "in", "link"),
        ("folder", "in", "x/../in"),
    ],
)
def test_one_place_is_one_however_it_is_written(
    kind, one_way, other_way, settings, tmp_path
):
    (tmp_path / "in").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    own = replace(settings, sources=tmp_path / "sources.yml")
    text = "sources:\n"
    for name, location in (("a", one_way), ("b", other_way)):
        text += f"  - {{name: {name}, kind: {kind}, location: '{location}'}}\n"
    with pytest.raises(SourcesError, match="同一个地方"):
        parse_sources(text, own)
    below = text.replace(other_way, f"{other_way.rstrip('/')}/y")
    with pytest.raises(SourcesError, match="在来源 a 之内"):
        parse_sources(below, own)


def test_each_user_of_a_server_may_have_a_tree_of_his_own(settings):
    text = "sources:\n"
    text += "  - {name: a, kind: sftp, location: 'sftp://a@h/in'}\n"
    text += "  - {name: b, kind: sftp, location: 'sftp://b@h/in'}\n"
    assert len(parse_sources(text, settings)) == 2


def test_an_address_without_a_readable_port_is_refused(settings):
    wrong = "sources: [{name: a, kind: sftp, location: 'sftp://h:2x/in'}]"
    with pytest.raises(SourcesError, match="端口"):
        parse_sources(wrong, settings)


def test_an_empty_file_is_no_file(settings, tmp_path):
    assert not has_sources(settings)
    own = load_settings(
        {"YIKU_HOME": str(tmp_path), "YIKU_SOURCES": os.devnull}
    )
    assert not has_sources(own)
    (tmp_path / "sources.yml").touch()
    found = load_settings({"YIKU_HOME": str(tmp_path)})
    assert found.sources == tmp_path / "sources.yml"
    assert not has_sources(found)


def test_a_file_that_is_named_and_missing_is_not_passed_over(tmp_path):
    for name in ("nowhere.yml", "."):
        named = {"YIKU_SOURCES": str(tmp_path / name)}
        settings = load_settings({"YIKU_HOME": str(tmp_path), **named})
        with pytest.raises(SourcesError, match="YIKU_SOURCES"):
            has_sources(settings)
    (tmp_path / "sources.yml").mkdir()
    made_by_docker = load_settings({"YIKU_HOME": str(tmp_path)})
    with pytest.raises(SourcesError, match="文件夹"):
        has_sources(made_by_docker)


def paths(found):
    assert found.state == REACHED, found.problem
    return [file.path for file in found.look.files]


def test_what_lies_at_a_unit_s_own_place_is_the_unit_s(settings, tmp_path):
    (tmp_path / "in/四月").mkdir(parents=True)
    (tmp_path / "in/四月/a.csv").write_text("a")
    text = f"  - {{name: a, kind: folder, location: {tmp_path}/in, county: '510802', unit: '510802101'}}"
    assert paths(visit(one(text, settings), settings)) == [
        "510802/510802101/四月/a.csv"
    ]


def test_a_server_of_s3_is_read(settings):
    with serve_s3() as endpoint:
        text = (
            f"  - {{name: a, kind: s3, location: 's3://{BUCKET}/in', endpoint: '{endpoint}',"
            " key: '${YIKU_STORE_KEY}', secret: '${YIKU_STORE_SECRET}'}"
        )
        source = one(text, settings)
        assert paths(visit(source, settings)) == []  # nothing lies there yet
        client(endpoint).put_object(
            Bucket=BUCKET, Key="in/510802/county/名单.csv", Body=b"a,b"
        )
        found = visit(source, settings)
        assert paths(found) == ["510802/county/名单.csv"]
        assert found.inbox.unchanged(found.look.files[0])
        with found.inbox.open(found.look.files[0]) as stream:
            assert stream.read() == b"a,b"
        assert found.inbox.url == f"{endpoint}/{BUCKET}/in"


def test_a_server_of_webdav_is_read(settings, tmp_path):
    (tmp_path / "in/510802/county").mkdir(parents=True)
    (tmp_path / "in/510802/county/名单 #1?.csv").write_text("a,b")
    with serve_webdav(tmp_path) as address:
        text = (
            f"  - {{name: a, kind: webdav, location: '{address}/in', user: {DAV_USER},"
            " password: '${YIKU_DAV_WORD}'}"
        )
        found = visit(one(text, settings), settings)
        assert paths(found) == ["510802/county/名单 #1?.csv"]
        assert found.inbox.unchanged(found.look.files[0])
        with found.inbox.open(found.look.files[0]) as stream:
            assert stream.read() == b"a,b"
        wrong = replace(settings, variables={"YIKU_DAV_WORD": "other"})
        refused = visit(one(text, wrong), wrong)
        assert refused.state == REFUSED
        assert "other" not in refused.problem


def test_a_folder_of_webdav_whose_name_ends_in_a_blank_is_listed(
    settings, tmp_path
):
    (tmp_path / "510802/510802101 大石镇 ").mkdir(parents=True)
    (tmp_path / "510802/510802101 大石镇 /a.csv").write_text("a,b")
    with serve_webdav(tmp_path) as address:
        text = (
            f"  - {{name: a, kind: webdav, location: '{address}', user: {DAV_USER},"
            " password: '${YIKU_DAV_WORD}'}"
        )
        found = visit(one(text, settings), settings)
        assert paths(found) == ["510802/510802101 大石镇 /a.csv"]
        assert found.inbox.unchanged(found.look.files[0])


def test_a_folder_of_webdav_that_lets_nobody_in_is_counted(settings, tmp_path):
    for unit in ("510802100", "510802101"):
        (tmp_path / f"510802/{unit}").mkdir(parents=True)
        (tmp_path / f"510802/{unit}/a.csv").write_text("a,b")
    with serve_webdav(tmp_path, closed="510802/510802101") as address:
        text = (
            f"  - {{name: a, kind: webdav, location: '{address}', user: {DAV_USER},"
            " password: '${YIKU_DAV_WORD}'}"
        )
        found = visit(one(text, settings), settings)
        assert paths(found) == ["510802/510802100/a.csv"]
        assert found.look.closed_count == 1


@pytest.fixture
def by_sftp(settings, tmp_path):
    """A served folder, the text of its source, and settings that know the server."""
    SFTPFileSystem.clear_instance_cache()
    folder = tmp_path / "served"
    (folder / "in/510802/county").mkdir(parents=True)
    with serve(folder) as server:
        known = tmp_path / "known_hosts"
        known.write_text(server.known_hosts)
        text = (
            f"  - {{name: 前置机, kind: sftp, location: 'sftp://127.0.0.1:{server.port}/in', user: {USER},"
            " password: '${YIKU_SFTP_WORD}'}"
        )
        yield folder / "in", text, replace(settings, known_hosts=str(known))


def test_names_in_another_encoding_are_listed_and_their_files_read(by_sftp):
    folder, text, settings = by_sftp
    name = os.fsdecode("名单.csv".encode("gbk"))
    (folder / "510802/county" / name).write_text("a,b")
    (folder / "510802/county/名单.csv").write_text("c,d")
    found = visit(one(text, settings), settings)
    assert sorted(paths(found)) == sorted(
        [f"510802/county/{name}", "510802/county/名单.csv"]
    )
    read = set()
    for file in found.look.files:
        assert found.inbox.unchanged(file)
        with found.inbox.open(file) as stream:
            read.add(stream.read())
    assert read == {b"a,b", b"c,d"}


def test_a_server_that_nobody_knows_is_not_spoken_to(by_sftp):
    _, text, settings = by_sftp
    unknowing = replace(settings, known_hosts=None)
    found = visit(one(text, unknowing), unknowing)
    assert found.state == REFUSED
    assert "known_hosts" in found.problem
    assert PASSWORD not in found.problem


def test_a_login_may_stand_in_an_airflow_connection(by_sftp, monkeypatch):
    _, text, settings = by_sftp
    monkeypatch.setattr(source_logins, "_logins", {})
    bare = text.split(", user:")[0] + ", connection: towns}"
    refused = visit(one(bare, settings), settings)
    assert refused.state == REFUSED
    assert "Airflow" in refused.problem
    keep_login("towns", Login(USER, PASSWORD))
    assert visit(one(bare, settings), settings).state == REACHED


@pytest.mark.parametrize("is_source", [True, False])
def test_a_server_that_falls_silent_is_away(by_sftp, monkeypatch, is_source):
    _, text, settings = by_sftp
    is_over = threading.Event()
    monkeypatch.setattr(sftp_module, "TIMEOUT", 0.5)
    monkeypatch.setattr(
        sftp_server._Folder, "list_folder", lambda *_: is_over.wait(30) and []
    )
    source = one(text, settings)
    try:
        if is_source:
            assert visit(source, settings).state == AWAY
        else:
            own = replace(settings, inbox_password=PASSWORD)
            url = source.address.replace("://", f"://{USER}@")
            inbox = Inbox.at(locate(url, own))
            with pytest.raises(InboxAwayError):
                inbox.look()
    finally:
        is_over.set()


def test_a_source_that_is_away_is_tried_again_and_stops_no_other(
    by_sftp, tmp_path
):
    _, text, settings = by_sftp
    closed = (
        "  - {name: 关机, kind: sftp, location: 'sftp://127.0.0.1:1/in'}\n"
    )
    missing = (
        f"  - {{name: 没有, kind: folder, location: {tmp_path}/nowhere}}\n"
    )
    found = parse_sources("sources:\n" + closed + missing + text, settings)
    waited: list[float] = []
    visits = visit_all(found, settings, (2, 10), waited.append)
    assert [one.state for one in visits] == [AWAY, REFUSED, REACHED]
    assert waited == [2, 10]
    assert "127.0.0.1" not in visits[0].problem
    assert visits[1].problem == "来源不存在，或不是文件夹。"


def test_a_place_that_goes_away_after_its_listing_stops_no_other(
    settings, tmp_path, monkeypatch
):
    source = one(FOLDER.replace("/srv/in", str(tmp_path)), settings)
    inbox = Inbox.at(str(tmp_path))
    monkeypatch.setattr(inbox.files, "exists", _cut)
    monkeypatch.setattr(visits_module.Inbox, "at", lambda *_: inbox)
    try:
        assert visit(source, settings).state == AWAY
        monkeypatch.undo()
        (tmp_path / DEMO_MARK).touch()
        assert visit(source, settings).is_demo
    finally:
        inbox.files.clear_instance_cache()


def _cut(path):
    raise ConnectionResetError


def test_half_a_listing_is_none(tmp_path, monkeypatch):
    (tmp_path / "510802/county").mkdir(parents=True)
    (tmp_path / "510802/county/a.csv").write_text("a")
    inbox = Inbox.at(str(tmp_path))
    kept = inbox.files.ls
    broken = {"folders": [str(tmp_path / "510802/county")]}

    def ls(path, **more):
        if path in broken["folders"]:
            raise OSError("Socket is closed")
        return kept(path, **more)

    monkeypatch.setattr(inbox.files, "ls", ls)
    assert inbox.look().closed_count == 1  # the place itself still answers
    monkeypatch.setattr(inbox.files, "isdir", lambda path: False)
    with pytest.raises(InboxAwayError):
        inbox.look()
    monkeypatch.undo()
    inbox.files.clear_instance_cache()


def test_two_buckets_of_one_name_are_two_places(settings):
    text = "  - {name: a, kind: s3, location: 's3://b/in', endpoint: 'https://one'}\n"
    text += "  - {name: b, kind: s3, location: 's3://b/in', endpoint: 'https://two'}"
    found = parse_sources("sources:\n" + text, settings)
    assert [place_of_source(source) for source in found] == [
        "https://one/b/in",
        "https://two/b/in",
    ]
