"""What is true in the demo counties, list by list: one dictionary of typed values for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from stdnum.cn import uscc

from yiku.demo.people import Resident, Village, days
from yiku.demo.world import INDUSTRIES, County, Town

Row = dict[str, Any]

TRAINED = ((1010, 800), (680, 1200))  # persons and yuan each: 1690 persons, 1,624,000 yuan
POSTS = 300
STUDENTS = 5
POST_YUAN = 1300
TOWNS_NOT_EXITED = 6
POOR_PER_MILLE = 198
CENTRES = {"510802": (105.83, 32.44), "510821": (106.29, 32.23), "520524": (105.77, 26.66)}  # degrees east, north
BASES = 10
CLAIMANTS = ("广元永固建筑公司", "广元锦程劳务公司")  # employers who claim an award for the same workers
CLAIMED = 3
TWICE = 6  # holders for whom a month's pay is asked a second time
INDICATORS = (
    ("trained_persons", "就业培训人数", 1690, "人"),
    ("training_subsidy_yuan", "培训补贴资金", 1624000, "元"),
    ("posts", "公益性岗位安置人数", 300, "人"),
    ("placements", "职业介绍人数", 300, "人"),
    ("job_fairs", "专场招聘会场次", 9, "场"),
    ("student_founders", "贫困家庭大学生创业人数", 5, "人"),
    ("bases", "就业扶贫基地数", 10, "个"),
    ("demo_villages", "就业扶贫示范村数", 9, "个"),
)
GOALS = (  # of Zhijin, which published no numbers
    ("service_experts", "引进优秀服务专家队伍", "人"),
    ("leaders", "培育农村致富带头人", "人"),
    ("demo_sites", "打造人才扶贫示范点", "个"),
    ("lead_industries", "发展主导特色产业", "个"),
    ("led_households", "带动贫困户脱贫致富", "户"),
    ("high_level_talents", "引进高层次人才", "人"),
    ("scarce_talents", "引进急需紧缺人才", "人"),
    ("recruited_experts", "引进优秀专家", "人"),
    ("new_leaders", "新增致富带头人", "人"),
    ("taught_poor", "教育培训贫困群众", "人"),
)
_AWAY = {
    "省外": (("浙江省杭州市", "杭州顺达服装厂"), ("广东省东莞市", "东莞恒利电子厂"), ("福建省泉州市", "泉州鸿运鞋业")),
    "省内市外": (("成都市", "成都宏发建筑公司"), ("绵阳市", "绵阳和兴餐饮店")),
}
_INSIDE = {"510802": ("四川省", "苍溪县"), "510821": ("四川省", "苍溪县"), "520524": ("贵州省", "大方县")}
_OUTSIDE = {"四川省": _AWAY["省内市外"], "贵州省": (("贵阳市", "贵阳宏发建筑公司"), ("遵义市", "遵义和兴餐饮店"))}
_JOBS = (("制造业", "缝纫"), ("制造业", "装配工"), ("建筑业", "砌筑"), ("住宿和餐饮业", "服务员"))
_POSTS = (("保洁", "村级保洁员"), ("护林", "生态护林员"), ("护路", "乡村道路养护员"), ("治安巡防", "治安巡逻员"))
_TRADES = {800: ("养殖", "种植", "中药材"), 1200: ("中式烹调", "焊工", "电工")}
_VENTURES = (("土鸡养殖", "绿色生态畜禽"), ("茶叶种植", "茶叶"), ("核桃种植", "核桃"), ("农家乐", "乡村旅游"))


@dataclass
class Roles:
    """Which of a county's labourers are trained, work away, hold a post or run a venture, by identity number."""

    training: dict[str, Row]
    transfer: dict[str, Row]
    venture: dict[str, Row]
    post: dict[str, Row]
    accounts: dict[str, str]

    def status(self, number: str) -> str | None:
        """Return the employment that the census must report, or None for those without."""
        spell = self.transfer.get(number)
        if spell and spell["end_on"] is None:
            return "转移就业"
        return "公益性岗位" if number in self.post else "自主创业" if number in self.venture else None


