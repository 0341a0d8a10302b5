from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yiku.notices import (
    NoticeFact,
    RecipientsError,
    build_digests,
    load_recipients,
    should_send,
)
from yiku.notices.channels import pieces, write_to_outbox
from yiku.notices.digests import LINES, build_digest, first_workday_of_week
from yiku.notices.facts import list_title, workdays_between
from yiku.notices.kinds import load_kinds
from yiku.notices.recipients import (
    Recipient,
    outbox_recipients,
    parse_recipients,
)

MONDAY, TUESDAY = date(2017, 11, 20), date(2017, 11, 21)
CLERK = Recipient(
    "clerk", "大石镇经办员", "town_clerk", "510802", ("510802101",)
)
COUNTY = Recipient("county", "利州区数据员", "county_officer", "510802")
BACK = NoticeFact(
    "quarantined",
    "510802",
    "510802101",
    "转移就业人员名单",
    3,
    "身份证号校验位不对2、日期不存在1",
    "outbox/a.校验.xlsx",
)
GOT = NoticeFact(
    "received",
    "510802",
    "510802101",
    "转移就业人员名单《a.xlsx》",
    1,
    "读取120行，入库117行，退回3行",
)

CONFIG = """
link: https://files.example/outbox
mail: {server: "${YIKU_SMTP}", sender: yiku@example.org}
recipients:
  - id: dashi
    name: 大石镇经办员
    role: town_clerk
    county: 510802
    units: [510802101]
    channels:
      - {kind: mail, to: "${YIKU_MAIL_DASHI}"}
      - {kind: dingtalk, url: "https://example.org/robot?access_token=${YIKU_TOKEN}", secret: "${YIKU_TOKEN}"}
  - {id: all, name: 平台, role: engineer}
"""


def test_a_digest_says_what_matters_first_and_fits_a_screen():
    digest = build_digest(CLERK, [GOT, BACK], MONDAY)
    assert digest.text == (
        "【一库】2017-11-20 大石镇经办员：退回待更正的行3行\n"
        "1. 退回待更正的行（3行）\n"
        "  · 转移就业人员名单：退回3行（身份证号校验位不对2、日期不存在1） → outbox/a.校验.xlsx\n"
        "2. 已收到（1份）\n"
        "  · 转移就业人员名单《a.xlsx》：读取120行，入库117行，退回3行\n"
        "请只改正退回的行，于12月4日前重新上报；改原文件或校验表均可。\n"
        "In English: quarantined 3, received 1."
    )
    assert "<h3>【一库】" in digest.html


def test_a_long_night_is_cut_with_a_count_of_what_is_left_out():
    facts = [
        NoticeFact(k, "510802", "510802101", f"表{i}", 1, "原因", age=20)
        for k in load_kinds().by_name
        for i in range(9)
    ]
    for role in load_kinds().roles:
        digest = build_digest(
            Recipient(role, "某", role, "510802"), facts, MONDAY
        )
        assert len(digest.text.splitlines()) <= LINES + 3
        assert "另有" in digest.text


def test_everybody_hears_of_their_own_business_only():
    other = NoticeFact(
        "quarantined", "510802", "510802102", "就业培训人员名单", 1
    )
    abroad = NoticeFact("anomaly", "510821", "510821100", "《b.xlsx》")
    digests = build_digests([CLERK, COUNTY], [BACK, other, abroad], MONDAY)
    assert [d.recipient.id for d in digests] == ["clerk"]
    assert digests[0].facts == (BACK,)


def test_who_has_several_units_reads_which_one():
    bureau = Recipient("bureau", "利州区就业局", "county_employment", "510802")
    fact = NoticeFact(
        "conflict",
        "510802",
        "510802101",
        "已死亡与转移就业名单",
        place="大石镇",
    )
    assert (
        "  · 大石镇：已死亡与转移就业名单：1件\n"
        in build_digest(bureau, [fact], MONDAY).text
    )
    assert (
        "  · 已死亡与转移就业名单：1件\n"
        in build_digest(CLERK, [fact], MONDAY).text
    )


def test_rows_that_nobody_mends_go_up_to_the_county_after_ten_workdays():
    def told(age):
        late = NoticeFact(
            "quarantined", "510802", "510802101", "名单", 3, age=age
        )
        return {
            d.recipient.id: d.fingerprint
            for d in build_digests([CLERK, COUNTY], [late], MONDAY)
        }

    assert set(told(0)) == {"clerk"}
    assert told(0) == told(4)  # a day more is no news
    assert told(5)["clerk"] != told(0)["clerk"]  # the reminder is
    assert set(told(10)) == {"clerk", "county"}


def test_what_has_not_changed_is_not_sent_again():
    first, again = (
        build_digest(CLERK, [BACK, GOT], MONDAY),
        build_digest(CLERK, [GOT, BACK], TUESDAY),
    )
    assert should_send(first, None)
    assert not should_send(again, first.fingerprint)
    mended = NoticeFact(
        "quarantined", "510802", "510802101", "转移就业人员名单", 2
    )
    assert should_send(
        build_digest(CLERK, [mended], TUESDAY), first.fingerprint
    )


def test_weekly_facts_come_on_the_first_workday_of_a_week():
    due = NoticeFact("revisit_due", "510802", "510802101", "定期回访", 4)
    assert build_digest(CLERK, [due], MONDAY) is not None
    assert build_digest(CLERK, [due], TUESDAY) is None
    assert first_workday_of_week(
        date(2017, 10, 9)
    )  # the week after the holidays
    assert not first_workday_of_week(date(2017, 10, 2))


