"""What in a header only says how to fill in its column.

姓名（与身份证一致）, 出生日期 例：19900101, 必填：姓名. A hint is told by what it says, not by
the brackets around it: 培训时间（起） and 身份证号（户主） are other columns. It may stand
behind the header or before it, in brackets or behind a colon, a comma, a dash, a space
or a line break.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_LEFT, _RIGHT = "([{【〔<《「『〖", ")]}】〕>》」』〗"
_OPEN, _CLOSE = re.escape(_LEFT), re.escape(_RIGHT)
_BRACKETS = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]*)[{_CLOSE}]")
# a bracket that was cut off with the cell
_UNCLOSED = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]*)$")
# marks of a mandatory column
_SIGNS = re.compile(r"[*★☆#^※▲△●◎◆◇■□▼▽✱✳⭐]+")
# what sets off a hint before the header; a slash or a short dash does not
_CLAUSES = ":：,，;；、—|｜"
_BREAKS = _CLAUSES + "/－–"
_LONGEST = 60  # a header with its hint; more is no header

# Each says by itself that the text it stands in tells how to fill in a cell. 申请, 填报 and 意见 do not.
_HOW = re.compile(
    r"必须?(?:填|选|录|输)|非必|选填|可选|(?:可|允许)(?:不填|为空|空|不选|留空)|不(?:能|得|可|许|要|必|用)(?!.{0,4}(?:理由|原因))"
    r"|非空|不填|未填|留空|空着"
    r"|填(?!报|表|制|写人|写日|写时|写单)|(?<!申)(?<!邀)(?<!聘)请(?!假|示)|勿|禁止|务必|注意|提示"
    r"|下拉|勾选|打[√勾钩]|选择|单选|多选|任选|选一|择一|[点挑]选"
    r"|格式|文本|^数字|数字(?:形|型)|阿拉伯|数值|整数|小数|字符|汉字|[大小]写字母|半角|全角"
    r"|^(?:例|如(?!何)|比如|譬如)|例如|举例|示例|样例|如[:有无系为是]"
    r"|一致|为准|相符|须?与.{1,10}(?:相同|对应)|参[见照考]|对照|按照"
    r"|^(?:详|请|可)?见(?!效)|[详参]见|见(?:附|表|说明|备注|下)"
    r"|注明|精确|保留|四舍五入|取整|\d+(?:位|个?字)(?!.{0,2}身份)|字以内|以内$"
    r"|(?<!有)没有|若无|如无|无则|无的|有则|不详|自动|系统|公式|隔开|分开|分隔"
    r"|yyyy|年/月|年[、.-]月|全称|规范|统一(?!社会)|完整|如实|据实|真实|准确|核[对实](?!.{0,2}[人日时方])"
)
# 年/月/日, 是/否, 20170301: the form itself as an example
_FORM = re.compile(
    r"[年月日/.~至yYmMdD-]+|(?:是|有|对|男|√|打√)[/、或]?(?:否|无|错|女|×|打×)?"
    r"|\d{4}[-/.年]?\d{1,2}(?:[-/.月]?\d{1,2}日?)?|[\d*xX]{15,18}|[\d,.]{4,}"
)
# 单位：万元, 元/月, 人次
_UNIT = re.compile(
    r"(?:计量|金额|货币)?单位[:：].{1,8}|(?:万|千|百)?元(?:/.{1,4})?|(?:人|户|个|天|日|月|年|亩|头|只|岁|周岁|%|％|名|次|课时|学时"
    r"|小时|人次|万|人/次|吨|公斤|斤|株|棵|㎡|平方米|米|公里|分|项|家|处|场|期|台|间|节|篇|份|所|件|笔)"
)
# before tax or after, due or paid: which amount of the same column is meant
_TAX = re.compile(r"税[前后]|不?含税|实发|应发|到手")
# 1.县内 2.省外: choices with their numbers
_ORDINALS = re.compile(
    r"1[.、):]?[^\d]{1,10}2[.、):]?[^\d]{1,10}|[Aa][.、):][^\d]{1,10}[Bb][.、):].{1,10}"
)
# hints without any sign: 姓名必填, 身份证号18位
_ATTACHED = re.compile(
    r"(?<=..)(?:必填项?|可?选填项?|可不填|(?:1[58]|十八)位(?:数|数字)?|单位[:：]?(?:万?元|人|户|亩|天)(?:/[人户月年天])?)$"
)
# 请填写姓名
_BEFORE = re.compile(
    r"^(?:必填项?|选填项?|请(?:输入|填写|填入|选择|填))(?=..)"
)


def is_unit(plain: str) -> bool:
    """Return whether a text without spaces is only the unit of a column.

    元/月 alone is no header, and behind one no part of it.
    """
    return _UNIT.fullmatch(plain) is not None


def _says_form(piece: str) -> bool:
    """Return whether a piece is a form, a unit or a word on taxes, and nothing else."""
    if _FORM.fullmatch(piece) or _TAX.fullmatch(piece):
        return True
    return is_unit(piece)


def is_hint(text: str) -> bool:
    """Return whether a piece of a header only says how to fill in the column.

    The piece is in half width.
    """
    plain = re.sub(r"\s+", "", text).strip("'\"“”‘’:：,，.。;；")
    if not plain or _says_form(plain):
        return True
    pieces = [piece for piece in re.split("[,，;；、]", plain) if piece]
    if len(pieces) > 1 and all(map(_says_form, pieces)):
        return True
    return _HOW.search(plain) is not None or _ORDINALS.match(plain) is not None


@lru_cache(maxsize=65536)
def bracketed(text: str) -> str:
    """Return a header in one piece.

    A hint that only a space or a line break sets off goes into brackets.
    """
    parts = text.split()
    whole = "".join(parts)
    if len(parts) < 2 or len(text) > 2 * _LONGEST:
        return whole
    for cut in range(1, len(parts)):
        tail = "".join(parts[cut:])
        has_brackets = tail.startswith(("(", "（", "[", "【"))
        if not has_brackets and is_hint(unicodedata.normalize("NFKC", tail)):
            header = "".join(parts[:cut])
            return f"{header}（{tail}）"
    first, *others = parts
    head = unicodedata.normalize("NFKC", first)
    if len(head) > 1 and is_hint(head):
        return f"（{first}）" + "".join(others)
    return whole


def _nothing_else(inside: str) -> bool:
    return False


def peeled(
    text: str, also: Callable[[str], bool] = _nothing_else
) -> list[str]:
    """Return a normalised header with one hint after the other taken off.

    ``also`` tells of more in brackets that may go.
    """
    found = [text]
    while len(text) <= 2 * _LONGEST:
        less = _peel(text, also)
        if less == text:
            break
        found.append(less)
        text = less
    return found


def _peel(text: str, also: Callable[[str], bool]) -> str:
    """Return a header without the outermost of its hints, the last first.

    One at a time, as what is left may be a header that the contract has.
    """
    less = _without_tail(_SIGNS.sub("", text))
    if less != text:
        return less
    in_brackets = list(_BRACKETS.finditer(text))
    for match in [*reversed(in_brackets), *_UNCLOSED.finditer(text)]:
        if is_hint(match[1]) or also(match[1]):
            return text[: match.start()] + text[match.end() :]
    less = _BEFORE.sub("", _ATTACHED.sub("", text))
    return less if less != text else _without_head(text)


def _breaks(text: str, signs: str) -> list[int]:
    """Return where one of ``signs`` stands outside of brackets.

    （如：张三，李四） has none.
    """
    found: list[int] = []
    depth = 0
    for place, char in enumerate(text):
        if char in _LEFT:
            depth += 1
        elif char in _RIGHT:
            depth -= 1
        if depth <= 0 and char in signs:
            found.append(place)
    return found


def _without_tail(text: str) -> str:
    """Cut off a hint that a colon, a comma or a dash sets off behind the header."""
    for place in _breaks(text, _BREAKS):
        tail = text[place:].strip(_BREAKS)
        bare = _BRACKETS.sub("", tail)
        if place and bare and is_hint(bare):
            return text[:place]
    return text


def _without_head(text: str) -> str:
    """Cut off a hint that a colon, a comma or a dash sets off before the header."""
    for place in _breaks(text, _CLAUSES):
        head = text[:place]
        tail = text[place:].strip(_BREAKS)
        if len(head) > 1 and len(tail) > 1 and is_hint(head):
            return tail
    return text
