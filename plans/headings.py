"""What the columns of a plan table hold, told by the meaning of their headings, never by their place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

Texts = tuple[str, ...]

ALIKE = 85  # per cent of likeness that counts as the same word, misprinted
LONG_ENOUGH = 5  # letters of a word in which a misprint can be told
LONGEST = 150  # characters of a heading; what is longer is a row
LONGEST_SECOND = 60  # characters of the second line of a heading
LEADING = 3  # a heading says what it is in its first words


class Role(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    DEADLINE = "deadline"
    RESPONSIBLE = "responsible"
    RESULT = "result"
    TITLE = "title"


# Tried in this order: «Срок исполнения» is a date though it speaks of execution.
WORDS: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (
        Role.DEADLINE,
        ("срок", "сроки", "срока", "период", "дата", "даты", "график", "время", "периодичность", "месяц"),
    ),
    (
        Role.RESPONSIBLE,
        ("ответственный", "ответственные", "ответственность", "исполнитель", "исполнители"),
    ),
    (
        Role.RESULT,
        (
            *("результат", "результаты", "результативность", "итог", "итоги", "итоговый", "показатель"),
            *("показатели", "продукт", "выход", "индикатор", "индикаторы", "эффект"),
        ),
    ),
    (
        Role.TITLE,
        (
            *("мероприятие", "мероприятия", "мероприятий", "содержание", "действие", "действия"),
            *("наименование", "название", "деятельность", "деятельности", "работы", "событие", "шаги"),
            *("задача", "задачи", "вопросы", "направление", "направления", "виды", "тема"),
        ),
    ),
)
# Of several columns that could be the activity, the one whose heading says so best.
STRONG = ("мероприятие", "мероприятия", "мероприятий")
WEAK = ("направление", "направления", "задача", "задачи", "вопросы", "виды", "тема", "цель")
# A heading that begins so is a column of another kind, whatever it says next.
OTHERS = (
    *("место", "участник", "участники", "категория", "количество", "стоимость", "объем", "объём"),
    *("финансирование", "источник", "источники", "примечание", "отметка", "класс", "классы", "предмет"),
    *("целевая", "контингент", "корректировка", "форма", "формы", "основание", "подпись", "ссылка"),
    *("бюджет", "сумма", "должность", "адрес", "телефон", "раздел", "цель", "фио", "ф"),
)
UNTIL = re.compile(r"оконч|заверш|\bконец|конечн", re.IGNORECASE)
SINCE = re.compile(r"начал", re.IGNORECASE)
SMALL = frozenset({"и", "или", "о", "об", "за", "по", "в", "на", "к", "с"})
NUMBER = re.compile(r"(№|n|no|п\s*/\s*п|№\s*п\s*[/.\\]?\s*п?\.?|номер)\W*(п\s*/\s*п)?\W*", re.IGNORECASE)
ITEM_NUMBER = re.compile(r"\d{1,3}(\.\d{1,3})*\s*\.?\)?")
LOOK_ALIKE = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")


@dataclass(frozen=True)
class Columns:
    """The places of the roles, the second column of dates if there is one, and the other headings."""

    roles: dict[Role, int]
    others: dict[int, str]
    width: int
    until: int | None = None

    def texts(self, row: Texts) -> tuple[dict[Role, str], dict[str, str]]:
        """Give the texts of a row by role, and the others by heading; empty ones are left out."""
        cells = {role: row[place] for role, place in self.roles.items() if place < len(row) and row[place]}
        notes = {head: row[place] for place, head in self.others.items() if place < len(row) and row[place]}
        if self.until is not None and self.until < len(row) and row[self.until]:
            dates = (cells.get(Role.DEADLINE, ""), row[self.until])
            cells[Role.DEADLINE] = " – ".join(dict.fromkeys(date for date in dates if date))
        return cells, notes


def columns_of(row: Texts) -> Columns | None:
    """Read a row as headings; None unless it names at least the activity and its date."""
    if any(len(cell) > LONGEST or ITEM_NUMBER.fullmatch(cell) for cell in row):
        return None
    said = [role_of(cell) for cell in row]
    places = {role: said.index(role) for role in Role if role in said}
    titles = [place for place, role in enumerate(said) if role is Role.TITLE]
    if titles:
        places[Role.TITLE] = max(titles, key=lambda place: (_strength(row[place]), -place))
    elif (place := _nameless_title(row, said)) is not None:
        places[Role.TITLE] = place
    if Role.TITLE not in places or Role.DEADLINE not in places:
        return None
    until = _until(row, said, places[Role.DEADLINE])
    taken = {*places.values(), until}
    others = {place: cell for place, cell in enumerate(row) if cell and place not in taken}
    return Columns(places, others, len(row), until)


@lru_cache(maxsize=4096)
def role_of(heading: str) -> Role | None:
    """Give the role a heading stands for, misprints allowed; None for columns of another kind."""
    flat = " ".join(heading.translate(LOOK_ALIKE).split()).casefold()
    if not flat:
        return None
    if NUMBER.fullmatch(flat) or NUMBER.fullmatch(heading.strip()):
        return Role.NUMBER
    words = [word for word in re.findall(r"[а-яё]+", flat) if word not in SMALL][:LEADING]
    if not words or words[0] in OTHERS:
        return None
    for role, known in WORDS:
        if any(_alike(word, one) for word in words for one in known):
            return role
    return None


def _alike(word: str, known: str) -> bool:
    return word == known or (len(word) >= LONG_ENOUGH and fuzz.ratio(word, known) >= ALIKE)


def _strength(heading: str) -> int:
    words = re.findall(r"[а-яё]+", heading.translate(LOOK_ALIKE).casefold())
    if any(_alike(word, strong) for word in words for strong in STRONG):
        return 2
    return 0 if words and words[0] in WEAK else 1


def _nameless_title(row: Texts, said: Sequence[Role | None]) -> int | None:
    """Find the activity where its heading is of no known kind: the first such column, beside known ones."""
    if not {Role.NUMBER, Role.DEADLINE, Role.RESPONSIBLE} <= set(said):
        return None
    return next((place for place, cell in enumerate(row) if cell and said[place] is None), None)


def _until(row: Texts, said: Sequence[Role | None], since: int) -> int | None:
    """Find «дата окончания» beside «дата начала»."""
    if not SINCE.search(row[since]):
        return None
    return next(
        (
            place
            for place, cell in enumerate(row)
            if place != since and said[place] in {Role.DEADLINE, None} and UNTIL.search(cell)
        ),
        None,
    )


def read_headings(lines: Sequence[Texts]) -> tuple[Columns, int] | None:
    """Read the headings at the top of ``lines``: the columns, and of how many lines (one or two)."""
    alone = columns_of(lines[0])
    joined = second_line(lines[0], lines[1]) if len(lines) > 1 else None
    both = columns_of(joined) if joined is not None else None
    if both is not None:
        return both, 2
    return (alone, 1) if alone is not None else None


def second_line(heading: Texts, row: Texts) -> Texts | None:
    """Join the headings with a row that is their second line; None if it is none.

    Under «Срок» merged over two columns the second line says «начало», «окончание».
    """
    filled = [place for place, cell in enumerate(row) if cell]
    if not filled or len(row) != len(heading) or any(len(row[place]) > LONGEST_SECOND for place in filled):
        return None
    if not all(_goes_on(heading[place], row[place]) for place in filled):
        return None
    above = list(heading)
    for place in filled:
        if not above[place] and place > 0:
            above[place] = above[place - 1] if role_of(row[place]) is None else ""
    return tuple(_joined(top, cell) for top, cell in zip(above, row, strict=True))


def _goes_on(above: str, cell: str) -> bool:
    """Tell whether a cell continues a heading: «п/п», «исполнения», «(результат)», a known heading."""
    if ITEM_NUMBER.fullmatch(cell) or any(char.isdigit() for char in cell):
        return False
    return cell[0].islower() or not cell[0].isalpha() or (not above and role_of(cell) is not None)


def _joined(above: str, cell: str) -> str:
    if above.endswith("-") and cell:
        return above[:-1] + cell
    return f"{above} {cell}".strip()
