"""OpenDocument texts (odt, and fodt in one file): paragraphs, frames and tables in their order."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain, islice

from lxml import etree

from plans.formats.odt_numbers import TEXT, List, Numbering
from plans.formats.stretched import MOST_COLUMNS, MOST_ROWS, Stretched, placed
from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.plan import TooLarge, Unreadable

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
PARAGRAPHS = (f"{TEXT}p", f"{TEXT}h")
TABLE_TAG = f"{TABLE}table"
ROW_GROUPS = (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group")
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
UNSAID = frozenset(
    (
        *(f"{TEXT}tracked-changes", f"{TEXT}note", f"{TEXT}ruby-text", f"{TEXT}sequence-decls"),
        *(f"{TEXT}variable-decls", f"{TEXT}user-field-decls", f"{TEXT}script"),
        *(f"{OFFICE}annotation", f"{OFFICE}forms", f"{OFFICE}event-listeners", f"{SVG}title", f"{SVG}desc"),
    )
)
SPACES = re.compile(r"[ \t\r\n]+")
MOST_SPACES = 100
SIGNS = {f"{TEXT}tab": " ", f"{TEXT}line-break": "\n"}
DAMAGED = (
    *(etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, KeyError, ValueError),
    *(NotImplementedError, OSError, EOFError, RuntimeError),
)


def read(data: bytes) -> Grid:
    """Read a text whose container has been looked at. Raises Unreadable, TooLarge."""
    try:
        roots = [_parsed(part) for part in _parts(data)]
        body = roots[0].find(f"{OFFICE}body/{OFFICE}text")
        if body is None:
            raise Unreadable
        return Grid(tuple(_blocks(body, Numbering.of(reversed(roots)))))
    except RecursionError:
        raise TooLarge from None
    except DAMAGED:
        raise Unreadable from None


def _parts(data: bytes) -> Iterator[bytes]:
    """Give the content, and the styles if they are kept apart."""
    if not data.startswith(b"PK"):
        yield data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        yield packed.read("content.xml")
        if "styles.xml" in packed.namelist():
            yield packed.read("styles.xml")


def _parsed(part: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(part, parser)


def _blocks(parent: etree._Element, numbering: Numbering, inside: List | None = None) -> Iterator[Block]:
    """Walk what stands in a text, a section, a frame, an item of a list."""
    for element in parent.iterchildren(tag=etree.Element):
        if element.tag in PARAGRAPHS:
            yield from _paragraph(element, numbering)
        elif element.tag == f"{TEXT}list":
            yield from _items(element, numbering, inside)
        elif element.tag == TABLE_TAG:
            yield from _table(element, numbering)
        elif element.tag not in UNSAID:
            yield from _blocks(element, numbering)


def _items(element: etree._Element, numbering: Numbering, outer: List | None) -> Iterator[Block]:
    mine = outer.deeper() if outer is not None else numbering.opened(element)
    for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
        first = next(item.iterchildren(tag=etree.Element), None)
        numbered = first is not None and first.tag in PARAGRAPHS and item.tag == f"{TEXT}list-item"
        number = mine.next(item) if numbered else ""
        said = _blocks(item, numbering, mine)
        if number:
            head = next(said, None) if first is not None and _says(first) else None
            yield _with_number(number, head)
            if isinstance(head, TableBlock):
                yield head
        yield from said


def _with_number(number: str, block: Block | None) -> TextBlock:
    return TextBlock(f"{number} {block.text}" if isinstance(block, TextBlock) else number)


def _says(element: etree._Element) -> bool:
    """Tell whether anything would be printed of a paragraph."""
    return any(not isinstance(piece, str) or piece.strip() for piece in _pieces(element))


def _paragraph(element: etree._Element, numbering: Numbering) -> Iterator[Block]:
    """Give a paragraph, parted by the frames with text (approval stamps) that stand in it."""
    said: list[str] = []
    for piece in _pieces(element):
        if isinstance(piece, str):
            said.append(piece)
        elif framed := tuple(_blocks(piece, numbering)):
            yield from _text(said)
            said = []
            yield from framed
    yield from _text(said)


def _text(said: list[str]) -> Iterator[TextBlock]:
    text = "".join(said).strip()
    if text:
        yield TextBlock(text)


def _pieces(element: etree._Element) -> Iterator[str | etree._Element]:
    """Yield the words of a paragraph, and the frames in it."""
    yield SPACES.sub(" ", element.text or "")
    for node in element.iterchildren(tag=etree.Element):
        if node.tag not in UNSAID:
            if node.tag.startswith(DRAW):
                yield node
            elif node.tag == f"{TEXT}s":
                yield " " * _number(node, f"{TEXT}c", MOST_SPACES)
            elif node.tag in SIGNS:
                yield SIGNS[node.tag]
            else:
                yield from _pieces(node)
        yield SPACES.sub(" ", node.tail or "")


def _table(table: etree._Element, numbering: Numbering) -> Iterator[Block]:
    """Give a table; one that only holds a longer table in place gives what it holds."""
    if _is_frame(table):
        for cell in chain.from_iterable(row.iterchildren(*CELLS) for row in _rows(table)):
            yield from _blocks(cell, numbering)
        return
    rows = (_cells(row, numbering) for row in _repeated(table))
    yield TableBlock(placed(islice(rows, MOST_ROWS + 1)))


def _is_frame(table: etree._Element) -> bool:
    """Tell a table made for the layout: there is a longer one in it."""
    inner = (one for one in table.iter(TABLE_TAG) if one is not table)
    longest = max((sum(1 for _ in _rows(one)) for one in inner), default=0)
    return longest > sum(1 for _ in _rows(table))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table.iterchildren(f"{TABLE}table-row", *ROW_GROUPS):
        if element.tag in ROW_GROUPS:
            yield from _rows(element)
        else:
            yield element


def _repeated(table: etree._Element) -> Iterator[etree._Element]:
    """Yield rows, those written once for several as often as they are; empty ones of those once."""
    for row in _rows(table):
        again = _number(row, f"{TABLE}number-rows-repeated", MOST_ROWS)
        empty = again > 1 and not "".join(map(str, row.itertext())).strip()
        for _ in range(1 if empty else again):
            yield row


def _cells(row: etree._Element, numbering: Numbering) -> Iterator[Stretched]:
    """Yield the cells of a row; what a cell above or beside covers is passed over."""
    for cell in row.iterchildren(f"{TABLE}table-cell"):
        text = " ".join(
            (" ".join(one.words.split()) if isinstance(one, TableBlock) else one.joined)
            for one in _blocks(cell, numbering)
        )
        wide = _number(cell, f"{TABLE}number-columns-spanned", MOST_COLUMNS)
        tall = _number(cell, f"{TABLE}number-rows-spanned", MOST_ROWS)
        for _ in range(_number(cell, f"{TABLE}number-columns-repeated", MOST_COLUMNS)):
            yield Stretched(text, wide, tall)


def _number(element: etree._Element, name: str, most: int) -> int:
    value = element.get(name, "")
    return max(1, min(int(value), most)) if value.isascii() and value.isdecimal() else 1
