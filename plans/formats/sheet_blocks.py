"""A sheet has no paragraphs and tables, only cells: which rows are the head, the table, the signature."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plans.formats.sheet_cells import Row, runs
from plans.grid import Block, Cell, TableBlock, TextBlock
from plans.headings import ITEM_NUMBER, Columns, Role, columns_of, second_line

MOST_COLUMNS = 60
FEWEST_BEGUN = 2  # filled cells of headings that go on in the next row
FEWEST = 3  # filled cells that make a row of a table, and rows that make a table without known headings
PAGE_NUMBER = re.compile(r"[-–—\s]*\d{1,3}[-–—\s]*")
SIGNED = re.compile(
    r"(?:[А-ЯЁ]\.\s*){1,2}[А-ЯЁ][а-яё-]+|[А-ЯЁ][а-яё-]+(?:\s*[А-ЯЁ]\.){1,2}|\W*подпись\W*|[_\s]+",
    re.IGNORECASE,
)
# Half of a line: the other half stands in the next cell.
HALF = re.compile(r"(?:.*(?:№|\bот|\bN)|\d{1,2}(?:\.\d{1,2})*[.)]?|[-–—•])", re.IGNORECASE | re.DOTALL)
DATED_NUMBER = re.compile(r"(?P<day>\d{2})\.(?P<month>\d{2})\.(?P<year>\d{4})")
NUMBER_PARTS = re.compile(r"(?P<first>(?:\d+\.)+)(?P<last>\d+)")
FIRST_TYPED = 2020  # a number typed «1.2» became a date of its year; an older one was «1.2.9»

Rows = Sequence[Row]
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Rows that stand together: a table, or lines of text; ``opens`` tells new headings."""

    rows: Rows
    table: bool
    opens: Columns | None = None


@dataclass
class Parts:
    """The parts of a sheet while they are told."""

    made: list[Part] = field(default_factory=list)
    columns: Columns | None = None
    headings: Texts = ()

    def take(self, run: Rows) -> None:
        """Take the rows between two empty ones."""
        while run:
            place = next((place for place in range(len(run)) if self._opens(run, place)), None)
            if place == 0:
                self.columns, self.headings = _headings_at(run, 0), _texts(run[0])
                last = next((at for at in range(1, len(run)) if self._opens(run, at)), len(run))
                self._table(run[:last], self.columns)
                run = run[last:]
            else:
                self._between(run[:place], headed=place is not None)
                run = run[place:] if place is not None else ()

    def _opens(self, run: Rows, place: int) -> bool:
        """Tell whether other headings begin at a row."""
        return _headings_at(run, place) is not None and (place == 0 or _texts(run[place]) != self.headings)

    def _table(self, rows: Rows, opens: Columns | None = None) -> None:
        """Take a table; the lines right under it are no part of it."""
        end = len(rows)
        while end > 1 and self._is_below(rows[end - 1]):
            end -= 1
        self.made.append(Part(rows[:end], table=True, opens=opens))
        self._text(rows[end:])

    def _is_below(self, row: Row) -> bool:
        """Tell a line under a table: one text at its left side or across it, or an office and a name."""
        filled = _filled(row)
        left = self._number()
        if not filled or _is_covered(row) or ITEM_NUMBER.fullmatch(row[filled[0]].text.strip()):
            return False
        if len(filled) == 1:
            return filled[0] <= max(left, 0)
        return filled[0] <= left and _is_signature(row, filled)

    def _between(self, rows: Rows, *, headed: bool) -> None:
        """Take rows that are under no headings of their own."""
        if self.columns is None:
            self._head(rows)
            return
        end = len(rows)
        while headed and end and len(_filled(rows[end - 1])) == 1:
            end -= 1  # the title of the table whose headings follow
        if end and self._goes_on(rows[:end]):
            self._table(self._with_section(rows[:end]))
            self._text(rows[end:])
        else:
            self._text(rows)

    def _goes_on(self, rows: Rows) -> bool:
        """Tell whether rows go on with the table above the empty row."""
        number = self._number()
        if any(number >= 0 and len(_filled(row)) > 1 and _is_item(row, number) for row in rows):
            return True
        if len(rows) == 1 and len(_filled(rows[0])) == 1:
            return False
        if self._after_page():
            return True
        full = [row for row in rows if len(_filled(row)) >= FEWEST]
        return bool(full) and not any(_is_signature(row, _filled(row)) for row in rows)

    def _after_page(self) -> bool:
        if not self.made or self.made[-1].table:
            return False
        return all(
            PAGE_NUMBER.fullmatch(cell.text) for row in self.made[-1].rows for cell in row if cell.text
        )

    def _with_section(self, rows: Rows) -> Rows:
        """Put the lone line above into the table: where rows have no numbers, it is a section of theirs."""
        above = self.made[-1] if self.made else None
        if self._number() >= 0 or above is None or above.table or len(above.rows) > 1 or self._after_page():
            return rows
        if len(_filled(rows[0])) < FEWEST or not any(part.table for part in self.made[-2:]):
            return rows
        self.made.pop()
        return (*above.rows, *rows)

    def _number(self) -> int:
        return self.columns.roles.get(Role.NUMBER, -1) if self.columns is not None else -1

    def _head(self, rows: Rows) -> None:
        """Take rows above the first plan: a table of another kind, or lines."""
        wide = [place for place, row in enumerate(rows) if len(_filled(row)) >= FEWEST]
        if len(wide) < FEWEST:
            self._text(rows)
            return
        self._text(rows[: wide[0]])
        self.made.append(Part(rows[wide[0] :], table=True))

    def _text(self, rows: Rows) -> None:
        if rows:
            self.made.append(Part(rows, table=False))


