"""Nights that take files in by mail and answer by mail: nothing twice, nothing lost, nothing to anybody else."""

from __future__ import annotations

import contextlib
import imaplib
import io
import os
import signal
import socket
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email import policy
from types import SimpleNamespace

import mail_servers
import msoffcrypto
import openpyxl
import pytest
from mail_servers import (
    HAS_DOVECOT,
    OWN_ADDRESS,
    PASSWORD,
    USER,
    WHY,
    mail,
    serve_imap,
    serve_smtp,
)
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    empty_beside,
    labourer,
    workbook,
)
from yiku import pipeline
from yiku.delivery import post_office
from yiku.formats.unlock import locked
from yiku.intake import mail_files, visits
from yiku.intake.archive import Archive
from yiku.intake.journal import Journal
from yiku.intake.sources_error import SourcesError
from yiku.notices.facts import facts_of
from yiku.pipeline import bringing_back, posting, taking_mail
from yiku.pipeline.rebuild import rebuild
from yiku.warehouse.connection import connect
from yiku.warehouse.mail_taken import restore_mails

pytestmark = pytest.mark.skipif(not HAS_DOVECOT, reason=WHY)

TOWN, OTHER = list(TOWNS)
NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=2)
RONGSHAN, DASHI, DASHI_TOO = (
    "rongshan@town.example",
    "dashi@town.example",
    "13800000000@phone.example",
)
JUNK = (
    200  # mails; a thousand are the same, and take their time on a slow disk
)
WORD = "约定的口令 1"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(visits, "WAITS", ())


@pytest.fixture
def box(nights, tmp_path):
    """A mailbox of the county that both towns send to, with real servers behind it."""
    with serve_imap() as imap, serve_smtp(imap.certificate, imap.key) as smtp:
        file = tmp_path / "sources.yml"

        def write(*more, senders=""):
            lines = [
                "sources:",
                "  - name: 县邮箱",
                "    kind: mailbox",
                f"    location: imaps://localhost:{imap.tls_port}/INBOX",
                f"    smtp: smtp://localhost:{smtp.port}",
                f"    address: {OWN_ADDRESS}",
                f"    user: {USER}",
                "    password: ${YIKU_MAIL_PASSWORD}",
                f"    ca_file: {imap.root}",
                f"    county: '{COUNTY}'",
                *(f"    {line}" for line in more),
                "    senders:",
                f"      - {{unit: '{TOWN}', address: {RONGSHAN}}}",
                f"      - {{unit: '{OTHER}', address: [{DASHI}, {DASHI_TOO}]}}",
                senders,
            ]
            file.write_text("\n".join(lines), "utf-8")

        write()
        variables = {
            **nights.settings.variables,
            "YIKU_MAIL_PASSWORD": PASSWORD,
            "YIKU_WORD": WORD,
        }
        nights.settings = replace(
            nights.settings, sources=file, variables=variables
        )
        yield SimpleNamespace(
            imap=imap, smtp=smtp, write=write, put=imap.put, nights=nights
        )


def bad(town, at=2):
    rows = [labourer(person) for person in PEOPLE[town]]
    rows[at] |= {"emp_intent": None}
    return workbook("L1", rows)


def pull(nights, day=DAY):
    nights.end()
    pipeline.open_night(nights.settings, day, None)
    return pipeline.pull(nights.settings, day, None)


def night(nights, day=DAY):
    """Take in, answer and bring back; return what the pull and the bringing said."""
    pulled = pull(nights, day)
    pipeline.load_references(nights.settings, day, pulled["reference"])
    for batch in pulled["batches"]:
        pipeline.process_batch(nights.settings, day, batch)
    nights.answer(day)
    return pulled, pipeline.bring_back(nights.settings, day)


def states(nights):
    return dict(
        nights.rows("select state, count(*) from ops.mail group by state")
    )


def attached(letter):
    return {
        part.get_filename(): part.get_content()
        for part in letter.iter_attachments()
    }


def told(nights, day=DAY):
    with closing(connect(nights.settings, day)) as conn:
        return facts_of(conn, day, "/srv/outbox")


