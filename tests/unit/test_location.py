"""Secrets of the place that files come from are shown nowhere; SFTP servers are known before they are spoken to."""

from __future__ import annotations

from urllib.parse import quote

import paramiko
import pytest
from fsspec.implementations.sftp import SFTPFileSystem
from hypothesis import example, given
from hypothesis import strategies as st
from sftp_server import PASSWORD, USER, serve
from yiku import airflow_glue
from yiku.intake import location
from yiku.intake.inbox import Inbox
from yiku.intake.location import Location, has_secret, keep, locate, shown
from yiku.intake.sftp import HostKeyError
from yiku.settings import load_settings


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(location, "_kept", {})
    SFTPFileSystem.clear_instance_cache()


@pytest.mark.parametrize(
    ("address", "as_shown"),
    [
        ("sftp://clerk:secret@host:22/in", "sftp://clerk@host:22/in"),
        ("SFTP://clerk:secret@host/in", "SFTP://clerk@host/in"),
        ("sftp://clerk:se/cret@host/in", "sftp://clerk@host/in"),
        ("sftp://:secret@host/in", "sftp://host/in"),
        ("sftp://clerk@host/in", "sftp://clerk@host/in"),
        ("sftp://host:22/in@town", "sftp://host:22/in@town"),
        ("ftp://clerk:secret@host/in", "ftp://clerk@host/in"),
        ("https://token@host/in?sig=secret#x", "https://host/in"),
        ("webdav://a:secret@host/in", "webdav://host/in"),
        ("s3://key:secret@bucket/in", "s3://bucket/in"),
        ("abfs://box@account/in?sv=1&sig=secret", "abfs://account/in"),
        (
            "zip://a.zip::sftp://clerk:secret@host/in",
            "zip://a.zip::sftp://clerk@host/in",
        ),
        ("/srv/inbox?x@y", "/srv/inbox?x@y"),
        ("file:///srv/a@b:c", "file:///srv/a@b:c"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address, as_shown):
    assert shown(address) == as_shown
    assert has_secret(address) == (address != as_shown)
    assert shown(as_shown) == as_shown


@example("0::")
@example("::a/b")
@given(
    st.text(
        st.characters(
            min_codepoint=33, max_codepoint=126, exclude_characters="?#"
        ),
        min_size=3,
    )
)
def test_no_password_is_ever_shown(password):
    for written in (password, quote(password, safe="")):
        assert f"secret{written}" not in shown(
            f"sftp://clerk:secret{written}@host/in"
        )


def test_settings_do_not_show_where_files_come_from():
    settings = load_settings(
        {
            "YIKU_INBOX": "sftp://u:secret@h/in",
            "YIKU_ARCHIVE": "s3://k:secret@b/a",
        }
    )
    assert "secret" not in repr(settings)
    assert "secret" not in repr(
        Location("sftp://u:secret@h/in", {"password": "secret"})
    )


def test_a_process_finds_again_what_opens_a_place():
    full = "sftp://u:secret@h/in"
    settings = load_settings(
        {"YIKU_INBOX": full, "YIKU_INBOX_PASSWORD": "other"}
    )
    assert locate("sftp://u@h/in", settings).options == {
        "username": "u",
        "password": "secret",
    }
    assert locate("sftp://u@elsewhere/in", settings).options == {
        "username": "u",
        "password": "other",
    }
    assert (
        keep(Location("sftp://u:mine%40@elsewhere/in"))
        == "sftp://u@elsewhere/in"
    )
    assert locate("sftp://u@elsewhere/in", settings).options == {
        "username": "u",
        "password": "mine@",
    }
    assert locate("/srv/in", settings) == Location("/srv/in")


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "served"
    (folder / "in/510802/county").mkdir(parents=True)
    (folder / "in/510802/county/a.csv").write_text("a,b\n")
    with serve(folder) as server:
        yield server


@pytest.fixture
def knowing(served, tmp_path):
    """Settings that know the server's key."""
    known = tmp_path / "known_hosts"
    known.write_text(served.known_hosts)
    return load_settings(
        {
            "YIKU_HOME": str(tmp_path),
            "YIKU_KNOWN_HOSTS": str(known),
            "YIKU_INBOX_PASSWORD": PASSWORD,
        }
    )


def names(address, settings):
    return [f.path for f in Inbox.at(locate(address, settings)).list()]


def test_a_known_server_is_read_with_the_password_of_the_environment(
    served, knowing
):
    assert names(f"sftp://{USER}@127.0.0.1:{served.port}/in", knowing) == [
        "510802/county/a.csv"
    ]


def test_a_known_server_is_read_with_the_password_of_the_address(
    served, knowing
):
    full = (
        f"sftp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{served.port}/in"
    )
    assert names(keep(Location(full)), knowing) == ["510802/county/a.csv"]
    assert "word" not in Inbox.at(locate(shown(full), knowing)).url


def test_a_server_whose_key_nobody_knows_is_not_spoken_to(served, tmp_path):
    settings = load_settings(
        {"YIKU_HOME": str(tmp_path), "YIKU_INBOX_PASSWORD": PASSWORD}
    )
    with pytest.raises(HostKeyError, match="known_hosts") as refused:
        names(f"sftp://{USER}@127.0.0.1:{served.port}/in", settings)
    assert PASSWORD not in str(refused.value)


def test_a_server_with_another_key_than_before_is_not_spoken_to(
    served, knowing, tmp_path
):
    other = paramiko.ECDSAKey.generate()
    (tmp_path / "known_hosts").write_text(
        f"[127.0.0.1]:{served.port} {other.get_name()} {other.get_base64()}\n"
    )
    with pytest.raises(HostKeyError, match="密钥与登记的不同"):
        names(f"sftp://{USER}@127.0.0.1:{served.port}/in", knowing)


def test_an_airflow_connection_opens_a_place_and_stays_out_of_its_address(
    served, knowing, monkeypatch
):
    uri = f"sftp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{served.port}"
    monkeypatch.setenv("AIRFLOW_CONN_TOWNS", uri)
    plain = airflow_glue.opened("airflow://towns/in")
    assert plain == f"sftp://{USER}@127.0.0.1:{served.port}/in"
    no_password = load_settings(
        {"YIKU_KNOWN_HOSTS": knowing.known_hosts or ""}
    )
    assert names(plain, no_password) == ["510802/county/a.csv"]
    assert airflow_glue.opened("/srv/in") == "/srv/in"
