"""The paragraphs and tables of an RTF text, put together out of the words as they come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from plans.formats.stretched import MOST_COLUMNS, MOST_ROWS, Cells, without_slivers
from plans.grid import Block, Cell, TableBlock, TextBlock
from plans.plan import TooLarge

NEAR = 60  # twips (a millimetre): sides nearer than this are one side
MOST_SIDES = 4 * MOST_COLUMNS
MOST_BLOCKS = 200_000


@dataclass(frozen=True)
class Shape:
    """A cell as the row defines it: its right side in twips, whether it goes on with its neighbours."""

    right: int = 0
    beside: bool = False
    below: bool = False


@dataclass
class RowShape:
    """How the next row is defined, while the words of its definition come."""

    left: int = 0
    shapes: list[Shape] = field(default_factory=list)
    is_open: bool = False
    _next: Shape = field(default_factory=Shape)

    def begin(self) -> None:
        """Forget the row above."""
        self.left, self.shapes, self.is_open, self._next = 0, [], True, Shape()

    def begin_at(self, left: int | None) -> None:
        """Take the left side of the row."""
        self.left = left or 0

    def go_on(self, *, beside: bool = False, below: bool = False) -> None:
        """Let the next cell belong to the one beside it, or above it."""
        self._next = replace(self._next, beside=self._next.beside or beside, below=self._next.below or below)

    def end_cell(self, right: int | None) -> None:
        """Take the right side of a cell, which ends its definition."""
        if len(self.shapes) < MOST_COLUMNS:
            self.shapes.append(replace(self._next, right=right or 0))
        self._next = Shape()


@dataclass(frozen=True)
class Drawn:
    """A row: its left side, the cells as they are defined, and their texts."""

    left: int
    shapes: tuple[Shape, ...]
    texts: tuple[str, ...]


@dataclass
class Flow:
    """A text while it is read; a text box has a flow of its own."""

    blocks: list[Block] = field(default_factory=list)
    boxes: list[Block] = field(default_factory=list)  # of the paragraph that is being read
    _said: list[str] = field(default_factory=list)
    _paragraphs: list[str] = field(default_factory=list)  # of the cell
    _texts: list[str] = field(default_factory=list)  # of the row
    _rows: list[Drawn] = field(default_factory=list)  # of the table

    @property
    def in_row(self) -> bool:
        """Tell whether a row has begun."""
        return bool(self._texts or self._paragraphs)

    def say(self, text: str) -> None:
        """Add words to the paragraph."""
        self._said.append(text)

    def end_paragraph(self, *, in_cell: bool) -> None:
        """End a paragraph, of a cell or of the text between tables. Raises TooLarge."""
        text, self._said = "".join(self._said).strip(), []
        boxes, self.boxes = self.boxes, []
        if in_cell:
            self._paragraphs += [box.text if isinstance(box, TextBlock) else box.words for box in boxes]
            self._paragraphs.append(text)
        elif boxes or text:
            self._end_table()
            self.blocks += boxes
            self.blocks.extend([TextBlock(text)] if text else ())
        elif self._rows:
            self._end_table()  # an empty line parts two tables
        if len(self.blocks) > MOST_BLOCKS:
            raise TooLarge

    def end_cell(self) -> None:
        """End a cell with its last paragraph."""
        self.end_paragraph(in_cell=True)
        self._texts.append(" ".join(" ".join(self._paragraphs).split()))
        self._paragraphs = []

    def end_row(self, left: int, shapes: Sequence[Shape]) -> None:
        """End a row of the cells that are defined so. Raises TooLarge."""
        if any(self._paragraphs):
            self.end_cell()
        self._paragraphs = []
        if self._texts:
            self._rows.append(Drawn(left, tuple(shapes), tuple(self._texts)))
            self._texts = []
        if len(self._rows) > MOST_ROWS:
            raise TooLarge

    def close(self) -> list[Block]:
        """End the text and give its blocks."""
        self.end_paragraph(in_cell=self.in_row)
        self.end_row(0, ())
        self._end_table()
        return self.blocks

    def _end_table(self) -> None:
        if self._rows:
            self.blocks.append(TableBlock(_laid(self._rows)))
            self._rows = []


def _laid(rows: Sequence[Drawn]) -> tuple[Cells, ...]:
    """Put the cells of all rows into common columns, told by where their sides are."""
    sides = _sides(rows)
    if len(sides) > MOST_SIDES:
        return tuple(tuple(_marked(row)) for row in rows)
    return without_slivers([tuple(_stretched(row, sides)) for row in rows])


def _sides(rows: Sequence[Drawn]) -> dict[int, int]:
    """Give the upright sides of a table numbers from the left; those side by side share one."""
    places = sorted({place for row in rows for place in (row.left, *(shape.right for shape in row.shapes))})
    numbers = dict.fromkeys(places[:1], 0)
    for before, place in pairwise(places):
        numbers[place] = numbers[before] + (place - before > NEAR)
    return numbers


def _marked(row: Drawn) -> Iterator[Cell]:
    """Give the cells of a row one after another, whatever their widths."""
    for place, text in enumerate(row.texts[:MOST_COLUMNS]):
        shape = row.shapes[place] if place < len(row.shapes) else Shape()
        yield Cell("" if shape.beside or shape.below else text, shape.beside, shape.below)


def _stretched(row: Drawn, sides: dict[int, int]) -> Iterator[Cell]:
    """Give the cells of a row, each followed by the places it stretches over."""
    at = sides[row.left]
    yield from [Cell(beside=True)] * at
    for place, cell in enumerate(_marked(row)):
        yield cell
        if place < len(row.shapes):
            end = sides[row.shapes[place].right]
            yield from [replace(cell, text="", beside=True)] * (end - at - 1)
            at = max(at + 1, end)
