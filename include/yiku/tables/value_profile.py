"""What the values below a header look like: evidence for or against an understanding of that header.

Judged on a sample. Lenient on purpose: dirty values must still count as what they were meant to be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TypeGuard

from yiku.contracts import CodeList
from yiku.formats.cells import CellValue

_LEAST_ID = 1e14  # an ID stored as a number, of 15 digits
_MOST_NUMBER = 1e12  # a larger one is somebody's number

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
    "云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常"
    "乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍"
    "虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁"
    "荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙"
    "池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀浦尚农温别庄晏"
    "柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚"
    "越夔隆师巩聂晁勾敖融冷訾辛阚那简饶空曾沙养鞠须丰关蒯相查荆红游竺权逯盖益桓公肖代"
    "付闫邸阳佘阿吾沙罗母青肯苟兰涂税付鄢邝敬泽旦扎次仁欧上官司马诸葛"
)
# 15 or 18 digits, in scientific form, or with letters read for digits
_ID = re.compile(
    r"\d{15}|\d{17}[\dXx×*Ⅹ]|\d\.\d+[Ee]\+?1[4-7]|\d{6}[\dOoIlZBS]{8,12}[\dXx]?"
)
# a birth date where an ID has it: neither an account nor a credit code
_BORN = re.compile(r"\d{6}(?:19|20)\d{2}(?:0\d|1[0-2])[0-3]\d{4}[\dXx]")
# mobiles and landlines; one digit too many or too few still was meant as one
_PHONE = re.compile(
    r"(?:\+?86-?)?1[3-9]\d{9}(?:\.0)?|0\d{2,3}-?\d{7,8}|1[3-9]\d{8,10}"
)
_DATE = re.compile(
    r"(?:19|20)?\d{2}[年./\-]\d{1,2}(?:月?|[月./\-]\d{1,2}[日号]?)(?:T?(?:[上下]午)?\d{1,2}[:时点].*)?"
    r"|(?:19|20)\d{2}(?:[01]\d(?:[0-3]\d)?)?年?"
    r"|[〇零一二三四五六七八九]{4}年.*|(?:19|20)\d{2}年.*"
)
# two dates with something between, or one that is open
_SPAN = re.compile(
    r"(?:\d{2,4}[年./\-]\d{1,2}.{0,60}?|(?:19|20)\d{6})\s*+(?:-{1,2}|—++|–|~|至|到)\s*+"
    r"(?:\d{1,4}[年月./\-]\d{1,2}|(?:19|20)\d{6}|至今|今|长期)"
)
# with about, a unit or a range around it: it was still meant as a number
_NUMBER = re.compile(
    r"[约大近]?[-+]?[\d,]+(?:\.\d+)?(?:[%‰万千百元块角分亩个人户天月年岁次期名头只平方米/余多左右上下以内以上约左右]*|[-~—至到][\d,.]+\D{0,3})"
    r"|[零一二三四五六七八九十百千万两半]+[多余]?[元块万人户个天月岁]?"
)
# ticks of symbol fonts (ü, þ) among them
_BOOL = re.compile(
    r"是|否|有|无|√|×|✓|✔|☑|□|☐|[YyNn]|对|错|不是|没有|已|未|yes|no|true|false|不|[12]|是的|ü|þ|R",
    re.I,
)
_VILLAGE = re.compile(
    r".{1,12}(?:村|社区|居委会|村委会|居)(?:民?委员会)?|.{2,6}村.{0,4}组"
)
_TOWN = re.compile(r".{1,10}(?:镇|乡|街道|办事处|街道办)")
# 3组, 第三村民小组, 河边组
_GROUP = re.compile(
    r"第?[\d一二三四五六七八九十]{1,3}(?:村民小组|小组|居民小组|组|社|队)?|.{1,4}(?:组|社)"
)
_QUARTER = re.compile(r"(?:20\d{2}年?-?)?(?:第?[1-4一二三四]季度?|[Qq][1-4])")
_ACCOUNT = re.compile(r"\d{10,23}|\d\.\d+E\+?1[5-9]", re.I)
_USCC = re.compile(r"[0-9A-Z]{18}|\d{15}|[0-9A-Z]{8}-?[0-9A-Z]", re.I)
# two to four characters, or a longer name with dots inside
_HAN_NAME = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,8}[·•.・‧∙][㐀-鿿·•.・]{1,10}")
NOTHING = frozenset(
    {
        "",
        "…",
        "...",
        "/",
        "-",
        "—",
        "——",
        "无",
        "同上",
        "〃",
        '"',
        "″",
        "不详",
        "未知",
        "暂无",
    }
)
# between several choices in a cell
_LISTS = re.compile(r"[、,,;;/+和及\s]+")
# the number of a choice in the form: 1.省外
_CHOICE_ORDINAL = re.compile(
    r"^(?:\(?[0-9A-Da-d一二三四五六七八九]{1,2}[).、:.)]|[①-⑳])"
)


@lru_cache(maxsize=65536)
def clean_text(text: str) -> str:
    """Return cell text in half width without spaces and leading apostrophes.

    Kept: texts repeat from row to row and from list to list.
    """
    return re.sub(
        r"[\s\u200b-\u200f\ufeff'`‘’]+",
        "",
        unicodedata.normalize("NFKC", text),
    )


def cell_text(value: CellValue) -> str:
    """Return a cell as plain text; whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def is_span(value: CellValue) -> bool:
    """Return whether one cell holds a start and an end (T07).

    2017.3-2017.5, 2017年3月至今.
    """
    return (
        isinstance(value, str) and _SPAN.search(clean_text(value)) is not None
    )


