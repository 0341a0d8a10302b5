"""Files made to break things, each of a kind that once did: one verdict each, an answer each, and nobody waits."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import format_files as files
import pytest
import xlwt
from yiku.batch.offline import nothing_known
from yiku.batch.processing import settle_reads
from yiku.batch.reading_files import clean_files, read_tables_of
from yiku.checking.findings import Finding
from yiku.contracts import load_contracts
from yiku.formats.cells import RefusedError
from yiku.formats.detection import read_book, unpack
from yiku.formats.return_marks import REPORT_SHEET
from yiku.intake.arrival import Arrival
from yiku.intake.path_names import place_of
from yiku.isolation import Ended, each_apart
from yiku.pipeline.check import with_cells
from yiku.pipeline.check_returns import CheckReturns
from yiku.pipeline.finding_marks import marks_of
from yiku.tables import Hints, read_file
from yiku.tables.column_fit import ColumnSample
from yiku.tables.column_headers import ColumnHeader
from yiku.tables.repeated_headers import side_by_side as side_by_side_parts
from yiku.warehouse.settled import Settled

ROOT = Path(__file__).parents[2]
DAY = date(2017, 11, 20)
HEADERS = [c.header for c in load_contracts()["L3"].columns]
WIDE, DIGITS = 20_000, "9" * 5_000
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODS_SPACES = files.ODS_CONTENT.split("<office:automatic-styles>")[0]

Rows = Sequence[Sequence[object]]


def people(n: int, **cells: object) -> list[list[object]]:
    """A list of people of whom nobody knows anything, under its headers; ``cells`` stand in every row."""
    known = {"姓名": "张三", "身份证号": "51080219900307997X"} | cells
    return [list(HEADERS)] + [
        [known.get(h) for h in HEADERS] for _ in range(n)
    ]


def everywhere(value: object, n: int = 2) -> list[list[object]]:
    """The same value in every cell below the headers."""
    return [list(HEADERS)] + [[value] * len(HEADERS) for _ in range(n)]


def csv(rows: Rows) -> bytes:
    return "\n".join(
        ",".join("" if v is None else str(v) for v in row) for row in rows
    ).encode()


def xlsx(rows: Rows, title: str = "名单") -> bytes:
    return files.plain_xlsx([list(row) for row in rows], title)


def edited(data: bytes, **parts: Callable[[str], str]) -> bytes:
    """A workbook of which some parts were changed, named by the word before their ending."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    found = {n: archive.read(n) for n in archive.namelist()}
    for word, change in parts.items():
        name = next(n for n in found if n.endswith(f"/{word}.xml"))
        found[name] = change(found[name].decode()).encode()
    return files.zipped(found)


def renamed(data: bytes, name_of: Callable[[str], str]) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return files.zipped(
        {name_of(n): archive.read(n) for n in archive.namelist()}
    )


def merged_xlsx(*refs: str) -> bytes:
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in refs)
    return edited(
        xlsx(people(3)),
        sheet1=lambda xml: xml.replace(
            "</sheetData>", f"</sheetData><mergeCells>{cells}</mergeCells>"
        ),
    )


def xls(
    rows: Rows, *merges: tuple[int, int, int, int], title: str = "名单"
) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(title, cell_overwrite_ok=True)
    for n, row in enumerate(rows):
        for column, value in enumerate(row):
            page.write(n, column, value)
    page.merged_ranges.extend(
        merges
    )  # the library's own way writes a cell for each that is covered
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(row: Sequence[object], pattern: str, first: str) -> str:
    """The cells of a row in XML; ``first`` are attributes of the one in the first column."""
    texts = [escape("" if v is None else str(v)) for v in row]
    return "".join(
        pattern.format(own="" if n else first, text=text)
        for n, text in enumerate(texts)
    )


