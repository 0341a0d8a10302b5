"""Names of persons: what chat windows, keyboards and remarks add to them.

A name is never rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from yiku.cleaning.cleaned import BLANK, Met, Parsed, met, noted, unknown
from yiku.cleaning.text import (
    HAN,
    is_ditto,
    is_nothing,
    nothing,
    number_text,
    split_text,
    strip_marks,
)

# two to five common characters; 同上 and 没有 look like names
_CLEAN = re.compile(r"(?!同上|同前|同左|暂无|没有)[\u4e00-\u9fa5]{2,5}")
# the dot of Yi and Tibetan names, in all the ways that keyboards write it
_DOTS = re.compile(
    rf"(?<=[{HAN}])[\s]*[·•・‧∙⋅．․.。､﹒ꞏᐧ˙\-—]+[\s]*(?=[{HAN}])"
)
# 张 三: spread out to fill the width of the column
_INNER_SPACE = re.compile(rf"(?<=[{HAN}·])\s+(?=[{HAN}·])")
_BRACKETS = re.compile(
    r"[（(\[【〔｛{<〈《]([^（()）\]】〕｝}>〉》]*)[）)\]】〕｝}>〉》]?"
)
_BRACKET_SIGNS = re.compile(r"[（()）\[\]【】〔〕｛｝{}<>〈〉《》]")
# says outright that another name follows
_TWO_NAMES = re.compile(
    r"曾用名|原名|又名|别名|小名|乳名|化名|本名|户口名|身份证名|改名|现名"
)
# between the names of several persons
_SEVERAL = re.compile(r"[、/／,，;；|&+]|\s和\s")
# 张三之妻 names nobody: whose wife is known, and not her name
_RELATIVE = re.compile(
    r"(?:之|的)?(?:[大二三四小长次幺]?(?:儿子|女儿|儿媳妇?|媳妇|妹妹|弟弟|孙子|孙女)|老婆|妻子|丈夫|老公|爱人|父亲|母亲|爸爸|妈妈|之妻|之子|之女|之夫|之父|之母)$"
)
# 张三等5人: a row for each of them is missing
_AND_OTHERS = re.compile(
    rf"(?<=[{HAN}]{{2}})等(?:[\d一二两三四五六七八九十几]{{1,3}}[人名位户])?$"
)
# how an expert is called
_TITLE = re.compile(
    rf"(?<=[{HAN}]{{2}})(?:同志|先生|女士|教授|研究员|老师|师傅)$"
)
_HAN_NAME = re.compile(rf"[{HAN}·]{{2,4}}")
_WHOLE_NAME = re.compile(rf"[{HAN}]{{2,4}}")
# family names of two characters, with which a space is no parting
_DOUBLE_FAMILY_NAMES = frozenset(
    re.findall(
        "..",
        "欧阳上官司马诸葛东方皇甫尉迟公孙慕容令狐司徒司空夏侯轩辕端木百里南宫西门独孤长孙宇文闻人呼延赫连澹台宗政濮阳淳于单于"
        "申屠仲孙钟离鲜于闾丘太史公冶万俟东郭南门即墨",
    )
)
# what households write behind the head's name
_ROLE = re.compile(r"(?<![\s:：])[\s:：]*+(?:户主|本人)$")
# in brackets behind a name these are remarks, not names
_ROLE_WORDS = re.compile(
    r"户主|本人|亡|去世|病故|迁|外嫁|嫁|婚|离|务工|打工|外出|残|学生|在校|在读|参军|服刑|低保|五保|贫困|党员|组长|主任|书记|村|组|社|"
    r"妻|子$|女|男|媳|孙|父|母|夫|兄|弟|姐|妹|大$|小$|老$|新增|补|重复|电话|代|\d"
)
_ORGANISATION = re.compile(
    r"公司|合作社|厂|店|农场|中心|学校|委员会|村委|协会|政府|局|站|所$|医院|学院|超市|工作室|经营部|集团|基地|园|队$|银行|信用社"
)
# rare characters typed with a font that put them where Unicode has none
_PRIVATE_USE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010fffd]")
# no register prints these in a name
_ODD = re.compile(r"[?？□■○●*＊\ufffd_~`@#$%^=+]|\d|[A-Za-zＡ-Ｚａ-ｚ]")
_LONGEST = 100  # of a name with a remark
_FAMILY_NAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
    "云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常"
    "乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍"
    "虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁"
    "荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙"
    "池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温"
    "别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧"
    "殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游"
    "竺权逯盖益桓公佘代母苟敬何补税银覃韦闫肖付涂欧阳母"
)

# the 14 characters of GB 18030 that older fonts keep in the private use area; the others Python's own codec knows
_LATE = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


def _private_use_table() -> dict[int, int]:
    """Map private use code points to what they stood for before Unicode had it."""
    found: dict[int, int] = {}
    trail = [byte for byte in range(0x50, 0xA1) if byte != 0x7F]
    for code, byte in enumerate(trail, 0xE815):
        found[code] = ord(bytes((0xFE, byte)).decode("gb18030"))
    found |= _LATE
    # what the codec does not know either stays where it is
    private = range(0xE000, 0xF900)
    return {code: char for code, char in found.items() if char not in private}


_PRIVATE_USE_TABLE = _private_use_table()


def _is_second_name(text: str) -> bool:
    """Return whether what stands in brackets is another name and not a remark.

    张三（曾用名张四） has two names, 张三（户主） has one.
    """
    if _TWO_NAMES.search(text):
        return True
    if not _HAN_NAME.fullmatch(text) or _ROLE_WORDS.search(text):
        return False
    return text[0] in _FAMILY_NAMES


def _are_two(text: str) -> bool:
    """Return whether white space parts whole names and not the letters of one.

    张大山 李小川, but 张 大 山, 欧阳 明志.
    """
    parts = text.split()
    if len(parts) < 2 or parts[0] in _DOUBLE_FAMILY_NAMES:
        return False
    return all(map(_is_whole_name, parts))


def _is_whole_name(text: str) -> bool:
    """Return whether a text is a family name with a given name."""
    return _WHOLE_NAME.fullmatch(text) is not None and text[0] in _FAMILY_NAMES


class _Split(NamedTuple):
    """A name freed from what stands around it, and the remark that did."""

    name: str
    met: tuple[Met, ...] = ()
    remark: str | None = None


_SURE = (met("C08", "A"),)
_UNDECIDED = (met("C08", "Q"),)


def _split_remark(text: str) -> _Split:
    """Take a remark off a name (C08): in brackets, or a word at its end.

    Two names in a cell cannot be decided.
    """
    remarks = [remark.strip() for remark in _BRACKETS.findall(text)]
    if remarks:
        return _without_brackets(text, remarks)
    role = _ROLE.search(text)
    if role and role.start() >= 2:
        return _Split(text[: role.start()], _SURE, role.group().strip(" :："))
    relative = _RELATIVE.search(text)
    if (relative and relative.start() >= 2) or _TWO_NAMES.search(text):
        return _Split(text, _UNDECIDED)
    if _are_two(text):
        return _Split(text.split()[0], _UNDECIDED)
    others = _AND_OTHERS.search(text)
    if others:
        return _Split(text[: others.start()], _UNDECIDED)
    title = _TITLE.search(text)
    # 欧阳老师 has no name without its title
    if title and text[: title.start()] not in _DOUBLE_FAMILY_NAMES:
        return _Split(text[: title.start()].strip(), _SURE, title.group())
    if _SEVERAL.search(text):
        return _Split(_SEVERAL.split(text)[0].strip(), _UNDECIDED)
    return _Split(text)


def _without_brackets(text: str, remarks: Sequence[str]) -> _Split:
    """Take the remarks in brackets off a name."""
    name = _BRACKET_SIGNS.sub("", _BRACKETS.sub("", text)).strip()
    told = _UNDECIDED if any(map(_is_second_name, remarks)) else _SURE
    remark = "；".join(filter(None, remarks))
    return _Split(name, told, remark or None)


def _characters(name: str) -> tuple[str, tuple[Met, ...]]:
    """Replace private use characters that have a known meaning (C06).

    What no family register would print is noted.
    """
    known = name
    if _PRIVATE_USE.search(name):
        known = name.translate(_PRIVATE_USE_TABLE)
    if len(known) == 1 or _PRIVATE_USE.search(known) or _ODD.search(known):
        return known, (met("C06", "W"),)
    if known != name:
        return known, (met("C06", "A"),)
    return known, ()


def _tidy(text: str) -> tuple[str, tuple[Met, ...]]:
    """Write the dot of a name as · and drop the spaces between its characters.

    阿布•木果 is 阿布·木果, 张 三 is 张三.
    """
    found: list[Met] = []
    dotted = _DOTS.sub("·", text)
    if dotted != text:
        found.append(met("C05", "A"))
    close = _INNER_SPACE.sub("", dotted)
    if close != dotted:
        found.append(met("C04", "A"))
    return close, tuple(found)


def is_organisation(text: str) -> bool:
    """Return whether a name is that of a company, a shop or an office.

    A payee may be a firm; its name is no person's, and keeps its brackets.
    """
    return len(text) > 3 and _ORGANISATION.search(text) is not None


def _is_plain(text: str) -> bool:
    """Return whether a text is a name with nothing around it, as most cells are.

    The common case by one pattern; most cells are no more than a name.
    """
    if not _CLEAN.fullmatch(text):
        return False
    return not any(
        word.search(text) for word in (_RELATIVE, _ROLE, _AND_OTHERS, _TITLE)
    )


@lru_cache(maxsize=65536)
def _from_text(text: str) -> Parsed:
    """Read one name in a text, freed from remarks and noise."""
    if _is_plain(text):
        return Parsed(text)
    plain, found = strip_marks(text)
    if is_ditto(plain):
        return unknown("L12", "Q")
    if is_nothing(plain):
        return nothing(plain)
    if len(plain) > _LONGEST:
        return Parsed(plain, noted(found, "C06", "W"))
    if is_organisation(plain) and not _is_whole_name(_BRACKETS.sub("", plain)):
        return Parsed(re.sub(r"\s+", "", plain), found)
    split = _split_remark(plain)
    tidy, tidied = _tidy(split.name)
    name, odd = _characters(tidy)
    quality = {"remark": split.remark} if split.remark else None
    return Parsed(name or None, (*found, *split.met, *tidied, *odd), quality)


def parse_name(value: object) -> Parsed:
    """Read one person's name. Never raises."""
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return unknown("T05", "Q")
    # a number is no name; what was typed is kept where the file still has it
    has_all_digits = value == value and abs(value) < 1e15
    kept = number_text(value) if has_all_digits else None
    return Parsed(kept, (met("C06", "W"),))


def parse_names(value: object) -> Parsed:
    """Read the names of several persons in a cell as a tuple. Never raises.

    Each is freed from titles and remarks.
    """
    read = split_text(value)
    if not isinstance(read.value, tuple):
        return read
    words: list[str] = []
    for word in read.value:
        words.extend(word.split() if _are_two(word) else [word])
    found: dict[str, Met] = {}
    names: dict[str, None] = {}
    for parsed in map(parse_name, words):
        for told in parsed.met:
            found[told.code] = _of_one_among_several(told)
        if parsed.value:
            names[str(parsed.value)] = None
    return Parsed(
        tuple(names) or None, (*read.met, *found.values()), read.quality
    )


def _of_one_among_several(told: Met) -> Met:
    """Return what a doubt about a name means where several are named.

    Who else was there is not said; that is no reason to doubt those who are named.
    """
    if told.code == "C08" and told.facts["level"] == "Q":
        return met("C08", "W")
    return told


def starts_like_a_name(text: str) -> bool:
    """Return whether a short Han text begins with a family name."""
    return text[:1] in _FAMILY_NAMES
