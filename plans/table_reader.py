"""The rows of one table, and of its continuations on later pages: sections, rows, what a page has cut."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plans.dates import is_date
from plans.grid import Cell
from plans.headings import ITEM_NUMBER, Columns, Role, Texts
from plans.healing import heal, heal_date
from plans.item_numbers import item_number, next_numbers

FEWEST_NUMBERS = 3  # of a row that numbers the columns
DITTO = re.compile(r"[-–—\s]*(?://|[«»\"„“”]{1,2})[-–—\s]*|то\s+же", re.IGNORECASE)
SECTION_NUMBER = re.compile(r"(?P<number>\d{1,2}|[IVX]{1,5})[.)]?", re.IGNORECASE)
SECTION_WORDS = re.compile(
    r"(раздел|направление|этап|блок|модуль|часть|задача|[IVX]{1,5}[\s.)]|\d{1,2}[.)]\s)", re.IGNORECASE
)
# Said so, it is a section in whatever column it stands.
MARKED_SECTION = re.compile(
    r"(?:(?:раздел|направление|этап|блок|модуль|часть|задача)\s+(?:№\s*)?(?:\d{1,2}|[IVX]{1,5})\s*[.:)–-]"
    r"|[IVX]{1,5}\s*[.)]\s|(?:\d{1,2}\.|[IVX]{1,5})\s(?=[^.]*\b(?:этап|раздел|направление|блок|модуль)\b))"
    r"\s*[А-ЯЁ«\"]",
    re.IGNORECASE,
)
ROMAN_OR_FIGURE = tuple("IVX0123456789")
NOT_AN_END = re.compile(r"([,–-]|\b(и|или|в|во|на|по|с|со|для|к|о|об|из|от|при|за))$", re.IGNORECASE)
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
        """Make «3. Контроль» the heading of a section when «3.1» follows it, on the next page too."""
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
        if place != self._place(Role.TITLE):
            return not self._cut_off() and self._misplaced(place, text, first=first)
        if not (text[0].isupper() or text[0].isdigit()):
            return False
        if SECTION_WORDS.match(text):
            return True
        return not self._cut_off() and not (first and self._unfinished())

    def _misplaced(self, place: int, text: str, *, first: bool) -> bool:
        """Tell «Раздел 2. …» in the column of dates or executors from the rest of one."""
        if MARKED_SECTION.match(text) and not text.startswith(ROMAN_OR_FIGURE):
            return True
        return (
            place == self._place(Role.DEADLINE)
            and not first
            and text[0].isupper()
            and not self._rest_of_last_date(text)
        )

    def _rest_of_last_date(self, text: str) -> bool:
        """Tell the rest of a date, or a second date under it, from words that are none."""
        above = self.rows[-1].cells.get(Role.DEADLINE, "")
        return is_date(text) or is_date(f"{above} {text}") or not is_date(above)

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
