"""Word documents and templates (docx, dotx): paragraphs, text boxes and tables in their order."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from lxml import etree

from plans.formats import kind_of, read_grid
from plans.formats.docx_numbers import Numbering
from plans.formats.docx_package import Package, Relation
from plans.formats.docx_text import ALTERNATE, CONTROL, PLACEHOLDER, W, alternative, is_gone, is_on, words_of
from plans.formats.stretched import BELOW, BESIDE, BOTH, MOST_COLUMNS, MOST_ROWS, Cells, without_slivers
from plans.grid import Block, Cell, Grid, TableBlock, TextBlock
from plans.plan import TooLarge, Unreadable

PARAGRAPH, TABLE, ROW, CELL = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"
STYLED, NUMBERED = f"{W}pStyle", f"{W}numPr"
CHUNK = f"{W}altChunk"  # a file of another format inside the document
CHUNK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CHUNKS = "aFChunk"
MOST_CHUNKS = 20
MOST_FIGURES = 6
WRAPPERS = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "hyperlink")
)
GONE_ROW = frozenset(f"{W}{name}" for name in ("del", "moveFrom"))
VALUE, BEFORE, AFTER, SPAN = (f"{W}{name}" for name in ("val", "gridBefore", "gridAfter", "gridSpan"))
DOWN, ACROSS, BEGINS = f"{W}vMerge", f"{W}hMerge", "restart"  # a merged cell says where it begins
GONE_CELL = f"{W}cellDel"
OF_ROW, OF_CELL = f"{W}trPr", f"{W}tcPr"
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
        chunks = dict(_chunks(package, related, body)) if whole else {}
        return Grid(tuple(_blocks(body, Book(_numbering(package, related, body), chunks))))
    except RecursionError:
        raise TooLarge from None
    except DAMAGED:
        raise Unreadable from None


def _numbering(package: Package, related: Mapping[str, Relation], body: etree._Element) -> Numbering:
    """Read the lists of a document if any paragraph can be an item of one: styles are a large part."""
    named = {one.kind: one.target for one in related.values()}
    styled = next(body.iter(STYLED), None) is not None
    if "numbering" not in named or (not styled and next(body.iter(NUMBERED), None) is None):
        return Numbering()
    styles = package.tree(named["styles"]) if styled and "styles" in named else None
    return Numbering.of(package.tree(named["numbering"]), styles)


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
        yield from _block(element, book)


def _block(element: etree._Element, book: Book) -> Iterable[Block]:
    if element.tag == PARAGRAPH:
        return _paragraph(element, book)
    if element.tag == TABLE:
        return _table(element, book)
    return book.chunks.get(element.get(CHUNK_ID, ""), ()) if element.tag == CHUNK else ()


def _unwrapped(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield what stands in a text, a table or a row, also in content controls and insertions."""
    for element in parent:
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
    text = _numbered(element, words.text, book)
    for box in words.above:
        yield from _blocks(box, book)
    if text:
        yield TextBlock(text)
    for box in words.below:
        yield from _blocks(box, book)


def _numbered(element: etree._Element, text: str, book: Book) -> str:
    if not text and is_gone(element):
        return ""
    number = book.numbering.next(element)
    return f"{number} {text}".strip() if number else text


def _table(table: etree._Element, book: Book) -> Iterator[Block]:
    """Give a table; one that only holds a longer table in place gives what it holds."""
    rows = [row for row in _unwrapped(table) if row.tag == ROW and not _is_gone_row(row)]
    if len(rows) > MOST_ROWS:
        raise TooLarge
    if _is_frame(table, len(rows)):
        for cell in chain.from_iterable(map(_unwrapped, rows)):
            if cell.tag == CELL and GONE_CELL not in _properties(cell, OF_CELL):
                yield from _blocks(cell, book)
        return
    made: list[Cells] = []
    for row in rows:
        made.append(tuple(islice(_cells(row, book, first=not made), MOST_COLUMNS)))
    yield TableBlock(without_slivers(made) if len(made) > 1 else tuple(made))


def _is_gone_row(row: etree._Element) -> bool:
    return not GONE_ROW.isdisjoint(_properties(row, OF_ROW))


def _is_frame(table: etree._Element, rows: int) -> bool:
    """Tell a table made for the layout: there is a longer one in it."""
    inner = (one for one in table.iter(TABLE) if one is not table)
    return any(sum(1 for _ in one.iter(ROW)) > rows for one in inner)


def _cells(row: etree._Element, book: Book, *, first: bool) -> Iterator[Cell]:
    """Yield the places of a row; the cells of the first one have nothing above to belong to."""
    skipped = _properties(row, OF_ROW)
    yield from [BESIDE] * _number(skipped.get(BEFORE, ""))
    for element in _unwrapped(row):
        properties = _properties(element, OF_CELL)
        if element.tag != CELL or GONE_CELL in properties:
            continue
        below = not first and properties.get(DOWN, BEGINS) != BEGINS
        rest = BOTH if below else BESIDE
        if properties.get(ACROSS, BEGINS) != BEGINS:
            yield rest
        else:
            yield BELOW if below else Cell(_text(element, book))
        if SPAN in properties:
            yield from [rest] * (_number(properties[SPAN]) - 1)
    yield from [BESIDE] * _number(skipped.get(AFTER, ""))


def _properties(element: etree._Element, name: str) -> dict[str, str]:
    """Give the values of the properties of a row or a cell, by tag."""
    return {one.tag: one.get(VALUE, "") for part in element.iterchildren(name) for one in part}


def _text(cell: etree._Element, book: Book) -> str:
    """Give the words of a cell on one line, those of tables and boxes in it too."""
    said: list[str] = []
    for element in _unwrapped(cell):
        words = words_of(element) if element.tag == PARAGRAPH else None
        if words is not None and not words.above and not words.below:
            said.append(_numbered(element, words.text, book))
        elif words is not None or element.tag in {TABLE, CHUNK}:
            said += (_words(block) for block in _block(element, book))
    return " ".join(" ".join(said).split())


def _words(block: Block) -> str:
    return block.words if isinstance(block, TableBlock) else block.text


def _number(value: str) -> int:
    known = value.isascii() and value.isdecimal() and len(value) <= MOST_FIGURES
    return min(int(value), MOST_COLUMNS) if known else 0
