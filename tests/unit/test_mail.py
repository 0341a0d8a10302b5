"""Mails as clerks' programs write them: whose they are, which files they bring, who ``sources.yml`` knows."""

from __future__ import annotations

import base64
import contextlib
import email
import io
import socket
import threading
import time
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.delivery.letter import SENTENCES, letter_number, stranger_letter
from yiku.formats.cells import RefusedError
from yiku.formats.unlock import locked, unlocked, unlocked_or_as_it_is
from yiku.intake import mailbox
from yiku.intake.mail_files import file_name, read_files
from yiku.intake.mail_head import read_head
from yiku.intake.mail_place import MailServer, limits_of
from yiku.intake.mail_senders import shown_address
from yiku.intake.mailbox import Mailbox, MailboxAwayError, folder_name
from yiku.intake.source_logins import imap_of, smtp_of
from yiku.intake.sources import parse_sources
from yiku.intake.sources_error import SourcesError
from yiku.pipeline.posting import address_of
from yiku.settings import load_settings
from yiku.warehouse.mail_taken import hash_of

NAME = "转移就业 11月.xlsx"
GBK = NAME.encode("gbk")
PERCENT_GBK = "".join(f"%{byte:02X}" for byte in GBK)
PERCENT_UTF8 = "".join(f"%{byte:02X}" for byte in NAME.encode())


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Disposition: attachment; filename="' + GBK + b'"',
        b'Content-Disposition: attachment; filename="' + NAME.encode() + b'"',
        b'Content-Type: application/octet-stream; name="'
        + GBK
        + b'"\nContent-Disposition: attachment',
        b'Content-Disposition: attachment; filename="=?GB2312?B?'
        + base64.b64encode(GBK)
        + b'?="',
        b'Content-Disposition: attachment;\n filename="=?gbk?Q?=D7=AA=D2=C6=BE=CD?=\n =?gbk?Q?=D2=B5_11=D4=C2.xlsx?="',
        f"Content-Disposition: attachment; filename*=gb2312''{PERCENT_GBK}".encode(),
        f"Content-Disposition: attachment; filename*=UTF-8''{PERCENT_UTF8}".encode(),
        f"Content-Disposition: attachment; filename*0*=UTF-8''{PERCENT_UTF8[:36]};"
        f"\n filename*1*={PERCENT_UTF8[36:]}".encode(),
        f"Content-Disposition: attachment; filename=\"=?x-unknown?B??=\"; filename*=UTF-8''{PERCENT_UTF8}".encode(),
    ],
    ids=lambda head: str(len(head)),
)
def test_a_name_is_read_however_a_program_writes_it(head):
    part = email.message_from_bytes(head + b"\n\nx")
    assert file_name(part) == NAME


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\表.xlsx", "表.xlsx"),
        ("..", ""),
        (".xlsx", "xlsx"),
        ("a\tb\x07.xlsx", "ab.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 65 + ".xlsx"),
        ("a." + "x" * 300, "a." + "x" * 198),
        ("~$表.xlsx", "~$表.xlsx"),
    ],
)
def test_a_name_is_that_of_a_file_and_leads_nowhere(written, read):
    part = EmailMessage()
    part.add_header("Content-Disposition", "attachment", filename=written)
    assert file_name(part) == read


