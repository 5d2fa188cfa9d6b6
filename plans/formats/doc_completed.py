"""What a library misses in a Word 97-2003 document: numbers of lists, tables of many columns."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Any

from plans.formats.doc_numbers import numbered_paragraphs
from plans.formats.doc_paragraphs import Paragraph, Sides

PARAGRAPHS = frozenset(("paragraph", "heading"))
MERGED, GOES_ON, BEGINS = 0x60, 0x20, 0x60  # bits of a cell: merged downwards

Element = dict[str, Any]
Numbered = Sequence[tuple[Paragraph, str]]


@dataclass
class WordRow:
    """A row of a table: the numbers in its cells without words, and the sides of its cells."""

    numbers: list[str] = field(default_factory=list)
    sides: Sides = field(default_factory=Sides)


@dataclass(frozen=True)
class Known:
    """The paragraphs of a document, and which of them an element read by the library is."""

    numbered: Numbered
    places: Mapping[int, int]  # id of an element → its place among the paragraphs
    cells: Mapping[int, tuple[int, WordRow]]  # place → which cell of which row

    def places_in(self, elements: Iterable[Element]) -> list[int]:
        """List the places of the paragraphs with words."""
        return [self.places[id(one)] for one in _paragraphs(elements) if id(one) in self.places]

    def row_of(self, row: Element) -> tuple[int, int, WordRow] | None:
        """Find a row by its first words: in which of its cells they stand, here and there."""
        for at, cell in enumerate(row["cells"]):
            found = self.places_in(cell["content"])[:1]
            if found and found[0] in self.cells:
                return at, *self.cells[found[0]]
        return None


def completed(elements: Sequence[Element], data: bytes) -> Sequence[Element]:
    """Give the elements with the numbers that Word prints by itself, and with tables that are whole.

    Both sides list the same paragraphs with words; where they do not agree nothing is changed.
    """
    numbered = numbered_paragraphs(data)
    said = [place for place, (paragraph, _) in enumerate(numbered) if paragraph.letters]
    found = [element for element in _paragraphs(elements) if _letters(element)]
    if len(said) != len(found):
        return elements
    places = {id(element): place for element, place in zip(found, said, strict=True)}
    known = Known(numbered, places, _cells(numbered))
    for row in (row for element in elements if element["type"] == "table" for row in element["rows"]):
        _write_into_cells(row, known)
    for element, place in zip(found, said, strict=True):
        paragraph, number = numbered[place]
        if number and _is_within(_letters(element), paragraph.letters):
            element["content"].insert(0, {"type": "text", "text": f"{number} "})
    return list(_whole(elements, known))


def _paragraphs(elements: Iterable[Element]) -> Iterator[Element]:
    """Yield the paragraphs of the main text in their order."""
    for element in elements:
        if element["type"] in PARAGRAPHS:
            yield element
        elif element["type"] == "table":
            for row in element["rows"]:
                for cell in row["cells"]:
                    yield from _paragraphs(cell["content"])
        elif element["type"] == "list":
            yield from _items(element)


def _items(element: Element) -> Iterator[Element]:
    for item in element["items"]:
        yield from _paragraphs(item["content"])
        if item.get("nested"):
            yield from _items(item["nested"])


def _letters(element: Element) -> str:
    return "".join(
        char for part in element.get("content", ()) for char in part.get("text", "") if char.isalnum()
    )


def _is_within(some: str, letters: str) -> bool:
    """Tell whether the letters are all there, in their order; the library leaves out deleted ones."""
    rest = iter(letters)
    return all(char in rest for char in some)


def _cells(numbered: Numbered) -> dict[int, tuple[int, WordRow]]:
    """Give for each paragraph of a table which cell of its row it is in, and the row.

    A number stands for a cell only if the cell holds no words.
    """
    found: dict[int, tuple[int, WordRow]] = {}
    row = WordRow()
    cell: list[int] = []
    for place, (paragraph, _) in enumerate(numbered):
        if not paragraph.in_table or paragraph.ends_row:
            row.sides = paragraph.sides
            row, cell = WordRow(), []
            continue
        cell.append(place)
        found[place] = (len(row.numbers), row)
        if paragraph.ends_cell:
            wordless = not any(numbered[one][0].letters for one in cell)
            row.numbers.append(" ".join(filter(None, (numbered[one][1] for one in cell if wordless))))
            cell = []
    return found


def _write_into_cells(row: Element, known: Known) -> None:
    """Write the numbers of a row into those of its cells that surely are the same ones."""
    found = known.row_of(row)
    if found is None or found[0] != found[1]:
        return
    at, _, word = found
    same = len(row["cells"]) if len(row["cells"]) == len(word.numbers) else at
    for cell, number in zip(row["cells"][:same], word.numbers, strict=False):
        if number:
            cell["content"].append({"type": "paragraph", "content": [{"type": "text", "text": number}]})


def _whole(elements: Iterable[Element], known: Known) -> Iterator[Element]:
    """Put the rows of a table together that the library takes for a table each.

    It does so where the ends of rows have so many properties that they lie in another stream.
    """
    parts: list[Element] = []
    for element in elements:
        if element["type"] == "table" and (not parts or _is_next(parts[-1], element, known)):
            parts.append(element)
            continue
        yield from _joined(parts, known)
        parts = [element] if element["type"] == "table" else []
        if not parts:
            yield element
    yield from _joined(parts, known)


def _is_next(above: Element, table: Element, known: Known) -> bool:
    ended, begun = known.places_in([above])[-1:], known.places_in([table])[:1]
    if not ended or not begun:
        return False
    return all(paragraph.in_table for paragraph, _ in known.numbered[ended[0] : begun[0]])


def _joined(parts: Sequence[Element], known: Known) -> Iterator[Element]:
    if not parts[1:]:
        yield from parts
        return
    rows = [row for part in parts for row in part["rows"]]
    words = [found[2] if (found := known.row_of(row)) else WordRow() for row in rows]
    _stretch(rows, [word.sides for word in words])
    yield {"type": "table", "rows": rows}


def _stretch(rows: Sequence[Element], sides: Sequence[Sides]) -> None:
    """Let cells stretch as far as their sides say, and take away those that others cover from above."""
    places = sorted({place for one in sides for place in one.places})
    hanging = [
        {place for place, bits in zip(one.places, one.bits, strict=False) if bits & MERGED == GOES_ON}
        for one in sides
    ]
    for at, (row, one) in enumerate(zip(rows, sides, strict=True)):
        if len(row["cells"]) != len(one.bits):
            continue
        for cell, (left, right), bits in zip(row["cells"], pairwise(one.places), one.bits, strict=True):
            cell["col_span"] = max(1, bisect_left(places, right) - bisect_left(places, left))
            if bits & MERGED == BEGINS:
                cell["row_span"] = 1 + _how_many(hanging[at + 1 :], left)
        row["cells"] = [
            cell for cell, left in zip(row["cells"], one.places, strict=False) if left not in hanging[at]
        ]


def _how_many(hanging: Iterable[set[int]], left: int) -> int:
    """Count the rows below in which the cell goes on."""
    return sum(1 for _ in takewhile(lambda lefts: left in lefts, hanging))
