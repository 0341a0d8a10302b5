"""Bytes to cells, cells to tables: which list each sheet carries, its columns and its data rows."""

from yiku.workbook.model import Reading, RefusedError, Table
from yiku.workbook.tables import Hints, find_tables, read_file

__all__ = ["Hints", "Reading", "RefusedError", "Table", "find_tables", "read_file"]