def test_files_are_told_from_what_programs_put_in_by_themselves():
    inner = EmailMessage()
    inner.set_content("转发")
    inner.add_attachment(
        b"PK inner", maintype="application", subtype="zip", filename="内.zip"
    )
    deepest = EmailMessage()
    deepest.set_content("x")
    deepest.add_attachment(
        b"PK", maintype="application", subtype="zip", filename="太深.zip"
    )
    inner.add_attachment(deepest)
    whole = EmailMessage()
    whole.set_content("正文")
    whole.add_alternative("<img src='cid:a'>", subtype="html")
    whole.get_body(("html",)).add_related(
        b"png", "image", "png", cid="<a>", filename="签名.png"
    )
    for name, main, kind in (
        ("表.xlsx", "application", "octet-stream"),
        ("表.xlsx", "application", "octet-stream"),
        ("smime.p7s", "application", "pkcs7-signature"),
        ("会议.ics", "text", "calendar"),
        ("~$表.xlsx", "application", "octet-stream"),
        ("照片.jpg", "image", "jpeg"),
    ):
        whole.add_attachment(
            name.encode(), maintype=main, subtype=kind, filename=name
        )
    whole.add_attachment("一,二\n", subtype="csv", filename="表.csv")
    whole.add_attachment(inner)
    parcel = read_files(whole.as_bytes())
    assert [name for name, _ in parcel.files] == [
        "表.xlsx",
        "表(2).xlsx",
        "照片.jpg",
        "表.csv",
        "内.zip",
        "太深.zip",
    ]
    assert not parcel.has_passed
    assert not parcel.has_winmail


def head(*lines, own="x"):
    return read_head("\r\n".join([*lines, "", own]).encode())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Dashi@Town.Example", "dashi@town.example"),
        ("大石镇 <dashi@town.example>", "dashi@town.example"),
        ('"dashi@town.example" <evil@else.example>', "evil@else.example"),
        ("dashi@town.example <evil@else.example>", "evil@else.example"),
        ("dashi@town.example, evil@else.example", ""),
        ("evil@else.example (<dashi@town.example>)", "evil@else.example"),
        ("<dashi@town.example> evil@else.example", ""),
        ("undisclosed", ""),
        ("a@b@town.example", ""),
        ("(" * 60_000 + "a@town.example", ""),
        ("a\x00@town.example", ""),
        ('"a b"@town.example', ""),
    ],
)
def test_the_sender_is_the_one_address_that_every_program_reads(written, read):
    found = head(f"From: {written}").sender
    # better nobody than the one that a cunning head would have us take
    assert found in (read, "")
    if read and "evil" not in written:
        assert found == read


def test_a_head_that_is_made_to_keep_us_busy_does_not():
    began = time.monotonic()
    found = head(
        "From: a@town.example",
        "Message-ID: <" + "x" * 5000 + ">",
        "Authentication-Results: mx; " + "(" * 60_000 + ")" * 60_000,
        "Content-Type: " + "multipart/mixed;" * 4000,
        "Subject: " + "\x00" * 5000,
    )
    assert not found.may_be_forged("")
    assert found.message_id == ""
    assert found.identity
    assert time.monotonic() - began < 2


def test_what_answers_us_and_what_a_program_writes_is_known():
    ours = "<yiku.0123@county.example>"
    assert head("From: a@x.example", f"In-Reply-To: {ours}").answers_ours
    assert head("References: <a@b>", f" {ours}").answers_ours
    assert not head("In-Reply-To: <a@b>").answers_ours
    assert head("X-QQ-AUTOREPLY: 1").is_by_program
    coded = base64.b64encode("自动回复：报表".encode("gb18030")).decode()
    absent = f"Subject: =?gb18030?B?{coded}?="
    for line in (
        absent,
        "Subject: 自动回复",
        "X-Auto-Response-Suppress: OOF",
    ):
        assert head(line).is_by_program
        assert not head(line, "Content-Type: multipart/mixed").is_by_program
    for line in ("Subject: =?utf-8?b?5?=", "Subject: =?x?q?=FF?=", "Subject:"):
        assert not head(line).is_by_program


def test_two_froms_are_nobodys():
    assert head("From: a@x.example", "From: b@x.example").sender == ""


