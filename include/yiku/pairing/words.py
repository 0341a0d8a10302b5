"""The reasons of pairs and gaps in Chinese. No name or number of a person stands in them: the columns have those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yiku.pairing.model import Part

_CHANGES = {
    "new": "新结对",
    "kept": "沿用现有结对",
    "unfit": "改配：现有{}已不合条件",
    "full": "改配：现有{}已到上限",
    "better": "改配：比现有{}更合适，值得变动",
}


def of_pair(part: Part, found: Mapping[str, Any], change: str) -> str:
    """Return why a pair is proposed, from its other columns and what becomes of the present pair."""
    said = [f"同产业（{found['industry']}）", f"距离{found['distance_km']:.1f}公里（{found['distance_basis']}）"]
    said.append(f"配后{found['load_after']}{part.unit}，上限{found['cap']}{part.unit}")
    said.append(_CHANGES[change].format(part.helper))
    if found["next_best"] is None:
        said.append(f"没有其他有余量的{part.helper}")
    else:
        said.append(f"次选相当于多走{found['extra_km']:.1f}公里")
    return "；".join(said)


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
    trade, who = "、".join(industries) or "未填产业", part.helper
    head = f"{left}{part.unit}没有可配的{trade}{who}："
    if reason == "full":
        most = "不接新对象" if cap == 0 else f"已满{cap}{part.unit}"
        return f"{head}范围内都已到上限，最近的在{km:.1f}公里，{most}；需放宽上限或增加{who}"
    if reason == "far":
        return f"{head}最近的在{km:.1f}公里，超出距离上限{beyond:.1f}公里；需放宽距离或就近增加{who}"
    if reason == "level":
        return f"{head}懂此产业的都不够县级，最近的在{km:.1f}公里；需聘请县级及以上{who}"
    if not industries:
        return f"{head}请先补填产业"
    return f"{head}本县没有从事此产业的{who}；需引进或培养"