def test_a_mailed_file_comes_back_to_its_own_unit_alone_and_once(box):
    nights = box.nights
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as inner:
        inner.writestr("劳动力.xlsx", bad(TOWN))
    box.put(
        mail(
            RONGSHAN,
            ("报表.zip", bundle.getvalue()),
            number=1,
            Reply_To="evil@else.example",
            Cc="boss@else.example",
        )
    )
    name = f"{PEOPLE[OTHER][0].name}劳动力.xlsx"
    box.put(
        mail(DASHI_TOO.upper(), (name, bad(OTHER)), ("空.xlsx", b""), number=2)
    )
    pulled, brought = night(nights)
    assert (pulled["new"], pulled["missed_sources"]) == (3, 0)
    assert brought == {"delivered": 6, "undelivered": 0}
    assert states(nights) == {"taken": 2}
    # one letter a unit and night, each to one address: the one that wrote
    assert sorted(to for to, _ in box.smtp.letters) == [
        [DASHI_TOO],
        [RONGSHAN],
    ]
    for unit, address, other in (
        (TOWN, RONGSHAN, OTHER),
        (OTHER, DASHI_TOO, TOWN),
    ):
        (letter,) = box.smtp.to(address)
        assert letter["To"] == address
        assert letter["Auto-Submitted"] == "auto-replied"
        assert letter["In-Reply-To"].startswith("<clerk.")
        assert TOWNS[unit] in letter["Subject"]
        files = attached(letter)
        texts = "\n".join(
            [letter["Subject"], letter.get_body().get_content(), *files]
        )
        for person in PEOPLE[unit] + PEOPLE[other]:
            assert person.name not in texts
            assert person.id_no not in texts
        book = next(
            content
            for called, content in files.items()
            if called.endswith("劳动力.xlsx.校验.xlsx")
        )
        shown = {
            str(value)
            for page in openpyxl.load_workbook(io.BytesIO(book))
            for row in page.values
            for value in row
        }
        assert PEOPLE[unit][2].name in shown
        assert not shown & {person.id_no for person in PEOPLE[other]}
    (place,) = {
        place
        for (place,) in nights.rows(
            f"select place from ops.delivery where unit_code = '{TOWN}'"
        )
    }
    assert place == (
        f"县邮箱：邮件《【一库】荣山镇 {DAY} 答复（回执 R20171120-{TOWN}-0001）》"
    )
    # the mails lie where they lay, unread, and neither night nor answer comes a second time
    assert len(box.imap.lying()) == 2
    assert not [file for file in box.imap.lying() if "S" in file.name[-4:]]
    assert pipeline.bring_back(nights.settings, DAY)["delivered"] == 0
    pulled, brought = night(nights, NEXT)
    assert (pulled["new"], pulled["duplicates"]) == (0, 0)
    assert len(box.smtp.letters) == 2


