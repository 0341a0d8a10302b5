"""Digests sent for real: to an SMTP server and to an HTTP server that the tests start."""

import contextlib
import json
import socket
import threading
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from yiku.notices import (
    ChannelDownError,
    ChannelRefusedError,
    NoticeFact,
    build_digests,
    deliver,
    notify,
    send,
)
from yiku.notices.alarm import alarm
from yiku.notices.digests import Enclosure
from yiku.notices.facts import facts_of, list_title
from yiku.notices.night import LedgerLog
from yiku.notices.recipients import (
    Channel,
    MailServer,
    Recipient,
    RecipientBook,
    RecipientsError,
)
from yiku.settings import SettingsError

DAY = date(2017, 11, 20)
FACT = NoticeFact(
    "quarantined",
    "510802",
    "510802101",
    "转移就业人员名单",
    3,
    "日期不存在3",
    "a.校验.xlsx",
)


def recipient(*channels):
    return Recipient(
        "dashi",
        "大石镇经办员",
        "town_clerk",
        "510802",
        ("510802101",),
        channels,
    )


def digest(*channels):
    return build_digests([recipient(*channels)], [FACT], DAY)[0]


class Mailbox:
    def __init__(self):
        self.mails, self.answer = [], "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.mails.append(
                message_from_bytes(envelope.content, policy=policy.default)
            )
        return self.answer


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def mailbox():
    box = Mailbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


class Robot(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, body))
        status, answer = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def robot():
    server = HTTPServer(("127.0.0.1", 0), Robot)
    server.got, server.answer = [], (200, {"errcode": 0, "errmsg": "ok"})
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}
    )
    thread.start()
    server.url = (
        f"http://127.0.0.1:{server.server_port}/robot/send?access_token=abc"
    )
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_mail_arrives_in_chinese_with_text_and_page(mailbox, tmp_path):
    send(
        digest(),
        Channel("mail", to="clerk@example.org"),
        tmp_path,
        MailServer(f"smtp://127.0.0.1:{mailbox.port}", "yiku@example.org"),
    )
    (mail,) = mailbox.mails
    assert (
        mail["Subject"] == "【一库】2017-11-20 大石镇经办员：退回待更正的行3行"
    )
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == (
        "clerk@example.org",
        "yiku@example.org",
        "auto-generated",
    )
    assert "退回3行" in mail.get_body(("plain",)).get_content()
    assert "<h3>" in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("451 later", ChannelDownError), ("550 never", ChannelRefusedError)],
)
def test_a_server_that_says_later_is_down_and_one_that_says_never_refuses(
    mailbox, tmp_path, answer, fault
):
    mailbox.answer = answer
    server = MailServer(f"smtp://127.0.0.1:{mailbox.port}", "yiku@example.org")
    with pytest.raises(fault):
        send(
            digest(), Channel("mail", to="clerk@example.org"), tmp_path, server
        )


def test_a_wrong_password_is_loud_and_not_shown(tmp_path):
    port = free_port()
    controller = Controller(
        Mailbox(), hostname="127.0.0.1", port=port, auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
    )  # fmt: skip
    controller.start()
    try:
        server = MailServer(
            f"smtp://user:geheim@127.0.0.1:{port}", "yiku@example.org"
        )
        with pytest.raises(ChannelRefusedError) as fault:
            send(
                digest(),
                Channel("mail", to="clerk@example.org"),
                tmp_path,
                server,
            )
        assert "geheim" not in str(fault.value)
    finally:
        controller.stop()


def test_no_mail_server_at_all_is_down_and_a_wrong_address_is_ours(tmp_path):
    channel = Channel("mail", to="clerk@example.org")
    with pytest.raises(ChannelDownError):
        send(
            digest(),
            channel,
            tmp_path,
            MailServer("smtp://127.0.0.1:1", "yiku@example.org"),
        )
    with pytest.raises(ChannelRefusedError):
        send(
            digest(),
            channel,
            tmp_path,
            MailServer("mail.example.org", "yiku@example.org"),
        )