def ods(rows: Rows, first: str = "", last: str = "") -> bytes:
    """An ods of these rows; ``last`` is XML behind them."""
    cell = '<table:table-cell {own} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    body = "".join(
        f"<table:table-row>{cells_of(row, cell, first)}</table:table-row>"
        for row in rows
    )
    table = f'<table:table table:name="名单">{body}{last}</table:table>'
    ends = "</office:spreadsheet></office:body></office:document-content>"
    return files.ods(
        f"{ODS_SPACES}<office:body><office:spreadsheet>{table}{ends}"
    )


def xml2003(
    rows: Rows,
    first: str = "",
    kind: str = "String",
    last: str = "",
    more: str = "",
) -> bytes:
    """A workbook in XML; ``last`` stands behind the rows, ``more`` behind the sheet."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    cell = f'<Cell {{own}}><Data ss:Type="{kind}">{{text}}</Data></Cell>'
    body = "".join(f"<Row>{cells_of(row, cell, first)}</Row>" for row in rows)
    sheet = (
        f'<Worksheet ss:Name="名单"><Table>{body}{last}</Table></Worksheet>'
    )
    head = (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
    )
    return f"{head}{sheet}{more}</Workbook>".encode()


def html(rows: Rows, first: str = "") -> bytes:
    body = "".join(
        f"<tr>{cells_of(row, '<td {own}>{text}</td>', first)}</tr>"
        for row in rows
    )
    return f"<html><meta charset=utf-8><body><table>{body}</table></body></html>".encode()


def strict_xlsx(rows: Rows) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(xlsx(rows)))
    strict = "http://purl.oclc.org/ooxml"
    old = {
        SPACE: f"{strict}/spreadsheetml/main",
        "http://schemas.openxmlformats.org/officeDocument/2006": f"{strict}/officeDocument",
    }
    parts = {n: archive.read(n) for n in archive.namelist()}
    for before, after in old.items():
        parts = {
            n: data.replace(before.encode(), after.encode())
            for n, data in parts.items()
        }
    return files.zipped(parts)


def many_formats(n: int, colours: bool) -> bytes:
    """A workbook with so many formats of cells, each of another colour or all alike."""

    def change(xml: str) -> str:
        fills = "".join(
            f'<fill><patternFill patternType="solid"><fgColor rgb="FF{k:06X}"/></patternFill></fill>'
            for k in range(n if colours else 0)
        )
        xfs = "".join(
            f'<xf numFmtId="0" fontId="0" fillId="{k + 2 if colours else 0}" borderId="0" xfId="0" applyFill="1"/>'
            for k in range(n)
        )
        return xml.replace("</fills>", f"{fills}</fills>").replace(
            "</cellXfs>", f"{xfs}</cellXfs>"
        )

    def use(xml: str) -> str:
        return xml.replace('<c r="A2"', f'<c s="{n}" r="A2"').replace(
            '<c r="B2"', '<c s="7" r="B2"'
        )

    return edited(xlsx(people(3)), styles=change, sheet1=use)


def many_columns(n: int) -> bytes:
    cols = "".join(
        f'<col min="{k}" max="{k}" width="9"/>' for k in range(1, n + 1)
    )
    return edited(
        xlsx(people(3)),
        sheet1=lambda xml: xml.replace(
            "<sheetData>", f"<cols>{cols}</cols><sheetData>"
        ),
    )


def side_by_side(n: int) -> bytes:
    """So many small tables beside each other, with a blank column between."""
    head, row = (
        [*HEADERS[:4], ""],
        ["张三", "51080219900307997X", "1", "2", ""],
    )
    return csv([head * n, row * n, row * n])


def lying(data: bytes, size: int) -> bytes:
    """A zip whose directory says another size of each of its parts than they have."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    for entry in archive.infolist():
        real = entry.file_size.to_bytes(4, "little")
        data = data.replace(
            entry.compress_size.to_bytes(4, "little") + real,
            entry.compress_size.to_bytes(4, "little")
            + size.to_bytes(4, "little"),
        )
    return data


def overlapping() -> bytes:
    """A zip in which two names lead to the same bytes."""
    data = files.zipped({"甲.csv": csv(people(1)), "乙.csv": csv(people(2))})
    second = data.index(b"PK\x03\x04", 4).to_bytes(4, "little")
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 42] + data[at + 42 :].replace(second, bytes(4), 1)


