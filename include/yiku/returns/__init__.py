"""What goes back to the clerk: the return workbook, the receipt, and templates to fill in."""

from yiku.returns.outbox_names import outbox_name
from yiku.returns.receipt import build_receipt
from yiku.returns.reply import (
    HeaderQuestion,
    Mark,
    PlacedTable,
    ReceiptFacts,
    VanishedList,
)
from yiku.returns.template import build_template
from yiku.returns.workbook import build_report, build_return

__all__ = [
    "HeaderQuestion",
    "Mark",
    "PlacedTable",
    "ReceiptFacts",
    "VanishedList",
    "build_receipt",
    "build_report",
    "build_return",
    "build_template",
    "outbox_name",
]
