"""Rows whose cells stand in the middle of their height: each column is as long above a number as below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Places = Mapping[int, float]  # where the words of a line stand, in points from the top, by column
NONE = -1
MOST_LINES = 200  # of a page: a dense one has eighty


@dataclass(frozen=True)
class Run:
    """Lines of one page with rows of numbers among them.

    ``middles`` is where the numbers stand, ``near`` how many points a place may be off; ``cut_above`` says
    that the first lines may be the rest of a row of the page before, ``cut_below`` that the last row may go
    on there.
    """

    lines: Sequence[Places]
    middles: Sequence[float]
    near: float
    cut_above: bool = False
    cut_below: bool = False


def rows_by_middles(run: Run) -> list[int] | None:
    """Give for each number the line its row begins with; None where the columns do not agree."""
    if len(run.lines) > MOST_LINES:
        return None
    for first in range(len(run.lines) if run.cut_above else 1):
        owners = _owners(run, first)
        if owners is not None:
            return [owners.index(row) for row in range(len(run.middles))]
    return None


def _owners(run: Run, first: int) -> list[int] | None:
    """Give the row of each line, -1 for the lines before ``first``; None where a line is of two rows."""
    owners = [NONE] * len(run.lines)
    for column in {column for line in run.lines for column in line}:
        places = [place for place in range(first, len(run.lines)) if column in run.lines[place]]
        rows = _rows_of(run, [run.lines[place][column] for place in places])
        if rows is None:
            return None
        for place, row in zip(places, rows, strict=True):
            if owners[place] not in {NONE, row}:
                return None
            owners[place] = row
    told = owners[first:]
    whole = set(told) == set(range(len(run.middles))) and all(one <= other for one, other in pairwise(told))
    return owners if whole else None


def _rows_of(run: Run, column: Sequence[float]) -> list[int] | None:
    """Part the lines of one column: those of a row reach as far below its number as above it."""
    rows: list[int] = []
    row = 0
    while len(rows) < len(column):
        begun = column[len(rows)]
        while row < len(run.middles) and begun > run.middles[row] + run.near:
            row += 1
        if row == len(run.middles):
            return None
        end = 2 * run.middles[row] - begun
        inside = [at for at in column[len(rows) :] if at <= end + run.near]
        cut = run.cut_below and row == len(run.middles) - 1
        if end - inside[-1] > run.near and not cut:
            return None
        rows.extend([row] * len(inside))
        row += 1
    return rows
