"""What goes back to the clerk: the return workbook, the receipt, and templates to fill in."""

from yiku.returns.model import Mark, PlacedTable, ReceiptFacts
from yiku.returns.receipt import build_receipt
from yiku.returns.template import build_template
from yiku.returns.workbook import build_return

__all__ = ["Mark", "PlacedTable", "ReceiptFacts", "build_receipt", "build_return", "build_template"]
