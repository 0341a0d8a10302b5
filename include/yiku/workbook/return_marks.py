"""The words by which a return workbook is known again when it comes back.

``returns`` writes them, ``workbook`` reads them.
"""

from __future__ import annotations

REPORT_SHEET = "校验报告"
RESULT_HEADER = "校验结果"
ADVICE_HEADER = "修改意见"
REFERENCE_HEADER = "行引用"
RECEIPT_LABEL = "回执编号"
REFERENCE_PREFIX = "r:"
ACCEPT_WORD = "同意"
AUTHOR = "一库校验"  # of the comments, so that they are not taken for the clerk's own
BAD_FILL = "FFC7CE"
WARN_FILL = "FFEB9C"
