"""Word 97-2003 documents, through a library that reads the binary form."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from office_oxide import Document, OfficeOxideError

from plans.formats.doc_completed import completed
from plans.formats.stretched import Stretched, placed
from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.plan import Unreadable

SIGNS = {"line_break": "\n", "tab": " "}
INSIDE = ("content", "elements")  # where an element of another kind keeps its elements
UNSAID = frozenset(("footnote", "endnote", "comment", "image", "thematic_break", "page_break"))

Element = Mapping[str, Any]


def read(data: bytes) -> Grid:
    """Read a document whose container has been looked at. Raises Unreadable, TooLarge."""
    try:
        with Document.from_bytes(data, "doc") as document:
            found = document.to_ir()
    except (OfficeOxideError, ValueError):
        raise Unreadable from None
    if found["metadata"].get("text_truncated"):
        raise Unreadable  # half an order is none
    elements = [element for section in found["sections"] for element in section["elements"]]
    blocks = tuple(_blocks(completed(elements, data)))
    if not blocks:
        raise Unreadable
    return Grid(blocks)


def _blocks(elements: Iterable[Element]) -> Iterator[Block]:
    for element in elements:
        kind = element["type"]
        if kind in {"paragraph", "heading"}:
            text = _text(element)
            if text.strip():
                yield TextBlock(text)
        elif kind == "table":
            yield TableBlock(placed(_cells(row) for row in element["rows"]))
        elif kind == "list":
            yield from _items(element)
        elif kind not in UNSAID:
            yield from _blocks(_inside(element))


def _inside(element: Element) -> list[Element]:
    return next((element[name] for name in INSIDE if name in element), [])


def _text(element: Element) -> str:
    parts = (SIGNS.get(part["type"], part.get("text", "")) for part in element.get("content", ()))
    return "".join(parts).replace("\t", " ")


def _items(element: Element) -> Iterator[Block]:
    """Give the items of a list; their numbers, where they are known, have been written into them."""
    for item in element["items"]:
        yield from _blocks(item["content"])
        if item.get("nested"):
            yield from _blocks([{"type": "list", **item["nested"]}])


def _cells(row: Element) -> Iterator[Stretched]:
    for cell in row["cells"]:
        blocks = _blocks(cell["content"])
        text = " ".join(block.words if isinstance(block, TableBlock) else block.joined for block in blocks)
        yield Stretched(" ".join(text.split()), cell["col_span"], cell["row_span"])
