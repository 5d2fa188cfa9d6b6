"""Word documents (docx), walked at XML level: paragraphs and tables in the order of the document."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from plans.docx_numbers import Numbering
from plans.grid import Block, Cell, Grid, TableBlock, TextBlock
from plans.plan import Unreadable

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
SIGNS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
UNSAID = (f"{W}del", f"{W}moveFrom", FALLBACK)  # deleted under review, or said a second time
WRAPPERS = (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo", f"{W}smartTag")
MOST_COLUMNS = 60
DAMAGED = (
    *(PackageNotFoundError, etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error),
    *(KeyError, ValueError, AttributeError, TypeError, NotImplementedError, OSError, EOFError),
)


def read(data: bytes) -> Grid:
    """Read a Word document whose container has been looked at. Raises Unreadable."""
    try:
        document = Document(io.BytesIO(data))
        body = document.element.body
        numbering = Numbering.of(document)
        blocks = tuple(_blocks(body, numbering))
    except DAMAGED:
        raise Unreadable from None
    return Grid(blocks)


def _blocks(parent: etree._Element, numbering: Numbering) -> Iterator[Block]:
    for element in parent.iterchildren():
        if element.tag == f"{W}p":
            text = _numbered(element, numbering)
            if text.strip():
                yield TextBlock(text)
        elif element.tag == f"{W}tbl":
            yield TableBlock(tuple(_rows(element, numbering)))
        elif element.tag in WRAPPERS:
            yield from _blocks(element, numbering)


def _rows(table: etree._Element, numbering: Numbering) -> Iterator[tuple[Cell, ...]]:
    for row in _children(table, f"{W}tr"):
        cells = [Cell(beside=True)] * min(_number(row.find(f"{W}trPr/{W}gridBefore")), MOST_COLUMNS)
        for element in _children(row, f"{W}tc"):
            cells.append(_cell(element, numbering))
            cells.extend([Cell(beside=True, below=cells[-1].below)] * (_span(element) - 1))
        yield tuple(cells[:MOST_COLUMNS])


def _children(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield rows of a table or cells of a row, those in content controls and insertions too."""
    for element in parent.iterchildren():
        if element.tag == tag:
            yield element
        elif element.tag in WRAPPERS:
            yield from _children(element, tag)


def _cell(element: etree._Element, numbering: Numbering) -> Cell:
    if _continues(element):
        return Cell(below=True)
    paragraphs = (one for one in element.iter(f"{W}p") if next(one.iterancestors(f"{W}p"), None) is None)
    return Cell(" ".join(" ".join(_numbered(one, numbering) for one in paragraphs).split()))


def _span(cell: etree._Element) -> int:
    return max(1, min(_number(cell.find(f"{W}tcPr/{W}gridSpan")), MOST_COLUMNS))


def _number(element: etree._Element | None) -> int:
    value = element.get(f"{W}val") if element is not None else None
    return int(value) if value is not None and value.isdecimal() else 0


def _continues(cell: etree._Element) -> bool:
    """Tell whether a cell is the lower part of a vertically merged one, whose text stands above."""
    merged = cell.find(f"{W}tcPr/{W}vMerge")
    return merged is not None and merged.get(f"{W}val") != "restart"


def _numbered(paragraph: etree._Element, numbering: Numbering) -> str:
    """Give a paragraph with the number that Word prints before it, if it is an item of a list."""
    if next(paragraph.iterancestors(FALLBACK), None) is not None:
        return ""
    return " ".join(part for part in (numbering.next(paragraph), _text(paragraph)) if part)


def _text(paragraph: etree._Element) -> str:
    """Give the words of a paragraph, without what was deleted under review.

    A text box (an approval stamp often is one) stands inside a paragraph and has paragraphs of its own.
    """
    parts: list[str] = []
    boxes = False
    for node in paragraph.iter():
        if node.tag == f"{W}p" and node is not paragraph:
            boxes = True
            parts.append("\n")
        elif node.tag == f"{W}t" and not _unsaid(node):
            parts.append(node.text or "")
        elif node.tag in SIGNS and next(node.iterancestors()).tag == f"{W}r" and not _unsaid(node):
            parts.append(SIGNS[node.tag])
    text = "".join(parts)
    return text.strip("\n") if boxes else text


def _unsaid(node: etree._Element) -> bool:
    return next(node.iterancestors(*UNSAID), None) is not None
