"""A file of the inbox before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from yiku.demo.layout import lay_out
from yiku.demo.page import Mark, Page
from yiku.demo.sheets import Sheet
from yiku.demo.writers import WRITERS, to_zip


@dataclass
class File:
    """One file of the inbox: sheets with a writer, or bytes that are no workbook."""

    path: str
    sheets: list[Sheet] = field(default_factory=list)
    writer: str = "xlsxwriter"
    spare: list[Page] = field(default_factory=list)
    data: bytes | None = None
    marks: list[Mark] = field(default_factory=list)
    held: int = 0  # rows of a page that no list fits

    @property
    def folder(self) -> str:
        """The folder that the file lies in."""
        return self.path.rsplit("/", 1)[0]

    def carries(self, code: str) -> bool:
        """Return whether a list stands on the first sheet."""
        return bool(self.sheets) and self.sheets[0].contract.code == code


def render(file: File) -> tuple[str, bytes]:
    """Return the path with its extension and the bytes of a file."""
    if file.data is not None:
        return file.path, file.data
    write, extension = WRITERS[file.writer]
    pages = [lay_out(sheet) for sheet in file.sheets]
    data = write(pages + file.spare)
    if file.path.endswith(".zip"):
        name = Path(file.path).stem + extension
        return file.path, to_zip([(name, data)])
    return file.path + extension, data
