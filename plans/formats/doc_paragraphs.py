"""Paragraphs of a Word 97-2003 document with their places in lists, as far as numbers need them.

The places are those of [MS-DOC]. What is missing or damaged gives fewer paragraphs, never an error of
its own: the text itself is read by a library.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plans.formats.ole import entries_of_ole, stream_of_ole

FLAGS, TABLE_FLAG = 0x0A, 0x0200
TEXT_LENGTH = 0x4C
STYLES, PAPX, PIECES, LISTS, OVERRIDES = 0xA2, 0x102, 0x1A2, 0x2E2, 0x2EA  # (place, length) in the table
PAGE = 512
COMPRESSED = 0x40000000
LEVEL, LIST, IN_TABLE, ROW_END = 0x260A, 0x460B, 0x2416, 0x2417  # properties of paragraphs
NEGATIVE = 0x10000  # a list with its number's sign changed keeps its indents
KNOWN = frozenset((LEVEL, LIST, IN_TABLE, ROW_END))
TABLE_DEFINITION = 0xD608
FAR = frozenset((0x6645, 0x6646))  # the properties are too many, and lie in the third stream
CELL = 20  # bytes of a cell in the definition of a row
SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # bytes of an operand, by the kind of property
VARYING = 6
FIELD = re.compile("\x13[^\x13-\x15]*\x14|\x13[^\x13-\x15]*\x15|\x15")
ENDS = re.compile("[\r\x07\x0c]")
MOST_STYLES_DEEP = 12


@dataclass(frozen=True)
class Sides:
    """Where the cells of a row begin and end, in twentieths of a point, and their bits."""

    places: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()


Properties = Mapping[int, int | Sides]


@dataclass(frozen=True)
class Paragraph:
    """Its letters, its list (0: none) and level; whether it is in a table, ends a cell, ends a row.

    The end of a row is a paragraph of its own; it knows the ``sides`` of the cells.
    """

    letters: str
    list_id: int = 0
    level: int = 0
    in_table: bool = False
    ends_cell: bool = False
    ends_row: bool = False
    sides: Sides = Sides()


@dataclass(frozen=True)
class Streams:
    """The streams of a document: the text with its formats, the tables about them, what is long."""

    text: bytes
    table: bytes
    long: bytes = b""

    @classmethod
    def of(cls, data: bytes) -> "Streams":
        """Open a document. Raises Unreadable, KeyError, struct.error."""
        found = entries_of_ole(data)
        text = stream_of_ole(data, found["WordDocument"])
        (flags,) = struct.unpack_from("<H", text, FLAGS)
        table = stream_of_ole(data, found["1Table" if flags & TABLE_FLAG else "0Table"])
        return cls(text, table, stream_of_ole(data, found["Data"]) if "Data" in found else b"")

    def part(self, place: int) -> bytes:
        """Give what the header points at."""
        start, length = struct.unpack_from("<II", self.text, place)
        return self.table[start : start + length]

    def rest(self, place: int) -> tuple[bytes, int]:
        """Give what the header points at with all that follows it, and its own length."""
        start, length = struct.unpack_from("<II", self.text, place)
        return self.table[start:], length


def paragraphs_of(streams: Streams) -> Iterator[Paragraph]:
    """Yield the paragraphs of the main text. Raises struct.error, IndexError."""
    styles = _styles(streams.part(STYLES))
    runs = sorted(_runs(streams), key=lambda run: run[0])
    starts = [start for start, _, _ in runs]
    text, pieces = _text(streams)
    letters = [piece.first for piece in pieces]
    begin = 0
    for end in ENDS.finditer(text):
        piece = pieces[bisect_right(letters, end.start()) - 1]
        at = bisect_right(starts, piece.place_of(end.start())) - 1
        properties = {**_of_style(styles, runs[at][1]), **runs[at][2]} if at >= 0 else {}
        said = FIELD.sub("", text[begin : end.start()])
        yield _paragraph(said, end[0], properties)
        begin = end.end()


def _paragraph(said: str, end: str, properties: Properties) -> Paragraph:
    numbers = {code: value for code, value in properties.items() if isinstance(value, int)}
    sides = properties.get(TABLE_DEFINITION)
    listed = numbers.get(LIST, 0)
    return Paragraph(
        "".join(char for char in said if char.isalnum()),
        min(listed, NEGATIVE - listed),
        numbers.get(LEVEL, 0),
        in_table=bool(numbers.get(IN_TABLE)),
        ends_cell=end == "\x07",
        ends_row=bool(numbers.get(ROW_END)),
        sides=sides if isinstance(sides, Sides) else Sides(),
    )


@dataclass(frozen=True)
class Piece:
    """A piece of the text: its first letter, where it lies in the stream, the bytes of a letter."""

    first: int
    place: int
    wide: int

    def place_of(self, letter: int) -> int:
        """Say where a letter lies in the stream."""
        return self.place + (letter - self.first) * self.wide


def _text(streams: Streams) -> tuple[str, list[Piece]]:
    """Give the main text, and the pieces it is put together from."""
    (left,) = struct.unpack_from("<I", streams.text, TEXT_LENGTH)
    table = streams.part(PIECES)
    while table[:1] == b"\x01":  # properties, not pieces
        table = table[3 + int.from_bytes(table[1:3], "little") :]
    table = table[5:]
    number = (len(table) - 4) // 12
    bounds = struct.unpack_from(f"<{number + 1}I", table)
    parts: list[str] = []
    pieces: list[Piece] = []
    left = min(left, len(streams.text))
    first = 0
    for piece in range(number):
        (at,) = struct.unpack_from("<I", table, 4 * (number + 1) + 8 * piece + 2)
        wide = 1 if at & COMPRESSED else 2
        start = (at & ~COMPRESSED) // 2 if at & COMPRESSED else at
        letters = max(0, min(bounds[piece + 1] - bounds[piece], left))
        raw = streams.text[start : start + letters * wide]
        part = raw.decode("cp1252" if wide == 1 else "utf-16-le", "replace")
        parts.append(part)
        pieces.append(Piece(first, start, wide))
        first += len(part)
        left -= letters
    return "".join(parts), pieces


def _runs(streams: Streams) -> Iterator[tuple[int, int, Properties]]:
    """Yield where paragraphs begin in the stream, their styles and their own properties."""
    bins = streams.part(PAPX)
    number = (len(bins) - 4) // 8
    for page_number in set(struct.unpack_from(f"<{number}I", bins, 4 * (number + 1))):
        page = streams.text[page_number * PAGE : (page_number + 1) * PAGE]
        runs = page[PAGE - 1]
        for run in range(runs):
            (start,) = struct.unpack_from("<I", page, 4 * run)
            at = 2 * page[4 * (runs + 1) + 13 * run]
            size, head = (2 * page[at] - 1, 1) if page[at] else (2 * page[at + 1], 2)
            own = page[at + head : at + head + size] if at else b""
            yield start, int.from_bytes(own[:2], "little"), _properties(own[2:], streams.long)


def _properties(data: bytes, far: bytes = b"") -> dict[int, int | Sides]:
    """Read the properties that matter here out of a run of them."""
    found: dict[int, int | Sides] = {}
    at = 0
    while at + 2 < len(data):
        (code,) = struct.unpack_from("<H", data, at)
        at += 2
        kind = code >> 13
        if kind == VARYING:
            wide = code == TABLE_DEFINITION
            size = int.from_bytes(data[at : at + 2], "little") + 1 if wide else data[at] + 1
            if wide:
                found[code] = _sides(data[at + 2 : at + size])
            at += size
            continue
        operand = int.from_bytes(data[at : at + SIZES[kind]], "little")
        if code in KNOWN:
            found[code] = operand
        elif code in FAR and far:
            size = int.from_bytes(far[operand : operand + 2], "little")
            found |= _properties(far[operand + 2 : operand + 2 + size])
        at += SIZES[kind]
    return found


def _sides(data: bytes) -> Sides:
    places = struct.unpack_from(f"<{data[0] + 1}h", data, 1)
    first = 1 + 2 * len(places)
    bits = [int.from_bytes(data[first + CELL * cell :][:2], "little") for cell in range(data[0])]
    return Sides(places, tuple(bits))


def _styles(data: bytes) -> list[tuple[int, Properties]]:
    """Read the styles: the one each is based on, and its properties of paragraphs."""
    head, number, base = struct.unpack_from("<HHH", data)
    at = 2 + head
    styles: list[tuple[int, Properties]] = []
    for _ in range(number):
        (size,) = struct.unpack_from("<H", data, at)
        styles.append(_style(data[at + 2 : at + 2 + size], base))
        at += 2 + size
    return styles


def _style(data: bytes, base: int) -> tuple[int, Properties]:
    nothing = 0x0FFF
    if len(data) < base + 2:
        return nothing, {}
    (kinds,) = struct.unpack_from("<H", data, 2)
    if kinds & 0xF != 1:  # no style of paragraphs
        return nothing, {}
    at = base + 2 + 2 * int.from_bytes(data[base : base + 2], "little") + 2
    at += at % 2
    size = int.from_bytes(data[at : at + 2], "little")
    return kinds >> 4, _properties(data[at + 4 : at + 2 + size])


def _of_style(styles: list[tuple[int, Properties]], number: int) -> dict[int, int | Sides]:
    """Give the properties of a style, with those of the styles it is based on."""
    line: list[Properties] = []
    while number < len(styles) and len(line) < MOST_STYLES_DEEP:
        number, own = styles[number]
        line.append(own)
    return {code: value for own in reversed(line) for code, value in own.items()}
