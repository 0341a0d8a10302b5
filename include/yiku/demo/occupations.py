"""Who is trained, works away, runs a venture or holds a post in a demo county.

And what the lists say of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from yiku.demo.people import Resident
from yiku.demo.rows import Row, credit_code, days, in_turn, person_columns
from yiku.demo.world import County, Town

TRAINED = (
    (1010, 800),
    (680, 1200),
)  # persons and yuan each: 1690 persons, 1,624,000 yuan
POSTS = 300
STUDENTS = 5
POST_YUAN = 1300
BASES = 10
_CLASS_SIZE = 50
_FOUNDERS = 60
_AWAY = (
    ("浙江省杭州市", "杭州顺达服装厂"),
    ("广东省东莞市", "东莞恒利电子厂"),
    ("福建省泉州市", "泉州鸿运鞋业"),
)
_INSIDE = {
    "四川省": (("成都市", "成都宏发建筑公司"), ("绵阳市", "绵阳和兴餐饮店")),
    "贵州省": (("贵阳市", "贵阳宏发建筑公司"), ("遵义市", "遵义和兴餐饮店")),
}
_JOBS = (
    ("制造业", "缝纫"),
    ("制造业", "装配工"),
    ("建筑业", "砌筑"),
    ("住宿和餐饮业", "服务员"),
)
_POSTS = (
    ("保洁", "村级保洁员"),
    ("护林", "生态护林员"),
    ("护路", "乡村道路养护员"),
    ("治安巡防", "治安巡逻员"),
)
_TRADES = {
    800: ("养殖", "种植", "中药材"),
    1200: ("中式烹调", "焊工", "电工"),
}
_VENTURES = (
    ("土鸡养殖", "绿色生态畜禽"),
    ("茶叶种植", "茶叶"),
    ("核桃种植", "核桃"),
    ("农家乐", "乡村旅游"),
)
_BASE_NAMES = ("兴农", "鑫源", "和顺", "民富", "旺达")


@dataclass
class Roles:
    """What the lists say of a county's labourers, by identity number."""

    accounts: dict[str, str]
    training: dict[str, Row] = field(default_factory=dict)
    transfer: dict[str, Row] = field(default_factory=dict)
    venture: dict[str, Row] = field(default_factory=dict)
    post: dict[str, Row] = field(default_factory=dict)

    def work(self, number: str) -> Row:
        """Return somebody's spell away from the farm, empty for those who have none."""
        return self.transfer.get(number, {})

    def status(self, number: str) -> str | None:
        """Return the employment that the census must report, or None for those without."""
        spell_of = self.transfer.get(number)
        if spell_of and spell_of["end_on"] is None:
            return "转移就业"
        if number in self.post:
            return "公益性岗位"
        return "自主创业" if number in self.venture else None


def give_roles(county: County, scale: int, rng: Random) -> Roles:
    """Hand out trainings, spells, posts and ventures.

    So that the county's totals come out exactly.
    """
    holders, founders, movers = _cast(county, scale, rng)
    accounts = {}
    for resident in county.residents():
        accounts[resident.person.id_no] = resident.person.account
    roles = Roles(accounts)
    _train(county, roles, scale, rng)
    for number, resident in enumerate(holders):
        roles.post[resident.person.id_no] = _post(resident, number, rng)
    for number, resident in enumerate(founders):
        roles.venture[resident.person.id_no] = _venture(
            resident, number, county, rng
        )
    for resident in movers:
        is_trained = resident.person.id_no in roles.training
        roles.transfer[resident.person.id_no] = spell(
            resident, county, is_trained, rng
        )
    if county.plan.full:
        _work_at_bases(roles)
    return roles


Cast = tuple[list[Resident], list[Resident], list[Resident]]


