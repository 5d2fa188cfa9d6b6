"""The table recogniser: the rows of a plan, healed over page breaks, whatever the order of columns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from plans.grid import Cell, Grid, TableBlock, TextBlock
from plans.headings import LONGEST, Columns, Role, Texts, read_headings, with_number
from plans.healing import vocabulary
from plans.plan import NotAnOrder, TooLarge
from plans.table_reader import MARKED_SECTION, Draft, Line, Reader, is_numbering

HEADINGS_WITHIN = 6  # rows from the top of a table
SECTION_LINES = 2  # that the heading of a section may take
MOST_ROWS = 5000  # the longest plan known has a thirtieth of it
PAGE_NUMBER = re.compile(
    r"(?:стр(?:аница|\.)?)?[\d\s–-]*(?:из\s*\d+)?|\W*(?:продолжение|окончание)(?:\s+таблицы)?(?:\s*№?\s*\d+)?\W*",
    re.IGNORECASE,
)
NUMBERED_TITLE = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})*[.)])\s+(?P<title>\S.*)")
# What stands above the first table is the title of the plan, unless it says that it is a section.
FIRST_SECTION = re.compile(
    r"(задача\s+1[.:)]|(раздел|направление|этап|блок|модуль)\s+[IVX\d]+[.:)]?|раздел|направление|этап|блок|модуль"
    r"|[IVX]{1,5}[\s.)]|\d{1,2}\.\s)[^.]{3,120}$",
    re.IGNORECASE,
)
OF_A_LIST = re.compile(
    r"задача\s+(?!1\b)", re.IGNORECASE
)  # above the first table the tasks of a plan are listed
ENDS_SENTENCE = (".", ":", ";", ",")
ANNEX = re.compile(r"\W*приложение\b", re.IGNORECASE)
PLAN = re.compile(r"\bплан|дорожн\w+\s+карт|мероприят|комплекс\s+мер", re.IGNORECASE)
ACTIVITY = re.compile(r"мероприят|действи|содержание|деятельност", re.IGNORECASE)


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


def _is_section(line: str) -> bool:
    """Tell «II. Методические меры», whatever explains it between it and its table."""
    return (
        MARKED_SECTION.match(line) is not None and len(line) <= LONGEST and not line.endswith(ENDS_SENTENCE)
    )


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
        self._marked: str | None = None  # of them, the one that says that it is a section
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
        self._marked = next((line for line in block.text.splitlines() if _is_section(line)), self._marked)
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
        self._between, self._marked, self._ended, self._said = None, None, False, []

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
        marked = self._marked if self.rows or not OF_A_LIST.match(self._marked or "") else None
        heading = between if between and titled and not between.endswith((".", ":", ";")) else marked
        if before is not None and before.columns == columns and not self._ended:
            before.section = heading or before.section
        else:
            self._reader = Reader(columns, self.rows, self.known, heading)

    def _goes_on(self, lines: Sequence[Line], reader: Reader) -> bool:
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


def texts_before_table(grid: Grid) -> Iterator[TextBlock]:
    """Yield the paragraphs above the first plan table; of a head laid out as a table, column by column."""
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            yield block
        elif is_plan(block):
            return
        else:
            columns = zip_longest(*block.rows, fillvalue=Cell())
            yield from (TextBlock(cell.text) for column in columns for cell in column if cell.text)
