"""OLE containers (doc, xls, ppt of 1997-2003, locked OOXML): the names in them, and how streams begin."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from plans.plan import Unreadable

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHIFT, FIRST_DIRECTORY, FIRST_SHORT, FIRST_DIFAT, DIFAT = 30, 48, 60, 68, 76  # places in the header
DIFAT_IN_HEADER = 109  # entries
SHIFTS = (9, 12)  # sectors of 512 or 4096 bytes
ENTRY = 128  # bytes of an entry of the directory
NAME, LEFT, START, ROOT = 64, 68, 116, 5
LAST = 0xFFFFFFFA  # sectors from here on are marks
NOBODY = 0xFFFFFFFF
MOST_ENTRIES = 20_000


SHORT, SHORT_SECTOR = 4096, 64  # bytes; shorter streams lie in small sectors of their own


@dataclass(frozen=True)
class Entry:
    """A storage or stream of the root, its first sector (not of a short one), its length in bytes."""

    name: str
    head: bytes
    start: int
    length: int


def entries_of_ole(data: bytes) -> dict[str, Entry]:
    """List what stands at the root of a container, by name. Raises Unreadable."""
    try:
        return {entry.name: entry for entry in _root(data)}
    except (struct.error, IndexError, ValueError):
        raise Unreadable from None


def stream_of_ole(data: bytes, entry: Entry) -> bytes:
    """Give the bytes of a stream. Raises Unreadable."""
    try:
        size = 1 << int.from_bytes(data[SHIFT : SHIFT + 2], "little")
        if entry.length >= SHORT:
            return _chain(data, size, entry.start, entry.length)[: entry.length]
        return _short(data, size, entry)
    except (struct.error, IndexError, ValueError):
        raise Unreadable from None


def _short(data: bytes, size: int, entry: Entry) -> bytes:
    """Give a short stream: a chain of small sectors, all of which lie in the stream of the root."""
    (directory,) = struct.unpack_from("<I", data, FIRST_DIRECTORY)
    root = data[(directory + 1) * size : (directory + 1) * size + ENTRY]
    start, length = struct.unpack_from("<II", root, START)
    sectors = _chain(data, size, start, length)
    (table,) = struct.unpack_from("<I", data, FIRST_SHORT)
    chain = _chain(data, size, table, length)
    parts: list[bytes] = []
    sector = entry.start
    while sector < LAST and len(parts) * SHORT_SECTOR < entry.length:
        parts.append(sectors[sector * SHORT_SECTOR : (sector + 1) * SHORT_SECTOR])
        (sector,) = struct.unpack_from("<I", chain, 4 * sector)
    return b"".join(parts)[: entry.length]


def _root(data: bytes) -> Iterator[Entry]:
    """Walk the tree of the root's children; what is embedded deeper does not say what the file is."""
    (shift,) = struct.unpack_from("<H", data, SHIFT)
    if shift not in SHIFTS:
        raise Unreadable
    size = 1 << shift
    (first,) = struct.unpack_from("<I", data, FIRST_DIRECTORY)
    directory = _chain(data, size, first, MOST_ENTRIES * ENTRY)
    waiting, seen = [_links(directory, 0)[2]], {0}
    if directory[66] != ROOT:
        raise Unreadable
    while waiting:
        number = waiting.pop()
        if number == NOBODY or number in seen or (number + 1) * ENTRY > len(directory):
            continue
        seen.add(number)
        left, right, _ = _links(directory, number)
        waiting += [left, right]
        entry = directory[number * ENTRY : (number + 1) * ENTRY]
        (length,) = struct.unpack_from("<H", entry, NAME)
        start, bytes_in_it = struct.unpack_from("<II", entry, START)
        name = entry[: max(0, min(length, NAME) - 2)].decode("utf-16-le", "replace")
        head = data[(start + 1) * size : (start + 2) * size] if start < LAST else b""
        yield Entry(name, head, start, bytes_in_it)


def _links(directory: bytes, number: int) -> tuple[int, int, int]:
    """Give the left, the right neighbour, and the first child of an entry."""
    left, right, child = struct.unpack_from("<3I", directory, number * ENTRY + LEFT)
    return left, right, child


def _chain(data: bytes, size: int, sector: int, most: int) -> bytes:
    """Put the sectors of a chain together, not more than ``most`` bytes of them."""
    tables = _tables(data, size)
    parts: list[bytes] = []
    while sector < LAST and len(parts) * size < min(most, len(data)):
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        table, place = divmod(sector, size // 4)
        (sector,) = struct.unpack_from("<I", data, (tables[table] + 1) * size + 4 * place)
    return b"".join(parts)


def _tables(data: bytes, size: int) -> list[int]:
    """Give the sectors with the table of chains."""
    tables = list(struct.unpack_from(f"<{DIFAT_IN_HEADER}I", data, DIFAT))
    (sector,) = struct.unpack_from("<I", data, FIRST_DIFAT)
    while sector < LAST and len(tables) * size < len(data):
        *more, sector = struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
        tables += more
    return tables