def test_mails_that_bring_nothing_are_told_of_or_passed_over(box):
    nights = box.nights
    box.write("limit_mb: 1")
    big = ("大.xlsx", os.urandom(1_500_000))
    sheet = ("表.xlsx", bad(TOWN))
    picture = mail(RONGSHAN, number="picture")
    picture.add_related(
        b"png", "image", "png", cid="<logo@x>", filename="签名.png"
    )
    bounce = (
        b"From: Mail System <MAILER-DAEMON@mail.example>\r\n"
        b"Message-ID: <bounce@mail.example>\r\n"
        b'Content-Type: multipart/report; boundary="x"\r\n\r\n--x--\r\n'
    )
    box.put(mail("someone@elsewhere.example", sheet, number=1))
    box.put(mail("someone@elsewhere.example", sheet, number=2))
    box.put(
        mail(
            "victim@elsewhere.example",
            sheet,
            number=3,
            Authentication_Results="mx; spf=fail smtp.mailfrom=x",
        )
    )
    box.put(
        mail(
            RONGSHAN,
            sheet,
            number="forged",
            Authentication_Results="mx.example; dmarc=fail header.from=town.example",
        )
    )
    box.put(mail(DASHI, big, number="big"))
    box.put(mail(DASHI, number="empty"))
    box.put(mail(DASHI, ("winmail.dat", b"\x78\x9f"), number="outlook"))
    box.put(picture)
    box.put(bounce)
    for head, value in (
        ("Auto_Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("List_Id", "<all.town.example>"),
        ("Return_Path", "<>"),
        ("X_Autoreply", "yes"),
    ):
        box.put(mail(DASHI, number=head, **{head: value}))
    box.put(mail(DASHI, sheet, number="bot", Auto_Submitted="auto-generated"))
    box.put(mail(OWN_ADDRESS, sheet, number="own"))
    pulled, brought = night(nights)
    assert (pulled["new"], brought["delivered"]) == (0, 0)
    assert states(nights) == {
        "unknown": 3,
        "unverified": 1,
        "too_large": 1,
        "nothing": 3,
        "bounce": 2,
        "by_program": 5,
        "own": 1,
    }
    assert sorted(to for to, _ in box.smtp.letters) == [
        [DASHI],
        [RONGSHAN],
        ["someone@elsewhere.example"],
    ]
    (to_dashi,), (to_rongshan,) = box.smtp.to(DASHI), box.smtp.to(RONGSHAN)
    said = to_dashi.get_body().get_content()
    for word in ("1 MB", "没有可收的附件", "winmail.dat"):
        assert word in said
    said = to_rongshan.get_body().get_content()
    assert "未能核实" in said
    assert "没有可收的附件" in said  # the picture of a signature is no file
    (to_stranger,) = box.smtp.to("someone@elsewhere.example")
    assert "没有在本系统登记" in to_stranger.get_content()
    assert not list(to_stranger.iter_attachments())
    facts = [fact for fact in told(nights) if fact.title == "县邮箱"]
    assert {(fact.kind, fact.county) for fact in facts} == {
        ("anomaly", COUNTY)
    }
    assert sorted(fact.detail for fact in facts) == [
        "1封来信没有收取：未能核实发件人（r***@town.example）",
        "1封自动邮件没有收取，可能带有附件",
        "2封寄出的答复被退回，请核对登记的地址",
        "3封来信没有收取：地址未登记（s***@elsewhere.example；v***@elsewhere.example）",
    ]
    # told once: neither the next night nor a stranger's next mail of that day
    box.put(mail("someone@elsewhere.example", sheet, number=4))
    night(nights, NEXT)
    assert len(box.smtp.letters) == 3


def test_a_mail_is_taken_once_however_it_comes_to_lie_there_again(box):
    nights, sheet = box.nights, ("劳动力.xlsx", bad(TOWN))
    first = mail(RONGSHAN, sheet, number=1)
    without_number = mail(RONGSHAN, ("另.xlsx", bad(TOWN, 3)), number=2)
    del without_number["Message-ID"]
    box.put(first)
    box.put(without_number)
    assert pull(nights)["new"] == 2
    box.imap.forget()
    assert pull(nights)["new"] == 0
    # moved out and in again by a person, and delivered once more by an alias
    for file in box.imap.lying():
        file.rename(box.imap.mail / "new" / f"9{file.name.partition(':')[0]}")
    first["Received"] = "by alias.example"
    box.put(first)
    again = pull(nights, NEXT)
    assert (again["new"], again["duplicates"]) == (0, 0)
    # the same file in another mail is a copy, and is answered as one
    box.put(mail(RONGSHAN, sheet, number="again"))
    pulled, brought = night(nights, NEXT)
    assert (pulled["new"], pulled["duplicates"]) == (0, 1)
    assert brought["undelivered"] == 0
    (letter,) = [
        letter
        for letter in box.smtp.to(RONGSHAN)
        if "<clerk.again@town.example>" in letter.get("References", "")
    ]
    # what we sent comes back as it is: no submission; mended it is one
    book = next(
        content
        for called, content in attached(letter).items()
        if called.endswith(".xlsx")
    )
    box.put(mail(RONGSHAN, ("退件.xlsx", book), number="back"))
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as inner:
        inner.writestr("退件.xlsx", book)
    box.put(mail(RONGSHAN, ("退件.zip", bundle.getvalue()), number="zip"))
    mended = openpyxl.load_workbook(io.BytesIO(book))
    mended.active["A50"] = "备注"
    out = io.BytesIO()
    mended.save(out)
    box.put(mail(RONGSHAN, ("退件.xlsx", out.getvalue()), number="mended"))
    assert pull(nights, NEXT)["new"] == 1
    assert states(nights)["nothing"] == 2
    # one that came by a way that its server doubts, and then by one that it does not
    later = mail(RONGSHAN, ("后.xlsx", bad(TOWN, 6)), number="later")
    later["Authentication-Results"] = "mx.example; dmarc=fail"
    box.put(later)
    assert pull(nights, NEXT)["new"] == 0
    assert states(nights)["unverified"] == 1
    del later["Authentication-Results"]
    box.put(later)
    assert pull(nights, NEXT)["new"] == 1
    assert "unverified" not in states(nights)


def test_no_mail_of_a_stranger_keeps_another_waiting(box, monkeypatch):
    nights = box.nights
    junk = b"Subject: x\r\nAuto-Submitted: auto-replied\r\n\r\n"
    for value in (
        b"(" * 1500 + b"a@x.example",
        b"a:" * 30_000,
        b"a\x00@x.example",
        b"a\xe2\x80\xa8@x.example",
        "经办@x.example".encode(),
    ):
        box.put(b"From: " + value + b"\r\n\r\nx")
    for odd in (b"\x0b", b"\x0c", b"\x1c", b"\xc2\x85", b"\xe2\x80\xa8"):
        number = b"Message-ID: <a" + odd + b"@x>\r\n"
        box.put(b"From: a@x.example\r\n" + number + b"\r\nx")
    hidden = "=?utf-8?q?a=0D=0ABcc:_evil@else.example=0D=0A?="
    box.put(f"From: b@x.example\r\nMessage-ID: <{hidden}@x>\r\n\r\nx".encode())
    # alike in their heads, and without a number
    box.put(junk + b"one")
    box.put(junk + b"two")
    box.put(mail(DASHI, ("劳动力.xlsx", bad(OTHER)), number="broken"))
    own = mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1)
    own.replace_header("Message-ID", f"<{hidden}@town.example>")
    box.put(own.as_bytes().replace(b"\n", b"\r\n"))
    read_head = taking_mail.read_head

    def broken_for_one(raw):
        if b"clerk.broken" in raw:
            raise RecursionError
        return read_head(raw)

    with monkeypatch.context() as patch:
        patch.setattr(taking_mail, "read_head", broken_for_one)
        pulled, brought = night(nights)
    assert (pulled["new"], pulled["missed_sources"]) == (1, 0)
    assert brought == {"delivered": 2, "undelivered": 0}
    assert states(nights)["fault"] == 1
    details = [fact.detail for fact in told(nights)]
    assert any("程序读不了" in detail for detail in details)
    for _, letter in box.smtp.letters:
        assert "evil" not in letter.as_string()
        assert letter["Bcc"] is None
    # numbered anew it is the same mail; and what broke is read when we can
    box.imap.forget()
    before = states(nights)
    pulled = pull(nights, NEXT)
    assert (pulled["new"], pulled["missed_sources"]) == (1, 0)
    assert states(nights) == {**before, "taken": 2}


