"""The files of an issue of a bulletin: Word, workbook and, where LibreOffice is, PDF."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from yiku import private
from yiku.bulletin.contents import Head, title_of
from yiku.bulletin.figures_book import build_figures
from yiku.warehouse.bulletins import Line
from yiku.whole_files import write_whole

_CONVERT_SECONDS = 120  # LibreOffice starts slowly on a busy machine


def write_issue(
    folder: Path, head: Head, document: bytes, lines: Sequence[Line]
) -> list[Path]:
    """Write the files of an issue into a folder; return their paths."""
    private.make_folder(folder)
    title = title_of(head)
    path = folder / f"{title}.docx"
    write_whole(path, document)
    book = folder / f"{title}.xlsx"
    write_whole(book, build_figures(head, lines))
    pdf = _converted(path)
    return [path, book, *([pdf] if pdf else [])]


def _converted(document: Path) -> Path | None:
    """Return the PDF of a Word file beside it; None where LibreOffice is missing or fails.

    The Word file is what goes out.
    """
    pdf = document.with_suffix(".pdf")
    # One of another issue, or of a preview, would pass for this one's.
    pdf.unlink(missing_ok=True)
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="yiku-office-") as work:
        # A profile of its own: LibreOffice that is open elsewhere would take the work over, and do nothing.
        words = [program, f"-env:UserInstallation=file://{work}/profile"]
        words += ["--headless", "--convert-to", "pdf", "--outdir"]
        words += [work, str(document)]
        try:
            subprocess.run(
                words,
                capture_output=True,
                timeout=_CONVERT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        converted = Path(work, pdf.name)
        if not converted.exists():
            return None
        write_whole(pdf, converted.read_bytes())
    return pdf
