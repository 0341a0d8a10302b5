"""Rows of every list, made from its contract, with a secret in each column that takes one.

A row of ``sound`` is right but for its secrets: it loads, so that its text goes wherever the text of a list goes. Those
of ``faulty`` hold secrets where codes, numbers, days and names belong, and are sent back or asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nights import (
    PEOPLE,
    TOWNS,
    VILLAGES,
    Person,
    Row,
    households,
    id_number,
    members,
    towns,
    villages,
)
from stdnum.cn import uscc
from yiku.contracts import load_contracts
from yiku.contracts.codes import load_codes
from yiku.contracts.contract import Column, Contract

SPRING, DUE = date(2017, 3, 1), date(2018, 2, 28)
CHINESE, FORMAL, CIRCLED = (
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
)
_ENDS = ("loan_to", "contract_to", "valid_to", "due", "notice_to")
_CODES_OF_PLACES = ("village_code", "town_code")
_EXPERTS = ("司徒云鹤", "游志远", "童润生", "柯明达")
# What the rules of a list ask of a row beyond what they ask of its columns.
_FITTING: Mapping[str, Row] = {
    "E05": {"poor_workers": 12},
    "E07": {"claimant_type": "企业"},
    "L2": {"end_on": date(2017, 4, 1)},
}
_QUARTERS = ("2017年第一季度", "2017年第二季度", "2017年第三季度")


@dataclass(frozen=True)
class Secrets:
    """What somebody has written where it does not belong, of one person and her family."""

    person: Person
    head: Person
    child: Person
    id_no: str
    child_id: str
    mobile: str
    landline: str
    account: str

    @property
    def numbers(self) -> Mapping[str, str]:
        """Return the numbers by what they are."""
        own = {
            "ID": self.id_no,
            "child's ID": self.child_id,
            "mobile": self.mobile,
        }
        return own | {"landline": self.landline, "account": self.account}

    def texts(self) -> list[str]:
        """Return texts that each hold one of the secrets, in a writing of its own."""
        name = self.person.name
        return [
            f"电话{self.mobile}",
            f"联系{self.mobile[:3]}-{self.mobile[3:7]}-{self.mobile[7:]}",
            f"身份证 {broken(self.id_no, ' ')}",
            f"账号{broken(self.account, ' ')}",
            f"号码{wide(self.mobile)}",
            f"打{written(self.mobile, CHINESE)}",
            f"打{written(self.mobile, FORMAL)}找人",
            f"座机{self.landline[:4]}-{self.landline[4:]}",
            f"打{written(self.mobile, CIRCLED)}",
            f"{name}患尿毒症",
            f"其女{self.child.name}，{self.child_id}",
            f"卡号尾数{'·'.join(self.account[-8:])}",
            f"身份证{broken(self.id_no, chr(10), 6)}",
            f"证件{wide(self.child_id)}",
            f"{name}（户主{self.head.name}）办的",
            f"{' '.join(name)}来过",
            f"{name}肝硬化，每月吃药",
            f"尾号{self.account[-6:]}的卡",
            f"手机{'、'.join(self.mobile)}",
            f"联系 {self.mobile[:3]}/{self.mobile[3:7]}/{self.mobile[7:]}",
        ]


def broken(number: str, sign: str, every: int = 4) -> str:
    """Return a number with a sign after every few digits."""
    return sign.join(
        number[i : i + every] for i in range(0, len(number), every)
    )


def wide(number: str) -> str:
    """Return a number in full-width characters."""
    return "".join(chr(ord(c) + 0xFEE0) for c in number)


def written(number: str, digits: str) -> str:
    """Return a number in other digits."""
    return "".join(digits[int(c)] if c.isdigit() else c for c in number)


def _more_people(town: str) -> list[Person]:
    names = [
        "高云飞",
        "林秀川",
        "何小满",
        "郭立冬",
        "马春分",
        "罗雨水",
        "梁大寒",
        "宋芒种",
        "唐谷雨",
        "韩惊蛰",
    ]
    found = []
    for n, name in enumerate(names):
        born = f"19{61 + n}{1 + n:02d}{11 + n}"
        phone = f"1370{(n + 3) * 611_953 % 10_000_000:07d}"
        found.append(
            Person(
                name,
                id_number(born),
                town,
                PEOPLE[town][0].village,
                f"{town}9{n:02d}",
                phone,
            )
        )
    return found


TOWN, OTHER = list(TOWNS)
NEWCOMERS = _more_people(TOWN)
ALL = {TOWN: [*PEOPLE[TOWN], *NEWCOMERS], OTHER: PEOPLE[OTHER]}
OURS = Secrets(
    PEOPLE[TOWN][2], PEOPLE[TOWN][0], PEOPLE[TOWN][3],
    id_number("19850313"), id_number("20091127", 998), "13987654321", "08397654321", "6217987654321098765",
)  # fmt: skip
THEIRS = Secrets(
    PEOPLE[OTHER][2], PEOPLE[OTHER][0], PEOPLE[OTHER][3],
    id_number("19860929"), id_number("20081216", 998), "15826049371", "08392604937", "6228483197524680537",
)  # fmt: skip


def takes_text(column: Column) -> bool:
    """Tell whether a column takes whatever a clerk writes."""
    if column.personal == "household" or column.name in _CODES_OF_PLACES:
        return False
    return column.kind in ("text", "place") or bool(
        column.codes and load_codes()[column.codes].open
    )


def sound(
    code: str, town: str, secrets: Secrets, count: int = 20
) -> list[Row]:
    """Return rows of a list about people of a town that load, with secrets of every writing in each column of text."""
    contract, texts = load_contracts()[code], secrets.texts()
    bases = list(_bases(contract, town, count))
    rows = []
    for n, base in enumerate(bases):
        told = {
            c.name: "；".join(
                texts[(k + at) % len(texts)]
                for k in range(n, len(texts), len(bases))
            )
            for at, c in enumerate(contract.columns)
            if takes_text(c) and c.name not in base
        }
        rows.append(base | told)
    return rows


def faulty(
    code: str, town: str, secrets: Secrets, count: int = 4
) -> list[Row]:
    """Return rows with secrets in the columns that take no text, a part of them in each."""
    contract, texts = load_contracts()[code], secrets.texts()
    rows = []
    for n, base in enumerate(_bases(contract, town, count)):
        wrong = {
            c.name: texts[(n + at) % len(texts)]
            for at, c in enumerate(contract.columns)
            if not takes_text(c) and c.need != "X" and at % count == n
        }
        filled = {
            c.name: f"甲{n}"
            for c in contract.columns
            if takes_text(c) and c.need == "M" and c.name not in base
        }
        rows.append(base | filled | wrong)
    return rows


def _bases(contract: Contract, town: str, count: int) -> Iterator[Row]:
    """Yield what rows have beside their text."""
    reference = {
        "V01": villages,
        "V02": towns,
        "H01": households,
        "H02": members,
    }
    if contract.reference:
        rows = reference[contract.code]()
        rows += {"H01": _households, "H02": _members}.get(
            contract.code, list
        )()
        yield from rows
        return
    for n in range(min(count, _MOST.get(contract.code, count))):
        person = ALL[town][n % len(ALL[town])]
        asked = (
            c
            for c in contract.columns
            if _is_asked(c) or c.name == "village_name"
        )
        row = {c.name: _plain(contract, c, person, n) for c in asked}
        yield (
            row
            | _FITTING.get(contract.code, {})
            | _counted(contract.code, town, n)
        )


# Of these a village has so many rows and no more.
_MOST = {"E06": 16, "E08": 6}


def _counted(code: str, town: str, n: int) -> Row:
    if code == "E06":
        return {"item_no": 1 + n % 8, "village_name": VILLAGES[town][n // 8]}
    if code == "E08":
        return {
            "quarter": _QUARTERS[n % 3],
            "village_name": VILLAGES[town][n // 3],
        }
    return {}


def _is_asked(column: Column) -> bool:
    return column.need == "M" and not takes_text(column)


def _households() -> list[Row]:
    return [
        {
            "town_name": TOWNS[p.town], "village_name": p.village, "household_no": p.household_no, "head_name": p.name,
            "head_id_no": p.id_no, "attr": "一般贫困户", "cause": "缺技术", "member_count": 1, "in_year": 2014,
            "poverty_status": "已脱贫",
        }
        for p in NEWCOMERS
    ]  # fmt: skip


def _members() -> list[Row]:
    return [
        {
            "household_no": p.household_no, "name": p.name, "id_no": p.id_no, "phone": p.phone,
            "labour_capacity": "普通劳动力", "member_state": "正常",
        }
        for p in NEWCOMERS
    ]  # fmt: skip


def _plain(contract: Contract, column: Column, person: Person, n: int) -> Any:
    """Return a value that a column takes."""
    head = next(
        p for p in ALL[person.town] if p.household_no == person.household_no
    )
    body = f"91510802MA62{n % 10000:05d}"
    whole = body + str(uscc.calc_check_digit(body))
    named = {
        "town_name": TOWNS[person.town], "village_name": person.village, "household_no": person.household_no,
        "head_name": head.name, "head_id_no": head.id_no, "year": 2017,
        contract.person_name: person.name, contract.person_id: whole if contract.code == "E07" else person.id_no,
    }  # fmt: skip
    kinds = {
        "name": _EXPERTS[n % len(_EXPERTS)], "id": person.id_no, "uscc": whole,
        "id_or_uscc": whole if contract.code == "E07" else person.id_no, "quarter": _QUARTERS[0],
        "date": DUE if column.name in _ENDS else SPRING + timedelta(n), "month": "2017-03", "money": 1000 + n,
        "integer": 3, "number": 3, "percent": "10%", "bool": "是", "phone": person.phone,
        "account": "6230520480012345670", "group": "1组",
    }  # fmt: skip
    if column.name in named:
        return named[column.name]
    if column.kind == "code":
        labels = load_codes()[column.codes or ""].labels
        return labels[0]
    return kinds[column.kind]
