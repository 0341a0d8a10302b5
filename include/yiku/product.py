"""Which version of the product this is, down to a changed line."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import yiku

_PACKAGE = Path(__file__).parent
_KINDS = frozenset({".py", ".yml", ".yaml", ".sql", ".typ", ".docx"})


@cache
def product_version() -> str:
    """Return a fingerprint of the code and of the data that it ships.

    It is another one whenever any of it changes.
    """
    digest = hashlib.sha256()
    paths = [path for path in _PACKAGE.rglob("*") if path.suffix in _KINDS]
    for path in sorted(paths):
        # With its name: a module that only moves is another product too.
        name = path.relative_to(_PACKAGE)
        digest.update(f"{name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def running_version() -> str:
    """Return the release that runs, and the fingerprint of its files."""
    return f"{yiku.__version__} {product_version()}"
