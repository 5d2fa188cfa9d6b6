"""Plain text with tab-separated tables, in UTF-8, UTF-16 or Windows-1251."""

from itertools import groupby

from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.plan import Unreadable

BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def decode(data: bytes) -> str:
    """Give the text of the bytes. Raises Unreadable for what is no text in any of the encodings."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(data, "cp1251")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable from None
    if "\0" in text:
        raise Unreadable
    return text


def read_txt(data: bytes) -> Grid:
    """Read a text: lines with tabs are rows of a table, the others are paragraphs."""
    blocks: list[Block] = []
    for kind, lines in groupby(decode(data).splitlines(), key=_kind):
        if kind == "row":
            blocks.append(TableBlock(tuple(_cells(line) for line in lines)))
        elif kind == "text":
            blocks.append(TextBlock("\n".join(line.strip() for line in lines)))
    return Grid(tuple(blocks))


def _kind(line: str) -> str:
    if "\t" in line:
        return "row"
    return "text" if line.strip() else "blank"


def _cells(line: str) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) for cell in line.split("\t"))