def test_a_warehouse_built_anew_knows_which_mails_were_looked_at(box):
    nights = box.nights
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    pull(nights)
    journal = Journal(Archive.at(nights.settings.archive))
    (entry,) = journal.all_mailed()
    assert entry.state == "taken"
    (path,) = {
        arrived.path
        for arrived in journal.arrivals()
        if "邮件" in arrived.path
    }
    assert path == f"{COUNTY}/{TOWN}/邮件{entry.identity[:12]}/劳动力.xlsx"
    with closing(connect(nights.settings)) as conn:
        conn.execute("update ops.submission set mail_id = null")
        conn.execute("delete from ops.mail_uid")
        conn.execute("delete from ops.mail")
        restore_mails(conn, journal.all_mailed())
        conn.commit()
    pulled = pull(nights, NEXT)
    assert (pulled["new"], pulled["duplicates"]) == (0, 0)


def test_the_archive_alone_knows_what_came_and_went_by_mail(
    box, server, prepared, tmp_path
):
    nights = box.nights
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    box.put(mail(DASHI, ("再报.xlsx", bad(OTHER)), number=2))
    box.put(mail(DASHI, number=3))
    # One answer is tried and never goes.
    box.smtp.refuses = "再报"
    _, brought = night(nights)
    assert brought == {"delivered": 3, "undelivered": 1}
    nights.build(publish_old=False)
    pipeline.close_night(nights.settings, DAY)
    ledger = (
        "select s.source, s.unit_code, s.file_name, s.sha256, s.status from ops.submission as s"
        " where s.source is not null order by 1, 2, 4"
    )
    gone = (
        "select county_code, unit_code, kind, file_name, sha256 from ops.delivery"
        " where delivered_at is not null order by 1, 2, 3, 4"
    )
    seen = "select identity, state, unit_code from ops.mail order by identity"
    before = [nights.rows(query) for query in (ledger, gone, seen)]
    assert len(before[1]) == 3
    fresh = empty_beside(nights, server, prepared, tmp_path / "new")
    assert rebuild(fresh.settings)["left"] == 0
    assert [fresh.rows(query) for query in (ledger, gone, seen)] == before
    # None is taken or answered again, and what we wrote is known where it is met.
    box.smtp.refuses, letter_count = "", len(box.smtp.letters)
    (letter, *_) = box.smtp.to(RONGSHAN)
    books = [
        (name, content)
        for name, content in attached(letter).items()
        if name.endswith(".xlsx")
    ]
    box.put(mail(RONGSHAN, *books, number="back"))
    pulled, brought = night(fresh, NEXT)
    assert (pulled["new"], pulled["duplicates"]) == (0, 0)
    assert brought == {"delivered": 0, "undelivered": 0}
    told_after = box.smtp.letters[letter_count:]
    assert [to for to, _ in told_after] == [[RONGSHAN]]
    assert "没有改动" in told_after[0][1].get_body().get_content()


def test_a_work_list_goes_by_letter_and_comes_back_by_mail(box):
    nights = box.nights
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))

    def listed(day):
        pulled, _ = night(nights, day)
        pipeline.work_lists(nights.settings, day)
        return pulled, pipeline.bring_back(nights.settings, day)

    _, brought = listed(DAY)
    assert brought == {"delivered": 1, "undelivered": 0}
    assert {tuple(to) for to, _ in box.smtp.letters} == {(RONGSHAN,)}
    letter = box.smtp.to(RONGSHAN)[-1]
    ((name, content),) = attached(letter).items()
    assert name == f"待办清单-{TOWN}-{DAY}.xlsx"
    assert "黄格子" in letter.get_body().get_content()
    # The same list is in no second letter.
    letter_count = len(box.smtp.letters)
    assert listed(NEXT)[1]["delivered"] == 0
    assert len(box.smtp.letters) == letter_count
    # Sent back as it came it is ours; filled in it closes its row.
    box.put(mail(RONGSHAN, (name, content), number=2))
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["一、退回的行"]
    columns = {cell.value: cell.column for cell in page[4]}
    page.cell(5, columns["改为"]).value = "县内"
    out = io.BytesIO()
    book.save(out)
    box.put(mail(RONGSHAN, (name, out.getvalue()), number=3))
    pulled, brought = listed(LATER)
    assert pulled["new"] == 1
    assert brought["undelivered"] == 0
    assert nights.statuses()[name][:2] == ("loaded", None)
    still_open = nights.rows(
        "select 1 from ops.finding where verdict = 'Q' and closed_on is null",
        day=LATER,
    )
    assert still_open == []


