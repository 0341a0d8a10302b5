"""The reasons of pairs and gaps in Chinese.

No name or number of a person stands in them: the columns have those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yiku.pairing.problem import Part

_CHANGES = {
    "new": "新结对",
    "kept": "沿用现有结对",
    "gone": "改配：现有{who}不在可配的在聘{who}之列",
    "trade": "改配：现有{who}的擅长产业不含所需产业",
    "level": "改配：现有{who}不够县级",
    "closed": "改配：现有{who}的上限为0",
    "far": "改配：现有{who}在{km:.1f}公里外，超出{most:.0f}公里的距离上限",
    "over": "改配：现有{who}现已结对{load}{unit}，超过上限{most:.0f}{unit}",
    "full": "改配：现有{who}的{most:.0f}{unit}名额在本方案中已配给其他{unit}",
    "better": "改配：比沿用现有{who}少{km:.2f}公里（已计入变动的{most:.0f}公里和负荷）",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the present pair, with the figures that the words name.

    Kilometres, a load, a limit.
    """

    kind: str
    km: float = 0.0
    load: int = 0
    most: float | None = None


def of_pair(part: Part, found: Mapping[str, Any], change: Change) -> str:
    """Return why a pair is proposed.

    From its other columns and what becomes of the present pair.
    """
    has_other = found["next_best"] is not None
    next_best = (
        f"次选相当于多走{found['extra_km']:.1f}公里"
        if has_other
        else f"没有其他有余量的{part.helper}"
    )
    said = [
        f"同产业（{found['industry']}）",
        f"距离{found['distance_km']:.1f}公里（{found['distance_basis']}）",
        f"配后{found['load_after']}{part.unit}，上限{found['cap']}{part.unit}",
        _of_change(part, change),
        next_best,
    ]
    return "；".join(said)


def _of_change(part: Part, change: Change) -> str:
    # Each sentence takes the figures that it names; format passes over the others.
    return _CHANGES[change.kind].format(
        who=part.helper,
        unit=part.unit,
        km=change.km,
        load=change.load,
        most=change.most or 0,
    )


def of_gap(
    part: Part,
    reason: str,
    industries: tuple[str, ...],
    left: int,
    km: float | None,
    cap: int | None,
    beyond: float | None,
) -> str:
    """Return why nobody can be proposed, and what would have to change."""
    who = part.helper
    trade = "、".join(industries) or "未填产业"
    head = f"{left}{part.unit}没有可配的{trade}{who}："
    if reason == "full":
        most = "不接新对象" if cap == 0 else f"已满{cap}{part.unit}"
        return f"{head}范围内的名额在本方案中都已配满，最近的在{km:.1f}公里，{most}；需放宽上限或增加{who}"
    if reason == "far":
        return f"{head}最近的在{km:.1f}公里，超出距离上限{beyond:.1f}公里；需放宽距离或就近增加{who}"
    if reason == "level":
        return f"{head}懂此产业的都不够县级，最近的在{km:.1f}公里；需聘请县级及以上{who}"
    if not industries:
        return f"{head}请先补填产业"
    return f"{head}本县没有从事此产业的{who}；需引进或培养"
