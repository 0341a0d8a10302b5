"""What is wrong beside the bundle: with the roles that readers get, and with Superset's own settings."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from yiku.bi.bundle_parts import Fault

ROLES_FILE = "roles.json"
SETTINGS_FILE = "superset_config.py"
_READER = "一库阅览"
# Superset gives these names a meaning of its own; what is read over them would change everybody's rights.
_OF_SUPERSET = frozenset(("Admin", "Alpha", "Gamma", "Public", "sql_lab"))
# What a reader's browser writes by itself: where he filtered, which link he made, his own password.
_OWN_TRACES = frozenset(
    (
        "DashboardFilterStateRestApi",
        "DashboardPermalinkRestApi",
        "ExploreFormDataRestApi",
        "ResetMyPasswordView",
    )
)
_CHANGING = ("can_write", "can_delete", "can_put", "can_post", "can_add")
# Whoever may change these gives himself whatever else he wants.
_NOBODYS = frozenset(
    ("Database", "Dataset", "User", "Role", "Group", "PermissionViewMenu")
)
_READERS_LIMITS = ("sqllab", "sql lab", "all_database_access", "execute_sql")
_MUST_BE: Mapping[str, Any] = {
    "PUBLIC_ROLE_LIKE": None,
    "AUTH_USER_REGISTRATION": False,
    "TALISMAN_ENABLED": True,
}
_FLAGS_OFF = ("ENABLE_TEMPLATE_PROCESSING", "ALERT_REPORTS", "THUMBNAILS")


def surroundings_faults(folder: Path) -> Iterator[Fault]:
    """Yield what of the files beside ``assets`` would open more than the dashboards to more than their readers."""
    yield from _roles_faults(folder / ROLES_FILE)
    yield from _settings_faults(folder / SETTINGS_FILE)


def _roles_faults(path: Path) -> Iterator[Fault]:
    try:
        roles = json.loads(path.read_text("utf-8"))
        granted = {role["name"]: list(_granted(role)) for role in roles}
    except (OSError, ValueError, KeyError, TypeError):
        yield Fault(ROLES_FILE, "缺少或读不了")
        return
    if _READER not in granted:
        yield Fault(ROLES_FILE, f"没有角色 {_READER}")
    for role, permissions in granted.items():
        if role in _OF_SUPERSET:
            yield Fault(ROLES_FILE, f"角色 {role} 是 Superset 自带的，不能改")
        is_reader = role == _READER
        for verb, place in permissions:
            is_wrong = _is_too_much(verb, place)
            if is_reader and _is_more_than_reading(verb, place):
                is_wrong = True
            if is_wrong:
                yield Fault(ROLES_FILE, f"角色 {role} 不应有 {verb} {place}")


def _granted(role: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in role["permissions"]:
        yield one["permission"]["name"], one["view_menu"]["name"]


def _is_too_much(verb: str, place: str) -> bool:
    return verb.startswith(_CHANGING) and place in _NOBODYS


def _is_more_than_reading(verb: str, place: str) -> bool:
    words = f"{verb} {place}".lower()
    is_limit = any(limit in words for limit in _READERS_LIMITS)
    is_change = verb.startswith(_CHANGING) and place not in _OWN_TRACES
    return is_limit or is_change or verb == "can_explore"


def _settings_faults(path: Path) -> Iterator[Fault]:
    try:
        values = _assigned(path.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError):
        yield Fault(SETTINGS_FILE, "缺少或读不了")
        return
    if not _is_asked_for(values.get("SECRET_KEY")):
        yield Fault(SETTINGS_FILE, "SECRET_KEY 应只从环境变量读取")
    for name, wanted in _MUST_BE.items():
        if _constant(values.get(name)) != (wanted,):
            yield Fault(SETTINGS_FILE, f"{name} 应为 {wanted}")
    flags = values.get("FEATURE_FLAGS")
    for flag in _FLAGS_OFF:
        if _constant(_entry(flags, flag)) != (False,):
            yield Fault(SETTINGS_FILE, f"{flag} 应关掉")


def _is_asked_for(written: ast.expr | None) -> bool:
    """Return whether a value comes from the environment, and nothing starts without it."""
    if isinstance(written, ast.BoolOp):
        *first, last = written.values
        ends = isinstance(last, ast.Call) and ast.unparse(last.func)
        return ends == "sys.exit" and all(map(_is_of_environment, first))
    is_needed = isinstance(written, ast.Subscript)
    return is_needed and _is_of_environment(written)


def _is_of_environment(written: ast.expr | None) -> bool:
    if isinstance(written, ast.Call):
        # A second argument would stand in for a key that nobody set.
        has_default = len(written.args) > 1 or bool(written.keywords)
        asked = written.func
        if has_default or not isinstance(asked, ast.Attribute):
            return False
        return asked.attr == "get" and _is_environment(asked.value)
    if isinstance(written, ast.Subscript):
        return _is_environment(written.value)
    return False


def _is_environment(written: ast.expr) -> bool:
    return isinstance(written, ast.Attribute) and written.attr == "environ"


def _assigned(text: str) -> dict[str, ast.expr]:
    """Return what a module assigns to names, as written; the last word counts."""
    values = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    values[target.id] = statement.value
    return values


def _entry(written: ast.expr | None, key: str) -> ast.expr | None:
    if not isinstance(written, ast.Dict):
        return None
    for name, value in zip(written.keys, written.values, strict=True):
        if isinstance(name, ast.Constant) and name.value == key:
            return value
    return None


def _constant(written: ast.expr | None) -> tuple[Any, ...]:
    """Return a value that stands there as such, alone in a tuple; an empty one for anything else."""
    return (written.value,) if isinstance(written, ast.Constant) else ()