def test_a_server_that_goes_away_in_the_midst_loses_nothing(box, monkeypatch):
    nights = box.nights
    for number in range(3):
        name = f"劳动力{number}.xlsx"
        box.put(mail(RONGSHAN, (name, bad(TOWN, number)), number=number))
    whole = taking_mail.Mailbox.whole

    def whole_or_cut(self, uid):
        if uid == 2:
            self.line.sock.shutdown(socket.SHUT_RDWR)
        return whole(self, uid)

    with monkeypatch.context() as patch:
        patch.setattr(taking_mail.Mailbox, "whole", whole_or_cut)
        pulled = pull(nights)
    assert (pulled["new"], pulled["missed_sources"]) == (1, 1)
    (fact,) = [
        fact for fact in told(nights) if fact.kind == "source_not_whole"
    ]
    assert fact.title == "县邮箱"
    assert "中断" in fact.detail or "连不上" in fact.detail
    assert pull(nights, NEXT)["new"] == 2
    # a mail that a person moves between the look and the reading is none tonight
    box.put(mail(RONGSHAN, ("后.xlsx", bad(TOWN, 5)), number="moved"))
    with monkeypatch.context() as patch:
        patch.setattr(taking_mail.Mailbox, "whole", lambda self, uid: None)
        assert pull(nights, NEXT)["changing"] == 1
    assert pull(nights, NEXT)["new"] == 1


def test_a_line_that_is_cut_while_letters_go_sends_none_twice(box):
    nights = box.nights
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    box.put(mail(DASHI, ("劳动力.xlsx", bad(OTHER)), number=2))
    box.smtp.cuts_after = 1
    _, brought = night(nights)
    assert brought == {"delivered": 2, "undelivered": 2}
    (fact,) = [fact for fact in told(nights) if fact.kind == "delivery_failed"]
    assert "中断" in fact.detail
    box.smtp.cuts_after = None
    # taken by the server that then fell silent: sent again it has the same number
    box.smtp.answer = "250 OK"
    _, brought = night(nights, NEXT)
    assert brought == {"delivered": 2, "undelivered": 0}
    assert [to for to, _ in box.smtp.letters] == [[RONGSHAN], [DASHI]]
    box.smtp.cuts_after, box.smtp.kept_when_cut = 2, True
    box.put(mail(DASHI, ("再报.xlsx", bad(OTHER, 5)), number=3))
    night(nights, NEXT)
    box.smtp.cuts_after = None
    pipeline.bring_back(nights.settings, NEXT)
    first, again = box.smtp.to(DASHI)[1:]
    assert first["Message-ID"] == again["Message-ID"]
    assert attached(first) == attached(again)


