"""``yiku new-list``: the files of a list that does not exist yet, which pass all tests.

The skeleton is data: ``skeleton/place`` for a list of things at a place,
``skeleton/person`` for one whose rows are of one person each. ``$name`` in a file stands
for what the caller says of the list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from yiku.contracts import load_contracts
from yiku.settings import Settings
from yiku.staging_models import write_staging

# What a title ends in says what kind of paper it is, not what it is about.
_PAPER = re.compile(
    r"(情况)?(统计|登记|汇总|一览|明细|签到)?(表|台账|名单|记录|册)$"
)
_CODE = re.compile(r"[A-Z][0-9]{1,2}[a-z]?")
_NAME = re.compile(r"[a-z]+(_[a-z]+)*")  # dbt's layers ask for letters alone
NEXT_STEPS = (
    (
        "{contract}",
        "写好列：中文表头、别名、类型、必填、是否涉及个人；多久报一次",
    ),
    ("make staging", "列改过以后，重写 dbt 的来源和 staging"),
    ("{suite}", "写好哪些行退回、哪些只提醒；新规则的话写进 rules.yml"),
    (
        "{mart} 和 {described}",
        "写好主题表：每列一句英文一句中文；有分支就写单元测试",
    ),
    ("{demo}", "写几行演示数据（人员只能是演示县里的）"),
    ("make docs", "重写 docs/ 里生成的页"),
    ("make test", "全部测试，包括上面每个文件的规矩"),
    ("yiku init", "已有的库里建好新名单的表（演示库由夜间运行自己建）"),
)


class NewListError(Exception):
    """A list that cannot be made: one sentence for whoever asked."""


@dataclass(frozen=True)
class NewList:
    """What somebody says of a list that is to be made."""

    code: str
    name: str
    title: str
    area: str
    is_of_persons: bool = False

    @property
    def table(self) -> str:
        """The name of its raw table."""
        return self.code.lower()

    @property
    def words(self) -> Mapping[str, str]:
        """What stands in the skeleton for each of its places."""
        return {
            "code": self.code,
            "table": self.table,
            "name": self.name,
            "title": self.title,
            # Headers begin with it, so that no other list is taken for this one.
            "subject": _PAPER.sub("", self.title) or self.title,
            "about": f"One row per {self.name.replace('_', ' ')}",
        }

    def paths(self) -> dict[str, str]:
        """Return where each file of the skeleton goes, from the root of the checkout."""
        marts = f"dbt_project/models/marts/{self.area}"
        return {
            "contract.yaml": f"include/yiku/contracts/{self.code}.odcs.yaml",
            "suite.yml": f"expectations/{self.table}.rows.yml",
            "mart.sql": f"{marts}/{self.name}.sql",
            "mart.yml": f"{marts}/_{self.name}.yml",
            "demo.yml": f"include/yiku/demo/tables/{self.code}.yml",
        }


def write_list(settings: Settings, wanted: NewList) -> list[str]:
    """Write a list's files and the staging of all lists; return the new files' names.

    NewListError before anything is written when the list cannot be, or is there.
    """
    root = settings.project_root
    _require_makeable(root, wanted)
    skeleton = (
        resources.files("yiku")
        .joinpath("skeleton")
        .joinpath("person" if wanted.is_of_persons else "place")
    )
    written = []
    for source, target in wanted.paths().items():
        text = Template(skeleton.joinpath(source).read_text("utf-8"))
        path = root / target
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.substitute(wanted.words), "utf-8")
        written.append(target)
    # The new contract is read from its file, as the others were.
    load_contracts.cache_clear()
    write_staging(settings.dbt_project, load_contracts().values())
    return written


def next_steps(wanted: NewList) -> list[str]:
    """Return what is to be done with the skeleton, in the order in which it works."""
    paths = wanted.paths()
    places = {
        "contract": paths["contract.yaml"],
        "suite": paths["suite.yml"],
        "mart": paths["mart.sql"],
        "described": Path(paths["mart.yml"]).name,
        "demo": paths["demo.yml"],
    }
    steps = []
    for number, (what, why) in enumerate(NEXT_STEPS, 1):
        steps.append(f"{number}. {what.format(**places)}：{why}")
    return steps


def _require_makeable(root: Path, wanted: NewList) -> None:
    """Raise NewListError unless the list can be written into this checkout."""
    if (
        not (root / "pyproject.toml").exists()
        or not (root / "expectations").is_dir()
    ):
        raise NewListError(f"{root} 不是源码目录：新名单要写进源码。")
    if not _CODE.fullmatch(wanted.code):
        raise NewListError("名单代码应为一个大写字母加一两位数字，如 N05。")
    if not _NAME.fullmatch(wanted.name):
        raise NewListError(
            "--name 应为小写英文单词，用下划线连接，如 healthy_village。"
        )
    if not re.search("[一-鿿]", wanted.title):
        raise NewListError("--title 应为名单的中文名称。")
    areas = _areas(root)
    if wanted.area not in areas:
        raise NewListError(f"--area 应为：{'、'.join(areas)}。")
    _require_free(root, wanted)


def _areas(root: Path) -> list[str]:
    marts = root / "dbt_project/models/marts"
    return sorted(folder.name for folder in marts.iterdir() if folder.is_dir())


def _require_free(root: Path, wanted: NewList) -> None:
    """Raise NewListError when a list or a model has the code or the name already."""
    for contract in load_contracts().values():
        if contract.table == wanted.table:
            raise NewListError(
                f"已有代码为 {contract.code} 的名单：{contract.title}。"
            )
        if contract.name == wanted.name:
            raise NewListError(f"名单 {contract.code} 已经叫 {wanted.name}。")
    # Every name in dbt's project is one relation, whatever folder its file lies in.
    if any((root / "dbt_project/models").rglob(f"{wanted.name}.sql")):
        raise NewListError(f"dbt 里已有模型 {wanted.name}，请换一个 --name。")
    for target in wanted.paths().values():
        if (root / target).exists():
            raise NewListError(f"{target} 已经存在，没有改动任何文件。")
