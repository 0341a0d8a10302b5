"""What CONTRIBUTING shows is done in a copy of the checkout, and the policy tests look at what came of it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDED = Path(__file__).parent / "data/add_a_list"
COPIED = (
    "include",
    "dags",
    "dbt_project",
    "expectations",
    "docs",
    "benchmarks",
)
# The lists that test_add_a_list adds: whatever the policy asks of ours, it asks of them.
LAID_OVER = {
    "contracts": "include/yiku/contracts",
    "expectations": "expectations",
    "dbt/models": "dbt_project/models",
}
_BLOCK = re.compile(
    r"^```(diff|sh)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE
)
_HEADING = "## A worked example of each change"


def blocks() -> list[tuple[str, str]]:
    """Return the diffs and commands of the worked examples, in their order."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = page.split(_HEADING)[1].split("\n## ")[0]
    return _BLOCK.findall(section)


def apply(tree: Path, diff: str) -> None:
    """Carry a diff in short out: what it shows as there stands in its file just once."""
    for part in re.split(r"^\+\+\+ ", diff, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        for hunk in re.split(r"^@@\n", body, flags=re.MULTILINE):
            _apply_hunk(tree / name, hunk.splitlines())


def _apply_hunk(path: Path, lines: list[str]) -> None:
    before = "".join(
        f"{line[1:]}\n" for line in lines if line[:1] in (" ", "-")
    )
    after = "".join(
        f"{line[1:]}\n" for line in lines if line[:1] in (" ", "+")
    )
    if not before:
        assert not path.exists(), path
        path.write_text(after, "utf-8")
        return
    text = path.read_text("utf-8")
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Give a copy of the checkout to which three lists of other shapes were added."""
    copy = tmp_path_factory.mktemp("tree") / "yiku"
    unwanted = shutil.ignore_patterns(
        "__pycache__", "target", "logs", "*.egg-info"
    )
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=unwanted)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy2(path, copy / path.name)
    (copy / ".venv").symlink_to(sys.prefix)
    for source, target in LAID_OVER.items():
        shutil.copytree(ADDED / source, copy / target, dirs_exist_ok=True)
    catalogue = copy / "include/yiku/contracts/rules.yml"
    more = copy / "include/yiku/contracts/more_rules.yml"
    catalogue.write_text(
        catalogue.read_text("utf-8") + more.read_text("utf-8")
    )
    more.unlink()
    return copy


def run(tree: Path, home: Path, *words: str) -> str:
    """Run one command in the copy with its own package; it has to succeed."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(tree / "include"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "YIKU_HOME": str(home / "y"),
    }
    done = subprocess.run(
        words,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (
        f"{words}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
    )
    return done.stdout


def test_every_change_of_the_worked_examples_passes_the_policy_tests(
    tree, own_home
):
    kinds = [kind for kind, _ in blocks()]
    # a county asks for a file of its own, and for no change of the code
    assert kinds.count("diff") == 5
    before = {path for path in tree.rglob("*") if path.is_file()}
    told = ""
    for kind, text in blocks():
        if kind == "diff":
            apply(tree, text)
            continue
        for command in text.splitlines():
            words = shlex.split(command)
            if words[0] == "make":
                # the copy uses the environment that is there
                words[1:1] = ["-o", ".venv/.ready"]
            told += run(tree, own_home, *words)
    assert "expectations/n05.rows.yml" in told
    added = {path for path in tree.rglob("*.sql")} - before
    assert {"healthy_pond.sql", "meeting_count.sql"} <= {
        path.name for path in added
    }
    run(tree, own_home, ".venv/bin/sqlfluff", "lint", *map(str, sorted(added)))


def test_a_list_that_is_there_is_not_written_over(tree, own_home):
    suite = tree / "expectations/l1.rows.yml"
    text = suite.read_text("utf-8")
    words = ("new-list", "L1", "--name", "other", "--title", "另一张表")
    with pytest.raises(AssertionError, match="L1"):
        run(tree, own_home, ".venv/bin/yiku", *words)
    assert suite.read_text("utf-8") == text