def test_a_letter_that_the_server_chokes_on_keeps_no_other_waiting(
    box, monkeypatch
):
    nights = box.nights
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    box.put(mail(DASHI, ("劳动力.xlsx", bad(OTHER)), number=2))
    night_until_answers(nights)

    def problems(day=DAY):
        return {
            fact.detail
            for fact in told(nights, day)
            if fact.kind == "delivery_failed"
        }

    def no_password(source):
        raise SourcesError("password_file 读不了。")

    with monkeypatch.context() as patch:
        patch.setattr(posting, "smtp_of", no_password)
        brought = pipeline.bring_back(nights.settings, DAY)
        assert brought == {"delivered": 0, "undelivered": 4}
        assert any("读不了" in problem for problem in problems())
        patch.setattr(bringing_back, "post_answers", lambda *_: 1 // 0)
        brought = pipeline.bring_back(nights.settings, DAY)
        assert brought == {"delivered": 0, "undelivered": 4}
        assert any("ZeroDivision" in problem for problem in problems())
    # it looks through letters for longer than it is silent otherwise
    monkeypatch.setattr(post_office, "TIMEOUT", 2)
    box.smtp.takes_seconds, box.smtp.cuts_for = 2.5, RONGSHAN
    brought = pipeline.bring_back(nights.settings, DAY)
    assert brought == {"delivered": 2, "undelivered": 2}
    assert [to for to, _ in box.smtp.letters] == [[DASHI]]
    # what was cut goes behind what was not tried
    box.smtp.takes_seconds, box.smtp.cuts_for = 0, ""
    box.put(mail(DASHI, ("再报.xlsx", bad(OTHER, 5)), number=3))
    night(nights, NEXT)
    assert [to for to, _ in box.smtp.letters[1:]] == [[DASHI], [RONGSHAN]]
    # one enclosure that is never taken holds no other back
    box.put(mail(DASHI, ("三报.xlsx", bad(OTHER, 6)), number=4))
    box.smtp.refuses = "三报"
    _, brought = night(nights, NEXT)
    assert brought == {"delivered": 1, "undelivered": 1}
    letter = box.smtp.letters[-1][1]
    (name,) = attached(letter)
    assert name.endswith(".txt")
    said = letter.get_body().get_content()
    assert "《三报.xlsx.校验.xlsx》没有寄出" in said
    assert "县级数据管理员" in said
    letter_count = len(box.smtp.letters)
    # it is tried again each night, and told of once
    assert pipeline.bring_back(nights.settings, NEXT)["undelivered"] == 1
    assert len(box.smtp.letters) == letter_count
    assert any("拒收信件（554）" in problem for problem in problems(NEXT))


def test_a_mail_that_the_server_does_not_give_keeps_no_other_waiting(
    box, monkeypatch
):
    nights = box.nights
    for number in range(3):
        name = f"劳动力{number}.xlsx"
        box.put(mail(RONGSHAN, (name, bad(TOWN, number)), number=number))
    ask = imaplib.IMAP4.uid

    def refusing(self, command, *words):
        if command == "FETCH" and "2" in words[0].split(","):
            raise imaplib.IMAP4.error("UID command error: BAD damaged")
        return ask(self, command, *words)

    with monkeypatch.context() as patch:
        patch.setattr(imaplib.IMAP4, "uid", refusing)
        pulled = pull(nights)
    assert (pulled["new"], pulled["changing"]) == (2, 1)
    assert pulled["missed_sources"] == 0
    assert pull(nights, NEXT)["new"] == 1


MOMENTS = {
    "the mail is read": (taking_mail, "one_apart"),
    "a file is registered": (taking_mail, "register"),
    "the letter is numbered": (posting, "unit_letter"),
    "the letter has gone": (posting.answers_sent, "note_laid_down"),
}


def killed_at(moment, work):
    """Run something in a child that kills itself at a moment."""
    place, name = MOMENTS[moment]
    child = os.fork()
    if child == 0:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                place,
                name,
                lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL),
            )
            with contextlib.suppress(BaseException):
                work()
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_a_night_that_is_killed_loses_nothing_and_doubles_nothing(box):
    nights = box.nights
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    nights.end()
    pipeline.open_night(nights.settings, DAY, None)
    for moment in list(MOMENTS)[:2]:
        killed_at(moment, lambda: pipeline.pull(nights.settings, DAY, None))
    count = "select count(*) from ops.submission where mail_id is not null"
    assert nights.rows(count) == [(0,)]
    pulled, _ = night_until_answers(nights)
    assert pulled["new"] == 1
    for moment in list(MOMENTS)[2:]:
        killed_at(moment, lambda: pipeline.bring_back(nights.settings, DAY))
    assert pipeline.bring_back(nights.settings, DAY)["delivered"] == 2
    # killed after it went and before that was noted: once more, under the same number
    first, again = box.smtp.to(RONGSHAN)
    assert first["Message-ID"] == again["Message-ID"]
    assert nights.rows(count) == [(1,)]


def night_until_answers(nights):
    pulled = pull(nights)
    pipeline.load_references(nights.settings, DAY, pulled["reference"])
    for batch in pulled["batches"]:
        pipeline.process_batch(nights.settings, DAY, batch)
    return pulled, nights.answer(DAY)


def test_an_address_that_was_given_to_another_unit_gets_nothing_of_the_first(
    box,
):
    nights = box.nights
    box.put(mail(DASHI, ("劳动力.xlsx", bad(OTHER)), number=1))
    night_until_answers(nights)
    text = nights.settings.sources.read_text("utf-8")
    # dashi@ now belongs to the other town; what dashi sent goes to the address that is left
    moved = text.replace(f"[{DASHI}, {DASHI_TOO}]", DASHI_TOO).replace(
        f"address: {RONGSHAN}", f"address: [{RONGSHAN}, {DASHI}]"
    )
    nights.settings.sources.write_text(moved, "utf-8")
    pipeline.bring_back(nights.settings, DAY)
    assert [to for to, _ in box.smtp.letters] == [[DASHI_TOO]]
    # no address is left: nothing goes to anybody, and it is told of
    box.put(mail(DASHI_TOO, ("又.xlsx", bad(OTHER, 4)), number=2))
    night_until_answers(nights)
    kept = [line for line in moved.splitlines() if DASHI_TOO not in line]
    nights.settings.sources.write_text("\n".join(kept), "utf-8")
    brought = pipeline.bring_back(nights.settings, DAY)
    assert brought["delivered"] == 0
    assert brought["undelivered"] > 0
    assert len(box.smtp.letters) == 1
    (fact,) = [fact for fact in told(nights) if fact.kind == "delivery_failed"]
    assert "没有登记" in fact.detail


