"""The table recogniser: the rows of a plan, healed over page breaks, whatever the order of columns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from plans.dates import is_date
from plans.grid import Cell, Grid, TableBlock, TextBlock
from plans.headings import ITEM_NUMBER, LONGEST, Columns, Role, Texts, read_headings, with_number
from plans.healing import heal, heal_date, vocabulary
from plans.item_numbers import item_number, next_numbers
from plans.plan import NotAnOrder, TooLarge

HEADINGS_WITHIN = 6  # rows from the top of a table
SECTION_LINES = 2  # that the heading of a section may take
MOST_ROWS = 5000  # the longest plan known has a thirtieth of it
FEWEST_NUMBERS = 3  # of a row that numbers the columns
PAGE_NUMBER = re.compile(r"(?:стр(?:аница|\.)?)?[\d\s–-]*(?:из\s*\d+)?", re.IGNORECASE)
DITTO = re.compile(r"[-–—\s]*(?://|[«»\"„“”]{1,2})[-–—\s]*|то\s+же", re.IGNORECASE)
NUMBERED_TITLE = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})*[.)])\s+(?P<title>\S.*)")
SECTION_NUMBER = re.compile(r"(?P<number>\d{1,2}|[IVX]{1,5})[.)]?", re.IGNORECASE)
SECTION_WORDS = re.compile(
    r"(раздел|направление|этап|блок|модуль|часть|[IVX]{1,5}[\s.)]|\d{1,2}[.)]\s)", re.IGNORECASE
)
# What stands above the first table is the title of the plan, unless it says that it is a section.
FIRST_SECTION = re.compile(
    r"((раздел|направление|этап|блок|модуль)\s+[IVX\d]+[.:)]?|раздел|направление|этап|блок|модуль"
    r"|[IVX]{1,5}[\s.)]|\d{1,2}\.\s)[^.]{3,120}$",
    re.IGNORECASE,
)
NOT_AN_END = re.compile(r"([,–-]|\b(и|или|в|во|на|по|с|со|для|к|о|об|из|от|при|за))$", re.IGNORECASE)
ANNEX = re.compile(r"\W*приложение\b", re.IGNORECASE)
PLAN = re.compile(r"\bплан|дорожн\w+\s+карт|мероприят|комплекс\s+мер", re.IGNORECASE)
ACTIVITY = re.compile(r"мероприят|действи|содержание|деятельност", re.IGNORECASE)
MERGED = (Role.DEADLINE, Role.RESPONSIBLE, Role.RESULT)


@dataclass
class Draft:
    """A row while it is put together; ``notes`` holds the columns without a role, by their heading."""

    section: str | None
    cells: dict[Role, str]
    notes: dict[str, str] = field(default_factory=dict)

    def join(self, cells: Mapping[Role, str], notes: Mapping[str, str], known: Mapping[str, int]) -> None:
        """Add what a page break has cut off."""
        for role, text in cells.items():
            self.cells[role] = heal(self.cells.get(role, ""), text, known)
        for heading, text in notes.items():
            self.notes[heading] = heal(self.notes.get(heading, ""), text, known)

    def heal_date(self) -> None:
        """Make the words of the date whole."""
        if Role.DEADLINE in self.cells:
            self.cells[Role.DEADLINE] = heal_date(self.cells[Role.DEADLINE])


@dataclass(frozen=True)
class Line:
    """A row of a table: its texts, and which of its cells belong to the cells above them."""

    texts: Texts
    below: frozenset[int]

    @property
    def filled(self) -> list[int]:
        """The places with a text."""
        return [place for place, text in enumerate(self.texts) if text]

    @classmethod
    def of(cls, row: Sequence[Cell]) -> "Line":
        """Take a row of the grid."""
        return cls(
            tuple(" ".join(cell.text.split()) for cell in row),
            frozenset(place for place, cell in enumerate(row) if cell.below),
        )


def read_rows(grid: Grid) -> list[Draft]:
    """Read every plan table of a file as one list of rows. Raises NotAnOrder, TooLarge."""
    tables = _Tables(vocabulary(grid.everything))
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            tables.pass_text(block)
        else:
            tables.read(block)
    if not tables.rows:
        raise NotAnOrder
    if len(tables.rows) > MOST_ROWS:
        raise TooLarge
    for row in tables.rows:
        row.heal_date()
    _take_numbers_from_titles(tables.rows)
    return tables.rows


def _take_numbers_from_titles(rows: Sequence[Draft]) -> None:
    """Part «1. Семинар» where no column holds the numbers."""
    found = [NUMBERED_TITLE.fullmatch(row.cells.get(Role.TITLE, "")) for row in rows]
    if any(Role.NUMBER in row.cells for row in rows) or sum(one is not None for one in found) * 2 <= len(
        rows
    ):
        return
    for row, one in zip(rows, found, strict=True):
        if one is not None:
            row.cells |= {Role.NUMBER: one["number"], Role.TITLE: one["title"]}


def _find_headings(lines: Sequence[Line]) -> tuple[Columns, Sequence[Line]] | None:
    """Find the headings of a plan near the top of a table: the columns, and the rows under them."""
    for place in range(min(len(lines), HEADINGS_WITHIN)):
        found = read_headings([line.texts for line in lines[place : place + 2]])
        if found is not None:
            columns, used = found
            return columns, lines[place + used :]
    return None


def _heading_texts(lines: Sequence[Line], body: Sequence[Line]) -> tuple[Texts, ...]:
    return tuple(line.texts for line in lines[: len(lines) - len(body)])


def _of_activities(lines: Sequence[Line], body: Sequence[Line]) -> bool:
    """Tell whether the headings speak of activities, and not of schools or people."""
    return any(ACTIVITY.search(text) for heading in _heading_texts(lines, body) for text in heading)


def is_plan(table: TableBlock) -> bool:
    """Tell the table of a plan from other tables, by its headings."""
    return _find_headings([Line.of(row) for row in table.rows[: HEADINGS_WITHIN + 1]]) is not None


class _Tables:
    """The plan tables of a file, one after another, and the texts between them."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self.known = known
        self.rows: list[Draft] = []
        self._reader: Reader | None = None
        self._between: str | None = None  # a line that may be the heading of a section
        self._heading: tuple[Columns, tuple[Texts, ...]] | None = None  # of the last plan table
        self._said: list[str] = []  # the lines since the last table
        self._ended = False
        self._elsewhere = False  # under the heading of an annex that is not said to be a plan

    def pass_text(self, block: TextBlock) -> None:
        """Note one short line between two tables; more than one ends the table above it.

        A page number is passed over; any other line is the heading of a section, if rows follow.
        """
        if PAGE_NUMBER.fullmatch(block.text):
            return
        self._elsewhere = (self._elsewhere or ANNEX.match(block.text) is not None) and not PLAN.search(
            block.text
        )
        self._said.append(block.joined)
        short = "\n" not in block.text and len(block.text) <= LONGEST
        if self._between is not None or not short:
            self._ended = True
        self._between = block.joined if short else ""

    def read(self, table: TableBlock) -> None:
        """Read a table if it is a plan's, or the continuation of one."""
        lines = [Line.of(row) for row in table.rows]
        headed = self._same_headings(lines) or _find_headings(lines)
        if headed is not None and self._elsewhere and self.rows and not _of_activities(lines, headed[1]):
            headed = None  # «График посещения школ»
        if headed is not None:
            columns, body = headed
            self._heading = columns, _heading_texts(lines, body)
            self._open(with_number(columns, [line.texts for line in body]))
            self._feed(body)
        elif self._reader is not None and self._goes_on(lines, self._reader):
            self._feed(lines)
        else:
            self._reader = None
        self._between, self._ended, self._said = None, False, []

    def _same_headings(self, lines: Sequence[Line]) -> tuple[Columns, Sequence[Line]] | None:
        """Find the headings of the page before, word for word: what is under them is the rest of a row."""
        if self._heading is None:
            return None
        columns, said = self._heading
        body = lines[len(said) :]
        return (columns, body) if said and _heading_texts(lines, body) == said else None

    def _open(self, columns: Columns) -> None:
        """Begin a table; the same headings on the next page go on with the same section and row."""
        before = self._reader
        between = self._between or ""
        titled = bool(self.rows) or FIRST_SECTION.match(between) is not None
        heading = between if titled and not between.endswith((".", ":", ";")) else None
        if before is not None and before.columns == columns and not self._ended:
            before.section = heading or before.section
        else:
            self._reader = Reader(columns, self.rows, self.known, heading)

    def _goes_on(self, lines: Sequence[Line], reader: "Reader") -> bool:
        """Tell whether a table without headings continues the one above, or the section between them."""
        if not all(abs(len(line.texts) - reader.columns.width) <= 1 for line in lines):
            return False
        if self._between is None:
            return True
        if not reader.begins_row(lines[0]) or (self._ended and not reader.counts_on(lines[0])):
            return False
        reader.section = " ".join(self._said) if len(self._said) <= SECTION_LINES else self._said[-1]
        return True

    def _feed(self, lines: Sequence[Line]) -> None:
        """Give rows to the reader, without the headings and numberings that a page begins with."""
        assert self._reader is not None  # it has just been opened or asked
        place, first = 0, True
        while place < len(lines):
            headed = self._reader.columns.said_again([line.texts for line in lines[place : place + 2]])
            if headed or is_numbering(lines[place]):
                place, first = place + max(headed, 1), True
                continue
            following = lines[place + 1] if place + 1 < len(lines) else None
            self._reader.feed(lines[place], following, first=first)
            place, first = place + 1, False


