"""The rules of the house that a program can hold us to."""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from yiku.cleaning.id_arithmetic import check_digit
from yiku.settings import load_settings

ROOT = load_settings({}).project_root
PACKAGE = ROOT / "include/yiku"
MODULES = sorted(PACKAGE.rglob("*.py"))
# Data walks in one direction: a room knows those before it, never those after it.
ROOMS = [
    "settings",
    "private",
    "whole_files",
    "own_yaml",
    "display",
    "faults",
    "parent",
    "isolation",
    "product",
    "calendar",
    "redaction",
    "contracts",
]
ROOMS += [
    "formats",
    "tables",
    "cleaning",
    "intake",
    "gazetteer",
    "warehouse",
    "register",
    "comparison",
    "checking",
    "returns",
    "worklist",
    "delivery",
    "paper",
    "bulletin",
    "pairing",
    "wall",
    "bi",
    "notices",
    "demo",
    "housekeeping",
]
ROOMS += [
    "batch",
    "pipeline",
    "marts_page",
    "staging_models",
    "new_list",
    "dbt_docs",
    "dictionary_page",
    "pages",
    "night_page",
]
ROOMS += [
    "terminal",
    "at_work",
    "airflow_home",
    "airflow_glue",
    "superset_trial",
    "cli",
]
PURE = {
    "contracts",
    "formats",
    "tables",
    "cleaning",
    "gazetteer",
    "register",
    "comparison",
    "checking",
    "returns",
    "worklist",
    "delivery",
    "paper",
    "bulletin",
    "pairing",
    "wall",
    "bi",
}
# Types that two rooms agree on stand with the room that makes them.
AGREED = {
    ("warehouse", "checking.findings"),
    ("warehouse", "register.snapshot"),
    ("warehouse", "register.decisions"),
    ("comparison", "checking.findings"),
}
# The first reads it; the others hand variables on to programs that they start.
ENVIRONMENT = {
    "settings.py",
    "airflow_home.py",
    "superset_trial.py",
    "server_owner.py",
    "marts.py",
    "backup.py",
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "yiku":
            names.update(f"yiku.{a.name}" for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def functions(path: Path) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)]


def length(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_a_room_knows_only_those_before_it(path):
    here = room(path)
    if here == "__init__":
        return
    assert here in ROOMS
    for name in (n for n in imported(path) if n.startswith("yiku.")):
        there = name.split(".")[1]
        agreed = (here, name.removeprefix("yiku.")) in AGREED
        assert agreed or ROOMS.index(there) <= ROOMS.index(here), (
            f"{here} imports {name}"
        )


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if room(p) in PURE],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_pure_rooms_touch_no_database(path):
    assert not {n.split(".")[0] for n in imported(path)} & {
        "psycopg",
        "sqlalchemy",
        "airflow",
        "dbt",
    }


# How a statement of SQL begins; "with" and "update" begin English sentences as well.
_STATEMENT = re.compile(
    r"\s*(select\s|insert\s+into\s|delete\s+from\s|update\s+\S+\s+(as\s+\w+\s+)?set\s|with\s+\w+\s+as\s"
    r"|(create|alter|drop|truncate)\s+\w+\s+\w|call\s+\w+\(|analyze\s|vacuum\b|copy\s|merge\s+into\s"
    r"|grant\s|revoke\s|set\s+(local\s+)?\w+\s*(=|to)\s)",
    re.IGNORECASE,
)


def docstrings(module: ast.Module) -> set[int]:
    """Return the constants of a module that are docstrings, by identity."""
    found = set()
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
        ):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(
                first.value, ast.Constant
            ):
                found.add(id(first.value))
    return found


def statements_of_sql(path: Path) -> list[str]:
    """Return what a module says to a database: texts of SQL, and calls that run one."""
    module = tree(path)
    prose = docstrings(module)
    found = []
    for node in ast.walk(module):
        place = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
        is_text = isinstance(node, ast.Constant) and isinstance(
            node.value, str
        )
        if is_text and id(node) not in prose and _STATEMENT.match(node.value):
            found.append(f"{place} {node.value.split()[0]}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("execute", "executemany"):
                found.append(f"{place} .{node.func.attr}(")
    return found


def test_sql_is_spoken_in_the_warehouse_alone():
    outside = [path for path in MODULES if room(path) != "warehouse"]
    elsewhere = {
        found for path in outside for found in statements_of_sql(path)
    }
    assert elsewhere == set()


def test_only_the_warehouse_knows_the_driver_of_the_database():
    users = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(name.split(".")[0] == "psycopg" for name in imported(path))
    }
    assert {u for u in users if not u.startswith("warehouse/")} == set()


