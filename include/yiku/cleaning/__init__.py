"""From a cell's text to a typed value, and a note of what was met. Suites decide what becomes of a row, not this."""

from yiku.cleaning.cleaned import Cleaned, CleaningContext, Note, Parsed
from yiku.cleaning.typed_table import clean_table
from yiku.cleaning.value_patterns import looks_like

__all__ = [
    "Cleaned",
    "CleaningContext",
    "Note",
    "Parsed",
    "clean_table",
    "looks_like",
]
