"""A file that arrived: the one record of it from the pull to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yiku import calendar
from yiku.intake.path_names import is_correction, is_supplement


def sender_key(county_code: str | None, unit_code: str | None) -> str:
    """Return the code by which a sender is known everywhere.

    Its town's, or the county's for its own departments.
    """
    return (
        unit_code if unit_code and unit_code != "county" else county_code or ""
    )


@dataclass(frozen=True)
class Arrival:
    """One file to be taken in.

    ``source`` is where its bytes are: a path of the archive or of a folder.
    """

    submission_id: int
    county_code: str
    unit_code: str  # 9 digits, or 'county'
    file_name: str
    source: str
    received_at: datetime
    inner: str | None = None  # its name in a bundle
    size_bytes: int = 0
    business_date: date | None = None  # of the night that took it in
    receipt_no: str = ""  # none where a file is only checked

    @property
    def sender(self) -> str:
        """The code of the town or county that sent it."""
        return sender_key(self.county_code, self.unit_code)

    @property
    def arrived_on(self) -> date:
        """The business date of its arrival, else the day in Shanghai on which it was received."""
        return self.business_date or calendar.business_date(self.received_at)

    @property
    def is_correction(self) -> bool:
        """Return whether the name says that the file corrects an earlier one."""
        return is_correction(self.file_name)

    @property
    def is_supplement(self) -> bool:
        """Return whether the name says that the file adds to an earlier one."""
        return is_supplement(self.file_name)
