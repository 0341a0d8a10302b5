"""docs/marts.md.

What readers of the warehouse may rely on, written from the manifest of the dbt project.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HEAD = """# The marts 数据集市

What stands here is promised: names, types and meaning change only with a word in CHANGELOG.md. Written from
`dbt_project` by `yiku.marts_page`; a test keeps it in step. 本页由 dbt 项目生成。

"Masked" says how `mart_masked` shows a column: 遮盖 (masked), 分段 (band), 去数字 (numbers removed), 不含 (left out).
"""
SHOWN = {
    "id": "遮盖",
    "name": "遮盖",
    "age": "分段",
    "text": "去数字",
    "code": "去长数字",
    "hidden": "不含",
}


def render_marts_markdown(manifest: Mapping[str, Any]) -> str:
    """Return the page for a manifest (the parsed manifest.json of the project)."""
    marts = [node for node in manifest["nodes"].values() if is_mart(node)]
    # by area, as the folders below models/marts are called
    marts.sort(key=lambda mart: (mart["fqn"][2], mart["name"]))
    return "\n".join([HEAD, *(_mart(mart) for mart in marts)])


def is_mart(node: Mapping[str, Any]) -> bool:
    """Return whether a node of the manifest is a model that readers may rely on."""
    return bool(node["resource_type"] == "model" and node["fqn"][1] == "marts")


def _mart(node: Mapping[str, Any]) -> str:
    lines = [
        f"## mart.{node['name']}",
        "",
        node["description"].strip(),
        "",
        _key(node),
        "",
        "| column 列 | type 类型 | meaning 含义 | masked 脱敏 |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_column(column) for column in node["columns"].values()]
    return "\n".join([*lines, ""])


def _key(node: Mapping[str, Any]) -> str:
    """Return the line about the primary key; an empty one where a mart has none."""
    for constraint in node["constraints"]:
        if constraint["type"] == "primary_key":
            names = [f"`{name}`" for name in constraint["columns"]]
            return f"Key 主键: {', '.join(names)}"
    return ""


def _column(column: Mapping[str, Any]) -> str:
    personal = column["config"]["meta"].get("personal")
    masked = SHOWN[personal] if personal else ""
    name, kind = column["name"], column["data_type"]
    return f"| `{name}` | {kind} | {column['description']} | {masked} |"