def test_the_three_robots_get_what_they_understand(robot, tmp_path):
    for kind in ("dingtalk", "wecom", "feishu"):
        send(digest(), Channel(kind, url=robot.url), tmp_path)
    ding, wecom, feishu = (body for _, body in robot.got)
    assert ding["msgtype"] == wecom["msgtype"] == "text"
    assert (
        ding["text"]["content"]
        == wecom["text"]["content"]
        == feishu["content"]["text"]
        == digest().text
    )
    assert feishu["msg_type"] == "text"
    assert {path for path, _ in robot.got} == {"/robot/send?access_token=abc"}


def test_a_secret_signs_the_message_once(robot, tmp_path):
    send(digest(), Channel("dingtalk", url=robot.url, secret="SEC1"), tmp_path)
    send(digest(), Channel("feishu", url=robot.url, secret="SEC1"), tmp_path)
    query = parse_qs(urlsplit(robot.got[0][0]).query)
    assert query["access_token"] == ["abc"]
    assert len(query["sign"][0]) == 44
    assert query["sign"][0].endswith("=")  # base64 as it is, not encoded twice
    assert len(robot.got[1][1]["sign"]) == 44


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (
            (200, {"errcode": 310000, "errmsg": "keywords not in content"}),
            ChannelRefusedError,
        ),
        (
            (200, {"code": 19021, "msg": "sign match fail"}),
            ChannelRefusedError,
        ),
        ((404, {}), ChannelRefusedError),
        ((200, ["?"]), ChannelRefusedError),
        (
            (200, {"errcode": 45009, "errmsg": "api freq out of limit"}),
            ChannelDownError,
        ),
        ((502, {}), ChannelDownError),
        ((429, {}), ChannelDownError),
    ],
)
def test_an_answer_is_read_and_not_only_its_status(
    robot, tmp_path, answer, fault
):
    robot.answer = answer
    with pytest.raises(fault) as raised:
        send(digest(), Channel("wecom", url=robot.url), tmp_path)
    assert "abc" not in str(raised.value)


def test_a_robot_that_cannot_be_reached_is_down_and_an_address_that_is_none_is_ours(
    tmp_path,
):
    with pytest.raises(ChannelDownError):
        send(
            digest(),
            Channel("feishu", url="http://127.0.0.1:1/hook"),
            tmp_path,
        )
    with pytest.raises(ChannelRefusedError):
        send(digest(), Channel("feishu", url="hook"), tmp_path)


def test_any_other_service_goes_through_apprise(robot, tmp_path):
    robot.answer = (200, {})
    send(
        digest(),
        Channel("apprise", url=f"json://127.0.0.1:{robot.server_port}/"),
        tmp_path,
    )
    assert "退回3行" in robot.got[0][1]["message"]
    with pytest.raises(ChannelRefusedError):
        send(digest(), Channel("apprise", url="nonsense"), tmp_path)


def test_one_channel_down_keeps_no_other_waiting_and_a_retry_sends_only_the_rest(
    warehouse, robot, tmp_path
):
    robot.answer = (503, {})
    away, here = Channel("wecom", url=robot.url), Channel("outbox")
    book = RecipientBook((recipient(away, here),))
    log = LedgerLog(warehouse)
    made = build_digests(book.recipients, [FACT], DAY)
    with pytest.raises(ChannelDownError, match="dashi"):
        deliver(made, book, tmp_path, log)
    assert (tmp_path / "2017-11-20" / "digests" / "dashi.txt").exists()
    robot.answer = (200, {"errcode": 0})
    assert deliver(made, book, tmp_path, log).sent == 1
    again = deliver(made, book, tmp_path, log)
    assert (again.sent, again.unchanged) == (0, 2)


def enclosed_in(mails):
    return [
        [
            (part.get_filename(), part.get_content())
            for part in mail.iter_attachments()
        ]
        for mail in mails
    ]