@given(
    st.text(max_size=20),
    st.sampled_from(
        [
            "510802198503129985",
            "51080219650615997X",
            "13812345679",
            "138 1234 5679",
        ]
    ),
)
def test_no_number_of_a_person_gets_through(text, number):
    fact = NoticeFact(
        "rejected",
        "510802",
        "510802101",
        f"《{text}名单{number}.xlsx》",
        1,
        number,
        number,
    )
    digest = build_digest(CLERK, [fact], MONDAY)
    for shown in (digest.text, digest.html, digest.subject):
        assert number not in shown


def test_a_page_holds_no_markup_of_others():
    fact = NoticeFact(
        "rejected", "510802", "510802101", "《<script>.xlsx》", 1, "打不开"
    )
    assert "<script>" not in build_digest(CLERK, [fact], MONDAY).html


def test_an_unknown_kind_is_our_fault():
    with pytest.raises(KeyError):
        build_digest(CLERK, [NoticeFact("nonsense", None, None, "x")], MONDAY)


def test_every_role_and_kind_fits_together():
    kinds = load_kinds()
    assert {
        r
        for k in kinds.by_name.values()
        for _, roles in k.steps
        for r in roles
    } == set(kinds.roles)


def test_the_configuration_takes_secrets_from_the_environment():
    known = {
        "${YIKU_SMTP}": "smtp://u:geheim@mail",
        "${YIKU_MAIL_DASHI}": "a@example.org",
    }

    def expand(text):
        for name, value in known.items():
            text = text.replace(name, value)
        return text.replace("${YIKU_TOKEN}", "geheim")

    book = parse_recipients(CONFIG, expand)
    assert book.mail.url == "smtp://u:geheim@mail"
    first = book.recipients[0]
    assert (first.county, first.units, [c.kind for c in first.channels]) == (
        "510802",
        ("510802101",),
        ["mail", "dingtalk"],
    )
    assert (
        first.channels[1].url
        == "https://example.org/robot?access_token=geheim"
    )
    assert [c.kind for c in book.recipients[1].channels] == ["outbox"]
    assert "geheim" not in repr(book)
    assert book.recipients[1].covers("510821", "510821100")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("recipients: [{id: a, name: b}]", "缺少 role"),
        ("recipients: [{id: a, name: b, role: boss}]", "role 应为"),
        (
            "recipients: [{id: a, name: b, role: engineer, channels: [{kind: pigeon}]}]",
            "kind 应为",
        ),
        (
            "recipients: [{id: a, name: b, role: engineer, channels: [{kind: wecom}]}]",
            "缺少 url",
        ),
        (
            "recipients: [{id: a, name: b, role: engineer, channels: [{kind: mail, to: x}]}]",
            "没有写 mail",
        ),
        (
            "recipients: [{id: a, name: b, role: engineer}, {id: a, name: c, role: engineer}]",
            "重复",
        ),
        ("- a", "最外层"),
        ("recipients: {id: a}", "应是一个列表"),
        ("recipients: [a]", "第1项"),
        (
            "recipients: [{id: a, name: b, role: engineer, channels: [mail]}]",
            "的通道",
        ),
        ("mail: smtp://somewhere", "mail 应写成"),
        ("recipients:\n- id: [", "第2行不是有效的 YAML"),
    ],
)
def test_a_configuration_that_cannot_be_used_says_where(text, says):
    with pytest.raises(RecipientsError, match=says):
        parse_recipients(text)


def test_one_unit_may_stand_without_its_brackets():
    book = parse_recipients(
        "recipients: [{id: a, name: b, role: town_clerk, county: 510802, units: 510802101}]"
    )
    assert book.recipients[0].units == ("510802101",)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path):
    wrong = tmp_path / "recipients.yml"
    wrong.write_bytes("recipients: []  # 收件人".encode("gb18030"))
    with pytest.raises(RecipientsError, match="UTF-8"):
        load_recipients(wrong)
    with pytest.raises(RecipientsError, match="读不了"):
        load_recipients(tmp_path)


def test_without_a_file_every_digest_still_goes_to_the_outbox(tmp_path: Path):
    assert load_recipients(tmp_path / "none.yml").recipients == ()
    places, names = (
        [("510802", "510802101"), ("510802", None), (None, None)],
        {"510802101": "大石镇"},
    )
    made = outbox_recipients(places, names)
    digests = build_digests(
        made,
        [BACK, NoticeFact("pipeline_failed", None, None, "dbt", 1, "失败")],
        MONDAY,
    )
    ids = {d.recipient.id for d in digests}
    assert {"510802101-town_clerk", "平台-engineer"} <= ids
    assert {"大石镇经办人", "平台运维"} <= {d.recipient.name for d in digests}
    path = write_to_outbox(digests[0], tmp_path)
    assert path.parent == tmp_path / "2017-11-20" / "digests"
    assert path.read_text("utf-8").startswith("【一库】")
    assert path.with_suffix(".html").exists()


@given(st.text(max_size=300), st.integers(8, 60))
def test_pieces_are_short_enough_and_lose_nothing(text, limit):
    cut = list(pieces(text, limit))
    assert all(len(p.encode()) <= limit for p in cut)
    assert "".join(cut).replace("\n", "") == "".join(text.splitlines())


def test_workdays_and_titles():
    assert workdays_between(date(2017, 9, 29), date(2017, 10, 9)) == 2
    assert workdays_between(MONDAY, MONDAY) == 0
    assert list_title(None) == "报表"
    assert "转移" in list_title("L3")


def test_the_example_of_the_checkout_can_be_used():
    book = load_recipients(
        Path(__file__).parents[2] / "recipients.example.yml"
    )
    assert {c.kind for r in book.recipients for c in r.channels} == {
        "mail",
        "wecom",
        "dingtalk",
        "feishu",
        "outbox",
    }