def odd_numbers() -> bytes:
    """A workbook whose attributes hold no numbers where numbers belong."""
    return edited(
        xlsx(people(3)),
        sheet1=lambda xml: (
            xml.replace('<c r="A2"', '<c s="x" r="A2"')
            .replace('<c r="B2"', f'<c s="{DIGITS}" r="B2"')
            .replace('<row r="3"', '<row r="-7"')
        ),
        workbook=lambda xml: xml.replace(
            'sheetId="1"', 'sheetId="one"'
        ).replace(
            "</sheets>",
            '</sheets><definedNames><definedName name="a" localSheetId="z">x</definedName></definedNames>',
        ),
        styles=lambda xml: (
            xml.replace('fillId="0"', 'fillId="none"')
            .replace("<fills", "<!-- 注 --><fills")
            .replace("</fills>", "<!-- 注 --></fills>")
        ),
    )


CONTROL = "张\x00三\x01\x08\x0b\x1f\ufffe\uffff\x7f"
TO_THE_END = '<table:table-row {own} table:number-rows-repeated="1048000">{cell}</table:table-row>'
ACROSS = '<table:table-cell {own} table:number-columns-repeated="16000"/>'
HIDDEN_ROWS = TO_THE_END.format(
    own='table:visibility="collapse"', cell=ACROSS.format(own="")
)
FORMULA_ROWS = TO_THE_END.format(
    own="", cell=ACROSS.format(own='table:formula="of:=A1"')
)
XML_ROW = '<Row ss:Index="900000" ss:Span="140000" ss:Hidden="1"><Cell ss:Formula="=R1C1" ss:Index="16000"/></Row>'
ZONED = '<table:table-cell office:value-type="date" office:date-value="2017-03-01T00:00:00+00:00"/>'
ZONED_ROW = f"<table:table-row>{ZONED * len(HEADERS)}</table:table-row>"
NAMESAKE = f'<Worksheet ss:Name="{"名" * 40}"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>'

