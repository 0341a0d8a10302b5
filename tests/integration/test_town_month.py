"""A township's month: its form comes by mail, its sheet goes back and forth, and in the end nothing is open."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from datetime import date

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
from nights import COUNTY, PEOPLE, TOWNS, labourer, work, workbook
from test_night_work_list import fill, line_of, lines, saved
from test_pairing_night import FAR, HOUSEHOLDS, pair, put_county
from yiku import pipeline
from yiku.formats.return_marks import ADVICE_HEADER
from yiku.notices.facts import facts_of
from yiku.wall import PAGE_NAME
from yiku.warehouse.connection import connect
from yiku.worklist import page_forms as forms

pytestmark = pytest.mark.skipif(not HAS_DOVECOT, reason=WHY)

TOWN, OTHER = list(TOWNS)
ADDRESS = "rongshan@town.example"
BEGIN, FIRST_WORKDAY = date(2017, 11, 20), date(2017, 12, 1)
SENT, CORRECTED, FILLED_IN = (date(2017, 12, day) for day in (4, 5, 6))
AWAY = PEOPLE[TOWN][:5]  # who works elsewhere
BLANK, MISTYPED = AWAY[2], AWAY[3]


class Month:
    """A county with a mailbox and a share, and what its people do."""

    def __init__(self, nights, imap, smtp):
        self.nights = nights
        self.imap = imap
        self.smtp = smtp
        self.mail_count = 0

    def night(self, day):
        """Run a whole night from both sources."""
        nights = self.nights
        settings = nights.settings
        nights.end()
        pipeline.open_night(settings, day, None)
        pulled = pipeline.pull(settings, day, None)
        pipeline.load_references(settings, day, pulled["reference"])
        for batch in pulled["batches"]:
            pipeline.process_batch(settings, day, batch)
        pipeline.settle_claims(settings, day)
        nights.build(day, publish_old=False)
        # As its own DAG does, which waits for the marts alone.
        pipeline.issue_bulletins(settings, day)
        nights.answer(day)
        pipeline.work_lists(settings, day)
        brought = pipeline.bring_back(settings, day)
        assert brought["undelivered"] == 0
        drawn = pipeline.draw_wall(settings, day)
        assert drawn["undelivered"] == 0
        assert drawn["delivered"] > 0
        pipeline.notify(settings, day)
        pipeline.close_night(settings, day)

    def send(self, name, content):
        """Send a file by mail, as the town's clerk does."""
        self.mail_count += 1
        self.imap.put(mail(ADDRESS, (name, content), number=self.mail_count))

    def enclosed(self, part_of_name):
        """Return the file with such a name in the newest letter to the town."""
        for letter in reversed(self.smtp.to(ADDRESS)):
            for part in letter.iter_attachments():
                if part_of_name in str(part.get_filename()):
                    return part.get_content()
        raise AssertionError(f"no letter has {part_of_name}")

    def on_share(self, unit, part_of_name):
        """Return the newest answer with such a name that lies in a unit's folder of the share."""
        folder = self.nights.inbox / COUNTY / unit / "退回"
        found = sorted(folder.glob(f"*/*{part_of_name}*"))
        return found[-1].read_bytes()

    def open_count(self, unit):
        """Return how many rows of a unit are open."""
        ((count,),) = self.nights.rows(
            "select count(distinct row_id) from ops.finding join ops.submission using (submission_id)"
            " where verdict = 'Q' and closed_on is null and unit_code = %s",
            unit,
        )
        return count


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def cells_of(sheet, needed):
    """Return the row of headers of a sheet, and the column of each header."""
    for row in sheet.iter_rows(max_row=8):
        columns = {str(cell.value): cell.column for cell in row}
        if needed in columns:
            return row[0].row, columns
    raise AssertionError(f"no header {needed}")


def sheet_with(book, needed):
    for sheet in book:
        for row in sheet.iter_rows(max_row=8, values_only=True):
            if needed in [str(value) for value in row]:
                return sheet
    raise AssertionError(f"no sheet has {needed}")


