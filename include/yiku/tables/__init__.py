"""Cells to tables: which list each sheet carries, its columns and its data rows."""

from yiku.tables.extraction import find_tables, read_file
from yiku.tables.reading_context import Hints
from yiku.tables.table import Reading, Table

__all__ = ["Hints", "Reading", "Table", "find_tables", "read_file"]