class Reader:
    """Reads the rows of one table, and of its continuations on later pages."""

    def __init__(
        self, columns: Columns, rows: list[Draft], known: Mapping[str, int], section: str | None
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.known = known
        self.section = section
        self._first = len(rows)

    def feed(self, line: Line, following: Line | None, *, first: bool) -> None:
        """Take one row: a section, a continuation or a row of its own.

        ``first`` says that a page may have ended above it, ``following`` is the row under it.
        """
        if not line.filled:
            return
        heading = self._section_of(line, following, first=first)
        if heading is not None:
            self.section = heading
            return
        cells, notes = self.columns.texts(line.texts)
        if self._continues(cells, line, first=first):
            self.rows[-1].join(cells, notes, self.known)
        else:
            self._take_back_section(cells)
            self.rows.append(Draft(self.section, self._with_merged(cells, line), notes))

    def _take_back_section(self, cells: Mapping[Role, str]) -> None:
        """Make «3. Контроль» the heading of a section when «3.1» follows it, on the next page or on this one."""
        if len(self.rows) == self._first:
            return
        last, number = self.rows[-1].cells, cells.get(Role.NUMBER, "")
        stem = last.get(Role.NUMBER, "").rstrip(".)")
        below = bool(stem) and number.startswith(f"{stem}.") and number.rstrip(".)") != stem
        if below and last.keys() == {Role.NUMBER, Role.TITLE} and not self.rows[-1].notes:
            self.rows.pop()
            self.section = f"{last[Role.NUMBER]} {last[Role.TITLE]}"

    def begins_row(self, line: Line) -> bool:
        """Tell a row by its number, or in a table without numbers by its date."""
        role = Role.NUMBER if Role.NUMBER in self.columns.roles else Role.DEADLINE
        text = self.columns.texts(line.texts)[0].get(role, "")
        return bool(ITEM_NUMBER.fullmatch(text)) if role is Role.NUMBER else is_date(text)

    def counts_on(self, line: Line) -> bool:
        """Tell whether the number of a row is the one after the last row's."""
        number = item_number(self.columns.texts(line.texts)[0].get(Role.NUMBER, ""))
        last = item_number(self.rows[-1].cells.get(Role.NUMBER, "")) if self.rows else None
        return number is not None and last is not None and number != last and number in next_numbers(last)

    def _section_of(self, line: Line, following: Line | None, *, first: bool) -> str | None:
        """Read a row as the heading of a section; None if it is a row of the plan."""
        texts = list(dict.fromkeys(line.texts[place] for place in line.filled))
        if len(texts) == 1:
            alone = len(line.filled) > 1 or self._stands_alone(line.filled[0], texts[0], first=first)
            return texts[0] if alone and not ITEM_NUMBER.fullmatch(texts[0]) else None
        number, title = self._place(Role.NUMBER), self._place(Role.TITLE)
        if line.below or line.filled != sorted((number, title)) or number < 0:
            return None
        parted = SECTION_NUMBER.fullmatch(line.texts[number])
        if parted is None or not self._opens_numbers(parted["number"], following):
            return None
        return f"{line.texts[number]} {line.texts[title]}"

    def _place(self, role: Role) -> int:
        return self.columns.roles.get(role, -1)

    def _opens_numbers(self, number: str, following: Line | None) -> bool:
        """Tell a numbered section («1.» above «1.1.», any Roman number) from a row without a date."""
        if not number.isdecimal():
            return True
        place = self._place(Role.NUMBER)
        below = following.texts[place] if following and place < len(following.texts) else ""
        return below.startswith(f"{number}.") and len(below) > len(number) + 1

    def _stands_alone(self, place: int, text: str, *, first: bool) -> bool:
        """Tell a section from the rest of a row, both with one filled cell."""
        if len(self.rows) == self._first:
            return True
        if place == self._place(Role.NUMBER) or (place == 0 and place != self._place(Role.TITLE)):
            return Role.NUMBER in self.columns.roles or not self._cut_off()
        if place != self._place(Role.TITLE) or not (text[0].isupper() or text[0].isdigit()):
            return False
        if SECTION_WORDS.match(text):
            return True
        return not self._cut_off() and not (first and self._unfinished())

    def _cut_off(self) -> bool:
        """Tell whether the last row lacks a date: then what follows belongs to it."""
        return len(self.rows) > self._first and Role.DEADLINE not in self.rows[-1].cells

    def _unfinished(self) -> bool:
        """Tell whether the last title breaks off in the middle of a phrase."""
        if len(self.rows) == self._first:
            return False
        return bool(NOT_AN_END.search(self.rows[-1].cells.get(Role.TITLE, "")))

    def _continues(self, cells: Mapping[Role, str], line: Line, *, first: bool) -> bool:
        if len(self.rows) == self._first:
            return False
        last = self.rows[-1]
        if Role.NUMBER in cells or last.section != self.section:
            return False
        title = cells.get(Role.TITLE, "")
        dated = Role.DEADLINE in cells or self._place(Role.DEADLINE) in line.below
        if Role.NUMBER not in self.columns.roles or Role.NUMBER not in last.cells:
            return not title or (not title[0].isupper() and (not dated or self._rest_of_date(cells)))
        complete = bool(title) and dated and (Role.RESPONSIBLE in cells or not first)
        return not (complete and (title[0].isupper() or self._dated_anew(cells)))

    def _rest_of_date(self, cells: Mapping[Role, str]) -> bool:
        """Tell «года» under «в течение учебного» from a date of its own."""
        above, date = self.rows[-1].cells.get(Role.DEADLINE, ""), cells.get(Role.DEADLINE, "")
        return not is_date(date) or is_date(f"{above} {date}")

    def _dated_anew(self, cells: Mapping[Role, str]) -> bool:
        """Tell a date of its own («май» under «июнь») from the rest of the date above («2020 года»)."""
        above, date = self.rows[-1].cells.get(Role.DEADLINE, ""), cells.get(Role.DEADLINE, "")
        return is_date(above) and is_date(date) and not is_date(f"{above} {date}")

    def _with_merged(self, cells: dict[Role, str], line: Line) -> dict[Role, str]:
        """Let a row have the date, executors and result of a cell merged over it and the row above."""
        if len(self.rows) == self._first:
            return cells
        above = self.rows[-1].cells
        merged = {
            role: above[role]
            for role in MERGED
            if role in above and (self._place(role) in line.below or DITTO.fullmatch(cells.get(role, "")))
        }
        return cells | merged


def is_numbering(line: Line) -> bool:
    """Tell «1 2 3 4» under the headings, with one number fewer than columns allowed."""
    numbers = [line.texts[place].rstrip(".") for place in line.filled]
    if numbers[:1] in (["А"], ["A"]):
        numbers = numbers[1:]
    counted = [str(number) for number in range(1, len(numbers) + 1)]
    return len(numbers) >= FEWEST_NUMBERS and numbers == counted


def texts_before_table(grid: Grid) -> Iterator[TextBlock]:
    """Yield the paragraphs above the first plan table; a head laid out as a table counts line by line."""
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            yield block
        elif is_plan(block):
            return
        else:
            for row in block.rows:
                yield from (TextBlock(cell.text) for cell in row if cell.text)