def change(book, person, header, value, id_header="身份证号"):
    """Write a cell of a person's row, as a clerk does who looks for the name."""
    sheet = sheet_with(book, id_header)
    top, columns = cells_of(sheet, id_header)
    for row_no in range(top + 1, sheet.max_row + 1):
        if sheet.cell(row_no, columns["姓名"]).value == person.name:
            sheet.cell(row_no, columns[header]).value = value
            return
    raise AssertionError("no such row")


@pytest.fixture
def month(nights, tmp_path):
    with serve_imap() as imap, serve_smtp(imap.certificate, imap.key) as smtp:
        file = tmp_path / "sources.yml"
        file.write_text(
            "sources:\n"
            f"  - {{name: 共享盘, kind: folder, location: {nights.inbox}, seen_as: '共享盘 W:'}}\n"
            "  - name: 县邮箱\n"
            "    kind: mailbox\n"
            f"    location: imaps://localhost:{imap.tls_port}/INBOX\n"
            f"    smtp: smtp://localhost:{smtp.port}\n"
            f"    address: {OWN_ADDRESS}\n"
            f"    user: {USER}\n"
            "    password: ${YIKU_MAIL_PASSWORD}\n"
            f"    ca_file: {imap.root}\n"
            f"    county: '{COUNTY}'\n"
            "    senders:\n"
            f"      - {{unit: '{TOWN}', address: {ADDRESS}}}\n",
            "utf-8",
        )
        variables = {
            **nights.settings.variables,
            "YIKU_MAIL_PASSWORD": PASSWORD,
        }
        nights.settings = replace(
            nights.settings, sources=file, variables=variables
        )
        yield Month(nights, imap, smtp)


def told_of(nights, kind, unit):
    """Return what a digest says tonight of a kind of thing about a unit."""
    with closing(connect(nights.settings, FILLED_IN)) as conn:
        facts = facts_of(conn, FILLED_IN, "/srv/outbox")
        return [
            f"{fact.title}：{fact.detail}"
            for fact in facts
            if (fact.kind, fact.unit) == (kind, unit)
        ]


def require_pages_where_they_are_read(month):
    """Require one page a unit at its place on the share, and a bulletin once; neither of them by mail or taken in."""
    nights = month.nights
    share = nights.inbox / COUNTY
    for unit in ("county", OTHER):
        [page] = (share / unit / "退回").rglob(PAGE_NAME)
        assert page.parent.name == "退回"
        # Tonight's, in place of the ones before.
        assert FILLED_IN.strftime("%Y-%m-%d") in page.read_text("utf-8")
        [told] = told_of(nights, "wall_page", unit)
        assert f"在 共享盘 W:/{COUNTY}/{unit}/退回/{PAGE_NAME}" in told
    issued = list((share / "county/退回").rglob("*月通报*"))
    assert {path.suffix for path in issued} >= {".docx", ".xlsx"}
    assert {path.parent.name for path in issued} == {str(CORRECTED)}
    [told] = told_of(nights, "bulletin", None)
    assert f"在 共享盘 W:/{COUNTY}/county/退回/{CORRECTED}/" in told
    enclosed = [
        str(part.get_filename())
        for letter in month.smtp.to(ADDRESS)
        for part in letter.iter_attachments()
    ]
    assert PAGE_NAME not in enclosed
    taken = nights.rows(
        "select file_name from ops.submission where file_name like any (array['%%挂图%%', '%%月通报%%'])"
    )
    assert taken == []


def row_of_sort(proposed, sort):
    """Return the line of the first proposal of a sort."""
    return next(
        number
        for number, cells in proposed.items()
        if cells[forms.SORT] == sort
    )


def wrong_number(person):
    last = "1" if person.id_no[-1] != "1" else "2"
    return person.id_no[:-1] + last


