"""What the digits of a resident ID say: day of birth, sex, province, and the check digit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from stdnum.cn.ric import calc_check_digit

# the first two digits, as GB/T 2260 gives them out
_PROVINCES = frozenset(
    str(p)
    for region in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for p in range(region[0], region[1] + 1)
)
# of the 17 digits in the check sum (GB 11643), and the digit for each remainder
_WEIGHTS = np.array(
    (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), dtype=np.int64
)
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
_OLDEST = 110  # years


def check_digits_right(numbers: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return for each clean 18-character number whether its check digit is right.

    All at once with numpy: a list of 380 rows has a thousand numbers.
    """
    if not numbers:
        return np.zeros(0, dtype=bool)
    signs = np.frombuffer(
        "".join(numbers).encode("ascii"), dtype=np.uint8
    ).reshape(-1, 18)
    sums = (signs[:, :17].astype(np.int64) - 48) @ _WEIGHTS
    right: npt.NDArray[np.bool_] = _CHECK[sums % 11] == signs[:, 17]
    return right


@lru_cache(maxsize=65536)
def _birth(digits: str) -> date | None:
    """Return the date that eight digits are, None when there is no such day."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def birth_date(number: str) -> date:
    """Return the birth date of a valid 18-character number."""
    found = _birth(number[6:14])
    if found is None:
        raise ValueError("not a valid resident ID")
    return found


def sex_of(number: str) -> str:
    """Return 男 or 女 from a valid number: the 17th digit is odd for men.

    As GB 11643 gives them out.
    """
    return "男" if int(number[16]) % 2 else "女"


def age_on(birth: date, day: date) -> int:
    """Return the age in full years on ``day``."""
    had_no_birthday = (day.month, day.day) < (birth.month, birth.day)
    return day.year - birth.year - had_no_birthday


@lru_cache(maxsize=65536)
def born_plausibly(digits: str, today: date) -> bool:
    """Return whether eight digits are a birth date that a living person may have.

    From 1900 on, not in the future and at most 110 years ago.
    """
    born = _birth(digits)
    if born is None or born.year < 1900 or born > today:
        return False
    return age_on(born, today) <= _OLDEST


def region_known(number: str) -> bool:
    """Return whether a number starts with a province.

    Counties change their codes, so no more can be said (I16).
    """
    return number[:2] in _PROVINCES


def check_digit(body: str) -> str:
    """Return the check digit that belongs to the first 17 digits."""
    return str(calc_check_digit(body[:17] + "0"))