def _is_number(value: CellValue) -> TypeGuard[int | float]:
    """Return whether a cell is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def looks_like_id(value: CellValue) -> bool:
    """Return whether a cell was meant to hold a resident ID number."""
    if _is_number(value):
        return value >= _LEAST_ID
    if not isinstance(value, str):
        return False
    return _ID.fullmatch(clean_text(value).replace("-", "")) is not None


def looks_like_name(value: CellValue) -> bool:
    """Return whether a cell holds a person's name.

    Short Han text that begins with a surname, or with a dot inside.
    """
    if not isinstance(value, str):
        return False
    text = re.sub(r"[((].{0,200}[))]", "", clean_text(value))
    if not _HAN_NAME.fullmatch(text):
        return False
    return text[0] in _SURNAMES or len(text) > 4


def looks_like_phone(value: CellValue) -> bool:
    """Return whether a cell holds a telephone number."""
    if value is None:
        return False
    return _PHONE.fullmatch(clean_text(cell_text(value))) is not None


def looks_like_village(value: CellValue) -> bool:
    """Return whether a cell holds the name of a village or community."""
    return (
        isinstance(value, str)
        and _VILLAGE.fullmatch(clean_text(value)) is not None
    )


def _looks_like_number(value: CellValue) -> bool:
    """Return whether a cell holds an amount or a count, however it is written."""
    if _is_number(value):
        return abs(value) < _MOST_NUMBER
    if not isinstance(value, str):
        return False
    return _NUMBER.fullmatch(clean_text(value)) is not None


def _looks_like_date(value: CellValue) -> bool:
    """Return whether a cell may be a date: typed, as a serial day, or written."""
    if isinstance(value, date):
        return True
    if _is_number(value):
        is_serial_day = 20000 < value < 60000
        is_year = 1900 <= value < 2100
        is_compact = 190000 < value < 21000000  # 201703, 20170301
        return is_serial_day or is_year or is_compact
    if not isinstance(value, str):
        return False
    text = clean_text(value)
    return _DATE.fullmatch(text) is not None or _SPAN.search(text) is not None


def _matches(pattern: re.Pattern[str]) -> Callable[[CellValue], bool]:
    return lambda value: (
        pattern.fullmatch(clean_text(cell_text(value))) is not None
    )


def _looks_like_account(value: CellValue) -> bool:
    """Return whether a cell holds a bank account, and no ID."""
    text = clean_text(cell_text(value))
    return bool(_ACCOUNT.fullmatch(text)) and not _BORN.fullmatch(text)


def _looks_like_uscc(value: CellValue) -> bool:
    """Return whether a cell holds an entity's credit code, and no ID."""
    text = clean_text(cell_text(value))
    return bool(_USCC.fullmatch(text)) and not _BORN.fullmatch(text)


def _looks_like_id_or_uscc(value: CellValue) -> bool:
    """Return whether a cell holds a payee's number, of a person or an entity."""
    return looks_like_id(value) or _looks_like_uscc(value)


TESTS: Mapping[str, Callable[[CellValue], bool]] = {
    "id": looks_like_id,
    "phone": _matches(_PHONE),
    "date": _looks_like_date,
    "month": _looks_like_date,
    "quarter": _matches(_QUARTER),
    "money": _looks_like_number,
    "number": _looks_like_number,
    "integer": _looks_like_number,
    "percent": _looks_like_number,
    "bool": _matches(_BOOL),
    "name": looks_like_name,
    "village": looks_like_village,
    "town": _matches(_TOWN),
    "group": _matches(_GROUP),
    "account": _looks_like_account,
    "uscc": _looks_like_uscc,
    "id_or_uscc": _looks_like_id_or_uscc,
}
# How much a column of such values speaks for a field of that kind. Dates, numbers and yes or no say little: a list has
# several columns of each.
STRENGTH: Mapping[str, float] = {
    "id": 0.35,
    "phone": 0.35,
    "village": 0.3,
    "town": 0.3,
    "account": 0.3,
    "uscc": 0.3,
    "id_or_uscc": 0.35,
    "group": 0.2,
    "date": 0.15,
    "month": 0.15,
    "quarter": 0.2,
    "money": 0.15,
    "number": 0.1,
    "integer": 0.1,
    "percent": 0.1,
    "bool": 0.1,
    "name": 0.15,
}


@lru_cache(maxsize=65536)
def _choice(text: str) -> str:
    """Return the text of a choice without its ordinal, in half width."""
    return _CHOICE_ORDINAL.sub("", clean_text(text))


_FORMS: dict[int, tuple[CodeList, frozenset[str]]] = {}


def forms_of(codes: CodeList) -> frozenset[str]:
    """Return the forms of a code list as cells are compared with them, made once."""
    kept = _FORMS.get(id(codes))
    # the id of a code list that is gone may be given to another one
    if kept is None or kept[0] is not codes:
        choices = frozenset(map(_choice, codes.forms))
        kept = (codes, choices.union(map(clean_text, codes.forms)))
        _FORMS[id(codes)] = kept
    return kept[1]


def is_choice(value: CellValue, forms: frozenset[str]) -> bool:
    """Return whether a cell holds one of the forms of a code list, or several."""
    text = clean_text(cell_text(value))
    if text in forms or _choice(text) in forms:
        return True
    if not text:
        return False
    parts = [part for part in _LISTS.split(text) if part]
    return all(_choice(part) in forms for part in parts)