# name: (bytes, statuses that may come of it)
TAKEN, ANY = (
    {"loaded", "partly_loaded", "held"},
    {"loaded", "partly_loaded", "held", "rejected"},
)
CASES: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "合并到底.xlsx": (
        lambda: merged_xlsx(
            "A2:A1048576", "C3:XFD1048576", "B1:B1048576", "A1048570:A1048576"
        ),
        TAKEN,
    ),
    "合并颠倒.xlsx": (
        lambda: merged_xlsx("C9:A2", "A0:B0", "ZZZZ1:A9", "B2", ""),
        ANY,
    ),
    "合并到底.xls": (
        lambda: xls(people(3), (1, 65535, 0, 0), (2, 65535, 2, 20)),
        TAKEN,
    ),
    "合并到底.ods": (
        lambda: ods(
            people(3),
            'table:number-rows-spanned="1048576" table:number-columns-spanned="16384"',
        ),
        TAKEN,
    ),
    "合并到底.xml": (
        lambda: xml2003(
            people(3), 'ss:MergeDown="1000000" ss:MergeAcross="16000"'
        ),
        ANY,
    ),
    "合并到底.html": (lambda: html(people(3), "rowspan=1000"), TAKEN),
    "许多合并.xls": (
        lambda: xls(
            people(1500),
            *((n, n, c, c + 1) for n in range(1, 1500) for c in (2, 5, 8)),
        ),
        TAKEN,
    ),
    "长数字.csv": (lambda: csv(everywhere(DIGITS)), TAKEN),
    "长数字.xlsx": (lambda: xlsx(everywhere(DIGITS)), TAKEN),
    "长数值.xlsx": (
        lambda: edited(
            xlsx(everywhere(7)),
            sheet1=lambda xml: xml.replace("<v>7</v>", f"<v>{DIGITS}</v>"),
        ),
        ANY,
    ),
    "长数值.xml": (lambda: xml2003(everywhere(DIGITS), kind="Number"), TAKEN),
    "长日期.csv": (
        lambda: csv(everywhere(f"2017年{DIGITS}月{DIGITS}日")),
        TAKEN,
    ),
    "长小数.csv": (lambda: csv(everywhere(f"0.{DIGITS}e{DIGITS}")), TAKEN),
    "月份带日.csv": (
        lambda: csv([["2010-10-10转移就业名单"], *people(2)]),
        TAKEN,
    ),
    "月份不存在.csv": (
        lambda: csv(
            [["2017年99月0000-00-00转移就业名单99999999"], *people(2)]
        ),
        TAKEN,
    ),
    "两百张表.csv": (lambda: side_by_side(200), ANY),
    "很宽.csv": (
        lambda: csv(
            [
                [*HEADERS, *(f"列{n}" for n in range(WIDE))],
                [*people(1)[1], *["x"] * WIDE],
            ]
        ),
        ANY,
    ),
    "很宽.html": (
        lambda: html(
            [
                [*HEADERS, *(f"列{n}" for n in range(WIDE))],
                [*people(1)[1], *["x"] * WIDE],
            ]
        ),
        ANY,
    ),
    "控制字符.csv": (lambda: csv(everywhere(CONTROL)), ANY),
    "控制字符.xls": (
        lambda: xls(everywhere(CONTROL), title="名\x01单"),
        TAKEN,
    ),
    "控制字符.html": (
        lambda: html(everywhere("张三")).replace(
            "张".encode(), b"&#0;&#1;&#x1f;&#xfffe;"
        ),
        TAKEN,
    ),
    "控制字符.xlsx": (
        lambda: edited(
            xlsx(everywhere("张三")),
            sharedStrings=lambda xml: xml.replace(
                "张三", "张_x0000_三_x0001_"
            ),
        ),
        TAKEN,
    ),
    "带时区.xml": (
        lambda: xml2003(everywhere("2017-03-01T00:00:00Z"), kind="DateTime"),
        TAKEN,
    ),
    "带时区.ods": (lambda: ods(people(3), last=ZONED_ROW), TAKEN),
    "严格.xlsx": (lambda: strict_xlsx(people(3)), TAKEN),
    "反斜杠.xlsx": (
        lambda: renamed(xlsx(people(3)), lambda n: n.replace("/", "\\")),
        TAKEN,
    ),
    "斜杠开头.xlsx": (
        lambda: renamed(xlsx(people(3)), lambda n: f"/{n}"),
        TAKEN,
    ),
    "相对.xlsx": (lambda: renamed(xlsx(people(3)), lambda n: f"./{n}"), TAKEN),
    "隐藏到底.ods": (lambda: ods(people(3), last=HIDDEN_ROWS * 30), TAKEN),
    "公式到底.ods": (lambda: ods(people(3), last=FORMULA_ROWS * 30), ANY),
    "隐藏到底.xml": (lambda: xml2003(people(3), last=XML_ROW * 40), ANY),
    "多报大小.xlsx": (lambda: lying(xlsx(people(3)), 2**31), {"rejected"}),
    "少报大小.xlsx": (lambda: lying(xlsx(people(3)), 3), {"rejected"}),
    "十万列.xlsx": (lambda: many_columns(100_000), ANY),
    "六万格式.xlsx": (lambda: many_formats(60_000, colours=False), ANY),
    "六万四千色.xlsx": (lambda: many_formats(62_000, colours=True), TAKEN),
    "不是数.xlsx": (odd_numbers, ANY),
    "两千行全错.csv": (
        lambda: csv(people(2_000, 身份证号="51080219900307")),
        {"partly_loaded", "held"},
    ),
    "两千行全错.xlsx": (
        lambda: xlsx(people(2_000, 身份证号="51080219900307")),
        {"partly_loaded", "held"},
    ),
    "六百张同名表.xml": (
        lambda: xml2003(people(1), more=f"{NAMESAKE}</Worksheet>" * 600),
        ANY,
    ),
}


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[Settled, Path | Ended | None]]:
    """What became of each file, and its return workbook: all of them in one night of one town."""
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    arrivals = []
    for number, (name, (made, _)) in enumerate(CASES.items()):
        path = folder / f"{number}"
        path.write_bytes(made())
        at = datetime(2017, 11, 20, tzinfo=UTC)
        # a town for each: what is the same in two of them would be a copy
        arrivals.append(
            Arrival(
                number,
                "510802",
                f"510802{number:03d}",
                name,
                str(path),
                at,
                business_date=DAY,
            )
        )
    reads = read_tables_of(arrivals, 2)
    settled: list[Settled] = settle_reads(
        clean_files(reads, DAY, 2),
        nothing_known(DAY),
        ROOT / "expectations",
        2,
        list,
    )
    settled = with_cells(
        sorted(settled, key=lambda s: s.arrival.submission_id), reads
    )
    answers = each_apart(CheckReturns(out, DAY).write, settled, 2)
    return {
        s.arrival.file_name: (s, a)
        for s, a in zip(settled, answers, strict=True)
    }