def give_roles(county: County, scale: int, rng: Random) -> Roles:
    """Hand out trainings, spells, posts and ventures so that the county's totals come out exactly."""
    labourers = [r for t in county.towns for r in t.labourers]
    order = rng.sample(labourers, len(labourers))
    quota = POSTS * scale if county.plan.full else max(8, len(order) // 12)
    holders = [r for r in order if r.person.age <= 55][:quota]
    rest = [r for r in order if r not in _Set(holders)]
    founders = rest[: 60 * scale if county.plan.full else len(order) // 20]
    movers = rest[len(founders) : len(founders) + len(order) * 2 // 5]
    roles = Roles({}, {}, {}, {}, {r.person.id_no: r.person.account for r in county.residents()})
    _train(county, roles, scale, rng)
    roles.post = {r.person.id_no: _post(r, n, rng) for n, r in enumerate(holders)}
    roles.venture = {r.person.id_no: _venture(r, n, county, rng) for n, r in enumerate(founders)}
    trained = roles.training
    roles.transfer = {r.person.id_no: spell(r, county, r.person.id_no in trained, rng) for r in movers}
    if county.plan.full:
        _work_at_bases([s for s in roles.transfer.values() if s["region"] == "县内"])
    return roles


def _work_at_bases(spells: list[Row]) -> None:
    """Let those who work in the county work at its employment bases, in turn."""
    for n, one in enumerate(spells):
        one |= {"employer": base_name(n % BASES), "employer_uscc": base_code(n % BASES)}


def base_name(n: int) -> str:
    """Return the name of the n-th employment base."""
    return f"利州{'兴农鑫源和顺民富旺达'[2 * (n % 5) : 2 * (n % 5) + 2]}{('食品厂', '种养场')[n // 5]}"


def base_code(n: int) -> str:
    """Return the credit code of the n-th employment base: an enterprise's, no real one's."""
    body = f"91510802MA6{n:05}X"
    return f"{body}{uscc.calc_check_digit(body)}"


class _Set:
    """Residents by identity number (households are not hashable)."""

    def __init__(self, residents: Iterable[Resident]) -> None:
        self._numbers = {r.person.id_no for r in residents}

    def __contains__(self, resident: Resident) -> bool:
        return resident.person.id_no in self._numbers


def place_and_household(resident: Resident) -> Row:
    """Return the shared columns of a place and a household."""
    home = resident.household
    return {
        "town_name": home.village.town,
        "village_name": home.village.name,
        "group_no": home.group,
        "household_no": home.number,
        "head_name": home.head.name,
        "head_id_no": home.head.id_no,
    }


def person_columns(resident: Resident) -> Row:
    """Return the shared columns of a place, a household and a person."""
    p = resident.person
    return place_and_household(resident) | {
        "name": p.name,
        "id_no": p.id_no,
        "sex": p.sex,
        "birth_date": p.birth,
        "age": p.age,
        "ethnic": p.ethnic,
        "rel_to_head": p.relation,
        "edu": p.edu,
        "phone": p.phone,
    }


def _train(county: County, roles: Roles, scale: int, rng: Random) -> None:
    """Train the planned numbers, spread over the towns by their labourers."""
    wanted = [(n * scale, yuan) for n, yuan in TRAINED]
    if not county.plan.full:
        everyone = sum(len(t.labourers) for t in county.towns)
        wanted = [(everyone // 5, 800), (everyone // 6, 1200)]
    totals = sum(len(t.labourers) for t in county.towns)
    before = 0
    for town in county.towns:
        here = rng.sample(town.labourers, len(town.labourers))
        after = before + len(here)
        for n, yuan in wanted:
            share = after * n // totals - before * n // totals
            taken, here = here[:share], here[share:]
            roles.training |= _classes(town, county, taken, yuan, rng)
        before = after


def _classes(town: Town, county: County, people: list[Resident], yuan: int, rng: Random) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for n in range(0, len(people), 50):
        start = days(date(2017, 3, 1), date(2017, 5, 20), rng)
        trade = rng.choice(_TRADES[yuan])
        paid = date(2017, 8, rng.randint(1, 28))
        shared = {
            "class_no": f"{town.code[-3:]}-{yuan // 100:02}-{n // 50 + 1:02}",
            "train_type": "就业技能" if yuan == 1200 else "扶贫专班",
            "occupation": trade,
            "level": "初级(五)" if yuan == 1200 else "无",
            "org_name": f"{county.plan.name}{'启航' if yuan == 800 else '创业'}职业培训学校",
            "place": f"{town.name}便民服务中心",
            "start_on": start,
            "end_on": start + timedelta(days=14),
            "hours": 120,
            "days": 15,
            "result": "合格",
            "std_yuan": yuan,
            "amount_yuan": yuan,
            "payee": "个人",
            "paid_on": paid,
        }
        rows |= {r.person.id_no: person_columns(r) | shared for r in people[n : n + 50]}
    return rows


def spell(resident: Resident, county: County, trained: bool, rng: Random) -> Row:
    """Return a spell of employment away from the farm."""
    province, neighbour = _INSIDE[county.code]
    region = rng.choice(("省外", "省外", "省内市外", "市内县外", "县内"))
    if region == "省外":
        place, employer = rng.choice(_AWAY[region])
    elif region == "省内市外":
        place, employer = rng.choice(_OUTSIDE[province])
        place = province + place
    else:
        place = county.plan.city + (neighbour if region == "市内县外" else county.plan.name)
        employer = f"{neighbour[:2] if region == '市内县外' else county.plan.name[:2]}兴农食品厂"
    # whoever was trained in spring left only after the class
    start = (
        days(date(2017, 7, 1), date(2017, 10, 20), rng) if trained else days(date(2016, 3, 1), date(2017, 6, 30), rng)
    )
    ended = not trained and rng.random() < 0.15
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
        "end_on": date(2017, 9, rng.randint(1, 28)) if ended else None,
        "return_reason": "家庭" if ended else None,
        "wage_yuan": rng.randrange(2000, 5200, 100),
    }


def _venture(resident: Resident, n: int, county: County, rng: Random) -> Row:
    project, industry = rng.choice(_VENTURES)
    code = f"92{county.code}MA6{n:05}X"
    older = n % 2 == 0
    return person_columns(resident) | {
        "project": project,
        "ent_type": "个体工商户",
        "ent_name": f"{resident.household.village.name}{resident.person.name[-1]}{project}场",
        "uscc": code + uscc.calc_check_digit(code),
        "reg_on": date(2016, rng.randint(1, 8), rng.randint(1, 28)) if older else date(2017, rng.randint(1, 9), 6),
        "place": resident.household.village.name,
        "industry": industry,
        "invest_yuan": rng.randrange(60, 400) * 1000,
        "jobs": 4,
        "poor_households": 2,
        "poor_workers": 3,
        "grant_yuan": 10000 if older else None,
        "paid_on": date(2017, 9, rng.randint(10, 28)) if older else None,
        "is_returnee": rng.random() < 0.5 or (county.plan.full and n < STUDENTS),
        "is_student": county.plan.full and n < STUDENTS,
        "op_status": "正常",
    }


def _post(resident: Resident, n: int, rng: Random) -> Row:
    kind, name = rng.choice(_POSTS)
    month = rng.randint(1, 9)
    months = 11 - month
    return person_columns(resident) | {
        "post_no": f"GW{resident.household.village.town_code[-3:]}{n + 1:04}",
        "post_name": name,
        "post_type": kind,
        "manager_unit": f"{resident.household.village.name}民委员会",
        "place": resident.household.village.name,
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


def census(resident: Resident, roles: Roles, rng: Random) -> Row:
    """Return the row of the census of labourers."""
    status = roles.status(resident.person.id_no) or rng.choice(("未就业", "在家务农"))
    intent = rng.choice(("县内", "县外省内", "省外"))
    trains = rng.random() < 0.6
    return person_columns(resident) | {
        "labour_capacity": resident.person.labour,
        "health": resident.person.health,
        "school": "非在校生",
        "emp_status": status,
        "unemp_reason": rng.choice(("照顾家庭", "无合适岗位")) if status == "未就业" else None,
        "emp_intent": intent,
        "intent_region": {"县内": "县内", "县外省内": "省内市外", "省外": "省外"}[intent],
        "intent_job": rng.choice(("缝纫工", "建筑工", "保安", "厨师")),
        "intent_wage": rng.randrange(2000, 5000, 100),
        "train_intent": trains,
        "train_want": rng.choice(("养殖", "焊工", "家政")) if trains else None,
        "venture_intent": rng.random() < 0.1,
        "poverty_status": "已脱贫(享受政策)" if resident.household.exited else "未脱贫",
        "exit_year": 2016 if resident.household.exited else None,
        "verified_on": days(date(2017, 9, 1), date(2017, 11, 8), rng),
        "verify_method": rng.choice(("上门", "电话")),
        "verifier": "何建国",
    }


def visit(resident: Resident, roles: Roles, rng: Random) -> Row:
    """Return a visit that found what the lists say."""
    number = resident.person.id_no
    founder = number in roles.venture
    return person_columns(resident) | {
        "visit_type": "需求" if founder else "定期",
        "visited_on": days(date(2017, 10, 20), date(2017, 11, 8), rng),
        "method": rng.choice(("上门", "电话")),
        "reached": True,
        "status_found": roles.status(number),
        "employer": (roles.transfer.get(number) or {}).get("employer"),
        "wage_yuan": (roles.transfer.get(number) or {}).get("wage_yuan"),
        "stable": True,
        "needs": ("资金", "场地") if founder else ("无",),
        "satisfaction": 5,
        "action": "已登记",
        "visitor": "何建国",
    }


def payments(roles: Roles) -> dict[str, list[Row]]:
    """Return the county's ledger of payments by sheet: trainings, posts and start-up grants."""

    def pay(row: Row, policy: str, when: date, yuan: int, paid: date) -> Row:
        return _payment(row, policy, when, yuan, paid) | {"account_no": roles.accounts[row["id_no"]]}

    granted = [r for r in roles.venture.values() if r["grant_yuan"]]
    trained = [pay(r, "培训补贴", r["end_on"], r["amount_yuan"], r["paid_on"]) for r in roles.training.values()]
    posts = [pay(r, "公益性岗位补贴", date(2017, 10, 1), POST_YUAN, date(2017, 11, 8)) for r in roles.post.values()]
    grants = [pay(r, "一次性创业补贴", r["paid_on"], r["grant_yuan"], r["paid_on"]) for r in granted]
    again = [_asked_again(r, n) for n, r in enumerate(posts[:TWICE])]
    return {"培训补贴": trained, "岗位补贴": posts, "创业补贴": grants, "岗位补贴补发": again}


def _asked_again(paid: Row, n: int) -> Row:
    """Return a second payment for the same month: every other one is paid already, the rest can still be stopped."""
    again = paid | {"batch_no": "201711补"}
    return again if n % 2 else again | {"pay_status": "审核", "paid_on": None}


def _payment(row: Row, policy: str, when: date, yuan: int, paid: date) -> Row:
    return {
        "town_name": row["town_name"],
        "village_name": row["village_name"],
        "policy": policy,
        "period": f"{when:%Y-%m}",
        "payee": row["name"],
        "payee_id": row["id_no"],
        "std_yuan": yuan,
        "qty": 1,
        "amount_yuan": yuan,
        "bank": "农村信用社",
        "account_name": row["name"],
        "batch_no": f"{paid:%Y%m}",
        "fund_source": "省",
        "pay_status": "拨付",
        "notice_from": paid - timedelta(days=15),
        "notice_to": paid - timedelta(days=8),
        "paid_on": paid,
    }


def targets(county: County) -> list[Row]:
    """Return the county's targets and those of its towns, which add up to them."""
    rows = []
    for code, name, total, uom in INDICATORS:
        shares = [
            total * (i + 1) // len(county.towns) - total * i // len(county.towns) for i in range(len(county.towns))
        ]
        for unit, value in [(county.plan.name, total), *zip((t.name for t in county.towns), shares, strict=True)]:
            rows.append(_target(code, name, unit, value, uom))
    return rows


def goals(county: County) -> list[Row]:
    """Return the county's goals, none of which has a number."""
    return [_target(code, name, county.plan.name, None, uom) for code, name, uom in GOALS]


def _target(code: str, name: str, unit: str, value: int | None, uom: str) -> Row:
    return {
        "year": 2017,
        "indicator": code,
        "indicator_name": name,
        "unit": unit,
        "target": value,
        "uom": uom,
        "due": date(2017, 12, 31),
        "owner": "何建国",
        "kind": "计划",
    }


def village_rows(county: County) -> list[Row]:
    """Return the county's list of villages with as many poor and deeply poor ones as its plan says."""
    rows = [_village(county, t, n, v) for t in county.towns for n, v in enumerate((*t.villages, *t.paired_villages))]
    poor = [r for r in rows if r["is_poor"]]
    for n, row in enumerate(poor):
        deep = county.plan.deep
        row["is_deep"] = bool((n + 1) * deep // len(poor) - n * deep // len(poor)) if deep else n % 3 == 0
    return rows


def _village(county: County, town: Town, n: int, village: Village) -> Row:
    paired = n >= len(town.villages)
    lon, lat = CENTRES[county.code]
    at = county.towns.index(town)
    return {
        "village_code": village.code,
        "village_name": village.name,
        "town_code": village.town_code,
        "town_name": village.town,
        "is_poor": _is_poor(county, at, n, paired),
        "is_deep": False,
        "industries": INDUSTRIES if paired else ("茶叶", "核桃") if n % 2 else ("绿色生态畜禽",),
        "lon": round(lon + (at % 6 - 2.5) * 0.08 + (n % 3) * 0.02, 4),
        "lat": round(lat + (at // 6 - 2) * 0.07 + (n // 3) * 0.015, 4),
        "war_zone": f"第{at % 4 + 1}战区",
        "valid_from": date(2010, 1, 1),
    }


def _is_poor(county: County, town: int, n: int, paired: bool) -> bool:
    plan = county.plan
    if plan.poor is None:
        return n % 2 == 0
    if plan.poor == plan.paired_villages:
        return paired
    spared = len(county.towns) * plan.villages + plan.paired_villages - plan.poor
    return not (n == 0 and town < spared)


def town_rows(county: County) -> list[Row]:
    """Return the county's list of towns; in Zhijin six have not exited and 19.8 % of the people are poor."""
    return [_town(county, n, t) for n, t in enumerate(county.towns)]


def _town(county: County, n: int, town: Town) -> Row:
    exited = county.code != "520524" or n >= TOWNS_NOT_EXITED
    rural = 20000 + 500 * n
    return {
        "town_code": town.code,
        "town_name": town.name,
        "kind": "街道" if town.name.endswith("街道") else town.name[-1],
        "is_poor": n % 4 == 0 if exited else True,
        "exit_state": "已摘帽" if exited else "未摘帽",
        "exit_year": 2016 if exited else None,
        "rural_population": rural,
        "poor_population": rural * POOR_PER_MILLE // 1000 if county.code == "520524" else len(town.residents),
        "war_zone": f"第{n % 4 + 1}战区",
        "valid_from": date(2010, 1, 1),
    }


def household_rows(county: County) -> list[Row]:
    """Return the register of poor households."""
    return [
        place_and_household(Resident(h.head, h))
        | {
            "attr": "一般",
            "cause": "缺技术" if n % 2 else "缺资金",
            "member_count": sum(p.state == "在册" for p in h.members),
            "in_year": 2014,
            "exit_year": 2016 if h.exited else None,
            "poverty_status": "已脱贫(享受政策)" if h.exited else "未脱贫",
            "industries": (h.industry,) if h.industry else ("茶叶",) if n % 3 else ("绿色生态畜禽",),
        }
        for t in county.towns
        for n, h in enumerate((*t.households, *t.paired_homes))
    ]


def member_rows(county: County, roles: Roles) -> list[Row]:
    """Return the register of poor persons."""
    return [
        person_columns(r)
        | {
            "school": r.person.school,
            "health": r.person.health,
            "labour_capacity": r.person.labour,
            "work_region": (roles.transfer.get(r.person.id_no) or {}).get("region"),
            "member_state": r.person.state,
        }
        for r in county.register()
    ]


Rows = Callable[[Town], list[Row]]


def town_lists(county: County, roles: Roles, rng: Random) -> Mapping[str, Rows]:
    """Return for each list that towns send how its rows are made for one town."""

    def of(found: Mapping[str, Row]) -> Rows:
        return lambda town: [found[r.person.id_no] for r in town.residents if r.person.id_no in found]

    def visits(town: Town) -> list[Row]:
        return [visit(r, roles, rng) for r in town.residents[::2] if roles.status(r.person.id_no)]

    return {
        "L1": lambda town: [census(r, roles, rng) for r in town.labourers],
        "L2": of(roles.training),
        "L3": of(roles.transfer),
        "L4": of(roles.venture),
        "L5": of(roles.post),
        "E01": visits,
    }
