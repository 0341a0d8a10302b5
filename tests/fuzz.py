"""Feed bytes to the readers of files, guided by what code they reach: each must end in a verdict, soon and in bounds.

    make fuzz SECONDS=60                # every target for so long
    python tests/fuzz.py TARGET FOLDER [libFuzzer's options]

A target is a format, or one part of a container whose other parts stay whole: bytes changed at random would break the
compression of a workbook and never reach what reads it. What raises anything but a refusal, takes 20 s or 1 GB beyond
what was there is kept in FOLDER as ``crash-…``, ``timeout-…`` or ``oom-…``: mend it, and keep it as a test.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import atheris
import fsspec

LIBRARIES = ["xlrd", "olefile", "email", "html.parser", "csv"]
with atheris.instrument_imports(include=["yiku", *LIBRARIES]):
    import format_files as files
    from yiku.batch.read import read_arrival, warm_up
    from yiku.formats.cells import RefusedError
    from yiku.formats.container import unpack
    from yiku.intake.arrival import Arrival
    from yiku.intake.mail_files import read_files
    from yiku.intake.mail_head import read_head

DAY = date(2017, 11, 20)
_SECONDS, _MEGABYTES = (
    20,
    1024 + 700,
)  # what the program takes before it reads anything is some 700 MB
_TABLE = (
    "贫困劳动力基础信息名单\n"
    "姓名,身份证号,村,户编号,与户主关系,就业状态,就业意愿,联系电话,核实日期\n"
    "张三,51080219900307997X,高坑村,510802100001,户主,未就业,县内,13800000000,2017年11月10日\n"
    "李四,510802199103119978,高坑村,510802100001,配偶,未就业,省外,13800000001,2017.11.10\n"
)
_ROWS = [line.split(",") for line in _TABLE.splitlines()]


def _mail() -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"] = "clerk@town.example", "yiku@county.example"
    letter["Subject"] = "=?gb18030?B?sai17Q==?="
    letter.set_content("见附件")
    content = _TABLE.encode("gb18030")
    letter.add_attachment(
        content, maintype="text", subtype="csv", filename="名单.csv"
    )
    return letter.as_bytes()


@dataclass(frozen=True)
class Target:
    """What bytes are put into, the bytes to begin with, and who reads them."""

    seed: bytes
    wrapped: Callable[[bytes], bytes] = bytes
    read: Callable[[bytes], None] | None = None
    name: str = "名单.xlsx"


def read_as_a_night_does(data: bytes, name: str) -> None:
    """Read and clean a file; RefusedError ends in a verdict there, anything else comes out."""
    address = "memory://fuzz/file"
    with fsspec.open(address, "wb") as stream:
        stream.write(data)
    received = datetime(2017, 11, 20, tzinfo=UTC)
    arrival = Arrival(1, "510802", "510802100", name, address, received)
    read_arrival(arrival, DAY, {})


def _read_mail(data: bytes) -> None:
    read_head(data)
    read_files(data)


def _unpack(data: bytes) -> None:
    try:
        unpack(data, "打包.zip")
    except RefusedError:
        return


def _part(book: bytes, name: str) -> Target:
    """Return the target that is one part of a workbook whose others stay whole."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}

    def wrapped(data: bytes) -> bytes:
        return files.zipped(parts | {name: data})

    return Target(parts[name], wrapped)


def targets() -> dict[str, Target]:
    """Return every target by name."""
    plain, looks = files.plain_xlsx(_ROWS), files.xlsx_with_looks()
    found = {
        "csv": Target(_TABLE.encode("gb18030"), name="名单.csv"),
        "html": Target(files.HTML.encode(), name="名单.xls"),
        "xml2003": Target(files.XML2003.encode(), name="名单.xml"),
        "xls": Target(files.xls_with_looks(), name="名单.xls"),
        "xlsx": Target(looks),
        "xlsx-sheet": _part(plain, "xl/worksheets/sheet1.xml"),
        "xlsx-look": _part(looks, "xl/worksheets/sheet1.xml"),
        "xlsx-styles": _part(looks, "xl/styles.xml"),
        "xlsx-strings": _part(plain, "xl/sharedStrings.xml"),
        "xlsx-book": _part(looks, "xl/workbook.xml"),
        "xlsb-sheet": _part(files.xlsb(), "xl/worksheets/sheet1.bin"),
        "ods": _part(files.ods(), "content.xml"),
        "mail": Target(_mail(), read=_read_mail),
        "zip": Target(
            files.zipped({"甲/乙.csv": _TABLE.encode()}), read=_unpack
        ),
    }
    return found


def one_input(target: Target) -> Callable[[bytes], None]:
    """Return what reads one input of a target."""

    def read(data: bytes) -> None:
        whole = target.wrapped(data)
        if target.read is not None:
            target.read(whole)
        else:
            read_as_a_night_does(whole, target.name)

    return read


def main(name: str, folder: Path, options: list[str]) -> None:
    """Fuzz one target until its time is over or something breaks."""
    target = targets()[name]
    # What is loaded once would count as the time of the first input.
    warm_up()
    one_input(target)(target.seed)
    seeds = folder / f"{name}.seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    (seeds / "first").write_bytes(target.seed)
    arguments = [
        sys.argv[0],
        str(seeds),
        f"-artifact_prefix={folder / name}-",
        f"-timeout={_SECONDS}",
        f"-rss_limit_mb={_MEGABYTES}",
        "-max_len=65536",
        "-print_final_stats=1",
        *options,
    ]
    atheris.Setup(arguments, one_input(target))
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:] == ["list"]:
        print("\n".join(targets()))
    else:
        main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
