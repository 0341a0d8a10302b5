"""Headers with words that only say how to fill in the column, and headers that the offices themselves use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
import yaml
from yiku.contracts import load_codes, load_contracts
from yiku.formats.cells import Book, CellValue, Sheet
from yiku.tables import header_hints, header_text
from yiku.tables.extraction import find_tables
from yiku.tables.grid import text_of
from yiku.tables.header_vocabulary import known, vocabulary
from yiku.tables.table import Table

HINTS = """
必填 选填 必须填写 不能为空 可不填 与身份证一致 与户口簿姓名一致 以合同为准 须与社保卡一致 请填数字 填写到月
下拉选择 从下拉框中选
格式YYYY-MM-DD 格式：2017-03-01 例：19900101 如：李四 例如3000 没有填无 若无则空 单位：元
元/月 精确到分 保留两位小数 见附件2 元，税后 人、次 税前
详见填表说明 18位 文本格式 系统自动生成 请勿修改 年/月/日 是/否 1.是2.否 限20字以内 可多选 单选 据实填写 全称
"""
SHAPES = """
{h}（{t}）|{h}({t})|{h}【{t}】|{h}\n{t}|{h}\n（{t}）|{h} {t}|{h}：{t}|{h}，{t}|{h}——{t}
|（{t}）{h}|【{t}】 {h}|{h}（{t}|{t}：{h}|*{h}（{t}）|※{h}
"""
OTHERS = """
身份证号（户主） 姓名（配偶） 培训时间(起) 务工时间：止 增收（计划） 时间（填报） 负责人（申请） 处理意见
有没有就业 没有就业原因
如何就业 地址（单元） 人数（女） 邀请单位 填报人 见效情况 核实日期 核对人 户主（姓名、电话）
"""
HANDED: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "handed_headers.yml").read_text("utf-8")
)


def _dressed() -> Iterator[tuple[str, str, str, str]]:
    """Yield list, column, header and the header with a hint, for each official header and every third of the others."""
    told, shapes = (
        cycle(HINTS.split()),
        cycle(SHAPES.strip().replace("\n|", "|").split("|")),
    )
    for code, contract in load_contracts().items():
        for column in contract.columns:
            for header in (column.header, *column.aliases[::3]):
                yield (
                    code,
                    column.name,
                    header,
                    next(shapes).format(h=header, t=next(told)),
                )


def test_a_hint_makes_no_header_another_and_hardly_any_unknown() -> None:
    wrong, unknown, total = [], [], 0
    for code, name, header, dressed in _dressed():
        vocab = vocabulary(load_contracts()[code])
        hit, plain = (
            known(vocab, (text_of(dressed),)),
            known(vocab, (text_of(header),)),
        )
        if plain is None or plain[0] != name:
            continue
        total += 1
        if hit is None:
            unknown.append((code, dressed))
        elif hit[0] != name:
            wrong.append((code, dressed, hit[0]))
    assert total > 4000
    assert not wrong
    assert len(unknown) <= total * 0.01, unknown


@pytest.mark.parametrize("header", OTHERS.split())
def test_what_says_which_column_it_is_is_no_hint(header: str) -> None:
    clean = header_text.normalise(header)
    assert header_hints.peeled(clean) == [clean]


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("月工资 单位：元", "元"),
        ("投资额\n（万元，没有填0）", "万元"),
        ("月工资，元", "元"),
    ],
)
def test_the_unit_in_a_hint_still_counts(header: str, unit: str) -> None:
    assert header_text.money_unit(text_of(header)) == unit


def test_the_choices_of_a_column_may_stand_behind_its_header() -> None:
    assert (
        header_text.keys("务工区域（县内/市内县外/省内市外/省外）")[-1]
        == "务工区域"
    )
    assert header_text.keys("关系（户主/本人）") == ("关系户主本人",)


@pytest.mark.parametrize("code", sorted(HANDED))
def test_the_headers_of_the_offices_are_known_by_the_letter(code: str) -> None:
    vocab, wrong = vocabulary(load_contracts()[code]), []
    for name, wordings in HANDED[code].items():
        for wording in wordings:
            hit = known(vocab, (wording,))
            if (
                hit is None or hit[0] != name
            ) and name not in vocab.claimed.get(
                header_text.keys(wording)[0], ()
            ):
                wrong.append((wording, name, hit))
    assert not wrong


def _base(units: list[CellValue]) -> Table:
    head: list[CellValue] = [
        "基地名称",
        "村",
        "产业",
        "层次",
        "依托主体",
        "规模",
        "单位",
        "带动贫困户",
        "入股贫困户",
    ]
    rows = [
        ["红岩基地", "红岩村", "茶叶", "点", "明德合作社", 300, unit, 20, 5]
        for unit in units
    ]
    return find_tables(
        Book(
            "xlsx", [Sheet("a", [["百花工程示范基地申报评定表"], head, *rows])]
        ),
        load_contracts(),
        load_codes(),
    ).tables[0]


@pytest.mark.parametrize(
    ("units", "name"),
    [
        (["亩", "亩", "头"], "uom"),
        (["大石镇", "荣山镇", "大石镇"], "town_name"),
    ],
)
def test_of_two_columns_with_one_name_the_values_tell(
    units: list[CellValue], name: str
) -> None:
    assert _base(units).matched[name].header == "单位"


@pytest.mark.parametrize(
    "piece", ["（必填", "填，", "：如", "请/", "(1) ", "、见"]
)
def test_peeling_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    def took(n: int) -> float:
        text = header_text.normalise("姓名" + piece * n)
        began = time.perf_counter()
        header_hints.peeled(text)
        return time.perf_counter() - began

    assert took(4000) < 0.2
