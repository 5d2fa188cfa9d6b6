"""Zip containers: what is inside is looked at before anything is unpacked."""

import io
import zipfile
import zlib
from collections.abc import Iterable

from plans.plan import Protected, TooLarge, Unreadable

MOST_ENTRIES = 2000
MOST_BYTES = 50 * 1024 * 1024
MOST_RATIO = 100
SMALL = 1024 * 1024  # bytes; below this a high ratio is harmless
ENCRYPTED = 0x1  # the flag of an entry that asks for a password
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, ValueError, EOFError, RuntimeError)


def entries_of(data: bytes) -> frozenset[str]:
    """List the names in a zip by its table of contents. Raises Unreadable, TooLarge, Protected."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except DAMAGED:
        raise Unreadable from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES:
        raise TooLarge
    if unpacked > SMALL and unpacked > MOST_RATIO * len(data):
        raise TooLarge
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Protected
    if not _is_unambiguous(entries):
        raise Unreadable
    return frozenset(entry.filename for entry in entries)


def _is_unambiguous(entries: Iterable[zipfile.ZipInfo]) -> bool:
    """Tell whether each name has one content: of two, one library looks at the first, another at the last.

    Names that office programs take for one are one: «xl/Sheet1.xml», «/xl/sheet1.xml».
    """
    sums: dict[str, int] = {}
    return all(sums.setdefault(_usual(entry.filename), entry.CRC) == entry.CRC for entry in entries)


def _usual(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def beginning_of(data: bytes, name: str) -> bytes:
    """Give the beginning of an entry; nothing of one that is not there. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if name not in packed.namelist():
                return b""
            with packed.open(name) as entry:
                return entry.read(SMALL)
    except DAMAGED:
        raise Unreadable from None