@pytest.mark.parametrize(
    ("word", "authserv", "doubted"),
    [
        ("", "", False),
        ("", "mx.own", True),
        ("mx.own; dmarc=pass header.from=town.example", "mx.own", False),
        ("mx.own 1; dmarc=fail (p=none; x) header.from=a", "", True),
        ("mx.own; spf=fail smtp.mailfrom=x", "", True),
        ("mx.own; spf=softfail smtp.mailfrom=x; dkim=none", "", False),
        ("mx.own; dkim=fail; dmarc=pass", "", False),
        # the server that handed it on is in order, which says nothing of the sender
        ("mx.own; spf=pass smtp.mailfrom=evil.example", "mx.own", True),
        ("mx.own; spf=pass smtp.mailfrom=a@town.example", "mx.own", False),
        ("mx.own; dkim=pass header.d=town.example", "mx.own", False),
        ("mx.own; dkim=pass header.d=wn.example", "mx.own", True),
        ("evil.example; dmarc=pass", "mx.own", True),
        ("mx.own; x=(dmarc=pass) spf=none", "mx.own", True),
    ],
)
def test_a_forged_sender_is_found_by_the_word_of_the_own_server(
    word, authserv, doubted
):
    lines = ["From: dashi@town.example"]
    if word:
        lines.append(f"Authentication-Results: {word}")
    assert head(*lines).may_be_forged(authserv) is doubted


@pytest.mark.parametrize(
    ("words", "doubted"),
    [
        (["mx.own; dmarc=fail", "mx.own; dmarc=pass"], True),
        (["mx.own; dmarc=pass", "mx.own; dmarc=fail"], True),
        # its filters write a word each
        (["mx.own; dkim=none", "mx.own; dmarc=pass"], False),
        (["mx.own; dkim=none", "", "mx.own; dmarc=pass"], True),
        (["mx.own; dmarc=pass", "", "mx.own; dmarc=fail"], True),
        (["in.own; spam=no", "mx.own; dmarc=pass"], False),
    ],
)
def test_the_words_of_the_own_server_are_read_together(words, doubted):
    received = "Received: from a.example by b.example"
    lines = [
        f"Authentication-Results: {word}" if word else received
        for word in words
    ]
    found = head(*lines, "From: dashi@town.example")
    assert found.may_be_forged("mx.own") is doubted


@pytest.mark.parametrize(
    "own",
    [
        'spf=pass smtp.mailfrom="x;dmarc=pass"@evil.example',
        'spf=pass smtp.mailfrom="x\\";dmarc=pass;\\""@evil.example',
        'dkim=pass header.i="x;dmarc=pass header.d=town.example"@evil.example',
        'spf=pass smtp.mailfrom="a@town.example"@evil.example',
        "spf=pass smtp.mailfrom=dmarc=pass@evil.example",
        "spf=none (a (b) ; dmarc=pass) smtp.mailfrom=evil.example",
        "dmarc=pass (never closed",
        "spf=none; x=" + "y" * 9000 + "; dmarc=pass",
    ],
    ids=lambda own: str(len(own)),
)
def test_what_the_sender_chooses_in_a_word_of_a_server_vouches_for_nobody(own):
    found = head(
        f"Authentication-Results: mx.own; {own}", "From: dashi@town.example"
    )
    assert found.may_be_forged("mx.own")


@pytest.mark.parametrize(
    "message_id",
    [
        "<=?utf-8?q?a=0D=0ABcc:_evil@else.example=0D=0A?=@x>",
        "<a\x0b@x>",
        "<a\x0c@x>",
        "<a\x1c@x>",
        "<a\x85@x>",
        "<a\u2028@x>",
        "<a\x00@x>",
        "<" + "a" * 300 + "@x>",
        "<a@x> <b@x>",
    ],
    ids=lambda written: str(len(written)),
)
def test_a_number_of_a_mail_writes_nothing_into_the_head_of_an_answer(
    message_id,
):
    found = head(f"Message-ID: {message_id}", "From: a@x.example")
    assert found.message_id == ""
    assert found.identity
    # also where the ledger kept it from before
    letter = stranger_letter("a@x.example", "own@y.example", message_id, "1")
    read = email.message_from_bytes(letter.as_bytes())
    assert read.keys() == letter.keys()
    assert "evil" not in letter.as_string()
    assert letter["In-Reply-To"] is None


def test_a_letter_whose_head_reads_otherwise_does_not_go(monkeypatch):
    monkeypatch.setattr("yiku.delivery.letter.may_be_quoted", bool)
    hidden = "<=?utf-8?q?a=0D=0ABcc:_evil@else.example?=@x>"
    with pytest.raises(ValueError, match="header"):
        stranger_letter("a@x.example", "own@y.example", hidden, "1")


