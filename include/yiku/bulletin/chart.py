"""The bulletin's chart: a native one, which whoever edits the Word file can edit too."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.enum.chart import XL_CHART_TYPE

_CHART_TYPE = (
    "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
)
_BOOK_TYPE = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
_NS_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_NS_RELATION = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)
_WIDTH, _HEIGHT = Mm(156), Mm(75)
# The workbook in the chart says when it was made; a bulletin printed again is the same file.
_MADE = datetime(2000, 1, 1)


def put_chart(
    paragraph: Paragraph,
    title: str,
    places: Sequence[str],
    values: Sequence[Decimal],
) -> None:
    """Put a column chart of one figure a place into an empty paragraph."""
    package = paragraph.part.package
    book = Part(
        PackURI("/word/embeddings/chart1.xlsx"),
        _BOOK_TYPE,
        _workbook(title, places, values),
        package,
    )
    chart = Part(PackURI("/word/charts/chart1.xml"), _CHART_TYPE, b"", package)
    book_id = chart.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)
    chart._blob = _chart_xml(title, places, values, book_id)
    chart_id = paragraph.part.relate_to(chart, RELATIONSHIP_TYPE.CHART)
    run = paragraph.add_run()
    run._r.append(_drawing(chart_id))


def _chart_xml(
    title: str,
    places: Sequence[str],
    values: Sequence[Decimal],
    book_id: str,
) -> bytes:
    data = CategoryChartData()
    data.categories = list(places)
    data.add_series(title, [float(value) for value in values])
    writer: Any = ChartXmlWriter(XL_CHART_TYPE.COLUMN_CLUSTERED, data)
    # Made for slides, read on paper: the names of thirty towns stand side by side.
    xml = writer.xml.replace('sz="1800"', 'sz="700"')
    space = etree.fromstring(xml.encode())
    # From nought: else the last town looks as if it had done nothing.
    for scale in space.iterfind(
        f".//{{{_NS_CHART}}}valAx/{{{_NS_CHART}}}scaling"
    ):
        etree.SubElement(scale, f"{{{_NS_CHART}}}min").set("val", "0")
    outside = etree.SubElement(space, f"{{{_NS_CHART}}}externalData")
    outside.set(f"{{{_NS_RELATION}}}id", book_id)
    update = etree.SubElement(outside, f"{{{_NS_CHART}}}autoUpdate")
    update.set("val", "0")
    return etree.tostring(
        space, xml_declaration=True, encoding="UTF-8", standalone=True
    )


def _workbook(
    title: str, places: Sequence[str], values: Sequence[Decimal]
) -> bytes:
    """Return the figures where the chart's references look for them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("Sheet1")
    sheet.write_string(0, 1, title)
    rows = zip(places, values, strict=True)
    for row, (place, value) in enumerate(rows, start=1):
        sheet.write_string(row, 0, place)
        sheet.write_number(row, 1, float(value))
    book.close()
    return out.getvalue()


def _drawing(chart_id: str) -> Any:
    names = nsdecls("w", "wp", "a", "r")
    drawing = parse_xml(
        f"<w:drawing {names}><wp:inline distT='0' distB='0' distL='0' distR='0'>"
        f"<wp:extent cx='{_WIDTH}' cy='{_HEIGHT}'/><wp:docPr id='1001' name='乡镇排名图'/><wp:cNvGraphicFramePr/>"
        f"<a:graphic><a:graphicData uri='{_NS_CHART}'><c:chart xmlns:c='{_NS_CHART}'/></a:graphicData></a:graphic>"
        "</wp:inline></w:drawing>"
    )
    chart = drawing.find(f".//{{{_NS_CHART}}}chart")
    chart.set(qn("r:id"), chart_id)
    return drawing