def test_a_bulletin_goes_with_a_mail_to_each_role_once(
    warehouse, mailbox, tmp_path
):
    """The county's offices and its towns' leaders; a robot's message and a clerk's mail bring none."""
    mail = Channel("mail", to="leader@example.org")
    leader = Recipient(
        "dashi-leader", "大石镇分管领导", "town_leader", "510802",
        ("510802101",), (mail,),
    )  # fmt: skip
    office = Recipient(
        "office", "就业局", "county_employment", "510802", (), (mail,)
    )
    elsewhere = Recipient(
        "elsewhere", "就业局", "county_employment", "510823", (), (mail,)
    )
    server = MailServer(f"smtp://127.0.0.1:{mailbox.port}", "yiku@example.org")
    people = (leader, office, elsewhere, recipient(mail))
    book = RecipientBook(people, server)
    issue = NoticeFact(
        "bulletin", "510802", None, "2017年10月通报", detail="印发",
        enclosure=Enclosure("bulletin 1", "2017年10月通报.docx", b"a document"),
    )  # fmt: skip
    log = LedgerLog(warehouse)
    mailbox.answer = "451 later"
    with pytest.raises(ChannelDownError):
        deliver(build_digests(people, [issue], DAY), book, tmp_path, log)
    mailbox.answer = "250 OK"
    deliver(build_digests(people, [issue], DAY), book, tmp_path, log)
    assert enclosed_in(mailbox.mails) == [
        [("2017年10月通报.docx", b"a document")],
        [("2017年10月通报.docx", b"a document")],
    ]
    # Spoken of again beside something new, it does not come again.
    late = NoticeFact("target_red", "510802", None, "转移就业")
    visits = replace(FACT, kind="revisit_overdue", age=12)
    deliver(
        build_digests(people, [issue, late, visits], DAY), book, tmp_path, log
    )
    assert len(mailbox.mails) > 2
    assert not any(enclosed_in(mailbox.mails[2:]))


class Nothing:
    """Remembers nothing of what was sent."""

    def last(self, recipient, channel):
        return None

    def add(self, digest, channel, fingerprint):
        return None


@pytest.mark.parametrize(
    "answer", [(503, {}), (404, {}), (200, {"errcode": 310000})]
)
def test_what_a_channel_cannot_carry_lies_in_the_outbox(
    robot, tmp_path, answer
):
    robot.answer = answer
    book = RecipientBook((recipient(Channel("wecom", url=robot.url)),))
    with pytest.raises((ChannelDownError, ChannelRefusedError)):
        deliver(
            build_digests(book.recipients, [FACT], DAY),
            book,
            tmp_path,
            Nothing(),
        )
    assert "退回3行" in (
        tmp_path / "2017-11-20" / "digests" / "dashi.txt"
    ).read_text("utf-8")


def test_a_channel_that_breaks_keeps_no_other_waiting(
    robot, tmp_path, monkeypatch
):
    def broken(channel, text):
        raise KeyError("a fault of ours")

    monkeypatch.setattr("yiku.notices.channels._post", broken)
    book = RecipientBook(
        (recipient(Channel("wecom", url=robot.url), Channel("outbox")),)
    )
    with pytest.raises(KeyError):
        deliver(
            build_digests(book.recipients, [FACT], DAY),
            book,
            tmp_path,
            Nothing(),
        )
    assert (tmp_path / "2017-11-20" / "digests" / "dashi.txt").exists()


UNUSABLE = [
    "recipients: [",
    "recipients: [{id: a, name: b, role: boss}]",
    "mail: {server: '${YIKU_NOT_SET}', sender: a}",
]


@pytest.mark.parametrize("text", UNUSABLE)
def test_a_file_of_recipients_that_cannot_be_used_silences_neither_digest_nor_alarm(
    warehouse, settings, text
):
    settings.home.mkdir(parents=True, exist_ok=True)
    settings = replace(settings, recipients=settings.home / "recipients.yml")
    settings.recipients.write_text(text, "utf-8")
    failed = [NoticeFact("pipeline_failed", None, None, "dbt", 1, "失败")]
    with pytest.raises((RecipientsError, SettingsError)):
        notify(warehouse, settings, DAY, failed)
    told = settings.outbox / "2017-11-20" / "digests" / "平台-engineer.txt"
    assert "dbt" in told.read_text("utf-8")
    alarm(settings, DAY, "notify", "manual__1")
    assert "收件人文件无法使用" in told.read_text("utf-8")


