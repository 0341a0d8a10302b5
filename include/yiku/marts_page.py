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
    marts = [n for n in manifest["nodes"].values() if is_mart(n)]
    parts = [_mart(n) for n in sorted(marts, key=lambda n: (n["fqn"][2], n["name"]))]
    return "\n".join([HEAD, *parts])


def is_mart(node: Mapping[str, Any]) -> bool:
    """Tell whether a node of the manifest is a model that readers may rely on."""
    return bool(node["resource_type"] == "model" and node["fqn"][1] == "marts")


def _mart(node: Mapping[str, Any]) -> str:
    keys = [c["columns"] for c in node["constraints"] if c["type"] == "primary_key"]
    lines = [
        f"## mart.{node['name']}",
        "",
        node["description"].strip(),
        "",
        f"Key 主键: {', '.join(f'`{k}`' for k in keys[0])}" if keys else "",
        "",
        "| column 列 | type 类型 | meaning 含义 | masked 脱敏 |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *(_column(c) for c in node["columns"].values()), ""])


def _column(column: Mapping[str, Any]) -> str:
    personal = column["config"]["meta"].get("personal")
    shown = SHOWN[personal] if personal else ""
    return f"| `{column['name']}` | {column['data_type']} | {column['description']} | {shown} |"