def test_a_month_from_the_form_to_the_last_open_row(month):
    nights = month.nights
    put_county(nights)
    standing = [pair(FAR, HOUSEHOLDS[-1])]
    nights.put(OTHER, "T05.xlsx", workbook("T05", standing))
    people = [labourer(person) for person in PEOPLE[TOWN]]
    month.send("劳动力.xlsx", workbook("L1", people))
    away = [work(person) for person in AWAY]
    month.send("转移就业.xlsx", workbook("L3", away))
    month.night(BEGIN)
    assert month.open_count(TOWN) == 0

    # the form of the month comes by mail, with whom the town is known to have
    month.night(FIRST_WORKDAY)

    # she fills it in, gets one cell and one number wrong, and mails it
    form = opened(month.enclosed("转移就业名单"))
    change(form, BLANK, "务工区域", None)
    change(form, MISTYPED, "身份证号", wrong_number(MISTYPED))
    month.send("12月转移就业.xlsx", saved(form))
    month.night(SENT)
    assert month.open_count(TOWN) == 2

    # the reply brings her own file back; she mends the cell, and puts it on the share this time
    back = opened(month.enclosed("12月转移就业.xlsx.校验.xlsx"))
    sheet_with(back, ADVICE_HEADER)
    change(back, BLANK, "务工区域", "省外")
    nights.put(TOWN, "12月转移就业.xlsx", saved(back))
    month.night(CORRECTED)
    assert month.open_count(TOWN) == 1

    # where she was last is the list of what is open: she fills it in and mails it; the officer accepts a pair
    listed = opened(month.on_share(TOWN, "待办清单"))
    row_no = line_of(listed, forms.ROWS, MISTYPED)
    fill(listed, forms.ROWS, row_no, 改为=MISTYPED.id_no)
    month.send("清单.xlsx", saved(listed))
    of_county = opened(month.on_share("county", "待办清单"))
    proposed = dict(lines(of_county, forms.PAIRS))
    row_no = row_of_sort(proposed, "技术员结对贫困户")
    accepted = proposed[row_no]
    fill(of_county, forms.PAIRS, row_no, 答复="接受", 开始日期=str(CORRECTED))
    row_no = row_of_sort(proposed, "专家任贫困村特派团团长")
    expert = proposed[row_no]
    answer = {
        "答复": "接受",
        "开始日期": str(CORRECTED),
        "服务内容": "技术指导",
    }
    fill(of_county, forms.PAIRS, row_no, **answer)
    nights.put("county", "清单.xlsx", saved(of_county))
    month.night(FILLED_IN)
    assert month.open_count(TOWN) == 0
    pairs = nights.rows(
        "select household_no, technician from raw.t05_now where paired_on = %s",
        CORRECTED,
        day=FILLED_IN,
    )
    assert pairs == [(accepted[forms.HOUSEHOLD], accepted[forms.HELPER])]
    chiefs = nights.rows(
        "select town_name, village_name, expert, services from raw.t06_now where valid_from = %s",
        CORRECTED,
        day=FILLED_IN,
    )
    place = expert[forms.TOWN], expert[forms.VILLAGE]
    assert chiefs == [(*place, expert[forms.HELPER], ["技术指导"])]
    here = nights.rows(
        "select id_no from raw.l3_now where town_code = %s",
        TOWN,
        day=FILLED_IN,
    )
    assert {number for (number,) in here} == {p.id_no for p in AWAY}

    require_pages_where_they_are_read(month)
    # nobody else was written to, and nothing of the town lies with another
    assert {tuple(to) for to, _ in month.smtp.letters} == {(ADDRESS,)}
    numbers = {person.id_no for person in PEOPLE[TOWN]}
    elsewhere = nights.inbox / COUNTY / OTHER / "退回"
    for path in elsewhere.rglob("*.xlsx"):
        told = {
            str(value)
            for sheet in opened(path.read_bytes())
            for row in sheet.values
            for value in row
        }
        assert told.isdisjoint(numbers)