def test_a_night_is_told_from_the_ledger(warehouse, settings):
    add = (
        "insert into ops.submission (business_date, county_code, unit_code, file_name, sha256, template, status,"
        " reason, rows_read, rows_loaded, rows_quarantined, receipt_no, archive_key, size_bytes)"
        " values (%s, '510802', '510802101', %s, %s, 'L3', %s, %s, %s, %s, %s, %s, 'k', 1) returning submission_id"
    )
    rows = [
        (
            DAY,
            "务工名单.xlsx",
            "a",
            "partly_loaded",
            None,
            10,
            8,
            2,
            "R20171120-510802101-0001",
        ),
        (
            DAY,
            "坏.xlsx",
            "b",
            "rejected",
            "F06",
            0,
            0,
            0,
            "R20171120-510802101-0002",
        ),
    ]
    first, _ = (warehouse.execute(add, row).fetchone()[0] for row in rows)
    for row_no, rule in ((5, "I08"), (6, "I08"), (6, "T06")):
        warehouse.execute(
            "insert into ops.finding (submission_id, sheet, row_no, rule, verdict, message)"
            " values (%s, 'Sheet1', %s, %s, 'Q', '')",
            (first, row_no, rule),
        )
    warehouse.commit()
    more = [NoticeFact("pipeline_failed", None, None, "dbt", 1, "失败")]
    assert notify(warehouse, settings, DAY, more).sent == 3
    folder = settings.outbox / "2017-11-20" / "digests"
    text = (folder / "510802101-town_clerk.txt").read_text("utf-8")
    assert "退回2行（" in text
    assert "2017-11-20/510802/510802101/务工名单.xlsx.校验.xlsx" in text
    assert "《坏.xlsx》" in text
    assert notify(warehouse, settings, DAY, more).sent == 0


def received(warehouse, receipt):
    """Put a file into the ledger; return its number."""
    return warehouse.execute(
        "insert into ops.submission (business_date, county_code, unit_code, file_name, sha256, status, receipt_no,"
        " archive_key, size_bytes) values (%s, '510802', '510802101', 'a.xlsx', %s, 'received', %s, 'k', 1)"
        " returning submission_id",
        (DAY, receipt, receipt),
    ).fetchone()[0]


def test_a_night_is_told_from_the_marts(warehouse):
    warehouse.execute("create schema if not exists mart")
    sides = "a_submission_id bigint, a_row_no integer, b_submission_id bigint, b_row_no integer"
    one, two = (
        received(warehouse, "R20171120-510802101-0001"),
        received(warehouse, "R20171120-510802102-0004"),
    )
    for name, columns, row in (
        ("status_conflict", "kind text, is_open boolean, a_county_code text, a_town_code text, b_county_code text,"
         f" b_town_code text, {sides}", ("L3xL5", True, "510802", "510802101", "510802", "510802102", one, 5, two, 9)),
        ("subsidy_duplicate", f"county_code text, policy text, kind text, measure text, {sides}",
         ("510802", "培训补贴", "k", "停发", one, 3, None, None)),
        ("revisit_due", "county_code text, town_code text, visit_type text, is_overdue boolean, told_to text,"
         " due_on date",
         ("510802", "510802101", "定期", True, "乡", DAY)),
        ("target_progress", "county_code text, town_code text, level text, indicator text, indicator_name text,"
         " actual numeric, target numeric, uom text, done_pct numeric, pace numeric",
         ("510802", None, "county", "i1", "培训人数", 100, 1690, "人", 5.9, 0.06)),
        ("list_due", "county_code text, unit_code text, list_title text, period text, due_on date,"
         " workdays_late integer, state text",
         ("510802", "510802101", "转移就业名单", "2017-10", DAY, 1, "未报")),
        ("pairing_gap", "county_code text, kind text, kind_name text, item_count integer",
         ("510802", "zombie", "僵尸结对", 7)),
        ("pairing_shortfall", "county_code text, kind text, kind_name text, industry text, item_count integer,"
         " people_needed integer", ("510802", "household_technician", "贫困户没有可配的技术员", "核桃", 41, 2)),
        ("pairing_proposal", "county_code text, kind text, kind_name text, is_standing boolean",
         ("510802", "village_chief", "贫困村—团长", False)),
    ):  # fmt: skip
        warehouse.execute(
            f"drop table if exists mart.{name}; create table mart.{name} ({columns})"
        )
        places = ", ".join(["%s"] * len(row))
        warehouse.execute(f"insert into mart.{name} values ({places})", row)
    # Of experts who carry too much the persons are counted, not what each carries too much.
    warehouse.execute(
        "insert into mart.pairing_gap values ('510802', 'overloaded', '超负荷', 5)"
    )
    warehouse.execute(
        "insert into mart.pairing_gap values ('510802', 'overloaded', '超负荷', 3)"
    )
    warehouse.execute(
        "insert into mart.pairing_shortfall values"
        " ('510802', 'household_technician', '贫困户没有可配的技术员', '核桃', 3, 1),"
        " ('510802', 'household_technician', '贫困户没有可配的技术员', '茶叶', 2, 1),"
        " ('510802', 'village_chief', '贫困村没有可配的团长', null, 1, 1);"
        " insert into mart.pairing_proposal values ('510802', 'village_chief', '贫困村—团长', true)"
    )
    told = {
        (f.kind, f.unit, f.title, f.count, f.detail, f.age)
        for f in facts_of(warehouse, DAY, "outbox")
    }
    case = "R20171120-510802101-0001第5行与R20171120-510802102-0004第9行"
    assert told == {
        (
            "conflict",
            "510802101",
            f"{list_title('L3')}与{list_title('L5')}",
            1,
            case,
            0,
        ),
        (
            "conflict",
            "510802102",
            f"{list_title('L3')}与{list_title('L5')}",
            1,
            case,
            0,
        ),
        (
            "subsidy_duplicate",
            None,
            "培训补贴",
            1,
            "停发：R20171120-510802101-0001第3行",
            0,
        ),
        ("revisit_overdue", "510802101", "定期回访", 1, "", 5),
        ("target_red", "county", "培训人数", 1, "完成100/1690人（6%）", 0),
        ("unpaired", None, "僵尸结对", 7, "", 0),
        ("unpaired", None, "超负荷", 2, "", 0),
        (
            "shortfall",
            None,
            "贫困户没有可配的技术员（核桃）",
            44,
            "需引进3人",
            0,
        ),
        (
            "shortfall",
            None,
            "贫困户没有可配的技术员（茶叶）",
            2,
            "需引进1人",
            0,
        ),
        ("shortfall", None, "贫困村没有可配的团长", 1, "需引进1人", 0),
        ("proposed", None, "贫困村—团长", 1, "", 0),
        (
            "missing",
            "510802101",
            "2017-10《转移就业名单》",
            1,
            f"截止{DAY}",
            1,
        ),
    }


