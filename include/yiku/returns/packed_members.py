"""Members of a zip, copied as they are packed.

Unpacking a member and packing it again is most of what rewriting a file with large pictures
would cost, and comes to the same bytes.
"""

from __future__ import annotations

import struct
import zipfile

# Files that hold the same are the same to the byte: their members bear the first day of a zip's
# calendar.
WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"
_LOCKED = 0x1  # the bit of a member that is encrypted


class DamagedMemberError(Exception):
    """A member whose bytes are not where the directory says, or that is locked."""


def copy_packed(
    data: bytes, member: zipfile.ZipInfo, name: str, target: zipfile.ZipFile
) -> None:
    """Add a member of the zip ``data`` to another zip by a name, without unpacking it."""
    packed = _packed(data, member)
    entry = zipfile.ZipInfo(name, WRITTEN_AT)
    entry.compress_type = member.compress_type
    entry.CRC = member.CRC
    entry.compress_size = member.compress_size
    entry.file_size = member.file_size
    stream = target.fp
    if stream is None:
        raise ValueError("the zip is closed")
    # ``zipfile`` has no way to be given bytes that are packed already: it is
    # told of them as it tells itself of those that it packs.
    entry.header_offset = target.start_dir
    stream.seek(entry.header_offset)
    stream.write(entry.FileHeader(zip64=False))
    stream.write(packed)
    target.filelist.append(entry)
    target.NameToInfo[entry.filename] = entry
    target.start_dir = stream.tell()


def _packed(data: bytes, member: zipfile.ZipInfo) -> memoryview:
    """Return the packed bytes of a member. DamagedMemberError when they are not there."""
    # The directory tells where a member begins, its own header how long the
    # header is: the two may name extras of different lengths.
    start = member.header_offset
    header = data[start : start + _LOCAL_HEADER.size]
    is_whole = len(header) == _LOCAL_HEADER.size
    if not is_whole or member.flag_bits & _LOCKED:
        raise DamagedMemberError(member.filename)
    signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    first = start + _LOCAL_HEADER.size + name_length + extra_length
    packed = memoryview(data)[first : first + member.compress_size]
    if signature != _SIGNATURE or len(packed) != member.compress_size:
        raise DamagedMemberError(member.filename)
    return packed
