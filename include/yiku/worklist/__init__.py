"""The work list of a unit (待办清单): one workbook with all that is open for it, to fill in and send back.

Pure: what is open comes from the caller; how a list that comes back is read stands in ``tables``.
"""

from yiku.worklist.entries import Entry, Page, PageColumn, reference_for
from yiku.worklist.list_workbook import build_work_list, work_list_name

__all__ = [
    "Entry",
    "Page",
    "PageColumn",
    "build_work_list",
    "reference_for",
    "work_list_name",
]