def test_great_expectations_is_spoken_to_in_one_room():
    users = {
        room(p)
        for p in MODULES
        if any(n.split(".")[0] == "great_expectations" for n in imported(p))
    }
    assert users <= {"checking"}


def test_only_the_command_line_knows_the_demo():
    users = {
        room(p)
        for p in MODULES
        if any(n.startswith("yiku.demo") for n in imported(p))
    }
    assert users == {"demo", "cli"}


def locked(name: str) -> dict[str, int]:
    """Return the packages of a lock with the number of their hashes."""
    packages: dict[str, int] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        package = re.match(r"([a-z0-9._-]+)==", line)
        if package:
            packages[package[1]] = 0
        elif line.lstrip().startswith("--hash=sha256:"):
            packages[next(reversed(packages))] += 1
    return packages


def declared(*extras: str) -> set[str]:
    """Return the packages that an installation with these extras asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    asked = list(project["dependencies"])
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    names = {re.split(r"[\[<>=;~! ]", one)[0].lower() for one in asked}
    return {re.sub(r"[-_.]+", "-", name) for name in names} - {"yiku"}


def test_production_installs_nothing_that_only_the_demo_and_the_tests_need():
    production, added = (
        locked("requirements.lock"),
        locked("requirements-dev.lock"),
    )
    assert not production.keys() & added.keys()
    assert declared() <= production.keys()
    assert declared("demo") - declared() <= added.keys()
    assert declared("dev") <= production.keys() | added.keys()
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert "requirements.lock" in dockerfile
    assert "requirements-dev.lock" not in dockerfile
    assert (
        "include/yiku/demo"
        in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    )


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock"]
)
def test_a_lock_carries_hashes_and_no_host(name):
    assert all(locked(name).values())
    assert "://" not in (ROOT / name).read_text("utf-8")


def test_one_place_reads_the_environment():
    readers = {
        p.name
        for p in MODULES
        if "os.environ" in p.read_text("utf-8")
        or "os.getenv" in p.read_text("utf-8")
    }
    assert readers <= ENVIRONMENT


def test_functions_are_small():
    sizes = {
        f"{p.relative_to(PACKAGE)}:{f.name}": length(f)
        for p in MODULES
        for f in functions(p)
    }
    assert {n: s for n, s in sizes.items() if s > 60} == {}
    assert statistics.median(sizes.values()) <= 10
    assert sum(s > 30 for s in sizes.values()) <= len(sizes) * 0.1


def test_no_two_modules_have_one_name():
    names = Counter(p.name for p in MODULES if p.name != "__init__.py")
    assert {name: n for name, n in names.items() if n > 1} == {}


@pytest.mark.parametrize(
    "folder",
    ["include", "dags", "tests", "docs", "benchmarks", "dbt_project", ".ci"],
)
def test_no_file_names_a_machine_or_leaves_work_undone(folder):
    marks = [
        "TO" + "DO",
        "FIX" + "ME",
        "pypi." + "org",
        "pythonhosted" + ".org",
        "/ro" + "ot/",
        "/wo" + "rk/",
    ]
    for path in (ROOT / folder).rglob("*"):
        if (
            path.suffix in {".py", ".yml", ".yaml", ".sql", ".md"}
            and "target" not in path.parts
        ):
            text = path.read_text("utf-8")
            assert not [m for m in marks if m in text], path


_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_SUFFIXES = {".py", ".yml", ".yaml", ".sql", ".md", ".csv", ".json", ".txt"}


def test_every_id_number_is_of_a_fictitious_person():
    written = {
        found
        for folder in (
            "include",
            "dags",
            "tests",
            "docs",
            "benchmarks",
            "dbt_project",
        )
        for path in (ROOT / folder).rglob("*")
        if path.suffix in _SUFFIXES and "target" not in path.parts
        for found in _ID.findall(path.read_text("utf-8"))
    }
    assert len(written) > 20
    assert {
        n
        for n in written
        if check_digit(n.upper()) == n[-1].upper()
        and n[14:17] not in ("997", "998")
    } == set()


def test_every_migration_has_a_number_of_its_own():
    numbers = [
        path.name[:4]
        for path in sorted(
            (PACKAGE / "warehouse/migrations").glob("[0-9]*.sql")
        )
    ]
    assert len(set(numbers)) == len(numbers)
