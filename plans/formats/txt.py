"""Plain text with tab-separated tables, in UTF-8, UTF-16 or Windows-1251."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.plan import TooLarge, Unreadable

BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
MOST_BYTES = 20 * 1024 * 1024
MOST_LINES = 200_000
MOST_COLUMNS = 60
MOST_CONTROLS = 0.02  # share of control characters: more are bytes of something else
KEPT_CONTROLS = "\t\n\r\f\v"

Line = tuple[int, str]  # its number, counted from 1, and its words


def decode(data: bytes) -> str:
    """Give the text of the bytes. Raises Unreadable for what is no text in any of the encodings."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding)
    if _looks_wide(data):
        return _decoded(data, "utf-16-le" if data[1] in {0, 4} else "utf-16-be")
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decoded(data, "cp1251")


def _looks_wide(data: bytes) -> bool:
    """Tell UTF-16 without a mark: every second byte is 0 or 4, the high byte of Latin and Cyrillic."""
    sample = data[:400]
    halves = (sample[0::2], sample[1::2])
    return len(sample) > 1 and any(
        half and sum(byte in {0, 4} for byte in half) >= 0.9 * len(half) for half in halves
    )


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _checked(data.decode(encoding))
    except UnicodeDecodeError:
        raise Unreadable from None


def _checked(text: str) -> str:
    controls = sum(char < " " and char not in KEPT_CONTROLS for char in text)
    if "\0" in text or controls > MOST_CONTROLS * len(text):
        raise Unreadable
    return text


def read(data: bytes) -> Grid:
    """Read a text: lines with tabs are rows of a table, the others are paragraphs.

    Raises Unreadable, TooLarge.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge
    lines = list(enumerate(decode(data).splitlines(), start=1))
    if len(lines) > MOST_LINES:
        raise TooLarge
    return Grid(tuple(_blocks(lines)))


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    for kind, group in groupby(lines, key=_kind):
        found = list(group)
        first = found[0][0]
        if kind == "row" and not _only_indented(found):
            yield TableBlock.of_texts((text.split("\t")[:MOST_COLUMNS] for _, text in found), first)
        elif kind != "blank":
            yield TextBlock("\n".join(text.rstrip().lstrip("\t") for _, text in found), first)


def _kind(line: Line) -> str:
    if not line[1].strip():
        return "blank"
    return "row" if "\t" in line[1] else "text"


def _only_indented(lines: Sequence[Line]) -> bool:
    """Tell paragraphs that begin with a tab from rows whose first cells are empty."""
    return all("\t" not in text.lstrip() for _, text in lines)
