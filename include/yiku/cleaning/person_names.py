"""Names of persons: what chat windows, keyboards and remarks add to them. A name is never rewritten."""

from __future__ import annotations

import re
from functools import lru_cache

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, unknown
from yiku.cleaning.text import (
    HAN,
    is_ditto,
    is_nothing,
    nothing,
    number_text,
    split_text,
    strip_marks,
)

_CLEAN = re.compile(r"(?!同上|同前|同左|暂无|没有)[\u4e00-\u9fa5]{2,5}")
_DOTS = re.compile(rf"(?<=[{HAN}])[\s]*[·•・‧∙⋅．․.。､﹒ꞏᐧ˙\-—]+[\s]*(?=[{HAN}])")
_INNER_SPACE = re.compile(rf"(?<=[{HAN}·])\s+(?=[{HAN}·])")
_BRACKETS = re.compile(
    r"[（(\[【〔｛{<〈《]([^（()）\]】〕｝}>〉》]*)[）)\]】〕｝}>〉》]?"
)
_BRACKET_SIGNS = re.compile(r"[（()）\[\]【】〔〕｛｝{}<>〈〉《》]")
_TWO_NAMES = re.compile(
    r"曾用名|原名|又名|别名|小名|乳名|化名|本名|户口名|身份证名|改名|现名"
)
_SEVERAL = re.compile(r"[、/／,，;；|&+]|\s和\s")
_RELATIVE = re.compile(
    r"(?:之|的)?(?:[大二三四小长次幺]?(?:儿子|女儿|儿媳妇?|媳妇|妹妹|弟弟|孙子|孙女)|老婆|妻子|丈夫|老公|爱人|父亲|母亲|爸爸|妈妈|之妻|之子|之女|之夫|之父|之母)$"
)
_AND_OTHERS = re.compile(
    rf"(?<=[{HAN}]{{2}})等(?:[\d一二两三四五六七八九十几]{{1,3}}[人名位户])?$"
)
_TITLE = re.compile(rf"(?<=[{HAN}]{{2}})(?:同志|先生|女士|教授|研究员|老师|师傅)$")
_WHOLE_NAME = re.compile(rf"[{HAN}]{{2,4}}")
_DOUBLE_FAMILY_NAMES = frozenset(
    re.findall(
        "..",
        "欧阳上官司马诸葛东方皇甫尉迟公孙慕容令狐司徒司空夏侯轩辕端木百里南宫西门独孤长孙宇文闻人呼延赫连澹台宗政濮阳淳于单于"
        "申屠仲孙钟离鲜于闾丘太史公冶万俟东郭南门即墨",
    )
)
_ROLE = re.compile(r"(?<![\s:：])[\s:：]*+(?:户主|本人)$")
_ROLE_WORDS = re.compile(
    r"户主|本人|亡|去世|病故|迁|外嫁|嫁|婚|离|务工|打工|外出|残|学生|在校|在读|参军|服刑|低保|五保|贫困|党员|组长|主任|书记|村|组|社|"
    r"妻|子$|女|男|媳|孙|父|母|夫|兄|弟|姐|妹|大$|小$|老$|新增|补|重复|电话|代|\d"
)
_ORGANISATION = re.compile(
    r"公司|合作社|厂|店|农场|中心|学校|委员会|村委|协会|政府|局|站|所$|医院|学院|超市|工作室|经营部|集团|基地|园|队$|银行|信用社"
)
_PRIVATE_USE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_ODD = re.compile(r"[?？□■○●*＊\ufffd_~`@#$%^=+]|\d|[A-Za-zＡ-Ｚａ-ｚ]")
_LONGEST = 100  # of a name with a remark
_FAMILY_NAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公佘代母苟敬何补税银覃韦闫肖付涂欧阳母"
)

# the 14 characters of GB 18030 that older fonts keep in the private use area; the others Python's own codec knows
_LATE = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


def _private_use_table() -> dict[int, int]:
    """Map private use code points to the characters that they stood for before Unicode had them."""
    trail = [b for b in range(0x50, 0xA1) if b != 0x7F]
    known = {
        0xE815 + i: ord(bytes((0xFE, b)).decode("gb18030")) for i, b in enumerate(trail)
    }
    return {
        code: char
        for code, char in (known | _LATE).items()
        if char not in range(0xE000, 0xF900)
    }


_PRIVATE_USE_TABLE = _private_use_table()


def _is_second_name(text: str) -> bool:
    """Tell whether what stands in brackets is another name and not a remark."""
    if _TWO_NAMES.search(text):
        return True
    han = re.fullmatch(rf"[{HAN}·]{{2,4}}", text) is not None
    return han and text[0] in _FAMILY_NAMES and not _ROLE_WORDS.search(text)