@pytest.mark.parametrize(
    "written",
    [
        "(" * 1500 + "a@town.example",
        "a:" * 30_000,
        "dashi@town.example" + " " * 1200 + ", evil@else.example",
    ],
    ids=lambda written: str(len(written)),
)
def test_a_from_that_is_too_long_to_be_read_is_nobodys(written):
    assert head(f"From: {written}").sender == ""


@given(st.binary(max_size=400))
def test_any_bytes_have_a_head_and_files(raw):
    found = read_head(raw)
    assert found.sender == "" or "@" in found.sender
    for name, _ in read_files(raw).files:
        assert "/" not in name
        assert name not in ("", ".", "..")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("已收", '"&XfJlNg-"'),
        ("a&b", '"a&-b"'),
        ('x"y\\z', '"x\\"y\\\\z"'),
    ],
)
def test_a_folder_is_called_as_imap_calls_it(name, written):
    assert folder_name(name) == written


class Folder:
    """A folder that holds every number; it answers as imaplib does."""

    def __init__(self):
        self.asked = []

    def uid(self, command, *words):
        self.asked.append((command, *words))
        return "OK", [b"7 8 9"]


@pytest.mark.parametrize(
    ("next_uid", "spans"),
    [
        (0, ["1:*"]),
        (50_000, ["1:*"]),
        (125_001, ["1:50000", "50001:100000", "100001:*"]),
    ],
)
def test_a_folder_is_asked_for_no_more_than_an_answer_holds(next_uid, spans):
    line = Folder()
    box = Mailbox(line, 1, next_uid, 0, False, 0)
    assert box.uids_since(date(2017, 11, 20)) == [7, 8, 9]
    assert [asked[2] for asked in line.asked] == spans
    assert {asked[3:] for asked in line.asked} == {("SINCE", "20-Nov-2017")}


def test_numbers_that_are_far_apart_are_asked_for_in_few_spans():
    line = Folder()
    Mailbox(line, 1, 4_000_000_000, 0, False, 0).uids_since(date(2017, 1, 1))
    assert len(line.asked) <= 201