def test_what_was_told_last_is_told_last_also_where_the_clock_was_set_back(
    warehouse,
):
    sent = LedgerLog(warehouse)
    first, second = (
        build_digests(
            [recipient(Channel("outbox"))], [replace(FACT, count=n)], DAY
        )[0]
        for n in (1, 2)
    )
    sent.add(first, "outbox#0", first.fingerprint)
    warehouse.execute(
        "update ops.digest_sent set sent_at = sent_at + interval '2 years'"
    )
    sent.add(second, "outbox#0", second.fingerprint)
    assert sent.last("dashi", "outbox#0") == second.fingerprint
    sent.add(first, "outbox#0", first.fingerprint)
    assert sent.last("dashi", "outbox#0") == first.fingerprint


def waiting_at(server: socket.socket) -> int:
    """Return how many connections wait to be taken."""
    server.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def test_a_server_that_never_answers_keeps_a_thousand_recipients_waiting_three_times(
    warehouse, robot, tmp_path, monkeypatch
):
    monkeypatch.setattr("yiku.notices.channels.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as silent:
        port = silent.getsockname()[1]
        mail = Channel("mail", to="clerk@example.org")
        dead = Channel("wecom", url=f"http://127.0.0.1:{port}/robot")
        here = Channel("wecom", url=robot.url)
        people = [
            replace(recipient(mail, dead, here), id=f"clerk-{number}")
            for number in range(200)
        ]
        server = MailServer(f"smtp://127.0.0.1:{port}", "yiku@example.org")
        book = RecipientBook(tuple(people), server)
        made = build_digests(people, [FACT], DAY)
        with pytest.raises(ChannelDownError):
            deliver(made, book, tmp_path, LedgerLog(warehouse))
        assert waiting_at(silent) == 6  # three letters, three messages
    assert len(robot.got) == 200
    texts = list((tmp_path / "2017-11-20" / "digests").glob("*.txt"))
    assert len(texts) == 200
