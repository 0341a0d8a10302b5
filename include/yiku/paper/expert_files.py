"""A file an expert 一人一档: the evidence by which the county chooses whom it honours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yiku.calendar import in_chinese
from yiku.gazetteer.places import division_name
from yiku.paper.file_names import EXPERTS, paper_name
from yiku.paper.printed import Printed
from yiku.paper.typesetting import Typesetter
from yiku.warehouse.expert_facts import Deed, Expert

_KINDS = ("结对村", "结对户", "开方", "入户", "培训", "领办项目", "荣誉奖补")


def print_experts(
    setter: Typesetter,
    experts: Sequence[Expert],
    deeds: Mapping[str, Sequence[Deed]],
) -> Iterator[Printed]:
    """Set the files of some experts, for their county."""
    names = Counter(expert.name for expert in experts)
    for expert in experts:
        # two experts of one name: the beginning of the key tells the files apart
        has_namesake = names[expert.name] > 1
        key = expert.person_sk[:8] if has_namesake else None
        facts = {
            "title": f"专家人才档案 {expert.name}",
            "day": in_chinese(expert.as_of_on),
            "about": _about(expert),
            "parts": _parts(deeds.get(expert.person_sk, ())),
        }
        yield Printed(
            expert.county_code,
            "county",
            paper_name(EXPERTS, key, expert.name),
            setter.pdf("expert", facts),
        )


def _about(expert: Expert) -> list[list[Any]]:
    last = expert.last_served_on
    return [
        ["姓名", expert.name],
        ["性别", expert.sex],
        ["服务县区", division_name(expert.county_code)],
        ["类别", "产业技术员" if expert.is_technician else "专家"],
        ["级别", expert.level],
        ["职称", expert.title],
        ["单位", expert.unit],
        ["职务", expert.post],
        ["专业", expert.specialty],
        ["产业", "、".join(expert.industries)],
        ["年服务天数", expert.days_per_year],
        ["结对", f"{expert.villages}村 {expert.households}户"],
        ["服务记录", f"{expert.services_done}次"],
        ["最近服务", last.isoformat() if last else None],
    ]


def _parts(deeds: Sequence[Deed]) -> list[dict[str, Any]]:
    parts = []
    for kind in _KINDS:
        rows = [
            [deed.on, deed.place, deed.what, deed.measure]
            for deed in deeds
            if deed.kind == kind
        ]
        if rows:
            parts.append({"title": f"{kind}（{len(rows)}项）", "rows": rows})
    return parts