def _cast(county: County, scale: int, rng: Random) -> Cast:
    """Choose who holds a post, who runs a venture and who works away.

    Nobody does two of them.
    """
    labourers: list[Resident] = []
    for town in county.towns:
        labourers += town.labourers
    order = rng.sample(labourers, len(labourers))
    if county.plan.full:
        post_count = POSTS * scale
        founder_count = _FOUNDERS * scale
    else:
        post_count = max(8, len(order) // 12)
        founder_count = len(order) // 20
    # whoever takes a post may hold it for three years, and not past the age limit
    able = [resident for resident in order if resident.person.age <= 55]
    holders = able[:post_count]
    taken = {resident.person.id_no for resident in holders}
    rest = [
        resident for resident in order if resident.person.id_no not in taken
    ]
    founders = rest[:founder_count]
    mover_count = len(order) * 2 // 5
    movers = rest[len(founders) : len(founders) + mover_count]
    return holders, founders, movers


def _work_at_bases(roles: Roles) -> None:
    """Let those who work in the county work at its employment bases, in turn."""
    spells = [
        row for row in roles.transfer.values() if row["region"] == "县内"
    ]
    for number, row in enumerate(spells):
        base = number % BASES
        row["employer"] = base_name(base)
        row["employer_uscc"] = base_code(base)


def base_name(number: int) -> str:
    """Return the name of the n-th employment base."""
    kind = "食品厂" if number < len(_BASE_NAMES) else "种养场"
    return f"利州{in_turn(_BASE_NAMES, number)}{kind}"


def base_code(number: int) -> str:
    """Return the credit code of the n-th employment base.

    An enterprise's, no real one's.
    """
    return credit_code("91", "510802", "MA6", number)


def _train(county: County, roles: Roles, scale: int, rng: Random) -> None:
    """Train the planned numbers, spread over the towns by their labourers."""
    total = sum(len(town.labourers) for town in county.towns)
    wanted = [(persons * scale, yuan) for persons, yuan in TRAINED]
    if not county.plan.full:
        wanted = [(total // 5, 800), (total // 6, 1200)]
    before = 0
    for town in county.towns:
        here = rng.sample(town.labourers, len(town.labourers))
        after = before + len(here)
        for persons, yuan in wanted:
            # by labourers until here, so that the towns add up to the whole
            trained_before = before * persons // total
            count = after * persons // total - trained_before
            people = here[:count]
            roles.training |= _classes(town, county, people, yuan, rng)
            here = here[count:]
        before = after


def _classes(
    town: Town, county: County, people: list[Resident], yuan: int, rng: Random
) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for first in range(0, len(people), _CLASS_SIZE):
        number = first // _CLASS_SIZE + 1
        shared = _class(town, county, number, yuan, rng)
        for resident in people[first : first + _CLASS_SIZE]:
            rows[resident.person.id_no] = person_columns(resident) | shared
    return rows


def _class(
    town: Town, county: County, number: int, yuan: int, rng: Random
) -> Row:
    """Return what the rows of one class share."""
    start = days(date(2017, 3, 1), date(2017, 5, 20), rng)
    trade = rng.choice(_TRADES[yuan])
    paid_on = date(2017, 8, rng.randint(1, 28))
    # the dearer class ends with an examination of skill
    is_skilled = yuan == 1200
    school = "创业" if is_skilled else "启航"
    return {
        "class_no": f"{town.code[-3:]}-{yuan // 100:02}-{number:02}",
        "train_type": "就业技能" if is_skilled else "扶贫专班",
        "occupation": trade,
        "level": "初级(五)" if is_skilled else "无",
        "org_name": f"{county.plan.name}{school}职业培训学校",
        "place": f"{town.name}便民服务中心",
        "start_on": start,
        "end_on": start + timedelta(days=14),
        "hours": 120,
        "days": 15,
        "result": "合格",
        "std_yuan": yuan,
        "amount_yuan": yuan,
        "payee": "个人",
        "paid_on": paid_on,
    }


def spell(
    resident: Resident, county: County, trained: bool, rng: Random
) -> Row:
    """Return a spell of employment away from the farm."""
    region = rng.choice(("省外", "省外", "省内市外", "市内县外", "县内"))
    place, employer = _workplace(county, region, rng)
    start = _start_of_spell(trained, rng)
    # a spell that began after a class is too young to be over
    has_ended = not trained and rng.random() < 0.15
    industry, job = rng.choice(_JOBS)
    return person_columns(resident) | {
        "emp_form": "单位就业",
        "region": region,
        "place": place,
        "employer": employer,
        "industry": industry,
        "job": job,
        "channel": rng.choice(("自主/亲友", "政府组织劳务输出", "招聘会")),
        "contract": rng.choice(("劳动合同", "劳务协议")),
        "insured": rng.random() < 0.5,
        "start_on": start,
        "end_on": date(2017, 9, rng.randint(1, 28)) if has_ended else None,
        "return_reason": "家庭" if has_ended else None,
        "wage_yuan": rng.randrange(2000, 5200, 100),
    }


def _workplace(county: County, region: str, rng: Random) -> tuple[str, str]:
    """Return a place and an employer of a region."""
    if region == "省外":
        return rng.choice(_AWAY)
    if region == "省内市外":
        province = county.plan.province
        city, employer = rng.choice(_INSIDE[province])
        return province + city, employer
    is_neighbour = region == "市内县外"
    name = county.plan.neighbour if is_neighbour else county.plan.name
    return county.plan.city + name, f"{name[:2]}兴农食品厂"


def _start_of_spell(trained: bool, rng: Random) -> date:
    # whoever was trained in spring left only after the class
    if trained:
        return days(date(2017, 7, 1), date(2017, 10, 20), rng)
    return days(date(2016, 3, 1), date(2017, 6, 30), rng)


def _venture(
    resident: Resident, number: int, county: County, rng: Random
) -> Row:
    project, industry = rng.choice(_VENTURES)
    village = resident.household.village.name
    is_student = county.plan.full and number < STUDENTS
    # the start-up grant is paid once a venture has run for a year
    is_older = number % 2 == 0
    registered_on = _registered_on(is_older, rng)
    return person_columns(resident) | {
        "project": project,
        "ent_type": "个体工商户",
        "ent_name": f"{village}{resident.person.name[-1]}{project}场",
        "uscc": credit_code("92", county.code, "MA6", number),
        "reg_on": registered_on,
        "place": village,
        "industry": industry,
        "invest_yuan": rng.randrange(60, 400) * 1000,
        "jobs": 4,
        "poor_households": 2,
        "poor_workers": 3,
        "grant_yuan": 10000 if is_older else None,
        "paid_on": date(2017, 9, rng.randint(10, 28)) if is_older else None,
        "is_returnee": rng.random() < 0.5 or is_student,
        "is_student": is_student,
        "op_status": "正常",
    }


def _registered_on(is_older: bool, rng: Random) -> date:
    if is_older:
        return date(2016, rng.randint(1, 8), rng.randint(1, 28))
    return date(2017, rng.randint(1, 9), 6)


def _post(resident: Resident, number: int, rng: Random) -> Row:
    kind, name = rng.choice(_POSTS)
    month = rng.randint(1, 9)
    # paid from its first month until October
    months = 11 - month
    village = resident.household.village
    return person_columns(resident) | {
        "post_no": f"GW{village.town_code[-3:]}{number + 1:04}",
        "post_name": name,
        "post_type": kind,
        "manager_unit": f"{village.name}民委员会",
        "place": village.name,
        "start_on": date(2017, month, 1),
        "end_on": date(2018, month, 1) - timedelta(days=1),
        "std_yuan": POST_YUAN,
        "months": months,
        "amount_yuan": POST_YUAN * months,
        "bank": "农村信用社",
        "account_no": resident.person.account,
        "account_name": resident.person.name,
        "insured": True,
        "days": 22,
    }
