"""The staging of the dbt project, written from the contracts: ``python -m yiku.staging_models``.

A staging model shows one relation of ``raw`` as it is, by the names of its columns. It joins nothing and decides
nothing: which rows count is said by the models above it. Each list has one; a few lists have two more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yiku.contracts import Contract, load_contracts
from yiku.settings import load_settings
from yiku.warehouse.staging_text import staging_text

FOLDER = "models/staging/lists"
HEAD = "# Written from the contracts by yiku.staging_models; a test keeps it in step.\n"
# Whose rows are shown in mart.person_history whatever became of them, and whose spells count although sent back.
REMEMBERED = frozenset(("L1", "L2", "L3", "L4", "L5", "E01", "E02", "H02"))


@dataclass(frozen=True)
class StagingModel:
    """A view of dbt on one relation of ``raw``."""

    name: str
    relation: str
    contract: Contract
    english: str
    chinese: str

    @property
    def sql(self) -> str:
        """The text of the model."""
        return staging_text(self.contract, self.relation)

    @property
    def described(self) -> str:
        """What it shows, in both languages; it stands at the source, of which the model is the image."""
        return f"{self.contract.description.rstrip('.')}: {self.english}. {self.contract.title}：{self.chinese}。"


def staging_models(contracts: Iterable[Contract]) -> Iterator[StagingModel]:
    """Yield the staging models of some lists."""
    for contract in contracts:
        name, table = f"stg_{contract.table}__{contract.name}", contract.table
        english, chinese = (
            "the version of each row that is valid",
            "每行当日有效的版本",
        )
        yield StagingModel(name, f"{table}_now", contract, english, chinese)
        if contract.code in REMEMBERED:
            english, chinese = "every row that was ever read", "读入过的每一行"
            yield StagingModel(
                f"{name}_versions", table, contract, english, chinese
            )


def staging_files(contracts: Iterable[Contract]) -> dict[str, str]:
    """Return the files of the staging of some lists by their names."""
    models = list(staging_models(contracts))
    sources = "sources:\n  - name: raw\n    schema: raw\n    tables:\n"
    files: dict[str, str] = {}
    for model in models:
        files[f"{model.name}.sql"] = model.sql
        described = f"description: {_quoted(model.described)}"
        sources += f"      - {{name: {model.relation}, {described}}}\n"
    files["_sources.yml"] = HEAD + sources
    return files


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write_staging(project: Path, contracts: Iterable[Contract]) -> None:
    """Write the staging of the lists into a dbt project, and take away what none of them has any more."""
    folder, files = project / FOLDER, staging_files(contracts)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write_staging(
        Path(sys.argv[1]) if sys.argv[1:] else load_settings().dbt_project,
        load_contracts().values(),
    )