def test_a_workbook_is_locked_with_the_units_word_both_ways(box):
    nights = box.nights
    text = nights.settings.sources.read_text("utf-8")
    nights.settings.sources.write_text(
        text.replace(
            f"address: {RONGSHAN}",
            f"address: {RONGSHAN}, encrypt: true, password: '${{YIKU_WORD}}'",
        ),
        "utf-8",
    )
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    night(nights)
    (letter,) = box.smtp.to(RONGSHAN)
    assert "口令" in letter.get_body().get_content()
    assert WORD not in letter.as_string()
    book = next(
        content
        for called, content in attached(letter).items()
        if called.endswith(".xlsx")
    )
    out = io.BytesIO()
    file = msoffcrypto.OfficeFile(io.BytesIO(book))
    assert file.is_encrypted()
    file.load_key(password=WORD)
    file.decrypt(out)
    page = openpyxl.load_workbook(out)["名单"]
    assert page.max_row > 10
    # sent back as it is, still locked: known as ours
    box.put(mail(RONGSHAN, ("退件.xlsx", book), number="back"))
    assert pull(nights, NEXT)["new"] == 0
    assert states(nights) == {"taken": 1, "nothing": 1}


def test_what_is_too_large_to_be_attached_is_named_with_where_it_is(
    box, monkeypatch
):
    nights = box.nights
    box.write("link: https://files.county.example/outbox")
    monkeypatch.setattr("yiku.intake.mail_place.BYTES_A_MB", 200)
    box.write(
        "link: https://files.county.example/outbox",
        "attachment_mb: 20",
        "limit_mb: 9999",
    )
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    _, brought = night(nights)
    assert brought["undelivered"] == 0
    letters = box.smtp.to(RONGSHAN)
    names = [called for letter in letters for called in attached(letter)]
    assert names == [f"R20171120-{TOWN}-0001.txt"]
    said = "".join(letter.get_body().get_content() for letter in letters)
    link = f"https://files.county.example/outbox/{DAY}/{COUNTY}/{TOWN}/"
    assert link in said


def test_no_letter_is_larger_than_its_server_takes(box):
    nights = box.nights
    for number in range(4):
        rows = bad(TOWN, 2 + number)
        box.put(mail(RONGSHAN, (f"第{number}份.xlsx", rows), number=number))
    # Room for two workbooks and their receipts, or three.
    box.smtp.takes_bytes = 40_000
    _, brought = night(nights)
    assert brought["undelivered"] == 0
    letters = box.smtp.to(RONGSHAN)
    assert len(letters) > 1
    sizes = [len(letter.as_bytes()) for letter in letters]
    assert max(sizes) <= box.smtp.takes_bytes
    enclosed = [name for letter in letters for name in attached(letter)]
    books = [name for name in enclosed if name.endswith(".xlsx")]
    # None twice, none left out.
    assert len(set(enclosed)) == len(enclosed) == brought["delivered"]
    assert books


def test_of_many_files_the_first_are_taken_and_the_rest_told_of(
    box, monkeypatch
):
    nights = box.nights
    monkeypatch.setattr(mail_files, "_MOST_FILES", 2)
    files = [(f"第{n}份.xlsx", bad(TOWN, 2 + n)) for n in range(3)]
    box.put(mail(RONGSHAN, *files, number=1))
    pulled, _ = night(nights)
    assert pulled["new"] == 2
    said = "".join(
        letter.get_body().get_content() for letter in box.smtp.to(RONGSHAN)
    )
    assert said.count("来信的附件太多") == 1


def test_what_stands_behind_the_end_of_a_mail_is_told_of(box):
    nights = box.nights
    whole = mail(
        RONGSHAN, ("劳动力.xlsx", bad(TOWN)), ("再.xlsx", b"x"), number=1
    ).as_bytes(policy=policy.SMTP)
    boundary = whole.partition(b'boundary="')[2].partition(b'"')[0]
    # A gateway closed the mail before its last part.
    head, _, last = whole.rpartition(b"--" + boundary + b"\r\n")
    closed = head + b"--" + boundary + b"--\r\n" + last
    box.put(closed)
    never = mail(DASHI, ("劳动力.xlsx", bad(OTHER)), number=2)
    lost = never.as_bytes(policy=policy.SMTP).replace(b"\r\n--", b"\r\n-")
    box.put(lost)
    pulled, _ = night(nights)
    assert pulled["new"] == 1
    for address in (RONGSHAN, DASHI):
        (letter,) = box.smtp.to(address)
        assert "取不出来的部分" in letter.get_body().get_content()


