"""Sheets of a workbook as they are shown: what is hidden left out, merged cells marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from plans.grid import Cell
from plans.plan import TooLarge

MOST_ROWS = 100_000  # to the last filled one
MOST_COLUMNS = 1024
MOST_AREA = 1_000_000  # places from A1 to the last filled row and column
MOST_FILLED = 200_000
MOST_TEXT = 10_000_000  # characters; a text that is kept once may be said in every place

Row = tuple[Cell, ...]
Place = tuple[int, int]  # row and column, from 0


@dataclass(frozen=True)
class Outline:
    """What a sheet says of its places: ``formats`` holds the number formats of its numbers and dates."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formats: Mapping[Place, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Sheet:
    """Texts from A1 on, and the merged ranges: first and last place of each."""

    texts: Sequence[Sequence[str]]
    merged: Sequence[tuple[Place, Place]] = ()
    outline: Outline = field(default_factory=Outline)


class Extent:
    """Counts the filled places of a sheet while they are met."""

    def __init__(self) -> None:
        self._rows = self._columns = self._filled = self._text = 0

    def add(self, row: int, column: int, text: int = 0) -> None:
        """Take a filled place and the length of its text.

        Raises TooLarge where the sheet becomes larger than any order.
        """
        self._rows = max(self._rows, row + 1)
        self._columns = max(self._columns, column + 1)
        self._filled += 1
        far = self._rows > MOST_ROWS or self._columns > MOST_COLUMNS or self._filled > MOST_FILLED
        self._text += text
        if far or self._text > MOST_TEXT or self._rows * self._columns > MOST_AREA:
            raise TooLarge


def laid(sheet: Sheet) -> list[Row]:
    """Lay a sheet out as rows of equal length, without its hidden rows and columns. Raises TooLarge."""
    wide = max(map(len, sheet.texts), default=0)
    rows = [row for row in range(len(sheet.texts)) if row not in sheet.outline.hidden_rows]
    columns = [column for column in range(wide) if column not in sheet.outline.hidden_columns]
    made = [[Cell(_at(sheet.texts[row], column)) for column in columns] for row in rows]
    at_row = {row: place for place, row in enumerate(rows)}
    at_column = {column: place for place, column in enumerate(columns)}
    covered = 0
    for (top, left), (bottom, right) in sheet.merged:
        text = _at(sheet.texts[top], left) if 0 <= top < len(sheet.texts) else ""
        if not text.strip():
            continue
        down = [at_row[row] for row in range(top, min(bottom + 1, len(sheet.texts))) if row in at_row]
        across = [at_column[one] for one in range(left, min(right + 1, wide)) if one in at_column]
        covered += len(down) * len(across)
        if covered > MOST_AREA:
            raise TooLarge
        _merge(made, down, across, text)
    return [tuple(row) for row in made]


def _at(texts: Sequence[str], column: int) -> str:
    return texts[column] if column < len(texts) else ""


def _merge(rows: list[list[Cell]], down: Sequence[int], across: Sequence[int], text: str) -> None:
    """Put the text of a merged range into its first place that is shown, and mark the others."""
    for row in down:
        for column in across:
            rows[row][column] = Cell(beside=column != across[0], below=row != down[0])
    if down and across:
        rows[down[0]][across[0]] = Cell(text)


def runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows that stand together, with no empty one between them."""
    together: list[Row] = []
    for row in rows:
        if any(cell.text.strip() or cell.below for cell in row):
            together.append(row)
        elif together:
            yield together
            together = []
    if together:
        yield together
