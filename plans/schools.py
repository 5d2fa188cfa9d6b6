"""Lists of schools: a file of any format an order may have, or lines of text."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plans.formats import kind_of, read_grid
from plans.grid import Grid, TextBlock
from plans.pasting import looks_like_order
from plans.plan import TooLarge
from plans.school_words import (
    ACTIVITY,
    LETTERS,
    LONGEST_HEADING,
    MOST_SHORT,
    NUMBERING,
    SHORT,
    heads_names,
    is_certain,
    is_heading,
    is_school,
    short_name,
    tidy,
    without_number,
)

MOST_SCHOOLS = 2000
HEADINGS_WITHIN = 10  # rows from the top of a table
FEWEST = 3  # columns of a plan
SPREADSHEETS = frozenset({".xlsx", ".xls", ".ods"})

Row = Sequence[str]
Named = tuple[str, str]  # a full name, and the short one beside it


@dataclass(frozen=True)
class SchoolLine:
    """A school of a list: its full name, and the short one people use."""

    name: str
    short_name: str


@dataclass(frozen=True)
class Columns:
    """Where the names and the short names stand."""

    named: int
    short: int | None
    width: int


def read_schools(data: bytes, name: str) -> tuple[SchoolLine, ...]:
    """Read a list of schools from a file; the table of a plan holds none. Raises the PlanErrors."""
    grid = read_grid(data, name)  # refuses what is too large, too
    if kind_of(data, name) in SPREADSHEETS:
        tables, lines = _sheets(data), []
    else:
        tables, lines = _tables(grid), [line for text in grid.texts for line in text.text.splitlines()]
    if any(_is_plan(rows) for rows in tables):
        return ()
    named = [one for one in _of_tables(tables) if one[0]]
    if named or looks_like_order(grid.everything):
        return _distinct(named)
    return _distinct(_of_lines(lines))


def read_school_lines(text: str) -> tuple[SchoolLine, ...]:
    """Read schools that somebody typed, one a line; numbering before a name is left out."""
    rows = [without_number(line).split("\t") for line in text.splitlines()]
    return _distinct((_name_of(row) or max(row, key=len, default=""), "") for row in rows)


def _tables(grid: Grid) -> list[list[Row]]:
    return [
        [[cell.text for cell in row] for row in block.rows]
        for block in grid.blocks
        if not isinstance(block, TextBlock)
    ]


def _sheets(data: bytes) -> list[list[Row]]:
    """Give the words of every visible sheet, each in its own place, as a sheet has no other tables."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        [[cell if isinstance(cell, str) else "" for cell in row] for row in sheet.to_python()]
        for place, about in enumerate(workbook.sheets_metadata)
        if about.visible is SheetVisibleEnum.Visible
        for sheet in (workbook.get_sheet_by_index(place),)
    ]


def _is_plan(rows: Sequence[Row]) -> bool:
    """Tell the table of a plan, whose rows speak of schools too, by its headings."""
    return any(
        _filled(row) >= FEWEST
        and any(len(cell) <= LONGEST_HEADING and ACTIVITY.search(cell) for cell in row)
        and not any(map(heads_names, row))
        for row in rows[:HEADINGS_WITHIN]
    )


def _of_tables(tables: Iterable[Sequence[Row]]) -> Iterator[Named]:
    """Take the names out of tables; one without headings may go on with the one above."""
    columns: Columns | None = None
    for rows in tables:
        headed = _columns(rows)
        first = 0
        if headed is not None:
            first, columns = headed[0] + 1, headed[1]
        elif columns is not None and columns.width != _width(rows):
            columns = None
        by_heading = [_at_columns(row, columns) for row in rows[first:]] if columns is not None else []
        if any(LETTERS.search(name) for name, _ in by_heading):
            yield from by_heading
        else:
            yield from ((_name_of(row), "") for row in rows[first:])


def _columns(rows: Sequence[Row]) -> tuple[int, Columns] | None:
    """Find the headings near the top of a table: their row, and the columns they name."""
    for place, row in enumerate(rows[:HEADINGS_WITHIN]):
        if any(map(is_certain, row)):
            return None  # a school already: there are no headings
        if _filled(row) == 1 and len(row) > 1:
            continue  # the title of the list
        short = next((at for at, cell in enumerate(row) if SHORT.search(cell) and heads_names(cell)), None)
        weights = [0 if at == short else heads_names(cell) for at, cell in enumerate(row)]
        if any(weights):
            return place, Columns(weights.index(max(weights)), short, _width(rows))
        if short is not None:
            return place, Columns(short, None, _width(rows))
    return None


def _width(rows: Sequence[Row]) -> int:
    return max(map(len, rows), default=0)


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _at_columns(row: Row, columns: Columns) -> Named:
    """Take a row under headings; one with nothing but a title is a section of the list."""
    name = _at(row, columns.named)
    alone = _filled(row) == 1 and len(row) > 1
    return ("", "") if alone and not is_school(name) else (name, _at(row, columns.short))


def _at(row: Row, place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _name_of(row: Row) -> str:
    """Take the name out of a row without headings: the first cell that surely names a school, or may."""
    likely = [cell for cell in row if is_school(cell)]
    return next((cell for cell in likely if is_certain(cell)), max(likely, key=len, default=""))


def _of_lines(lines: Sequence[str]) -> Iterator[Named]:
    """Take the lines that name schools or are numbered; all of them where none says that it is a school."""
    if not any(is_school(without_number(line)) for line in lines):
        yield from ((line, "") for line in lines)
        return
    for line in lines:
        if is_school(without_number(line)) or NUMBERING.match(line):
            yield line, ""


def _distinct(names: Iterable[Named]) -> tuple[SchoolLine, ...]:
    """Keep each school once; numbers, headings and empty lines are none. Raises TooLarge."""
    found: dict[str, SchoolLine] = {}
    for full, short in names:
        name = tidy(full)
        if is_heading(name):
            continue
        given = " ".join(short.split())[:MOST_SHORT].strip(" ;,")
        found.setdefault(name.casefold(), SchoolLine(name, given or short_name(name)))
    if len(found) > MOST_SCHOOLS:
        raise TooLarge
    return tuple(found.values())
