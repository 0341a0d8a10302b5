"""From a cell's text to a typed value, and a note of what was met. Suites decide what becomes of a row, not this."""

from yiku.cleaning.looks import looks_like
from yiku.cleaning.model import Cleaned, CleaningContext, Note, Parsed
from yiku.cleaning.table import clean_table

__all__ = ["Cleaned", "CleaningContext", "Note", "Parsed", "clean_table", "looks_like"]
