"""The fictitious people of the demo counties: households of villages that do not exist, in towns that do.

Every identity number has the sequence 997 (men) or 998 (women), which no living person carries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from stdnum import luhn

BUSINESS_DATE = date(2017, 11, 20)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = {
    "男": "伟强勇军杰涛明超刚辉鹏飞波斌宇浩凯健俊旭宁林阳建国志远德福成忠",
    "女": "芳娜敏静秀娟英慧巧美莲琼桂兰凤洁梅琳素云霞红玉萍",
}
_EDU = ("初中", "初中", "小学", "小学", "高中", "中专/中技/职高")
_WORKING = ("普通劳动力", "普通劳动力", "普通劳动力", "技能劳动力", "弱劳动力或半劳动力")


@dataclass(frozen=True)
class Village:
    """A village that does not exist."""

    code: str
    name: str
    town: str
    town_code: str


@dataclass(frozen=True)
class Person:
    """One member of a registered household."""

    name: str
    id_no: str
    sex: str
    birth: date
    relation: str
    edu: str
    ethnic: str
    labour: str
    health: str
    school: str
    phone: str
    account: str
    state: str = "在册"

    @property
    def age(self) -> int:
        """Age in full years on the business date."""
        day = BUSINESS_DATE
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))

    @property
    def labourer(self) -> bool:
        """Tell whether the census of labourers must carry the person."""
        within = 16 <= self.age <= (60 if self.sex == "男" else 55)
        return within and self.labour in _WORKING and self.school == "非在校生" and self.state == "在册"


@dataclass
class Household:
    """One registered poor household; the head comes first."""

    number: str
    village: Village
    group: int
    exited: bool
    members: list[Person] = field(default_factory=list)
    industry: str | None = None  # of the talent side's households

    @property
    def head(self) -> Person:
        """The head of the household."""
        return self.members[0]


@dataclass(frozen=True)
class Resident:
    """A person and the household of the register that the person belongs to."""

    person: Person
    household: Household


def make_check(body: str) -> str:
    """Return the check digit of the first 17 characters of an identity number (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(a) * w for a, w in zip(body, weights, strict=True)) % 11]


def make_id(region: str, born: date, sex: str) -> str:
    """Return a well-formed identity number that no living person carries."""
    body = f"{region}{born:%Y%m%d}{997 if sex == '男' else 998}"
    return body + make_check(body)


