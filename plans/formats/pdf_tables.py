"""Ruled tables of a PDF → tables of the common form: the same columns on every page they run over."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

from plans.formats.pdf_breaks import Habits, Printed, joined_lines
from plans.formats.pdf_lines import Line, Setting, lines_of
from plans.formats.pdf_page import Box, Word
from plans.formats.pdf_ruling import Region, Ruling
from plans.grid import Cell, TableBlock

SAME_LINE = 5.0  # points that a line may differ in place from page to page
FULL = 1.0  # points that a letter may lack of the edge of its column, and still have no room
CENTRED = 4.0  # points that a line leaves more on one side than on the other
FILLED = 0.75  # share of first cells that are filled in a table with a number in each row
USUAL = 0.85  # share of the rows of a table that shows how its rows begin
Lines = tuple[Line, ...]


@dataclass(frozen=True)
class Printing:
    """A table on a page, counted from 0: how it is ruled, and the lines in each of its cells."""

    page: int
    ruling: Ruling
    cells: tuple[tuple[Region, Lines], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written in it."""
        return not any(lines for _, lines in self.cells)

    @cached_property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.ruling.ys) - 1

    def with_lines(self, more: Mapping[Region, Lines], *, first: bool = False) -> "Printing":
        """Add lines to the ends of cells, or put them first."""
        cells = [
            (region, (*more.get(region, ()), *lines) if first else (*lines, *more.get(region, ())))
            for region, lines in self.cells
        ]
        return replace(self, cells=tuple(cells))

    def without_row(self, row: int) -> "Printing":
        """Leave the words of a row out."""
        cells = ((region, () if region.top == row else lines) for region, lines in self.cells)
        return replace(self, cells=tuple(cells))

    def edge(self, region: Region, setting: Setting) -> float:
        """Give where the lines of a cell end at most, in points."""
        padding = self.ruling.padding
        return self.ruling.box_of(region).right - (setting.padding if padding is None else padding)

    def heading(self, row: int) -> tuple[str, ...]:
        """Give the words of a row, to be compared."""
        return tuple(
            " ".join(line.text for line in lines) for region, lines in self.cells if region.top == row
        )


def printed(ruling: Ruling, words: Sequence[Word], page: int) -> Printing:
    """Put the words of a table into its cells."""
    owner = {
        (column, row): place
        for place, region in enumerate(ruling.regions)
        for column in range(region.left, region.right)
        for row in range(region.top, region.bottom)
    }
    inside: list[list[Word]] = [[] for _ in ruling.regions]
    for word in words:
        column = _place(ruling.xs, (word.box.left + word.box.right) / 2)
        row = _place(ruling.ys, (word.box.top + word.box.bottom) / 2)
        inside[owner[column, row]].append(word)
    found = zip(ruling.regions, inside, strict=True)
    return Printing(page, ruling, tuple((region, tuple(lines_of(held))) for region, held in found))


def _place(marks: Sequence[float], at: float) -> int:
    return min(max(bisect_right(marks, at) - 1, 0), len(marks) - 2)


def follows(before: Printing, after: Printing) -> bool:
    """Tell whether a table goes on with the one above it or on the page before: its sides are the same."""
    return after.page - before.page <= 1 and after.ruling.has_sides_of(before.ruling)


def padding_of(printings: Iterable[Printing]) -> float:
    """Give how far the words of a file keep from the sides of their cells, in points."""
    rooms = [
        room
        for part in printings
        if part.ruling.padding is None
        for region, lines in part.cells
        for line in lines
        for room in _sides(part.ruling.box_of(region), line.box)
    ]
    return min((room for room in rooms if room >= 0), default=0.0)


def _sides(cell: Box, line: Box) -> tuple[float, float]:
    return line.left - cell.left, cell.right - line.right


def blocks_of(group: Sequence[Printing], setting: Setting, habits: Habits) -> list[TableBlock]:
    """Read a table that runs over pages: one block for each page, all with the same columns."""
    columns = _columns(group)
    blocks: list[TableBlock] = []
    for place, part in enumerate(group):
        turned = place and part.page != group[place - 1].page
        merged = _merged_above(group[place - 1], part, columns, group[0]) if turned else frozenset()
        texts = {
            region: joined_lines(printed_lines(part, region, lines, setting), habits)
            for region, lines in part.cells
        }
        if not part.is_empty:
            blocks.append(TableBlock(tuple(_rows(part, columns, texts, merged))))
    return blocks


@dataclass(frozen=True)
class Columns:
    """Where the columns of a table begin and end on all its pages: points → numbers from 0."""

    marks: tuple[float, ...]
    numbers: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.numbers[-1]

    def number(self, at: float) -> int:
        """Give the number of the line at a place."""
        nearest = min(range(len(self.marks)), key=lambda place: abs(self.marks[place] - at))
        return self.numbers[nearest]

    def left(self, part: Printing, region: Region) -> int:
        """Give the first column of a cell."""
        return self.number(part.ruling.xs[region.left])

    def right(self, part: Printing, region: Region) -> int:
        """Give the column after the last one of a cell."""
        return self.number(part.ruling.xs[region.right])


