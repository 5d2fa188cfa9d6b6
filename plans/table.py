"""The table recogniser: columns by the meaning of their headings, rows healed over page breaks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rapidfuzz import fuzz

from plans.grid import Grid, TableBlock, TextBlock
from plans.plan import NotAnOrder

Cells = tuple[str, ...]

ALIKE = 85  # per cent of likeness that counts as the same word, misprinted
LONGEST = 150  # characters of a heading; what is longer is a row
LEADING = 2  # a heading says what it is in its first words


class Role(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    DEADLINE = "deadline"
    RESPONSIBLE = "responsible"
    RESULT = "result"
    TITLE = "title"


# Tried in this order: «Срок исполнения» is a date though it speaks of execution.
WORDS: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (Role.DEADLINE, ("срок", "сроки", "период", "дата", "даты", "график", "время")),
    (Role.RESPONSIBLE, ("ответственный", "ответственные", "ответственность", "исполнитель", "исполнители")),
    (Role.RESULT, ("результат", "результаты", "результативность", "итог", "показатель", "продукт", "выход")),
    (
        Role.TITLE,
        (
            *("мероприятие", "мероприятия", "мероприятий", "содержание", "действие", "действия"),
            *("наименование", "деятельность", "деятельности", "задача", "работы", "вопросы"),
            *("направление", "событие"),
        ),
    ),
)
NUMBER = re.compile(r"(№|n|no|п\s*/\s*п|№\s*п\s*/?\s*п\.?|номер)\W*", re.IGNORECASE)
ITEM_NUMBER = re.compile(r"\d{1,3}(\.\d{1,3})*\.?\)?")


@dataclass
class Draft:
    """A row while it is put together; ``notes`` holds the columns without a role, by their heading."""

    section: str | None
    cells: dict[Role, str]
    notes: dict[str, str] = field(default_factory=dict)

    def join(self, cells: dict[Role, str], notes: dict[str, str]) -> None:
        """Add what a page break has cut off."""
        for role, text in cells.items():
            self.cells[role] = heal(self.cells.get(role, ""), text)
        for heading, text in notes.items():
            self.notes[heading] = heal(self.notes.get(heading, ""), text)


@dataclass(frozen=True)
class Columns:
    """The places of the roles, and the headings of the other columns."""

    roles: dict[Role, int]
    others: dict[int, str]
    width: int

    def read(self, row: Cells) -> tuple[dict[Role, str], dict[str, str]]:
        """Give the texts of a row by role, and the others by heading; empty ones are left out."""
        cells = {role: row[place] for role, place in self.roles.items() if place < len(row)}
        notes = {heading: row[place] for place, heading in self.others.items() if place < len(row)}
        return (
            {role: text for role, text in cells.items() if text},
            {heading: text for heading, text in notes.items() if text},
        )


def heal(before: str, after: str) -> str:
    """Join the two parts of a text cut by a page break; a word hyphenated at the cut becomes whole."""
    if not before or not after:
        return before or after
    if before.endswith("-") and not before.endswith(" -") and after[0].islower():
        return before[:-1] + after
    return f"{before} {after}"


def role_of(heading: str) -> Role | None:
    """Give the role a heading stands for, misprints allowed; None for columns of another kind."""
    flat = " ".join(heading.split()).casefold()
    if not flat:
        return None
    if NUMBER.fullmatch(flat):
        return Role.NUMBER
    words = re.findall(r"[а-яё]+", flat)[:LEADING]
    for role, known in WORDS:
        if any(_alike(word, one) for word in words for one in known):
            return role
    return None


def _alike(word: str, known: str) -> bool:
    return word == known or (len(word) > 4 and fuzz.ratio(word, known) >= ALIKE)  # noqa: PLR2004


def columns_of(row: Cells) -> Columns | None:
    """Read a row as headings; None unless it names at least the activity and its date."""
    if any(len(cell) > LONGEST or ITEM_NUMBER.fullmatch(cell) for cell in row):
        return None
    roles: dict[Role, int] = {}
    others: dict[int, str] = {}
    for place, cell in enumerate(row):
        role = role_of(cell)
        if role is not None and role not in roles:
            roles[role] = place
        elif cell:
            others[place] = cell
    if Role.TITLE not in roles or Role.DEADLINE not in roles:
        return None
    return Columns(roles, others, len(row))


def read_rows(grid: Grid) -> list[Draft]:
    """Read every plan table of a file as one list of rows. Raises NotAnOrder."""
    rows: list[Draft] = []
    reader: Reader | None = None
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            reader = reader.after_text(block) if reader is not None else None
            continue
        reader = _read_table(block, reader, rows)
    if not rows:
        raise NotAnOrder
    return rows


def _read_table(table: TableBlock, reader: "Reader | None", rows: list[Draft]) -> "Reader | None":
    lines = [tuple(" ".join(cell.split()) for cell in row) for row in table.rows]
    start = next((place for place, row in enumerate(lines[:6]) if columns_of(row)), None)
    if start is not None:
        found = columns_of(lines[start])
        assert found is not None  # the line above looked
        reader = Reader(found, rows)
        lines = lines[start + 1 :]
    elif reader is None or not reader.goes_on(lines):
        return None
    for row in lines:
        reader.feed(row)
    return reader


class Reader:
    """Reads the rows of one table, and of its continuations on later pages."""

    def __init__(self, columns: Columns, rows: list[Draft]) -> None:
        self.columns = columns
        self.rows = rows
        self.section: str | None = None
        self._heading: str | None = None
        self._first = len(rows)

    def after_text(self, block: TextBlock) -> "Reader | None":
        """Go on after one short line between two parts of the table, else end.

        A page number is passed over; any other line is the heading of a section, if rows follow.
        """
        if re.fullmatch(r"[\d\s–-]*", block.text):
            return self
        if self._heading is not None or "\n" in block.text or len(block.text) > LONGEST:
            return None
        self._heading = block.joined
        return self

    def goes_on(self, lines: Sequence[Cells]) -> bool:
        """Tell whether a table without headings is a continuation of this one."""
        width = self.columns.width
        if not all(abs(len(row) - width) <= 1 for row in lines):
            return False
        if self._heading is None:
            return True
        number = self.columns.roles.get(Role.NUMBER, 0)
        if not (lines and lines[0][number : number + 1] and ITEM_NUMBER.fullmatch(lines[0][number])):
            return False
        self.section, self._heading = self._heading, None
        return True

    def feed(self, row: Cells) -> None:
        """Take one row: a numbering, a heading again, a section, a continuation or a row of its own."""
        filled = [place for place, cell in enumerate(row) if cell]
        if not filled or self._is_numbering(row) or columns_of(row) is not None:
            return
        if self._is_section(row, filled):
            self._open_section(row[filled[0]])
            return
        cells, notes = self.columns.read(row)
        if self._continues(cells):
            self.rows[-1].join(cells, notes)
        else:
            self.rows.append(Draft(self.section, cells, notes))

    def _open_section(self, text: str) -> None:
        """Open a section, or lengthen the heading that a page break has cut."""
        self.section = text

    def _is_numbering(self, row: Cells) -> bool:
        """Tell «1 2 3 4» under the headings, with one number fewer than columns allowed."""
        numbers = [cell for cell in row if cell]
        counted = [str(number) for number in range(1, len(numbers) + 1)]
        return len(self.rows) == self._first and len(numbers) > 2 and numbers == counted  # noqa: PLR2004

    def _is_section(self, row: Cells, filled: list[int]) -> bool:
        if len(filled) != 1:
            return False
        text = row[filled[0]]
        number = self.columns.roles.get(Role.NUMBER)
        if ITEM_NUMBER.fullmatch(text):
            return False
        if filled[0] == 0 or filled[0] == number:
            return number is not None or not self._cut_off()
        title = filled[0] == self.columns.roles[Role.TITLE]
        return title and (text[0].isupper() or text[0].isdigit()) and not self._cut_off()

    def _cut_off(self) -> bool:
        """Tell whether the last row lacks a date: then what follows belongs to it."""
        return len(self.rows) > self._first and Role.DEADLINE not in self.rows[-1].cells

    def _continues(self, cells: dict[Role, str]) -> bool:
        if len(self.rows) == self._first:
            return False
        last = self.rows[-1]
        if Role.NUMBER in cells or last.section != self.section:
            return False
        if Role.NUMBER not in self.columns.roles or Role.NUMBER not in last.cells:
            return Role.TITLE not in cells or (
                Role.DEADLINE not in cells and not cells[Role.TITLE][0].isupper()
            )
        title = cells.get(Role.TITLE, "")
        complete = bool(title) and Role.DEADLINE in cells and Role.RESPONSIBLE in cells
        return not (complete and title[0].isupper())


def texts_before_table(grid: Grid) -> Iterator[TextBlock]:
    """Yield the paragraphs above the first plan table."""
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            yield block
        elif any(columns_of(tuple(" ".join(cell.split()) for cell in row)) for row in block.rows[:6]):
            return