def _are_two(text: str) -> bool:
    """Tell whether white space parts whole names and not the letters of one: 张大山 李小川, but 张 大 山, 欧阳 明志."""
    parts = text.split()
    return (
        len(parts) > 1
        and parts[0] not in _DOUBLE_FAMILY_NAMES
        and all(map(_is_whole_name, parts))
    )


def _is_whole_name(text: str) -> bool:
    return _WHOLE_NAME.fullmatch(text) is not None and text[0] in _FAMILY_NAMES


def _split_remark(text: str) -> tuple[str, tuple[Met, ...], str | None]:
    """Take a remark off a name (C08): in brackets or 户主 at its end; two names in a cell cannot be decided."""
    remarks = [r.strip() for r in _BRACKETS.findall(text)]
    if remarks:
        name = _BRACKET_SIGNS.sub("", _BRACKETS.sub("", text)).strip()
        level = "Q" if any(_is_second_name(r) for r in remarks) else "A"
        return name, (met("C08", level),), "；".join(r for r in remarks if r) or None
    role = _ROLE.search(text)
    if role and len(text) - len(role.group()) >= 2:
        return text[: role.start()], (met("C08", "A"),), role.group().strip(" :：")
    relative = _RELATIVE.search(text)
    if (relative and relative.start() >= 2) or _TWO_NAMES.search(text):
        return text, (met("C08", "Q"),), None
    if _are_two(text):
        return text.split()[0], (met("C08", "Q"),), None
    if others := _AND_OTHERS.search(text):
        return text[: others.start()], (met("C08", "Q"),), None
    if (title := _TITLE.search(text)) and text[
        : title.start()
    ] not in _DOUBLE_FAMILY_NAMES:
        return text[: title.start()].strip(), (met("C08", "A"),), title.group()
    if _SEVERAL.search(text):
        return _SEVERAL.split(text)[0].strip(), (met("C08", "Q"),), None
    return text, (), None


def _characters(name: str) -> tuple[str, tuple[Met, ...]]:
    """Replace private use characters that have a known meaning, and note what no family register would print (C06)."""
    known = name.translate(_PRIVATE_USE_TABLE) if _PRIVATE_USE.search(name) else name
    if _PRIVATE_USE.search(known) or _ODD.search(known) or (len(known) == 1 and known):
        return known, (met("C06", "W"),)
    return known, (met("C06", "A"),) if known != name else ()


def _tidy(text: str) -> tuple[str, tuple[Met, ...]]:
    found: list[Met] = []
    dotted = _DOTS.sub("·", text)
    if dotted != text:
        found.append(met("C05", "A"))
    close = _INNER_SPACE.sub("", dotted)
    if close != dotted:
        found.append(met("C04", "A"))
    return close, tuple(found)


def is_organisation(text: str) -> bool:
    """Tell whether a name is that of a company, a shop or an office."""
    return len(text) > 3 and _ORGANISATION.search(text) is not None


@lru_cache(maxsize=65536)
def _from_text(text: str) -> Parsed:
    if _CLEAN.fullmatch(text) and not any(
        p.search(text) for p in (_RELATIVE, _ROLE, _AND_OTHERS, _TITLE)
    ):
        return Parsed(text)
    plain, found = strip_marks(text)
    if is_ditto(plain):
        return unknown("L12", "Q")
    if is_nothing(plain):
        return nothing(plain)
    if len(plain) > _LONGEST:
        return Parsed(plain, (*found, met("C06", "W")))
    if is_organisation(plain) and not _is_whole_name(_BRACKETS.sub("", plain)):
        return Parsed(re.sub(r"\s+", "", plain), found)
    bare, remarked, remark = _split_remark(plain)
    name, tidied = _tidy(bare)
    name, odd = _characters(name)
    return Parsed(
        name or None,
        (*found, *remarked, *tidied, *odd),
        {"remark": remark} if remark else None,
    )


def parse_name(value: object) -> Parsed:
    """Read one person's name. Never raises."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Parsed(
            number_text(value) if value == value and abs(value) < 1e15 else None,
            (met("C06", "W"),),
        )
    return unknown("T05", "Q")


def parse_names(value: object) -> Parsed:
    """Read the names of several persons in a cell as a tuple, each freed from titles and remarks. Never raises."""
    read = split_text(value)
    if not isinstance(read.value, tuple):
        return read
    words = [
        name
        for word in read.value
        for name in (word.split() if _are_two(word) else [word])
    ]
    each = [parse_name(word) for word in words]
    # who else was there is not said; that is no reason to doubt those who are named
    found = {
        m.code: met("C08", "W") if m.code == "C08" and m.facts["level"] == "Q" else m
        for p in each
        for m in p.met
    }
    names = tuple(dict.fromkeys(str(p.value) for p in each if p.value))
    return Parsed(names or None, (*read.met, *found.values()), read.quality)


def starts_like_a_name(text: str) -> bool:
    """Tell whether a short Han text begins with a family name."""
    return text[:1] in _FAMILY_NAMES