class Registry:
    """Makes people: the same seed makes the same people, and no number twice."""

    def __init__(self, regions: tuple[str, ...], ethnic: tuple[str, ...], rng: Random, serial: int) -> None:
        self._regions, self._ethnic, self._rng = regions, ethnic, rng
        self._numbers: set[str] = set()
        self._helpers: set[str] = set()
        self._serial = serial

    def household(self, number: str, village: Village) -> Household:
        """Make a household of two to four persons whose head is of working age."""
        rng = self._rng
        home = Household(number, village, rng.randint(1, 8), exited=rng.random() < 0.6)
        head_sex = "男" if rng.random() < 0.85 else "女"
        head_age = rng.randint(34, 50)
        surname, ethnic = rng.choice(_SURNAMES), rng.choice(self._ethnic)
        home.members.append(self._adult(surname, head_sex, head_age, "户主", ethnic))
        if rng.random() < 0.8:
            other = "女" if head_sex == "男" else "男"
            home.members.append(self._adult(rng.choice(_SURNAMES), other, head_age - rng.randint(0, 4), "配偶", ethnic))
        for _ in range(rng.choice((0, 1, 1, 2))):
            home.members.append(self._child(surname, head_age, ethnic))
        if rng.random() < 0.25:
            home.members.append(self._elder(surname, head_age, ethnic))
        return home

    def widen(self, regions: tuple[str, ...]) -> None:
        """Draw numbers with more prefixes from here on: a number stays with whoever moves."""
        self._regions += tuple(r for r in regions if r not in self._regions)

    def small_household(self, number: str, village: Village, industry: str) -> Household:
        """Make a household of one to three persons that lives from one industry."""
        rng = self._rng
        home = Household(number, village, rng.randint(1, 8), exited=rng.random() < 0.5, industry=industry)
        sex, age = "男" if rng.random() < 0.8 else "女", rng.randint(30, 70)
        home.members.append(self._adult(rng.choice(_SURNAMES), sex, age, "户主", "汉族"))
        if rng.random() < 0.55:
            other = "女" if sex == "男" else "男"
            home.members.append(self._adult(rng.choice(_SURNAMES), other, age - rng.randint(0, 4), "配偶", "汉族"))
        if rng.random() < 0.2:
            home.members.append(self._child(home.head.name[0], age, "汉族"))
        return home

    def helper(self, age: int = 0) -> Person:
        """Make somebody who helps: outside the register, with a name that no other helper of the county bears."""
        while True:
            sex = self._rng.choice("男女")
            person = self._adult(self._rng.choice(_SURNAMES), sex, age or self._rng.randint(28, 58), "户主", "汉族")
            if person.name not in self._helpers:
                self._helpers.add(person.name)
                return person

    def stranger(self, rng: Random) -> Person:
        """Make an adult whom no register knows."""
        return self._adult(rng.choice(_SURNAMES), "男", rng.randint(25, 45), "户主", "汉族")

    def elder_worker(self, home: Household) -> Person:
        """Make a parent of the head who is past the age limit and still able to work."""
        elder = self._elder(home.head.name[0], home.head.age, home.head.ethnic, sex="男", age=home.head.age + 25)
        return replace(elder, labour="普通劳动力", health="健康")

    def young_worker(self, home: Household) -> Person:
        """Make a child of the head who is fifteen and not at school."""
        born = self._born(15)
        return self._person(home.head.name[0], "男", born, "子", home.head.ethnic, "普通劳动力", "非在校生")

    def _adult(self, surname: str, sex: str, age: int, relation: str, ethnic: str) -> Person:
        labour = self._rng.choice(_WORKING)
        return self._person(surname, sex, self._born(age), relation, ethnic, labour, "非在校生")

    def _child(self, surname: str, head_age: int, ethnic: str) -> Person:
        age = min(self._rng.randint(4, 28), head_age - 19)
        sex = self._rng.choice("男女")
        school = (
            "非在校生" if age >= 18 else "学前" if age < 6 else "小学" if age < 12 else "八年级" if age < 16 else "高中"
        )
        labour = self._rng.choice(_WORKING) if school == "非在校生" else "无劳动力"
        return self._person(surname, sex, self._born(age), "子" if sex == "男" else "女", ethnic, labour, school)

    def _elder(self, surname: str, head_age: int, ethnic: str, sex: str = "", age: int = 0) -> Person:
        sex = sex or self._rng.choice("男女")
        born = self._born(age or head_age + self._rng.randint(24, 30))
        elder = self._person(surname, sex, born, "父" if sex == "男" else "母", ethnic, "无劳动力", "非在校生")
        return replace(elder, health="长期慢性病")

    def _born(self, age: int) -> date:
        # nobody has a birthday between the day of filling in and the business date
        return date(BUSINESS_DATE.year - age, self._rng.randint(1, 10), self._rng.randint(1, 28))

    def _person(
        self, surname: str, sex: str, born: date, relation: str, ethnic: str, labour: str, school: str
    ) -> Person:
        given = self._rng.sample(_GIVEN[sex], 2)
        day, number = next((d, n) for d, n in self._free_numbers(born, sex) if n not in self._numbers)
        self._numbers.add(number)
        self._serial += 1
        return Person(
            name=surname + "".join(given),
            id_no=number,
            sex=sex,
            birth=day,
            relation=relation,
            edu=self._rng.choice(_EDU),
            ethnic=ethnic,
            labour=labour,
            health="健康",
            school=school,
            phone=f"{(139, 138, 130)[self._serial % 3]}000{self._serial * 7919 % 100000:05}",
            account=_card(self._serial),
        )

    def _free_numbers(self, born: date, sex: str) -> Iterator[tuple[date, str]]:
        for shift in range(28):
            day = born.replace(day=(born.day + shift - 1) % 28 + 1)
            for region in self._regions:
                yield day, make_id(region, day, sex)


def _card(serial: int) -> str:
    body = f"621799000{serial * 7919 % 1_000_000_000:09}"
    return body + str(luhn.calc_check_digit(body))


def days(first: date, last: date, rng: Random) -> date:
    """Draw a day between two days, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))
