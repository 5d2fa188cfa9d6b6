"""What an xls workbook (Excel 97-2003) says of its sheets beside their values: sizes, hidden rows, formats.

The container is a small file system (MS-CFB), the workbook in it a row of records (MS-XLS).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, repeat, takewhile

from plans.formats.sheet_cells import Extent, Outline, Place
from plans.formats.sheet_values import BUILT_IN
from plans.plan import Protected, TooLarge, Unreadable

ENTRY = 128
SECTORS_IN_HEADER = 109
LAST_SECTOR = 0xFFFFFFFA  # greater numbers are marks: free, end of chain
SHIFTS, SMALL_SHIFTS = (9, 12), (6,)  # sizes of sectors, as powers of two
SMALL_STREAM = 4096
NAMES = ("Workbook", "Book")

BOF, BOUNDSHEET, FILEPASS, FORMAT, XF = 0x0809, 0x0085, 0x002F, 0x041E, 0x00E0
END, FILTERED, COLUMNS, ROW = 0x000A, 0x009B, 0x007D, 0x0208
NUMBER, RK, MULTIPLE_RK, FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006
NUMBERS = (NUMBER, RK, FORMULA)
OTHER_CELLS = (0x00FD, 0x0204, 0x00D6, 0x0205)  # texts of three kinds; booleans and errors
DIMENSIONS = 0x0200
MOST_SAID = 4_000_000  # places, most of them empty
HIDDEN_COLUMN, HIDDEN_ROW = 0x0001, 0x0020

Record = tuple[int, bytes]


def outlines_of(data: bytes) -> list[Outline]:
    """Give the outlines of all sheets in their order. Raises TooLarge, Protected, Unreadable."""
    try:
        stream = _workbook(data)
        return _outlines(stream)
    except (struct.error, IndexError):
        raise Unreadable from None


def _workbook(data: bytes) -> bytes:
    """Take the stream of the workbook out of the container."""
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    first, small_size, small_first = struct.unpack_from("<I4xII", data, 48)
    if shift not in SHIFTS or small_shift not in SMALL_SHIFTS:
        raise Unreadable
    size = 1 << shift
    table = _table(data, size)
    directory = _chained(data[size:], first, table, size)
    entries = [directory[at : at + ENTRY] for at in range(0, len(directory) - ENTRY + 1, ENTRY)]
    named = {_name(entry): struct.unpack_from("<II", entry, 116) for entry in reversed(entries)}
    found = next((named[name] for name in NAMES if name in named), None)
    if found is None or small_size != SMALL_STREAM:
        raise Unreadable
    start, length = found
    if length >= SMALL_STREAM:
        return _chained(data[size:], start, table, size)[:length]
    small = _chained(data[size:], struct.unpack_from("<I", entries[0], 116)[0], table, size)
    small_table = _numbers(_chained(data[size:], small_first, table, size))
    return _chained(small, start, small_table, 1 << small_shift)[:length]


def _table(data: bytes, size: int) -> list[int]:
    """Read the table of sectors: which sector follows which."""
    more, _ = struct.unpack_from("<II", data, 68)
    sectors = list(struct.unpack_from(f"<{SECTORS_IN_HEADER}I", data, 76))
    for _ in range(len(data) // size):
        if more >= LAST_SECTOR:
            break
        *listed, more = _numbers(_sector(data[size:], more, size))
        sectors += listed
    parts = (_sector(data[size:], one, size) for one in sectors if one < LAST_SECTOR)
    return _numbers(b"".join(islice(parts, len(data) // size)))


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _sector(data: bytes, number: int, size: int) -> bytes:
    return data[number * size : (number + 1) * size]


def _chained(data: bytes, first: int, table: Sequence[int], size: int) -> bytes:
    """Join the sectors of a stream. Raises Unreadable for one that bites its tail: the library goes round."""
    chain = accumulate(repeat(first, len(table) + 1), lambda at, _: table[at] if at < len(table) else -1)
    sectors = list(takewhile(lambda at: 0 <= at < LAST_SECTOR, chain))
    if len(sectors) > len(table):
        raise Unreadable
    return b"".join(_sector(data, at, size) for at in sectors)


def _name(entry: bytes) -> str:
    length = max(0, struct.unpack_from("<H", entry, 64)[0] - 2)
    return entry[: min(length, 64)].decode("utf-16-le", errors="replace")


@dataclass
class Draft:
    """The outline of a sheet while its records are read."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    styles: dict[Place, int] = field(default_factory=dict)
    extent: Extent = field(default_factory=Extent)
    filtered: bool = False

    def take(self, kind: int, said: bytes) -> None:
        """Take one record. Raises TooLarge."""
        if kind in NUMBERS or kind in OTHER_CELLS:
            row, column, style = struct.unpack_from("<HHH", said)
            self.extent.add(row, column)
            if kind in NUMBERS:
                self.styles[row, column] = style
        elif kind == MULTIPLE_RK:
            row, first = struct.unpack_from("<HH", said)
            for place in range((len(said) - 6) // 6):
                self.extent.add(row, first + place)
                self.styles[row, first + place] = struct.unpack_from("<H", said, 4 + 6 * place)[0]
        elif kind == ROW:
            row, shown = struct.unpack_from("<H10xI", said)
            self.rows.update({row} if shown & HIDDEN_ROW else ())
        elif kind == COLUMNS:
            first, last, shown = struct.unpack_from("<HH4xH", said)
            self.columns.update(range(first, min(last, 255) + 1) if shown & HIDDEN_COLUMN else ())
        elif kind == DIMENSIONS:
            _check_dimensions(said)
        elif kind == FILTERED:
            self.filtered = True


def _check_dimensions(said: bytes) -> None:
    """Refuse a sheet that says it is endless: the library makes room for what is said."""
    form = "<IIHH" if len(said) >= struct.calcsize("<IIHH") else "<HHHH"
    top, bottom, left, right = struct.unpack_from(form, said)
    if bottom < top or right < left or (bottom - top + 1) * (right - left + 1) > MOST_SAID:
        raise TooLarge


def _outlines(stream: bytes) -> list[Outline]:
    begun = [struct.unpack_from("<I", said)[0] for kind, said in _globals(stream) if kind == BOUNDSHEET]
    formats = _formats(stream)
    return [_outline(stream, at, formats) for at in begun]


def _globals(stream: bytes) -> Iterator[Record]:
    for number, (kind, said) in enumerate(_records(stream, 0)):
        if kind == FILEPASS:
            raise Protected
        if kind == BOF and number:
            return
        yield kind, said


def _records(stream: bytes, at: int) -> Iterator[Record]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _formats(stream: bytes) -> list[str]:
    """List the number format of each style of cells."""
    known = dict(BUILT_IN)
    styles: list[int] = []
    for kind, said in _globals(stream):
        if kind == FORMAT:
            known[struct.unpack_from("<H", said)[0]] = _code(said)
        elif kind == XF:
            styles.append(struct.unpack_from("<H", said, 2)[0])
    return [known.get(number, "") for number in styles]


def _code(said: bytes) -> str:
    """Read a format: letters of one or of two bytes, as the fifth byte says."""
    flags, said = said[4:5], said[5:]
    wide = flags == b"\x01"
    return said.decode("utf-16-le" if wide else "latin-1", errors="replace")


def _outline(stream: bytes, at: int, formats: Sequence[str]) -> Outline:
    draft = Draft()
    for kind, said in _records(stream, at):
        if kind == END:
            break
        draft.take(kind, said)
    found = {place: formats[style] for place, style in draft.styles.items() if style < len(formats)}
    rows = frozenset() if draft.filtered else frozenset(draft.rows)
    return Outline(rows, frozenset(draft.columns), {place: code for place, code in found.items() if code})
