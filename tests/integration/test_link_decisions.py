"""What people decide about links counts from the next night on, in every list and mart, and can be taken back."""

from contextlib import closing
from datetime import timedelta

from nights import DAY, PEOPLE, Nights, id_number, work, workbook
from yiku.warehouse.connection import connect

TOWN = "510802101"
TRUE, DOUBTED, UNREAD, OTHER = PEOPLE[TOWN][:4]
STRANGER = id_number("19880808")
LIST, LATER = "转移就业.xlsx", "补报.xlsx"
# A slip of the pen in the last digit.
SLIP = UNREAD.id_no[:-1] + ("1" if UNREAD.id_no[-1] != "1" else "2")


def decide(nights: Nights, statement: str, *parameters: object) -> None:
    with closing(connect(nights.settings)) as conn:
        conn.execute(statement, parameters)  # type: ignore[arg-type]
        conn.commit()


def working(nights: Nights) -> list[tuple[str, str]]:
    """Return whom the list of those who work elsewhere shows, and for which employer."""
    query = "select name, employer from mart.list_transfer_employment order by employer"
    return nights.rows(query)  # type: ignore[return-value]


def sent_back(nights: Nights) -> list[tuple[str, int, str]]:
    """Return which rows went back, and why."""
    query = (
        "select s.file_name, f.row_no, f.rule"
        " from ops.finding as f inner join ops.submission as s using (submission_id)"
        " where f.verdict = 'Q' and f.closed_on is null order by 1, 2, 3"
    )
    return nights.rows(query)  # type: ignore[return-value]


def test_a_decided_link_counts_from_the_next_night_until_it_is_taken_back(
    nights,
):
    rows = [
        work(TRUE, employer="甲厂"),
        work(DOUBTED, employer="乙厂"),
        work(UNREAD, id_no=SLIP, employer="丙厂"),
        work(OTHER, id_no=STRANGER, employer="丁厂"),
    ]
    nights.put(TOWN, LIST, workbook("L3", rows))
    nights.run()
    by_rule = [
        (TRUE.name, "甲厂"),
        (DOUBTED.name, "乙厂"),
        (OTHER.name, "丁厂"),
    ]
    assert sorted(working(nights)) == sorted(by_rule)
    assert sent_back(nights) == [(LIST, 6, "I08")]
    registered = "select in_register from mart.list_transfer_employment where employer = '丁厂'"
    assert nights.rows(registered) == [(False,)]

    person = dict(nights.rows("select id_no, person_sk from register.person"))
    row = dict(nights.rows("select employer, row_id from raw.l3"))
    (stranger,) = nights.rows(
        "select person_sk from raw.l3 where employer = '丁厂'"
    )[0]
    link = "insert into register.link_decision (row_id, person_sk) values (%s, %s)"
    decide(nights, link, row["乙厂"], None)
    decide(nights, link, row["丙厂"], person[UNREAD.id_no])
    decide(
        nights,
        "insert into register.person_decision (person_sk, other_sk, same) values (%s, %s, true)",
        person[OTHER.id_no],
        stranger,
    )
    # what comes later and says the same is the same
    nights.put(
        TOWN,
        LATER,
        workbook(
            "L3",
            [work(DOUBTED, employer="戊厂", start_on=DAY - timedelta(days=9))],
        ),
    )
    nights.run(DAY + timedelta(days=1))
    assert sorted(working(nights)) == sorted(
        [(TRUE.name, "甲厂"), (UNREAD.name, "丙厂"), (OTHER.name, "丁厂")]
    )
    assert sent_back(nights) == [(LATER, 4, "I11"), (LIST, 5, "I11")]
    assert nights.rows(registered) == [(True,)]
    assert nights.rows(
        "select tier, decided_by is not null from register.person_link as k inner join raw.l3 as r using (row_id)"
        " where r.employer = '丙厂' order by 2"
    ) == [("D", False), ("D", True)]

    decide(
        nights,
        "update register.link_decision set reversed_at = clock_timestamp()",
    )
    decide(
        nights,
        "update register.person_decision set reversed_at = clock_timestamp()",
    )
    nights.run(DAY + timedelta(days=2))
    assert sorted(working(nights)) == sorted(
        [*by_rule, (DOUBTED.name, "戊厂")]
    )
    assert sent_back(nights) == [(LIST, 6, "I08")]
    assert nights.rows(registered) == [(False,)]
    assert nights.rows("select count(*) from ops.submission where replay") == [
        (0,)
    ]
