"""``yiku docs``: the documentation of the dbt project as one page, which opens from a disk.

No database is asked, so that no value of a person can stand in it, and the page is the
same wherever the checkout is.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from yiku.faults import StepError
from yiku.settings import Settings

PAGE = "yiku-dbt-docs.html"
MANIFEST = "manifest.json"


def write_docs(settings: Settings, folder: Path) -> Path:
    """Write the page into a folder and return its path.

    StepError when dbt cannot read its project.
    """
    with tempfile.TemporaryDirectory(prefix="yiku-docs-") as target:
        _dbt(settings, target, ["parse", "--no-partial-parse"])
        manifest = Path(target, MANIFEST)
        manifest.write_text(_fit_to_show(manifest.read_text("utf-8")), "utf-8")
        # Compiling and the catalog would ask a database; what is shown stands in files.
        _dbt(
            settings,
            target,
            [
                "docs",
                "generate",
                "--static",
                "--no-compile",
                "--empty-catalog",
            ],
        )
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / PAGE
        shutil.copyfile(Path(target, "static_index.html"), page)
    return page


def _dbt(settings: Settings, target: str, words: Sequence[str]) -> None:
    project = str(settings.dbt_project)
    places = ["--project-dir", project, "--profiles-dir", project]
    places += ["--target-path", target, "--log-path", target]
    done = dbtRunner().invoke(["--log-level", "none", *words, *places])
    if not done.success:
        raise StepError(f"dbt {words[0]}: {type(done.exception).__name__}")


def _fit_to_show(text: str) -> str:
    """Return a manifest without the rows of its unit tests and the machine's folders.

    The rows are made up, but look like people's.
    """
    manifest: dict[str, Any] = json.loads(text)
    for test in manifest["unit_tests"].values():
        test["expect"] = _without_rows(test["expect"])
        test["given"] = [_without_rows(given) for given in test["given"]]
    for node in manifest["nodes"].values():
        node.pop("root_path", None)  # where a seed's file lay
    return json.dumps(manifest, ensure_ascii=False)


def _without_rows(fixture: Mapping[str, Any]) -> dict[str, Any]:
    return {**fixture, "rows": []}
