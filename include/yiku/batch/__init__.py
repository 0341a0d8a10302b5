"""One batch of files, from their bytes to the fate of every row. Pure but for the functions that it is given."""

from yiku.batch.files import Known
from yiku.batch.processing import settle_counties, settle_files

__all__ = [
    "Known",
    "settle_counties",
    "settle_files",
]
