"""Plans printed as a list: «1. Семинар для учителей. Срок: май. Ответственный: методист»."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from plans.flat.rows import ANNEX, MOST_TRIES, SECTION, Flat, Printed
from plans.grid import TableBlock
from plans.headings import Role, Texts, role_of

HEADINGS: Texts = ("№", "Мероприятие", "Срок", "Ответственный", "Результат")
ROLES = (Role.NUMBER, Role.TITLE, Role.DEADLINE, Role.RESPONSIBLE, Role.RESULT)
PLAN = re.compile(
    r"\W*(?:\w+\s+){0,2}(?:план\b|«?дорожная\s+карта|комплекс\s+мер|перечень\s+мероприятий)", re.IGNORECASE
)
POINT = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})*[.)]?)\s+(?P<text>[А-ЯЁ«].*)")
LABEL = re.compile(
    r"(?:^|(?<=[\s.,;(–—]))(?P<label>"
    r"(?:сроки?|дата|период)(?:\s+(?:исполнения|выполнения|реализации|проведения))?"
    r"|ответственн\w+(?:\s+исполнител\w+|\s+за\s+\w+)?|(?:со)?исполнител[ьи]"
    r"|(?:(?:ожидаем|планируем|прогнозируем|итогов)\w+\s+)?(?:результат\w*|эффект|документ)|мероприятие|наименование)"
    r"\s*[:–—]\s*",
    re.IGNORECASE,
)
LONGEST = 120  # characters of the heading of a section
SHORTEST_LIST = 2  # records under a heading of the plan
SHORTEST_ORDER = 3  # records of an order that has no such heading


@dataclass
class Record:
    """An item of the list: what its labels say, by role."""

    cells: dict[Role, str] = field(default_factory=dict)
    last: Role = Role.TITLE

    def take(self, text: str) -> None:
        """Take a line: words that go on, and words after labels."""
        place = 0
        for found in LABEL.finditer(text):
            self._add(text[place : found.start()])
            self.last = role_of(found["label"]) or Role.TITLE
            place = found.end()
        self._add(text[place:])

    def _add(self, words: str) -> None:
        said = words.strip(" ;(").strip()
        if said:
            self.cells[self.last] = f"{self.cells.get(self.last, '')} {said}".strip()

    @property
    def row(self) -> Texts:
        """The cells in the order of ``HEADINGS``, without the full stops between them."""
        return tuple(_ended(self.cells.get(role, ""), role) for role in ROLES)


def _ended(text: str, role: Role) -> str:
    if role is Role.NUMBER:
        return text
    closed = text.rstrip(" ;,")
    if closed.rstrip(".").endswith(")") and closed.count(")") > closed.count("("):
        closed = closed.rstrip(".")[:-1]
    return closed if re.search(r"(?:\b[А-ЯЁа-яё]{1,2}|\bгг|\bдр)\.$", closed) else closed.rstrip(".")


def labelled(lines: Sequence[Printed]) -> Flat | None:
    """Find a list of records with dates, after the heading of the plan if there is one."""
    planned = [place for place, line in enumerate(lines) if PLAN.match(line.words)]
    for start in (*planned[: -MOST_TRIES - 1 : -1], -1):
        found = _records(lines, start + 1)
        if found is None:
            continue
        first, end, rows = found
        dated = [row for row in rows if row[2] and not _is_section(row)]
        enough = len(dated) >= SHORTEST_LIST if start >= 0 else _is_whole_plan(dated)
        if enough:
            return Flat(first, end, (TableBlock.of_texts([HEADINGS, *rows]),))
    return None


def _is_whole_plan(rows: Sequence[Texts]) -> bool:
    return len(rows) >= SHORTEST_ORDER and all(row[3] for row in rows)


def _is_section(row: Texts) -> bool:
    return len(set(row)) == 1


def _records(lines: Sequence[Printed], start: int) -> tuple[int, int, list[Texts]] | None:
    """Give where the list begins and ends, and its rows."""
    taken = list(_taken(lines, start))
    if not taken:
        return None
    rows = [one.row if isinstance(one, Record) else (one,) * len(HEADINGS) for _, one in taken]
    while rows and not rows[-1][2]:
        rows.pop()
        taken.pop()
    if not taken:
        return None
    end = start
    for end in range(taken[-1][0] + 1, len(lines) + 1):
        if end == len(lines) or not _belongs(lines[end].words):
            break
    return taken[0][0], end, rows


def _taken(lines: Sequence[Printed], start: int) -> Iterator[tuple[int, Record | str]]:
    """Yield records and headings of sections, each with the line it begins on."""
    record: Record | None = None
    for place in range(start, len(lines)):
        text = lines[place].words
        begun = _begun(text)
        if ANNEX.match(text):
            return
        if begun is not None:
            record = begun
            yield place, record
        elif record is not None and _belongs(text):
            record.take(text)
        elif SECTION.match(text) or _followed_by_point(lines, place):
            record = None
            yield place, text
        elif record is not None:
            return


def _begun(text: str) -> Record | None:
    """Begin a record with «1. Семинар» or «Мероприятие: семинар»."""
    point, label = POINT.match(text), LABEL.match(text)
    record = Record()
    if point is not None:
        record.cells[Role.NUMBER] = point["number"]
        record.take(point["text"])
        return record
    if label is not None and role_of(label["label"]) is Role.TITLE:
        record.take(text)
        return record
    return None


def _belongs(text: str) -> bool:
    return text[0].islower() or text[0] in "(–—-" or LABEL.match(text) is not None


def _followed_by_point(lines: Sequence[Printed], place: int) -> bool:
    short = len(lines[place].words) < LONGEST and not lines[place].words.endswith((":", ".", ";"))
    return short and place + 1 < len(lines) and POINT.match(lines[place + 1].words) is not None
