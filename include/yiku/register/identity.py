"""Keys of persons and households: keyed hashes, so that nobody can try out all ID numbers to undo them."""

from __future__ import annotations

import hashlib
import hmac

# The bits of a UUID that say by which rule it was made (version 5 of RFC 4122), and all the others.
_VERSION_5 = 0x5 << 76 | 0x2 << 62
_FREE = ~(0xF << 76 | 0x3 << 62)


def _keyed_uuid(key: bytes, text: str) -> str:
    number = int.from_bytes(
        hmac.digest(key, text.encode(), hashlib.sha256)[:16]
    )
    digits = f"{number & _FREE | _VERSION_5:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def person_key(key: bytes, id_no: str) -> str:
    """Return the ``person_sk`` of an 18-character ID number: the same for the same ``key`` and number."""
    # The word in front keeps a household and a person apart whose numbers are
    # the same digits.
    return _keyed_uuid(key, f"person:{id_no}")


def household_key(key: bytes, county_code: str, household_no: str) -> str:
    """Return the ``household_sk`` of a household number within its county."""
    return _keyed_uuid(key, f"household:{county_code}:{household_no}")
