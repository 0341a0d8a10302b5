"""``make docs``.

Write what is made from contracts, rules, models and the database's comments: dbt's staging,
docs/.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from yiku.contracts import load_contracts
from yiku.contracts.rules import render_rules_markdown
from yiku.dictionary_page import render_dictionary
from yiku.marts_page import render_marts_markdown
from yiku.settings import load_settings
from yiku.staging_models import write_staging
from yiku.warehouse.connection import connect
from yiku.warehouse.embedded import stop
from yiku.warehouse.init import prepare


def main() -> None:
    """Write all pages anew; RuntimeError when dbt cannot parse its project."""
    # Of no environment: pages must be the same whoever writes them.
    root = load_settings({}).project_root
    write_staging(root / "dbt_project", load_contracts().values())
    with tempfile.TemporaryDirectory(prefix="yiku-docs-") as folder:
        pages = {
            "rules.md": render_rules_markdown(),
            "marts.md": render_marts_markdown(
                parsed_manifest(root / "dbt_project")
            ),
            "dictionary.md": _dictionary(folder),
        }
    for name, text in pages.items():
        (root / "docs" / name).write_text(text, "utf-8")


def parsed_manifest(project: Path) -> dict[str, Any]:
    """Return dbt's manifest of a project as it stands; RuntimeError when dbt cannot parse it."""
    with tempfile.TemporaryDirectory(prefix="yiku-parse-") as target:
        places = (
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(project),
            "--target-path",
            target,
        )
        # What dbt remembers of an earlier parsing may be of another state.
        run = dbtRunner().invoke(
            [
                "--quiet",
                "parse",
                "--no-partial-parse",
                *places,
                "--log-path",
                target,
            ]
        )
        if not run.success:
            raise RuntimeError(f"dbt parse: {run.exception}")
        return dict(
            json.loads(Path(target, "manifest.json").read_text("utf-8"))
        )


def _dictionary(folder: str) -> str:
    settings = load_settings({"YIKU_HOME": f"{folder}/home"})
    try:
        with closing(connect(settings)) as conn:
            prepare(conn)
            return render_dictionary(conn)
    finally:
        # The server outlives its command, and its folder is about to go.
        stop(settings)


if __name__ == "__main__":
    main()