def _columns(group: Sequence[Printing]) -> Columns:
    """Find the columns; of two lines that no row has both of, the second is the first, drawn askew."""
    marks: list[float] = []
    for at in sorted(at for part in group for at in part.ruling.xs):
        if not marks or at - marks[-1] > SAME_LINE:
            marks.append(at)
    plain = Columns(tuple(marks), tuple(range(len(marks))))
    used = {line for part in group for line in _lines_used(part, plain)}
    numbers = [0]
    held: list[set[int]] = [{0}]  # the lines of each number
    for place in range(1, len(marks) - 1):
        apart = any(place in line and line & held[-1] for line in used)
        if apart or len(held) == 1:
            held.append({place})
        else:
            held[-1].add(place)
        numbers.append(len(held) - 1)
    return Columns(plain.marks, (*numbers, len(held)))


def _lines_used(part: Printing, plain: Columns) -> set[frozenset[int]]:
    """Give for each row the lines at which a cell of it begins."""
    rows: list[set[int]] = [set() for _ in range(part.rows)]
    for region in part.ruling.regions:
        for row in range(region.top, region.bottom):
            rows[row].add(plain.left(part, region))
    return {frozenset(row) for row in rows}


def printed_lines(part: Printing, region: Region, lines: Lines, setting: Setting) -> list[Printed]:
    """Give the lines of a cell, each with what its end tells."""
    box, edge = part.ruling.box_of(region), part.edge(region, setting)
    found: list[Printed] = []
    for line, following in zip_longest(lines, lines[1:]):
        room = edge - line.box.right
        before = line.box.left - box.left - (box.right - edge)
        if before > FULL and abs(before - room) < CENTRED:
            room += before
        full = line.alone and (following.first if following else 0.0) > room - FULL
        last = following is not None and following.box.top < line.box.top
        found.append(Printed(line.text, line.spaced, setting.is_roomy(line, edge), full, last))
    return found


def _top(part: Printing, first: Printing) -> int:
    """Give the first row under the headings, if they are repeated on the page."""
    row = 0
    while row < min(part.rows, first.rows) and part.heading(row) == first.heading(row):
        row += 1
    return row


def _merged_above(before: Printing, part: Printing, columns: Columns, first: Printing) -> frozenset[Region]:
    """Find the cells that a page break has cut off from a merged cell: empty, over several rows."""
    row = _top(part, first)
    spread = {
        (columns.left(before, region), columns.right(before, region))
        for region, _ in before.cells
        if region.bottom == before.rows and region.bottom - region.top > 1
    }
    return frozenset(
        region
        for region, lines in part.cells
        if region.top == row and not lines
        if region.bottom - row > 1 or (columns.left(part, region), columns.right(part, region)) in spread
    )


def restored(group: Sequence[Printing]) -> list[Printing]:
    """Give what a page break has cut off from a row back to the row."""
    found, columns = list(group), _columns(group)
    tops = [0, *(_top(part, group[0]) for part in group[1:])]
    inner = [
        (columns.left(part, region), lines)
        for part, top in zip(group, (-1, *tops[1:]), strict=True)
        for region, lines in part.cells
        if region.top > top
    ]
    for place in range(len(found) - 1, 0, -1):
        before, part, row = found[place - 1], found[place], tops[place]
        if part.page == before.page or not _is_rest(part, row, columns, inner):
            continue
        # The headings at the end of a page are put where they have more rows; any other row stays.
        if place == 1 and before.rows == 1 and (moved := _moved(part, row, before, columns)):
            found[:2] = before.without_row(0), part.with_lines(moved, first=True)
        elif moved := _moved(before, before.rows - 1, part, columns, row):
            found[place - 1], found[place] = before.with_lines(moved), part.without_row(row)
    return found


def _is_rest(part: Printing, row: int, columns: Columns, inner: Sequence[tuple[int, Lines]]) -> bool:
    """Tell the rest of a row: its first cell is empty, or its first words go on with a phrase.

    Only in a table whose other rows have a first cell that is filled, or begin with a capital letter.
    """
    cells = [(columns.left(part, region), region, lines) for region, lines in part.cells if region.top == row]
    filled = [(left, lines) for left, _, lines in cells if lines]
    if not filled or cells[0][0] != 0:
        return False
    if part.ruling.goes_on:
        return True
    first = [bool(lines) for left, lines in inner if left == 0]
    if not cells[0][2] and cells[0][1].bottom == row + 1 and first and sum(first) >= FILLED * len(first):
        return True
    left, lines = filled[0]
    capital = [not line[0].text[0].islower() for place, line in inner if place == left and line]
    return lines[0].text[0].islower() and len(capital) > 1 and sum(capital) >= USUAL * len(capital)


def _moved(to: Printing, to_row: int, part: Printing, columns: Columns, row: int = 0) -> dict[Region, Lines]:
    """Say which cells of a row take the lines of a row of another page; {} if one has no counterpart."""
    cells = {
        columns.left(to, region): region for region, _ in to.cells if region.top <= to_row < region.bottom
    }
    moved = {columns.left(part, region): lines for region, lines in part.cells if region.top == row and lines}
    return {cells[left]: lines for left, lines in moved.items()} if moved.keys() <= cells.keys() else {}


def _rows(
    part: Printing, columns: Columns, cells: Mapping[Region, str], merged: frozenset[Region]
) -> list[tuple[Cell, ...]]:
    rows = [[Cell()] * columns.width for _ in range(part.rows)]
    for region, text in cells.items():
        left, right = columns.left(part, region), columns.right(part, region)
        for row in range(region.top, region.bottom):
            below = row > region.top or region in merged
            for column in range(left, right):
                rows[row][column] = Cell(beside=column > left, below=below)
        if text or left < right:
            place = min(left, columns.width - 1)
            said = f"{rows[region.top][place].text} {text}".strip()
            rows[region.top][place] = Cell(said, below=region in merged)
    return [tuple(row) for row in rows]
