"""The fictitious people of the demo counties.

Households of villages that do not exist, in towns that do.

Every identity number has the sequence 997 (men) or 998 (women), which no living person
carries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from stdnum import luhn

BUSINESS_DATE = date(2017, 11, 20)
NO_PUPIL = "非在校生"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = {
    "男": "伟强勇军杰涛明超刚辉鹏飞波斌宇浩凯健俊旭宁林阳建国志远德福成忠",
    "女": "芳娜敏静秀娟英慧巧美莲琼桂兰凤洁梅琳素云霞红玉萍",
}
_EDU = ("初中", "初中", "小学", "小学", "高中", "中专/中技/职高")
_WORKING = (
    "普通劳动力",
    "普通劳动力",
    "普通劳动力",
    "技能劳动力",
    "弱劳动力或半劳动力",
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_SCHOOLS = (
    (6, "学前"),
    (12, "小学"),
    (16, "八年级"),
    (18, "高中"),
)  # below this age
PHONES = (139, 138, 130)  # no number with 000 behind them is given out


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
        birthday = (self.birth.month, self.birth.day)
        is_ahead = birthday > (BUSINESS_DATE.month, BUSINESS_DATE.day)
        return BUSINESS_DATE.year - self.birth.year - is_ahead

    @property
    def labourer(self) -> bool:
        """Return whether the census of labourers must carry the person."""
        # the age of retirement of 2017, which ends the census for women sooner
        oldest = 60 if self.sex == "男" else 55
        is_of_age = 16 <= self.age <= oldest
        has_left_school = self.school == NO_PUPIL
        is_registered = self.state == "在册"
        return (
            is_of_age
            and has_left_school
            and is_registered
            and self.labour in _WORKING
        )


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

    @property
    def poverty_status(self) -> str:
        """Whether the household has left poverty; its support goes on."""
        return "已脱贫(享受政策)" if self.exited else "未脱贫"


@dataclass(frozen=True)
class Resident:
    """A person and the household of the register that the person belongs to."""

    person: Person
    household: Household


def make_check(body: str) -> str:
    """Return the check digit of the first 17 characters of an identity number (GB 11643)."""
    total = 0
    for digit, weight in zip(body, _WEIGHTS, strict=True):
        total += int(digit) * weight
    return "10X98765432"[total % 11]


def make_id(region: str, born: date, sex: str) -> str:
    """Return a well-formed identity number that no living person carries."""
    # an odd sequence is a man's, an even one a woman's
    sequence = "997" if sex == "男" else "998"
    body = f"{region}{born:%Y%m%d}{sequence}"
    return body + make_check(body)


class Registry:
    """Makes people: the same seed makes the same people, and no number twice."""

    def __init__(
        self,
        regions: tuple[str, ...],
        ethnic: tuple[str, ...],
        rng: Random,
        serial: int,
        phones: Sequence[int] = PHONES,
    ) -> None:
        self._regions = regions
        self._ethnic = ethnic
        self._rng = rng
        self._numbers: set[str] = set()
        self._helpers: set[str] = set()
        self._serial = serial
        self._phones = phones

    # Every seed has its counties: whoever changes the order of the draws below changes
    # them all.

    def household(self, number: str, village: Village) -> Household:
        """Make a household of two to four persons whose head is of working age."""
        rng = self._rng
        home = Household(
            number, village, rng.randint(1, 8), exited=rng.random() < 0.6
        )
        sex = "男" if rng.random() < 0.85 else "女"
        age = rng.randint(34, 50)
        surname = rng.choice(_SURNAMES)
        ethnic = rng.choice(self._ethnic)
        home.members.append(self._adult(surname, sex, age, "户主", ethnic))
        if rng.random() < 0.8:
            home.members.append(self._spouse(sex, age, ethnic))
        for _child in range(rng.choice((0, 1, 1, 2))):
            home.members.append(self._child(surname, age, ethnic))
        if rng.random() < 0.25:
            home.members.append(self._parent(surname, age, ethnic))
        return home

    def widen(self, regions: tuple[str, ...]) -> None:
        """Draw numbers with more prefixes from here on.

        A number stays with whoever moves.
        """
        self._regions += tuple(
            region for region in regions if region not in self._regions
        )

    def small_household(
        self, number: str, village: Village, industry: str
    ) -> Household:
        """Make a household of one to three persons that lives from one industry."""
        rng = self._rng
        group = rng.randint(1, 8)
        has_exited = rng.random() < 0.5
        home = Household(number, village, group, has_exited, industry=industry)
        sex = "男" if rng.random() < 0.8 else "女"
        age = rng.randint(30, 70)
        surname = rng.choice(_SURNAMES)
        home.members.append(self._adult(surname, sex, age, "户主", "汉族"))
        if rng.random() < 0.55:
            home.members.append(self._spouse(sex, age, "汉族"))
        if rng.random() < 0.2:
            home.members.append(self._child(surname, age, "汉族"))
        return home

    def helper(self, age: int = 0) -> Person:
        """Make somebody who helps, outside the register."""
        # lists name a helper without a number: no two of a county bear one name
        while True:
            sex = self._rng.choice("男女")
            surname = self._rng.choice(_SURNAMES)
            years = age or self._rng.randint(28, 58)
            person = self._adult(surname, sex, years, "户主", "汉族")
            if person.name not in self._helpers:
                self._helpers.add(person.name)
                return person

    def stranger(self, rng: Random) -> Person:
        """Make an adult whom no register knows."""
        surname = rng.choice(_SURNAMES)
        return self._adult(surname, "男", rng.randint(25, 45), "户主", "汉族")

    def elder_worker(self, home: Household) -> Person:
        """Make a parent of the head who is past the age limit and still able to work."""
        head = home.head
        born = self._born(head.age + 25)
        elder = self._elder(head.name[0], "男", born, head.ethnic)
        return replace(elder, labour="普通劳动力", health="健康")

    def young_worker(self, home: Household) -> Person:
        """Make a child of the head who is fifteen and not at school."""
        head = home.head
        born = self._born(15)
        return self._person(
            head.name[0], "男", born, "子", head.ethnic, "普通劳动力", NO_PUPIL
        )

    def _adult(
        self, surname: str, sex: str, age: int, relation: str, ethnic: str
    ) -> Person:
        labour = self._rng.choice(_WORKING)
        born = self._born(age)
        return self._person(
            surname, sex, born, relation, ethnic, labour, NO_PUPIL
        )

    def _spouse(
        self, sex_of_head: str, age_of_head: int, ethnic: str
    ) -> Person:
        sex = "女" if sex_of_head == "男" else "男"
        surname = self._rng.choice(_SURNAMES)
        age = age_of_head - self._rng.randint(0, 4)
        return self._adult(surname, sex, age, "配偶", ethnic)

    def _child(self, surname: str, age_of_head: int, ethnic: str) -> Person:
        # nobody of the demo is a parent before nineteen
        age = min(self._rng.randint(4, 28), age_of_head - 19)
        sex = self._rng.choice("男女")
        school = _school(age)
        labour = (
            self._rng.choice(_WORKING) if school == NO_PUPIL else "无劳动力"
        )
        relation = "子" if sex == "男" else "女"
        born = self._born(age)
        return self._person(
            surname, sex, born, relation, ethnic, labour, school
        )

    def _parent(self, surname: str, age_of_head: int, ethnic: str) -> Person:
        sex = self._rng.choice("男女")
        born = self._born(age_of_head + self._rng.randint(24, 30))
        return self._elder(surname, sex, born, ethnic)

    def _elder(
        self, surname: str, sex: str, born: date, ethnic: str
    ) -> Person:
        relation = "父" if sex == "男" else "母"
        elder = self._person(
            surname, sex, born, relation, ethnic, "无劳动力", NO_PUPIL
        )
        return replace(elder, health="长期慢性病")

    def _born(self, age: int) -> date:
        # nobody has a birthday between the day of filling in and the business date
        month = self._rng.randint(1, 10)
        day = self._rng.randint(1, 28)
        return date(BUSINESS_DATE.year - age, month, day)

    def _person(
        self,
        surname: str,
        sex: str,
        born: date,
        relation: str,
        ethnic: str,
        labour: str,
        school: str,
    ) -> Person:
        given = "".join(self._rng.sample(_GIVEN[sex], 2))
        birth, number = self._free_number(born, sex)
        self._numbers.add(number)
        self._serial += 1
        return Person(
            name=surname + given,
            id_no=number,
            sex=sex,
            birth=birth,
            relation=relation,
            edu=self._rng.choice(_EDU),
            ethnic=ethnic,
            labour=labour,
            health="健康",
            school=school,
            phone=_phone(self._phones, self._serial),
            account=_card(self._serial),
        )

    def _free_number(self, born: date, sex: str) -> tuple[date, str]:
        """Return the first day and number that nobody has yet, from a day on."""
        # with the sequence fixed, a day and a region hold one man and one woman alone
        for shift in range(28):
            day = born.replace(day=(born.day + shift - 1) % 28 + 1)
            for region in self._regions:
                number = make_id(region, day, sex)
                if number not in self._numbers:
                    return day, number
        raise ValueError(f"no number is left for {born:%Y-%m}")


def _school(age: int) -> str:
    for below, school in _SCHOOLS:
        if age < below:
            return school
    return NO_PUPIL


def _scattered(serial: int, count: int) -> int:
    """Return a serial as a number that does not look like one.

    7919 is prime to powers of ten.
    """
    return serial * 7919 % count


def _phone(prefixes: Sequence[int], serial: int) -> str:
    prefix = prefixes[serial % len(prefixes)]
    return f"{prefix}000{_scattered(serial, 100_000):05}"


def _card(serial: int) -> str:
    body = f"621799000{_scattered(serial, 1_000_000_000):09}"
    return body + str(luhn.calc_check_digit(body))