def test_locked_workbooks_in_a_bundle_are_opened_with_the_units_word(box):
    nights = box.nights
    text = nights.settings.sources.read_text("utf-8")
    nights.settings.sources.write_text(
        text.replace(
            f"address: {RONGSHAN}",
            f"address: {RONGSHAN}, encrypt: true, password: '${{YIKU_WORD}}'",
        ),
        "utf-8",
    )
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as out:
        out.writestr("一村.xlsx", locked(bad(TOWN), WORD))
        out.writestr("二村.xlsx", locked(bad(TOWN, 4), "别的口令"))
    box.put(mail(RONGSHAN, ("报表.zip", bundle.getvalue()), number=1))
    night(nights)
    came = dict(
        nights.rows(
            "select file_name, reason from ops.submission where source is not null"
        )
    )
    reasons = {name.rsplit("/")[-1]: reason for name, reason in came.items()}
    assert reasons["二村.xlsx"] == "F05"
    assert reasons["一村.xlsx"] != "F05"


def test_a_box_full_of_junk_and_bombs_is_answered_by_few_letters(box):
    nights = box.nights
    for number in range(JUNK):
        box.put(mail(f"junk{number}@spam.example", number=number))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("大.xlsx", b"\0" * 250_000_000)
    box.put(mail(RONGSHAN, ("炸.zip", bomb.getvalue()), number="bomb"))
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n'
        % (n, n)
        for n in range(3000)
    )
    box.put(b"From: %s\r\nMessage-ID: <deep@x>\r\n" % DASHI.encode() + deep)
    pulled, _ = night(nights)
    assert pulled["new"] + pulled["rejected"] == 1
    strangers = [
        to for to, _ in box.smtp.letters if to[0].endswith("@spam.example")
    ]
    assert len(strangers) == taking_mail.STRANGERS_A_DAY
    assert states(nights)["unknown"] == JUNK
    assert len(box.smtp.to(RONGSHAN)) == 1
    (letter,) = box.smtp.to(DASHI)
    assert "取不出来" in letter.get_body().get_content()


def test_taken_mails_are_moved_where_that_is_asked_for(box):
    nights = box.nights
    box.write("filed_in: 已收")
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    box.put(mail("junk@spam.example", number=2))
    assert pull(nights)["new"] == 1
    assert len(box.imap.lying()) == 1
    assert len(box.imap.lying(".&XfJlNg-")) == 1
    assert pull(nights, NEXT)["new"] == 0


def test_answers_cross_from_a_share_to_mail_and_from_mail_to_a_share(
    box, tmp_path
):
    nights, share = box.nights, tmp_path / "share"
    (share / f"{COUNTY}/{OTHER}").mkdir(parents=True)
    (share / f"{COUNTY}/{OTHER}/劳动力.xlsx").write_bytes(bad(OTHER))
    folder = f"  - {{name: 共享盘, kind: folder, location: {share}, answers: 县邮箱}}"
    box.write("answers: 共享盘", senders=folder)
    box.put(mail(RONGSHAN, ("劳动力.xlsx", bad(TOWN)), number=1))
    _, brought = night(nights)
    assert brought == {"delivered": 4, "undelivered": 0}
    assert [to for to, _ in box.smtp.letters] == [[DASHI]]
    assert len(list((share / f"{COUNTY}/{TOWN}/退回").rglob("*.xlsx"))) == 1


def test_the_check_says_whether_a_mailbox_can_be_read_and_written_by(
    box, tmp_path
):
    home = tmp_path / "home"
    environment = {
        "PATH": os.environ["PATH"],
        "YIKU_HOME": str(home),
        "YIKU_SOURCES": str(box.nights.settings.sources),
        "YIKU_MAIL_PASSWORD": PASSWORD,
    }

    def check(**more):
        return subprocess.run(
            [sys.executable, "-m", "yiku.cli", "sources", "check"],
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    done = check()
    assert (done.returncode, "可以打开，0 封邮件" in done.stdout) == (0, True)
    assert "Authentication-Results" not in done.stdout
    box.write("authserv: mx.own")
    assert "删去来信自带的" in check().stdout
    box.write()
    done = check(YIKU_MAIL_PASSWORD="wrong")
    assert (done.returncode, "授权码" in done.stdout) == (1, True)
    text = box.nights.settings.sources.read_text("utf-8")
    smtp = f"smtp://localhost:{box.smtp.port}"
    nowhere = f"smtp://localhost:{mail_servers.free_port()}"
    box.nights.settings.sources.write_text(text.replace(smtp, nowhere))
    done = check()
    assert (done.returncode, "不能寄信" in done.stdout) == (1, True)
    doubled = text.replace(f"[{DASHI}, {DASHI_TOO}]", RONGSHAN)
    box.nights.settings.sources.write_text(doubled)
    done = check()
    assert done.returncode == 2
    assert "同一个邮箱地址登记给了两个单位" in done.stderr
    assert RONGSHAN not in done.stderr
