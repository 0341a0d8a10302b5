"""Keys of persons and households: keyed hashes, so that nobody can try out all ID numbers to undo them."""

from __future__ import annotations

import hashlib
import hmac
import uuid


def _keyed_uuid(key: bytes, text: str) -> str:
    digest = hmac.digest(key, text.encode(), hashlib.sha256)
    return str(uuid.UUID(bytes=digest[:16], version=5))


def person_key(key: bytes, id_no: str) -> str:
    """Return the ``person_sk`` of an 18-character ID number: the same for the same ``key`` and number."""
    return _keyed_uuid(key, f"person:{id_no}")


def household_key(key: bytes, county_code: str, household_no: str) -> str:
    """Return the ``household_sk`` of a household number within its county."""
    return _keyed_uuid(key, f"household:{county_code}:{household_no}")
