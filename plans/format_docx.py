"""Word documents (docx), walked at XML level: paragraphs and tables in the order of the document."""

import io
import zipfile
from collections.abc import Iterator

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.plan import TooLarge, Unreadable, WrongFormat

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BREAKS = {f"{W}tab", f"{W}br", f"{W}cr"}
MOST_ENTRIES = 2000
MOST_BYTES = 50 * 1024 * 1024
MOST_RATIO = 100
SMALL = 1024 * 1024  # below this a high ratio is harmless
MOST_COLUMNS = 60


def read_docx(data: bytes) -> Grid:
    """Read a Word document. Raises Unreadable, TooLarge, WrongFormat (macros)."""
    check_zip(data)
    try:
        body = Document(io.BytesIO(data)).element.body
    except (PackageNotFoundError, KeyError, ValueError, etree.XMLSyntaxError, zipfile.BadZipFile):
        raise Unreadable from None
    return Grid(tuple(_blocks(body)))


def check_zip(data: bytes) -> None:
    """Look at a zip's table of contents before anything is unpacked. Raises the PlanErrors."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise Unreadable from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES:
        raise TooLarge
    if unpacked > SMALL and unpacked > MOST_RATIO * len(data):
        raise TooLarge
    names = {entry.filename for entry in entries}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise WrongFormat(".docm")
    if "word/document.xml" not in names:
        raise WrongFormat(".zip")


def _blocks(body: etree._Element) -> Iterator[Block]:
    for element in body.iterchildren():
        if element.tag == f"{W}p":
            text = _text(element)
            if text.strip():
                yield TextBlock(text)
        elif element.tag == f"{W}tbl":
            yield TableBlock(tuple(_rows(element)))
        elif element.tag == f"{W}sdt":
            for content in element.iterchildren(f"{W}sdtContent"):
                yield from _blocks(content)


def _rows(table: etree._Element) -> Iterator[tuple[str, ...]]:
    for row in table.iterchildren(f"{W}tr"):
        cells: list[str] = [""] * _skipped(row)
        for cell in row.iter(f"{W}tc"):
            if next(cell.iterancestors(f"{W}tr")) is not row:
                continue  # a cell of a nested table belongs to the cell around it
            cells.append("" if _continues(cell) else " ".join(_cell_text(cell).split()))
            cells.extend([""] * (_span(cell) - 1))
        yield tuple(cells[:MOST_COLUMNS])


def _skipped(row: etree._Element) -> int:
    before = row.find(f"{W}trPr/{W}gridBefore")
    return _number(before)


def _span(cell: etree._Element) -> int:
    return max(1, min(_number(cell.find(f"{W}tcPr/{W}gridSpan")), MOST_COLUMNS))


def _number(element: etree._Element | None) -> int:
    value = element.get(f"{W}val") if element is not None else None
    return int(value) if value is not None and value.isdigit() else 0


def _continues(cell: etree._Element) -> bool:
    """Tell whether a cell is the lower part of a vertically merged one, whose text stands above."""
    merged = cell.find(f"{W}tcPr/{W}vMerge")
    return merged is not None and merged.get(f"{W}val") != "restart"


def _cell_text(cell: etree._Element) -> str:
    return "\n".join(_text(paragraph) for paragraph in cell.iter(f"{W}p"))


def _text(paragraph: etree._Element) -> str:
    """Give the words of a paragraph, without what was deleted under review."""
    parts: list[str] = []
    for node in paragraph.iter():
        if node.tag == f"{W}t" and not _deleted(node):
            parts.append(node.text or "")
        elif node.tag in BREAKS and next(node.iterancestors()).tag == f"{W}r":
            parts.append(" " if node.tag == f"{W}tab" else "\n")
        elif node.tag == f"{W}noBreakHyphen":
            parts.append("-")
    return "".join(parts)


def _deleted(node: etree._Element) -> bool:
    return next(node.iterancestors(f"{W}del", f"{W}moveFrom"), None) is not None
