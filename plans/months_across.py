"""Plans whose months are columns: a mark under «октябрь» says when a row is due."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from plans.grid import Cell, Grid, TableBlock
from plans.headings import Role, role_of

MONTHS = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)
SHORT = {month[:3]: month for month in MONTHS}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
FEWEST_MONTHS = 4
HEADINGS_WITHIN = 6  # rows from the top of a table
MARK = re.compile(r"[+✓✔☑vх*•●■▪√]{1,2}|да", re.IGNORECASE)
DAY = re.compile(r"[1-9]|[12]\d|3[01]")
LATIN_X = str.maketrans("xX", "хх")
HEADING = "Срок"


def with_dates_in_words(grid: Grid) -> Grid:
    """Put one column of dates in the place of columns of months: «сентябрь, октябрь» for two marks."""
    blocks = tuple(_worded(block) if isinstance(block, TableBlock) else block for block in grid.blocks)
    return replace(grid, blocks=blocks)


def _worded(table: TableBlock) -> TableBlock:
    found = next(
        (
            (place, months)
            for place, row in enumerate(table.rows[:HEADINGS_WITHIN])
            if len(months := _months(row)) >= FEWEST_MONTHS
        ),
        None,
    )
    if found is None:
        return table
    heading, months = found
    others = (
        cell.text
        for row in table.rows[: heading + 1]
        for place, cell in enumerate(row)
        if place not in months
    )
    if any(role_of(text) is Role.DEADLINE for text in others):
        return table  # the months are something else than its dates
    rows = tuple(_row(row, months, place - heading) for place, row in enumerate(table.rows))
    return replace(table, rows=rows)


def _months(row: Sequence[Cell]) -> dict[int, str]:
    """Give the columns headed by nothing but a month, by their places."""
    said = ((place, cell.text.strip(" .")) for place, cell in enumerate(row))
    named = {place: month for place, text in said if (month := _month(text)) is not None}
    return named if len(set(named.values())) == len(named) else {}


def _month(text: str) -> str | None:
    if text in ROMAN:
        return MONTHS[ROMAN.index(text)]
    plain = text.casefold()
    month = SHORT.get(plain[:3])
    return month if month is not None and month.startswith(plain) else None


def _row(row: Sequence[Cell], months: dict[int, str], below: int) -> tuple[Cell, ...]:
    """Put one cell in the place of the months; ``below`` counts the rows under their headings."""
    first = min(months)
    kept = [cell for place, cell in enumerate(row) if place not in months]
    if below == 0:
        dated = Cell(HEADING)
    elif below < 0:
        dated = Cell(" ".join(row[place].text for place in months if place < len(row) and row[place].text))
    else:
        dated = _dated(row, months)
    at = sum(place not in months for place in range(min(first, len(row))))
    return (*kept[:at], dated, *kept[at:])


def _dated(row: Sequence[Cell], months: dict[int, str]) -> Cell:
    cells = [(month, row[place]) for place, month in sorted(months.items()) if place < len(row)]
    words = list(_words(cells))
    return Cell(", ".join(words), below=bool(cells) and all(cell.below for _, cell in cells))


def _words(cells: Sequence[tuple[str, Cell]]) -> Iterator[str]:
    """Name the months with a mark, and those that a marked cell is merged over; other words as they are."""
    going_on = False
    said = ""
    for month, cell in cells:
        text = cell.text.strip()
        if cell.beside and not text:
            if going_on:
                yield month
            continue
        going_on = MARK.fullmatch(text.translate(LATIN_X)) is not None
        if going_on:
            yield month
        elif text and text != said:
            said = text
            yield f"{text} {_genitive(month)}" if DAY.fullmatch(text) else text


def _genitive(month: str) -> str:
    return f"{month}а" if month.endswith("т") else f"{month[:-1]}я"
