"""Word documents and templates (docx, dotx): paragraphs, text boxes and tables in their order."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from lxml import etree

from plans.docx_numbers import Numbering
from plans.docx_package import Package, Relation
from plans.docx_text import ALTERNATE, CONTROL, PLACEHOLDER, W, alternative, is_gone, is_on, words_of
from plans.formats import kind_of, read_grid
from plans.grid import Block, Cell, Grid, TableBlock, TextBlock
from plans.plan import TooLarge, Unreadable
from plans.stretched import BELOW, BESIDE, BOTH, MOST_COLUMNS, MOST_ROWS, Cells, without_slivers

PARAGRAPH, TABLE, ROW, CELL = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"
CHUNK = f"{W}altChunk"  # a file of another format inside the document
CHUNK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CHUNKS = "aFChunk"
MOST_CHUNKS = 20
MOST_FIGURES = 6
WRAPPERS = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "hyperlink")
)
GONE_ROWS = tuple(f"{W}trPr/{W}{name}" for name in ("del", "moveFrom"))
GONE_CELL = f"{W}tcPr/{W}cellDel"
DAMAGED = (
    *(etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, LookupError, ValueError),
    *(NotImplementedError, OSError, EOFError, RuntimeError),
)


@dataclass(frozen=True)
class Book:
    """What the blocks of a document are read with; ``chunks`` gives the blocks of files inside it."""

    numbering: Numbering
    chunks: Mapping[str, tuple[Block, ...]]


def read(data: bytes) -> Grid:
    """Read a Word document whose container has been looked at. Raises the PlanErrors."""
    return _read(data, whole=True)


def _read(data: bytes, *, whole: bool) -> Grid:
    try:
        package = Package(data)
        name = package.main()
        body = package.tree(name).find(f"{W}body")
        if body is None:
            raise Unreadable
        related = package.relations(name)
        lists, styles = (_tree(package, related, kind) for kind in ("numbering", "styles"))
        chunks = dict(_chunks(package, related, body)) if whole else {}
        return Grid(tuple(_blocks(body, Book(Numbering.of(lists, styles), chunks))))
    except RecursionError:
        raise TooLarge from None
    except DAMAGED:
        raise Unreadable from None


def _tree(package: Package, related: Mapping[str, Relation], kind: str) -> etree._Element | None:
    name = next((one.target for one in related.values() if one.kind == kind), None)
    return package.tree(name) if name is not None else None


def _chunks(
    package: Package, related: Mapping[str, Relation], body: etree._Element
) -> Iterator[tuple[str, tuple[Block, ...]]]:
    """Read the files inside a document that it shows; a Word document's own ones are left out."""
    shown = dict.fromkeys(element.get(CHUNK_ID, "") for element in body.iter(CHUNK))
    if len(shown) > MOST_CHUNKS:
        raise TooLarge
    for name in shown:
        if name in related and related[name].kind == CHUNKS:
            target = related[name].target
            part = package.part(target)
            word = kind_of(part, target) == ".docx"
            yield name, (_read(part, whole=False) if word else read_grid(part, target)).blocks


def _blocks(parent: etree._Element, book: Book) -> Iterator[Block]:
    for element in _unwrapped(parent):
        if element.tag == PARAGRAPH:
            yield from _paragraph(element, book)
        elif element.tag == TABLE:
            yield from _table(element, book)
        elif element.tag == CHUNK:
            yield from book.chunks.get(element.get(CHUNK_ID, ""), ())


def _unwrapped(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield what stands in a text, a table or a row, also in content controls and insertions."""
    for element in parent.iterchildren(tag=etree.Element):
        if element.tag == ALTERNATE:
            chosen = alternative(element)
            if chosen is not None:
                yield from _unwrapped(chosen)
        elif element.tag not in WRAPPERS:
            yield element
        elif element.tag != CONTROL or not is_on(element.find(PLACEHOLDER)):
            yield from _unwrapped(element)


def _paragraph(element: etree._Element, book: Book) -> Iterator[Block]:
    """Give a paragraph with its number, and the text boxes that hang on it."""
    words = words_of(element)
    text = words.text
    if text or not is_gone(element):
        text = " ".join(part for part in (book.numbering.next(element), text) if part)
    for box in words.above:
        yield from _blocks(box, book)
    if text:
        yield TextBlock(text)
    for box in words.below:
        yield from _blocks(box, book)


def _table(table: etree._Element, book: Book) -> Iterator[Block]:
    """Give a table; one that only holds a longer table in place gives what it holds."""
    rows = [row for row in _unwrapped(table) if row.tag == ROW and not _is_gone_row(row)]
    if len(rows) > MOST_ROWS:
        raise TooLarge
    if _is_frame(table, len(rows)):
        for cell in chain.from_iterable(map(_cells_of, rows)):
            yield from _blocks(cell, book)
        return
    made: list[Cells] = []
    for row in rows:
        made.append(tuple(_cells(row, book, first=not made))[:MOST_COLUMNS])
    yield TableBlock(without_slivers(made) if len(made) > 1 else tuple(made))


def _is_gone_row(row: etree._Element) -> bool:
    return any(row.find(path) is not None for path in GONE_ROWS)


def _is_frame(table: etree._Element, rows: int) -> bool:
    """Tell a table made for the layout: there is a longer one in it."""
    inner = (one for one in table.iter(TABLE) if one is not table)
    return any(sum(1 for _ in one.iter(ROW)) > rows for one in inner)


def _cells_of(row: etree._Element) -> Iterator[etree._Element]:
    for cell in _unwrapped(row):
        if cell.tag == CELL and cell.find(GONE_CELL) is None:
            yield cell


def _cells(row: etree._Element, book: Book, *, first: bool) -> Iterator[Cell]:
    """Yield the places of a row; the cells of the first one have nothing above to belong to."""
    skipped = row.find(f"{W}trPr")
    before, after = (_number(skipped, f"{W}{name}") for name in ("gridBefore", "gridAfter"))
    yield from [BESIDE] * before
    for element in _cells_of(row):
        properties = element.find(f"{W}tcPr")
        below = not first and _goes_on(properties, f"{W}vMerge")
        rest = BOTH if below else BESIDE
        if _goes_on(properties, f"{W}hMerge"):
            yield rest
        else:
            yield BELOW if below else Cell(_text(element, book))
        yield from [rest] * (_number(properties, f"{W}gridSpan") - 1)
    yield from [BESIDE] * after


def _text(cell: etree._Element, book: Book) -> str:
    blocks = _blocks(cell, book)
    said = " ".join(block.words if isinstance(block, TableBlock) else block.text for block in blocks)
    return " ".join(said.split())


def _number(properties: etree._Element | None, name: str) -> int:
    found = properties.find(name) if properties is not None else None
    value = found.get(f"{W}val", "") if found is not None else ""
    known = value.isascii() and value.isdecimal() and len(value) <= MOST_FIGURES
    return min(int(value), MOST_COLUMNS) if known else 0


def _goes_on(properties: etree._Element | None, name: str) -> bool:
    """Tell whether a cell is the rest of a merged one, whose text stands above it or to its left."""
    merged = properties.find(name) if properties is not None else None
    return merged is not None and merged.get(f"{W}val") != "restart"
