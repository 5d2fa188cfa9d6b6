"""Tables whose cells say how far they stretch, as html, OpenDocument and Word 97 write them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plans.grid import Cell
from plans.plan import TooLarge

MOST_COLUMNS = 60
MOST_ROWS = 20_000
MOST_PLACES = 300_000
BESIDE = Cell(beside=True)
BELOW = Cell(below=True)
BOTH = Cell(beside=True, below=True)

Cells = tuple[Cell, ...]


@dataclass(frozen=True)
class Stretched:
    """A cell with its text, over how many ``columns`` and ``rows`` it stretches."""

    text: str = ""
    columns: int = 1
    rows: int = 1


def placed(rows: Iterable[Iterable[Stretched]]) -> tuple[Cells, ...]:
    """Put cells into their places; those under a stretched one are not given again. Raises TooLarge."""
    made: list[Cells] = []
    hanging: dict[int, tuple[int, Cell]] = {}  # column → rows still to cover, and with what
    places = 0
    for row in rows:
        if len(made) >= MOST_ROWS or places > MOST_PLACES:
            raise TooLarge
        cells: list[Cell] = []
        below: dict[int, tuple[int, Cell]] = {}
        for cell in row:
            _fill(cells, hanging)
            if len(cells) >= MOST_COLUMNS:
                break
            width = max(1, min(cell.columns, MOST_COLUMNS - len(cells)))
            for place in range(width):
                if cell.rows > 1:
                    below[len(cells)] = (cell.rows - 1, BOTH if place else BELOW)
                cells.append(BESIDE if place else Cell(cell.text))
        _fill(cells, hanging)
        made.append(tuple(cells))
        places += len(cells)
        hanging = {place: (left - 1, one) for place, (left, one) in hanging.items() if left > 1} | below
    return without_slivers(made)


def _fill(cells: list[Cell], hanging: dict[int, tuple[int, Cell]]) -> None:
    while len(cells) in hanging and len(cells) < MOST_COLUMNS:
        cells.append(hanging[len(cells)][1])


def without_slivers(rows: Sequence[Cells]) -> tuple[Cells, ...]:
    """Join neighbouring columns of which no row has two cells.

    A side that a hand has moved in one row by a hair parts a column in two, and the cells of that row
    then stand in other places than those of the rows around it.
    """
    width = max(map(len, rows), default=0)
    groups: list[list[int]] = []
    begun: set[int] = set()  # rows with a cell in the last group
    for place in range(width):
        begin = {number for number, row in enumerate(rows) if place < len(row) and not row[place].beside}
        if groups and not begun & begin:
            groups[-1].append(place)
            begun |= begin
        else:
            groups.append([place])
            begun = begin
    if len(groups) == width:
        return tuple(rows)
    return tuple(tuple(_joined(row, group) for group in groups if group[0] < len(row)) for row in rows)


def _joined(row: Cells, group: Sequence[int]) -> Cell:
    cells = row[group[0] : group[-1] + 1]
    return next((cell for cell in cells if not cell.beside), cells[0])
