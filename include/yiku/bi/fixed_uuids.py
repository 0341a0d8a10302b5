"""The fixed identities of what is brought into a Superset: the same name is the same thing in every installation."""

from __future__ import annotations

import uuid

_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "yiku/superset")
# What people make in Superset itself has identities of chance, of version 4.
_VERSION = 5


def identity(kind: str, *names: str) -> str:
    """Return the UUID of a database, dataset, chart or dashboard by its names."""
    return str(uuid.uuid5(_OURS, "/".join((kind, *names))))


def is_of_names(text: str) -> bool:
    """Return whether a UUID was made of names, as ours are."""
    return uuid.UUID(text).version == _VERSION
