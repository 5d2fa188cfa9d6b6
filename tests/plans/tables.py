"""Small tables written in a test."""

from plans.grid import Block, Cell, Grid, TableBlock, TextBlock
from plans.headings import Role
from plans.table import read_rows
from plans.table_reader import Draft

HEADINGS = ("№", "Мероприятие", "Срок", "Ответственные", "Результат")
BELOW = Cell(below=True)


def table(*rows: tuple[str | Cell, ...]) -> TableBlock:
    """Make a table out of texts and cells."""
    return TableBlock(
        tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    )


def rows_of(*blocks: Block | str) -> list[Draft]:
    """Read the rows of tables and texts."""
    return read_rows(Grid(tuple(TextBlock(block) if isinstance(block, str) else block for block in blocks)))


def titles(drafts: list[Draft]) -> list[str]:
    """Give the activities of rows."""
    return [draft.cells.get(Role.TITLE, "") for draft in drafts]