@pytest.mark.parametrize("greeting", [b"* OK here\r\n", b"*"])
def test_a_server_that_talks_for_ever_is_hung_up_on(greeting, monkeypatch):
    monkeypatch.setattr(mailbox, "VISIT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        talking = threading.Thread(target=talk, args=(listener, greeting))
        talking.start()
        port = listener.getsockname()[1]
        server = MailServer("127.0.0.1", port, False, True, "u", "p")
        began = time.monotonic()
        with pytest.raises(MailboxAwayError), mailbox.opened(server):
            pass
        talking.join(10)
    assert time.monotonic() - began < 5


def talk(listener, greeting):
    line, _ = listener.accept()
    with line, contextlib.suppress(OSError):
        while True:
            line.sendall(greeting)
            time.sleep(0.05)


def test_what_one_department_sent_is_not_sent_to_another(settings):
    text = sources(
        "[{unit: county, county: '510802', address: a@b}, {unit: county, county: '510802', address: c@d},"
        " {unit: '510802101', address: [e@f, g@h]}]"
    )
    (found,) = parse_sources(text, settings)

    def to(unit, came_from):
        known = address_of(found, "510802", unit, came_from)
        return known[1] if known else None

    assert to("county", hash_of("c@d")) == "c@d"
    assert to("county", hash_of("gone@d")) is None
    assert to("county", "") is None
    assert to("510802101", hash_of("gone@d")) == "e@f"


def parts(*written, end=b"b"):
    pieces = [b"Content-Type: multipart/mixed; boundary=" + end + b"\n"]
    pieces += [b"--" + end + b"\n" + part for part in written]
    return b"\n".join([*pieces, b"--" + end + b"--\n"])


FILE = b"Content-Type: application/zip; name=a.zip\n\nPK"


@pytest.mark.parametrize(
    ("part", "names", "has_passed"),
    [
        (
            b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(parts(FILE)),
            ["a.zip"],
            False,
        ),
        (
            b"Content-Type: text/csv\nContent-Disposition: attachment\n\na,b",
            ["附件"],
            False,
        ),
        (
            b"Content-Type: text/plain\n\nbegin 644 a.xlsx\n#0V%T\n`\nend\n",
            [],
            True,
        ),
        (
            b"Content-Type: message/external-body; access-type=URL; URL=x\n\nContent-Type: text/csv\n\n",
            [],
            True,
        ),
        (b"Content-Type: text/plain\n\nWe begin 644 days later.", [], False),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, bytes) else None,
)
def test_no_part_is_lost_without_a_word_beside_another(
    part, names, has_passed
):
    parcel = read_files(parts(FILE.replace(b"a.zip", b"b.zip"), part))
    assert [name for name, _ in parcel.files] == ["b.zip", *names]
    assert parcel.has_passed is has_passed


def test_mails_forwarded_in_each_other_are_opened_five_deep():
    raw = parts(FILE)
    kind = b"Content-Type: message/rfc822\n\n"
    for depth in range(5):
        raw = parts(kind + raw, end=b"x%d" % depth)
    assert len(read_files(raw).files) == 1
    deeper = read_files(parts(kind + raw, end=b"last"))
    assert (deeper.files, deeper.has_passed) == ([], True)


def test_of_one_mail_so_many_files_are_taken():
    parcel = read_files(parts(*[FILE] * 300))
    assert (len(parcel.files), parcel.has_more) == (200, True)


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Disposition: attachment; filename="=?utf-8?b?5?="',
        b'Content-Disposition: attachment; filename="=?undefined?b?5aW9?="',
        b"Content-Disposition: attachment; filename*=undefined''a%00%FF",
        b"Content-Disposition: attachment; filename*=a%00'x'%00%FF",
        b"Content-Disposition: attachment; filename*9999999999999999999999*=a",
    ],
    ids=lambda head: str(len(head)),
)
def test_an_odd_name_costs_no_file(head):
    whole = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: application/octet-stream\n"
        + head
        + b"\n\none\n--b\nContent-Type: application/octet-stream; name=b.csv\n\ntwo\n--b--\n"
    )
    odd, plain = read_files(whole).files
    assert odd[1] == b"one"
    assert odd[0]
    assert "\x00" not in odd[0]
    assert plain == ("b.csv", b"two")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("13800000000@139.example", "1***@139.example"),
        ("dashi@town.example", "d***@town.example"),
        ("", ""),
        ("a@13800000000.example", "a***@138＊＊＊＊＊＊＊＊.example"),
        ("a@x）\u202e[链接](http://y.example", "a***@x链接httpy.example"),
        (f"a@{'x' * 100}.example", f"a***@{'x' * 60}"),
    ],
)
def test_an_address_shows_nobody(address, shown):
    assert shown_address(address) == shown


def test_a_workbook_is_locked_and_opened_with_a_word():
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "甲"
    book.save(out)
    closed = locked(out.getvalue(), "口令 1")
    assert unlocked(closed, "口令 1") == out.getvalue()
    assert unlocked_or_as_it_is(closed, "另一个") == closed
    assert unlocked_or_as_it_is(b"csv", "口令 1") == b"csv"
    with pytest.raises(RefusedError):
        unlocked(closed, "另一个")


def test_a_letter_keeps_its_number_whatever_the_order():
    day = limits_of({"address": "a@b", "since": "2017-11-20"}).since
    assert letter_number(day, [1, 2], [3]) == letter_number(day, [2, 1], [3])
    assert letter_number(day, [1, 2], []) != letter_number(day, [1], [2])
    assert all(
        "{" not in text.format(limit_mb=1) for text in SENTENCES.values()
    )


# --- sources.yml


@pytest.fixture
def settings(tmp_path):
    variables = {"YIKU_HOME": str(tmp_path), "YIKU_WORD": "w", "YIKU_NO": ""}
    return load_settings(variables)