def blocks_of(rows: Rows) -> Iterator[Block]:
    """Part a sheet into lines and tables, in their order. All its tables have the same columns."""
    parts = Parts()
    for run in runs(rows):
        parts.take(run)
    tables = [row for part in parts.made if part.table for row in part.rows]
    kept = [place for place in range(len(rows[0]) if rows else 0) if any(row[place].text for row in tables)]
    number: int | None = None
    for part in parts.made:
        if part.opens is not None:
            number = part.opens.roles.get(Role.NUMBER)
        if part.table:
            made = part.rows if number is None else _numbered(part.rows, number)
            yield TableBlock(tuple(_cells(row, kept[:MOST_COLUMNS]) for row in made))
        else:
            yield from _lines(part.rows)


def _cells(row: Row, kept: Sequence[int]) -> Row:
    return tuple(
        Cell(" ".join(row[place].text.split()), beside=row[place].beside, below=row[place].below)
        for place in kept
    )


def _lines(rows: Rows) -> Iterator[TextBlock]:
    """Yield the lines of a head, column by column: two stamps may stand side by side."""
    joined = [_with_halves(row) for row in rows]
    for place in sorted({place for row in joined for place in row}):
        yield from (TextBlock(row[place]) for row in joined if place in row)


def _with_halves(row: Row) -> dict[int, str]:
    """Give the texts of a row by place; «№» and «12» in two cells are one text."""
    made: dict[int, str] = {}
    last: int | None = None
    for place in _filled(row):
        text = row[place].text.strip()
        if last is not None and HALF.fullmatch(made[last]):
            made[last] = f"{made[last]} {text}"
        else:
            made[place], last = text, place
    return made


def _headings_at(run: Rows, place: int) -> Columns | None:
    """Read a row, or it and the next one, as the headings of a plan."""
    texts = _texts(run[place])
    alone = columns_of(texts)
    if alone is not None or place + 1 == len(run) or len(_filled(run[place])) < FEWEST_BEGUN:
        return alone
    following = _texts(run[place + 1])
    joined = second_line(texts, following) if columns_of(following) is None else None
    return columns_of(joined) if joined is not None else None


def _texts(row: Row) -> Texts:
    return tuple(" ".join(cell.text.split()) for cell in row)


def _filled(row: Row) -> list[int]:
    return [place for place, cell in enumerate(row) if cell.text.strip()]


def _is_covered(row: Row) -> bool:
    """Tell a row into which cells merged downwards reach."""
    return any(cell.below for cell in row)


def _is_item(row: Row, number: int) -> bool:
    return ITEM_NUMBER.fullmatch(row[number].text.strip()) is not None


def _is_signature(row: Row, filled: Iterable[int]) -> bool:
    return any(SIGNED.fullmatch(row[place].text.strip()) for place in filled)


def _numbered(rows: Rows, number: int) -> Iterator[Row]:
    """Give back the numbers of rows that a spreadsheet took for dates and fractions."""
    before = ""
    for row in rows:
        text = _item_number(row[number].text.strip(), before)
        before = text or before
        yield (*row[:number], Cell(text, row[number].beside, row[number].below), *row[number + 1 :])


def _item_number(text: str, before: str) -> str:
    """«01.02.2026» was typed «1.2»; «1,1» after «1.9» was typed «1.10»."""
    if (found := DATED_NUMBER.fullmatch(text)) is not None:
        typed = f"{int(found['day'])}.{int(found['month'])}"
        year = int(found["year"])
        return typed if year >= FIRST_TYPED else f"{typed}.{year % 100}"
    if re.fullmatch(r"\d{1,3},\d{1,3}", text):
        text = text.replace(",", ".")
    mine, above = NUMBER_PARTS.fullmatch(text), NUMBER_PARTS.fullmatch(before)
    if (
        mine
        and above
        and mine["first"] == above["first"]
        and int(above["last"]) + 1 == int(mine["last"]) * 10
    ):
        return f"{text}0"
    return text
