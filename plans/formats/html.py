"""Web pages: what Word and LibreOffice save as such, exports of portals, pages of sites."""

import re
from collections.abc import Iterator
from itertools import count

from lxml import etree, html

from plans.formats.html_text import text_of
from plans.formats.list_numbers import in_form
from plans.formats.stretched import Stretched, placed
from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.plan import TooLarge, Unreadable

MOST_BYTES = 20 * 1024 * 1024
UNSAID = frozenset(
    (
        *("head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "applet"),
        *("select", "textarea", "button", "nav", "aside", "footer", "del", "xml"),
    )
)
# Not printed, or printed outside the text: hidden words, notes, comments, the margins of pages.
UNSAID_STYLE = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|mso-(footnote|endnote)-id|"
    r"mso-element\s*:\s*(comment|footnote|endnote|header|footer)",
    re.IGNORECASE,
)
UNSAID_NAME = re.compile(r"sd(foot|end)note|MsoCommentReference", re.IGNORECASE)
MARGINS = frozenset(("header", "footer"))
BLOCKS = frozenset(
    (
        *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "pre", "hr"),
        *("blockquote", "center", "address", "article", "section", "header", "main", "figure", "form"),
        *("fieldset", "body", "table", "caption", "figcaption", "details", "summary"),
    )
)
ROW_GROUPS = frozenset(("thead", "tbody", "tfoot", "form"))
SPACES = re.compile(r"[ \t\r\n\f]+")
INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
MOST_FIGURES = 6


def read(data: bytes) -> Grid:
    """Read a page; nothing outside it is looked at. Raises Unreadable, TooLarge."""
    return read_page(data)


def read_page(data: bytes, charset: str | None = None) -> Grid:
    """Read a page of a ``charset`` that its envelope says. Raises Unreadable, TooLarge."""
    if len(data) > MOST_BYTES:
        raise TooLarge
    page = text_of(data, charset)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
        return Grid(tuple(_blocks(root)))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise Unreadable from None
    except RecursionError:
        raise TooLarge from None


def _blocks(element: etree._Element) -> Iterator[Block]:
    """Yield the paragraphs and tables in an element; a block inside ends the line before it."""
    said: list[str] = []
    for piece in _pieces(element):
        if isinstance(piece, str):
            said.append(piece)
        else:
            yield from _text(said)
            said = []
            if piece is not None:
                yield from _table(piece)
    yield from _text(said)


def _text(said: list[str]) -> Iterator[TextBlock]:
    lines = "".join(said).translate(INVISIBLE).split("\n")
    text = "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)
    if text:
        yield TextBlock(text)


def _pieces(element: etree._Element) -> Iterator[str | etree._Element | None]:
    """Yield words, tables, and None where a line ends."""
    yield _said(element, element.text)
    numbers = count(_figure(element, "start", 1))
    for child in element.iterchildren(tag=etree.Element):
        if not _unsaid(child):
            yield from _piece(child, element, numbers)
        yield _said(element, child.tail)


def _piece(
    child: etree._Element, parent: etree._Element, numbers: "count[int]"
) -> Iterator[str | etree._Element | None]:
    if child.tag == "br":
        yield "\n"
    elif child.tag == "table":
        yield child
    elif child.tag in BLOCKS:
        yield None
        if child.tag == "li" and parent.tag == "ol":
            yield from _numbered(child, f"{in_form(next(numbers), parent.get('type') or '1')}. ")
        else:
            yield from _pieces(child)
        yield None
    else:
        yield from _pieces(child)


def _numbered(item: etree._Element, number: str) -> Iterator[str | etree._Element | None]:
    """Put the number of an item before its first words, or where they would be."""
    pieces = _pieces(item)
    for piece in pieces:
        if piece is None or (isinstance(piece, str) and not piece.strip()):
            continue
        yield number
        yield piece
        yield from pieces
        return
    yield number


def _said(element: etree._Element, text: str | None) -> str:
    if text is None:
        return ""
    return text if element.tag == "pre" else SPACES.sub(" ", text)


def _unsaid(element: etree._Element) -> bool:
    if element.tag in UNSAID or element.get("hidden") is not None:
        return True
    if UNSAID_STYLE.search(element.get("style") or ""):
        return True
    if element.tag == "div" and element.get("title") in MARGINS:
        return True
    return UNSAID_NAME.match(element.get("class") or element.get("id") or "") is not None


def _table(table: etree._Element) -> Iterator[Block]:
    """Give a table; one that only holds the page in place gives what it holds."""
    for caption in table.iterchildren("caption"):
        yield from _blocks(caption)
    if _is_frame(table):
        for row in _rows(table):
            for cell in row.iterchildren("td", "th"):
                yield from _blocks(cell)
        return
    rows = placed(_cells(row) for row in _rows(table))
    if any(cell.text for row in rows for cell in row):
        yield TableBlock(rows)


def _is_frame(table: etree._Element) -> bool:
    """Tell a table made for the layout: it has one cell, or there is a longer one in it."""
    rows = sum(1 for _ in _rows(table))
    if rows == 1 and sum(1 for row in _rows(table) for _ in row.iterchildren("td", "th")) == 1:
        return True
    inner = (one for one in table.iterdescendants("table"))
    return max((sum(1 for _ in _rows(one)) for one in inner), default=0) > rows


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table.iterchildren(tag=etree.Element):
        if _unsaid(element):
            continue
        if element.tag == "tr":
            yield element
        elif element.tag in ROW_GROUPS:
            yield from element.iterchildren("tr")


def _cells(row: etree._Element) -> Iterator[Stretched]:
    for cell in row.iterchildren("td", "th"):
        blocks = () if _unsaid(cell) else _blocks(cell)
        text = " ".join(block.words if isinstance(block, TableBlock) else block.joined for block in blocks)
        yield Stretched(" ".join(text.split()), _figure(cell, "colspan", 1), _figure(cell, "rowspan", 1))


def _figure(element: etree._Element, name: str, default: int) -> int:
    value = (element.get(name) or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= MOST_FIGURES else default