BOX = (
    "kind: mailbox, location: 'imaps://h/INBOX', smtp: 'smtps://h', "
    "address: own@h.example, user: u, password: '${YIKU_WORD}'"
)


def sources(senders, more="", box=BOX):
    return f"sources: [{{name: a, {box}{more}, senders: {senders}}}]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"sources: [{{name: a, {BOX}}}]", "senders 一项"),
        (sources("[{unit: '510802101'}]"), "应为邮箱地址"),
        (sources("[{unit: '510802101', address: x}]"), "应为邮箱地址"),
        (sources("[{unit: county, address: a@b}]"), "写明 county"),
        (sources("[{unit: 大石, address: a@b}]"), "9 位乡镇代码"),
        (
            sources("[{unit: '510802101', address: a@b, mail: x}]"),
            "不认识 mail",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b}, {unit: '510802100', address: [c@d, A@B]}]"
            ),
            "同一个邮箱地址登记给了两个单位",
        ),
        (
            sources("[{unit: '510802101', address: OWN@h.example}]"),
            "自己的地址",
        ),
        (
            sources("[{unit: '510802101', address: a@b, encrypt: true}]"),
            "环境变量给出",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b, encrypt: true, password: secret}]"
            ),
            "环境变量给出",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b, encrypt: true, password: '${YIKU_NO}'}]"
            ),
            "YIKU_NO 没有设置",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b, encrypt: true, password: '${YIKU_WORD}'},"
                " {unit: '510802101', address: c@d}]"
            ),
            "不一致",
        ),
        (
            sources("[{unit: '510802101', address: a@b}]", ", limit_mb: viel"),
            "limit_mb 应为正整数",
        ),
        (
            sources("[{unit: '510802101', address: a@b}]", ", since: gestern"),
            "since 应写成",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b}]",
                box=BOX.replace("smtps://h", "smtps://u:hunter2@h"),
            ),
            "smtp 里不能有口令",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b}]",
                box=BOX.replace("${YIKU_WORD}", "hunter2"),
            ),
            "不能直接写在文件里",
        ),
        (
            sources(
                "[{unit: '510802101', address: a@b}]",
                box=BOX.replace("address: own@h.example, ", ""),
            ),
            "缺少 address",
        ),
    ],
    ids=lambda value: str(len(value)),
)
def test_what_is_wrong_with_a_mailbox_is_said_without_its_secret(
    text, said, settings
):
    with pytest.raises(SourcesError, match=said) as wrong:
        parse_sources(text, settings)
    assert "hunter2" not in str(wrong.value)
    assert "a@b" not in str(wrong.value)


def test_an_address_stands_for_one_unit_in_all_mailboxes(settings):
    one = sources("[{unit: '510802101', address: a@b}]")[:-1]
    other = sources("[{unit: '510812101', address: a@b}]").replace(
        "name: a", "name: b"
    )
    other = other.removeprefix("sources: [").replace("h/INBOX", "g/INBOX")
    with pytest.raises(SourcesError, match="两个单位"):
        parse_sources(f"{one}, {other}", settings)


def test_a_mailbox_is_one_source_and_its_passwords_are_found(
    settings, tmp_path
):
    (tmp_path / "word").write_text("geheim\n")
    box = BOX.replace(
        "password: '${YIKU_WORD}'", f"password_file: {tmp_path}/word"
    )
    text = sources("[{unit: '510802101', address: a@b}]", box=box)
    (found,) = parse_sources(text, settings)
    server = imap_of(found)
    assert (server.port, server.folder, server.password) == (
        993,
        "INBOX",
        "geheim",
    )
    assert smtp_of(found).password == "geheim"
    assert "geheim" not in repr(server)
    assert "a@b" not in repr(found)
    assert not server.is_plain
    twice = (
        text[:-1]
        + ", "
        + text.removeprefix("sources: [").replace("name: a", "name: b")
    )
    with pytest.raises(SourcesError, match="同一个地方"):
        parse_sources(twice, settings)
    plain = replace(found, address="imap://127.0.0.1:143/报表")
    assert imap_of(plain).is_plain
    assert imap_of(plain).folder == "报表"
