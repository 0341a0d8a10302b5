"""Whatever lies in the inbox: one verdict, one receipt, every row counted, no value of a person out of its place."""

import io
import logging
import os
import re
import shutil
import zipfile
from datetime import date

import openpyxl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nights import (
    COUNTY,
    DAY,
    PEOPLE,
    TOWNS,
    id_number,
    labourer,
    post,
    work,
    workbook,
)
from yiku import pipeline
from yiku.batch import faulty_files, processing, reading_files
from yiku.checking.findings import RuleError
from yiku.checking.validation import Checker
from yiku.faults import PassingError, StepError, guarded
from yiku.intake.archive import Archive
from yiku.pipeline import replies, settling
from yiku.warehouse import load, pull

TOWN, OTHER = list(TOWNS)
CHINESE = re.compile(r"[一-鿿]")


def good():
    return workbook("L1", [labourer(p) for p in PEOPLE[TOWN]])


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return out.getvalue()


def edited(data, **parts):
    """Return a workbook with some of its parts put in or changed."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            copy.writestr(name, parts.pop(name, None) or source.read(name))
        for name, content in parts.items():
            copy.writestr(name, content)
    return out.getvalue()


def encrypted():
    name = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0")
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + name + b"\0" * 960
    )


def entities():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    return edited(
        good(), **{"xl/worksheets/sheet1.xml": b'<?xml version="1.0"?>' + bomb}
    )


ZOO = {
    "空.xlsx": b"",
    "半截.xlsx": good()[:2000],
    "加密.xlsx": encrypted(),
    "扫描.pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n",
    "公文.docx": zipped(
        **{
            "[Content_Types].xml": b"<Types/>",
            "word/document.xml": b"<document/>",
        }
    ),
    "照片.jpg": b"\xff\xd8\xff\xe0" + b"\0" * 200,
    "照片.xlsx": b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
    "很大.csv": b"a,b\n" + b"1" * (21 << 20),
    "炸弹.zip": zipped(**{"a.csv": b"0" * (300 << 20)}),
    "实体.xlsx": entities(),
    "乱码.xlsx": bytes(range(256)) * 20,
}


def submissions(nights):
    return nights.rows(
        "select file_name, status, rows_read, receipt_no, unit_code from ops.submission"
        " where submission_id > 4 order by submission_id"
    )


def test_every_kind_of_bad_file_ends_in_one_verdict_and_one_receipt(nights):
    for name, data in ZOO.items():
        nights.put(TOWN, name, data)
    nights.take_in()
    outbox = nights.answer()
    found = {
        name: (status, read) for name, status, read, *_ in submissions(nights)
    }
    assert set(found) == set(ZOO)
    assert set(found.values()) <= {("rejected", 0), ("held", 0)}
    for name, _, _, receipt_no, _ in submissions(nights):
        text = (outbox / COUNTY / TOWN / f"{receipt_no}.txt").read_text(
            "utf-8"
        )
        assert CHINESE.search(text), name
        told = nights.rows(
            "select rule, message from ops.finding as f inner join ops.submission as s using (submission_id)"
            " where s.file_name = %s and f.verdict in ('F', 'S')",
            name,
        )
        assert len(told) == 1, (name, told)
        assert CHINESE.search(told[0][1])
    assert nights.rows("select count(*) from raw.l1") == [(0,)]


def test_a_hostile_workbook_is_read_as_data_and_stays_data(nights):
    rows = [labourer(p) for p in PEOPLE[TOWN]]
    rows[0] |= {"remark": '=HYPERLINK("http://example.invalid","x")'}
    rows[1] |= {"remark": "@SUM(1+1)*cmd|' /C calc'!A0", "emp_intent": "+1+1"}
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    nights.put(
        TOWN,
        "L1.xlsx",
        edited(
            workbook("L1", rows),
            **{"xl/externalLinks/externalLink1.xml": link},
        ),
    )
    nights.take_in()
    outbox = nights.answer()
    assert nights.statuses()["L1.xlsx"][2:] == (10, 9, 1, 0)
    page = openpyxl.load_workbook(
        outbox / COUNTY / TOWN / "L1.xlsx.校验.xlsx"
    )["名单"]
    for row in page.iter_rows():
        for cell in row:
            if (
                isinstance(cell.value, str)
                and cell.value.startswith(("=", "+", "@"))
                and cell.row > 4
            ):
                assert cell.data_type == "s"


def test_names_and_places_that_do_not_fit(nights):
    person = PEOPLE[TOWN][0]
    nights.put(TOWN, f"名单{person.id_no}.xlsx", good())
    nights.put(
        "散放", "x.xlsx", workbook("L1", [labourer(p) for p in PEOPLE[OTHER]])
    )
    (nights.inbox / COUNTY / OTHER).mkdir()
    broken = (
        os.fsencode(nights.inbox / COUNTY / OTHER) + b"/\xc3\xfb\xb5\xa5.xlsx"
    )  # a name in GB18030
    with open(broken, "wb") as out:
        out.write(workbook("L5", [post(p) for p in PEOPLE[OTHER]]))
    nights.take_in()
    nights.answer()
    found = {name: status for name, status, *_ in submissions(nights)}
    assert sorted(found.values()) == ["loaded", "loaded", "rejected"]
    assert found["x.xlsx"] == "rejected"
    assert not any(person.id_no in name for name in found)
    assert nights.rows(
        "select rule from ops.finding where rule in ('F14', 'U01') order by 1"
    ) == [("F14",), ("U01",)]


def test_what_the_pull_said_of_a_name_survives_a_second_reading(nights):
    nights.put(TOWN, f"名单{PEOPLE[TOWN][0].id_no}.xlsx", good())
    pulled = nights.take_in()
    for batch in pulled["batches"]:
        pipeline.process_batch(nights.settings, DAY, batch)
    assert nights.rows(
        "select count(*) from ops.finding where rule = 'F14'"
    ) == [(1,)]


def dirty_value(row):
    """Give a way to spoil one row; what follows from it is not said here, only that it is counted."""
    return st.sampled_from(
        [
            row,
            row | {"id_no": None},
            row | {"name": None},
            row | {"id_no": row["id_no"][:17]},
            row | {"id_no": float(row["id_no"][:17] + "0")},
            row | {"phone": "不详"},
            row | {"verified_on": "去年"},
            row | {"verified_on": 43049},
            row | {"emp_intent": "随便"},
            row | {"village_name": "不存在村"},
            row | {"name": "合计"},
            row | {"name": "同上"},
            {"name": "小计", "remark": "共5人"},
            {},
            {"remark": "以下空白"},
        ]
    )


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_every_row_that_is_read_has_one_fate(nights, data):
    town = data.draw(st.sampled_from([TOWN, OTHER]))
    rows = [data.draw(dirty_value(labourer(p))) for p in PEOPLE[town]]
    again = data.draw(st.lists(st.sampled_from(rows), max_size=3))
    nights.put(town, "L1.xlsx", workbook("L1", rows + again))
    nights.take_in()
    sheets = nights.rows(
        "select h.rows_read, h.rows_loaded, h.rows_quarantined, h.rows_dropped, count(r.row_id),"
        " count(*) filter (where r.fate = 'loaded'), count(*) filter (where r.fate = 'quarantined'),"
        " count(*) filter (where r.fate = 'dropped'), h.status from ops.submission_sheet as h"
        " left join raw.l1 as r using (submission_id) where h.template = 'L1' group by h.ctid, h.rows_read,"
        " h.rows_loaded, h.rows_quarantined, h.rows_dropped, h.status"
    )
    for read, loaded, quarantined, dropped, *stored, status in sheets:
        assert read == loaded + quarantined + dropped
        if read or status not in ("duplicate", "rejected"):
            assert stored == [read, loaded, quarantined, dropped]
    lines = nights.rows(
        "select line_counts, rows_left_out, rows_read from ops.submission where template = 'L1' and rows_read > 0"
    )
    for counts, left_out, read in lines:
        assert counts["data"] == read
        assert (
            sum(counts.values())
            == counts["data"]
            + counts["header"]
            + counts.get("title", 0)
            + left_out
        )
    alone = nights.rows(
        "select count(*) from raw.l1 as r where fate = 'quarantined' and not exists"
        " (select from ops.finding as f where f.row_id = r.row_id and f.verdict = 'Q')"
    )
    assert alone == [(0,)]
    counted = "select count(*) from ops.submission where status <> 'received' and rows_read <> (select"
    counted += " coalesce(sum(h.rows_read), 0) from ops.submission_sheet as h where h.submission_id ="
    assert nights.rows(counted + " submission.submission_id)") == [(0,)]


def test_no_value_of_a_person_leaves_its_place(nights, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    strange = id_number("19550505", 998)
    rows = [labourer(p) for p in PEOPLE[TOWN]]
    rows[0] |= {"id_no": strange, "name": "不认识的人"}
    rows[1] |= {"id_no": rows[1]["id_no"][:-1]}
    rows[2] |= {"phone": "1380000"}
    rows[3] |= {"name": "別人名"}
    rows[4] |= {"name": rows[5]["name"]}
    nights.put(TOWN, "L1.xlsx", workbook("L1", rows))
    nights.put(
        OTHER,
        "L3.xlsx",
        workbook("L3", [work(p) for p in [*PEOPLE[OTHER], PEOPLE[TOWN][0]]]),
    )
    nights.take_in()
    nights.answer()
    told = "\n".join(
        f"{m} {f}"
        for m, f in nights.rows("select message, facts::text from ops.finding")
    )
    said = [told, caplog.text, "".join(capfd.readouterr()), repr(nights.log)]
    values = {strange, "不认识的人", "別人名"}
    values |= {
        v
        for people in PEOPLE.values()
        for p in people
        for v in (p.name, p.id_no, p.phone)
    }
    for text in said:
        assert not [v for v in values if v in text]


class TestFaults:
    """A fault of ours fails the step, says nothing of anybody, and loses nothing."""

    @pytest.fixture
    def filled(self, nights):
        nights.put(TOWN, "L1.xlsx", good())
        nights.put(
            OTHER,
            "L1.xlsx",
            workbook("L1", [labourer(p) for p in PEOPLE[OTHER]]),
        )
        return nights

    def all_loaded(self, nights):
        nights.take_in()
        assert {s for _, s, *_ in submissions(nights)} == {"loaded"}
        return nights.rows("select count(*) from raw.l1") == [(20,)]

    @pytest.mark.parametrize(
        ("most_rows", "statuses"),
        [(1, ["loaded", "received"]), (5_000, ["received", "received"])],
        ids=["one by one", "both at once"],
    )
    def test_a_database_that_goes_away(
        self, filled, monkeypatch, most_rows, statuses
    ):
        loaded, real = [], load._settle

        def settle(conn, files, references):
            if loaded or len(files) > 1:
                with psycopg.connect(
                    filled.settings.warehouse_dsn or "", autocommit=True
                ) as other:
                    other.execute(
                        "select pg_terminate_backend(%s)",
                        (conn.info.backend_pid,),
                    )
            loaded.extend(file.number for file in files)
            real(conn, files, references)

        with monkeypatch.context() as patch:
            patch.setattr(load, "_settle", settle)
            patch.setattr(faulty_files, "MOST_ROWS", most_rows)
            patch.setenv("YIKU_DEBUG", "")
            with pytest.raises(PassingError), guarded():
                filled.take_in()
        assert sorted(s for _, s, *_ in submissions(filled)) == statuses
        assert self.all_loaded(filled)

    def test_a_rule_that_raises(self, filled, monkeypatch):
        def judge(*_):
            raise RuleError("suite L1.rows: R01 raised")

        with monkeypatch.context() as patch:
            patch.setattr(Checker, "check_rows", judge)
            patch.setenv("YIKU_DEBUG", "")
            with pytest.raises(StepError) as raised, guarded():
                filled.take_in()
        assert not isinstance(raised.value, PassingError)
        assert filled.rows("select count(*) from raw.l1") == [(0,)]
        assert self.all_loaded(filled)

    def test_a_full_disk(self, filled, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(Archive, "store", full)
            patch.setenv("YIKU_DEBUG", "")
            with pytest.raises(StepError, match="No space left"), guarded():
                filled.take_in()
        assert submissions(filled) == []
        assert self.all_loaded(filled)

    def test_an_inbox_that_is_not_there(self, filled):
        moved = filled.inbox.with_name("elsewhere")
        filled.inbox.rename(moved)
        with pytest.raises(FileNotFoundError):
            filled.take_in()
        shutil.move(moved, filled.inbox)
        assert self.all_loaded(filled)


class TestOneFile:
    """A file that breaks something of ours is held, told of, and tried again by the next version; the others go on."""

    def break_on(self, patch, name):
        """Break one step of ours on every file called ``name``."""

        def broken(real, file_of):
            def run(*arguments, **named):
                if name in file_of(*arguments):
                    raise KeyError(PEOPLE[TOWN][0].name)
                return real(*arguments, **named)

            return run

        files = {
            "读坏.xlsx": (
                reading_files,
                "read_arrival",
                lambda arrival, *_: [arrival.file_name],
            ),
            "判坏.xlsx": (
                processing,
                "sheet_facts",
                lambda sheets, *_: [s.arrival.file_name for s in sheets],
            ),
            "存坏.xlsx": (
                settling,
                "hand_over",
                lambda _, files, *__: [
                    settled.arrival.file_name
                    for settled in files
                    if settled.tables
                ],
            ),
            "答坏.xlsx": (
                replies,
                "build_return",
                lambda _, file_name, *__: [file_name],
            ),
        }
        module, function, file_of = files[name]
        patch.setattr(
            module, function, broken(getattr(module, function), file_of)
        )

    def test_the_others_go_on(self, nights, monkeypatch):
        names = ["读坏.xlsx", "判坏.xlsx", "存坏.xlsx"]
        for n, name in enumerate(names):
            nights.put(TOWN, name, workbook("L3", [work(PEOPLE[TOWN][n])]))
        bad, *others = PEOPLE[OTHER]
        rows = [work(bad, id_no=bad.id_no[:-1]), *(work(p) for p in others)]
        nights.put(OTHER, "答坏.xlsx", workbook("L3", rows))
        nights.put(TOWN, "L1.xlsx", good())
        with monkeypatch.context() as patch:
            for name in [*names, "答坏.xlsx"]:
                self.break_on(patch, name)
            nights.take_in()
            outbox = nights.answer()
            pipeline.notify(nights.settings, DAY)
            closed = pipeline.close_night(nights.settings, DAY)
        assert closed["warnings"] == 4
        found = nights.statuses()
        assert [found[n][:3] for n in names] == [("held", "F16", 0)] * 3
        assert found["L1.xlsx"][0] == "loaded"
        assert found["答坏.xlsx"][0] == "partly_loaded"
        faults = dict(
            nights.rows(
                "select file_name, fault from ops.submission where fault is not null"
            )
        )
        assert all(
            f.startswith("KeyError ") and ".py:" in f for f in faults.values()
        )
        assert len(faults) == 4
        told = "".join(
            p.read_text("utf-8")
            for p in outbox.rglob("*")
            if p.suffix in (".txt", ".md")
        )
        assert "不用重新上报" in told
        assert "运维" in told
        assert "KeyError" in told
        assert PEOPLE[TOWN][0].name not in told
        report = openpyxl.load_workbook(
            outbox / COUNTY / OTHER / "答坏.xlsx.校验.xlsx"
        )
        assert report.sheetnames == ["校验报告", "逐行问题"]
        self.tried_again(nights, monkeypatch, names)

    def tried_again(self, nights, monkeypatch, names):
        later = date(2017, 11, 21)
        assert not nights.take_in(later)["batches"]
        monkeypatch.setattr(pull, "product_version", lambda: "the next")
        nights.take_in(later)
        nights.answer(later)
        found = nights.statuses()
        assert {found[n][0] for n in names} == {"loaded"}
        assert nights.rows(
            "select count(*) from ops.submission where fault is not null"
        ) == [(0,)]


def test_a_file_that_an_earlier_night_did_not_get_to_is_read_and_answered(
    nights,
):
    nights.put(TOWN, "L1.xlsx", good())
    pipeline.open_night(nights.settings, DAY, str(nights.inbox))
    pipeline.pull(nights.settings, DAY, str(nights.inbox))
    later = date(2017, 11, 21)
    nights.take_in(later)
    outbox = nights.answer(later)
    assert {s for _, s, *_ in submissions(nights)} == {"loaded"}
    assert list((outbox / COUNTY / TOWN).glob("R20171120-*.txt"))


def test_a_list_that_shrinks_from_one_period_to_the_next_is_asked_about(
    nights,
):
    nights.put(TOWN, "L1.xlsx", good())
    nights.take_in()
    assert "X09" not in {f[0] for f in nights.findings("L1.xlsx")}
    fewer = [
        labourer(p)
        for p in PEOPLE[TOWN]
        if p.village == PEOPLE[TOWN][0].village
    ]
    later = workbook(
        "L1",
        fewer,
        title="2017年12月贫困劳动力基础信息名单",
        filled=date(2017, 12, 15),
    )
    nights.put(TOWN, "L1十二月.xlsx", later)
    nights.take_in(date(2017, 12, 20))
    ((what,),) = nights.rows(
        "select facts ->> 'what' from ops.finding where rule = 'X09'"
    )
    gone = next(
        p.village for p in PEOPLE[TOWN] if p.village != PEOPLE[TOWN][0].village
    )
    assert "上期10人，本期6人" in what
    assert f"{gone}由4人变为0" in what