@pytest.mark.parametrize("name", CASES)
def test_every_hostile_file_has_one_verdict_and_an_answer(
    outcomes: dict[str, tuple[Settled, Path | Ended | None]], name: str
):
    settled, answer = outcomes[name]
    assert settled.file.fault is None
    assert settled.outcome.status in CASES[name][1]
    assert (
        len({f.rule for f in settled.outcome.findings if f.verdict == "F"})
        <= 1
    )
    assert not isinstance(answer, Ended), answer
    assert answer is None or REPORT_SHEET in [
        s.name for s in read_book(answer.read_bytes(), "x").sheets
    ]


def test_a_thousand_tables_side_by_side_are_as_many_tables():
    sample = ColumnSample([], 0)
    headings = [
        ColumnHeader(n, (HEADERS[n % 5],), sample) for n in range(5 * 1200)
    ]
    assert [len(part) for part in side_by_side_parts(headings)] == [5] * 1200


def test_findings_are_placed_in_proportion_to_their_number():
    def placing(n: int) -> float:
        rows = people(n, 身份证号="51080219900307")
        table = read_file(csv(rows), "x.csv", Hints()).tables[0]
        told = [
            Finding(0, None, r, "id_no", "I08", "Q", {}, "L3", None, 0, None)
            for r in table.rows
        ]
        began = time.process_time()
        assert len(marks_of([table], told)) == n
        return time.process_time() - began

    short, long = (
        min(placing(500) for _ in range(3)),
        min(placing(4_000) for _ in range(3)),
    )
    assert (
        long < 24 * short
    )  # eight times as many rows; each looked for among all would take 64 times as long


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"a\\b\\名单.csv": b"1"}, ["a/b/名单.csv"]),
        (
            {"/etc/名单.csv": b"1", "C:\\名单.csv": b"2"},
            ["etc/名单.csv", "C:/名单.csv"],
        ),
        (
            {"../../名单.csv": b"1", "./x/../名单.csv": b"2"},
            ["名单.csv", "x/名单.csv"],
        ),
        (
            {"a/名单.csv": b"1", "/a/名单.csv": b"2", "a\\名单.csv": b"3"},
            ["a/名单.csv", "a/名单.csv#2", "a/名单.csv#3"],
        ),
        ({"名" * 300 + ".csv": b"1"}, ["名" * 300 + ".csv"]),
    ],
)
def test_no_name_inside_a_bundle_leads_out_of_it(
    members: dict[str, bytes], names: list[str]
):
    found = unpack(files.zipped(members), "b.zip")
    assert [n for n, _ in found] == names
    assert [d for _, d in found] == list(members.values())
    assert all(
        ".." not in place_of(f"510802/510802100/b.zip/{n}").split("/")
        for n in names
    )


def test_two_names_for_the_same_bytes_are_refused():
    with pytest.raises(RefusedError) as refused:
        unpack(overlapping(), "b.zip")
    assert refused.value.rule == "F06"
