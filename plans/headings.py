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


KEYS = (Role.TITLE, Role.DEADLINE)  # without them a table is no plan
# Tried in this order: «Срок исполнения» is a date though it speaks of execution.
WORDS: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (
        Role.DEADLINE,
        (
            *("срок", "сроки", "срока", "период", "дата", "даты", "график", "время", "периодичность"),
            *("месяц", "месяцы", "когда", "начало"),
        ),
    ),
    (
        Role.RESPONSIBLE,
        (
            *("ответственный", "ответственные", "ответственное", "ответственных", "ответственность"),
            *("исполнитель", "исполнители", "соисполнители", "кто", "куратор", "координатор"),
        ),
    ),
    (
        Role.RESULT,
        (
            *("результат", "результаты", "результативность", "итог", "итоги", "итоговый", "показатель"),
            *("показатели", "продукт", "выход", "индикатор", "индикаторы", "эффект", "документ", "документы"),
        ),
    ),
    (
        Role.TITLE,
        (
            *("мероприятие", "мероприятия", "мероприятий", "содержание", "действие", "действия"),
            *("наименование", "название", "деятельность", "деятельности", "работа", "работы", "событие"),
            *(
                "шаги",
                "меры",
                "мер",
                "задача",
                "задачи",
                "вопрос",
                "вопросы",
                "направление",
                "направления",
                "виды",
            ),
            *("вид", "тема", "темы"),
        ),
    ),
)
# Of several columns of one kind, the one whose heading says so best, and last the one that begins so.
STRONG: dict[Role, tuple[str, ...]] = {
    Role.TITLE: ("мероприятие", "мероприятия", "мероприятий"),
    Role.DEADLINE: ("срок", "сроки"),
    Role.RESPONSIBLE: ("ответственный", "ответственные", "ответственное", "ответственных"),
    Role.RESULT: ("результат", "результаты"),
}
WEAK: dict[Role, tuple[str, ...]] = {
    Role.TITLE: (
        *("направление", "направления", "задача", "задачи", "вопрос", "вопросы", "виды", "вид"),
        *("тема", "темы", "цель"),
    ),
    Role.DEADLINE: ("график", "время", "месяц", "месяцы", "периодичность"),
    Role.RESPONSIBLE: ("соисполнитель", "соисполнители", "куратор", "координатор", "кто"),
    Role.RESULT: ("показатель", "показатели", "индикатор", "индикаторы", "документ", "вид", "форма"),
}
# A heading that begins so is a column of another kind, whatever it says next.
OTHERS = (
    *("место", "участник", "участники", "категория", "количество", "стоимость", "объем", "объём"),
    *("финансирование", "источник", "источники", "примечание", "отметка", "класс", "классы", "предмет"),
    *("целевая", "контингент", "корректировка", "форма", "формы", "основание", "подпись", "ссылка"),
    *("бюджет", "сумма", "должность", "адрес", "телефон", "раздел", "цель", "фио", "ф", "охват"),
)
# «Вид документа», «Форма завершения» say with what an activity ends, «ФИО ответственного» who answers.
ENDS_WITH = re.compile(
    r"(?:вид|форма|формат|тип)\s+(?:\w+(?:ого|его)\s+)?(?:документ|заверш|отч[её]т|представл|предъявл|результат|подтвержд)"
    r"|(?:подтвержда|отч[её]тн)\w+\s+документ",
    re.IGNORECASE,
)
WHOSE_NAME = re.compile(
    r"(?:ф\W{0,2}и\W{0,2}о\b|фамили|должност).{0,40}(?:ответствен|исполнител)", re.IGNORECASE
)
# «Что делаем», «Что получим»: headings that ask.
ASKS = (
    (Role.TITLE, re.compile(r"что\s+(?:\w+\s+)?(?:дела|сдела|провод|провест|предпри)", re.IGNORECASE)),
    (Role.RESULT, re.compile(r"(?:что|чего)\s+(?:\w+\s+)?(?:получ|достиг|долж|ожида)", re.IGNORECASE)),
)
BARE_NAME = re.compile(r"\W*(?:наименование|название|вид\w*|тема\w*)\b(?!.*мероприят).*", re.IGNORECASE)
UNTIL = re.compile(r"оконч|заверш|\bконец|конечн", re.IGNORECASE)
SINCE = re.compile(r"начал", re.IGNORECASE)
SMALL = frozenset({"и", "или", "о", "об", "за", "по", "в", "на", "к", "с"})
NUMBER = re.compile(
    r"(№|n|no|п\s*[/.]\s*п|№\s*п\s*[/.\\]?\s*п?\.?|номер|№\s*(пункта|строки|мероприятия)|номер\s+пункта)"
    r"\W*(п\s*/\s*п)?\W*",
    re.IGNORECASE,
)
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
            same = dates[0] == dates[1] and not dates[0][:1].isdigit()  # words merged over both columns
            cells[Role.DEADLINE] = " – ".join(date for date in dates[same:] if date)
        return cells, notes

    def said_again(self, lines: Sequence[Texts]) -> int:
        """Count the lines (none, one or two) in which a page says the same headings again."""
        found = read_headings(lines)
        if found is None or any(found[0].roles.get(role) != self.roles[role] for role in KEYS):
            return 0
        return found[1]


def columns_of(row: Texts) -> Columns | None:
    """Read a row as headings; None unless it names at least the activity and its date."""
    if any(len(cell) > LONGEST or ITEM_NUMBER.fullmatch(cell) for cell in row):
        return None
    said = [role_of(cell) for cell in row]
    places = {role: _strongest(role, row, said) for role in Role if role in said}
    if Role.TITLE not in places and (place := _nameless_title(row, said)) is not None:
        places[Role.TITLE] = place
    if Role.TITLE not in places or Role.DEADLINE not in places:
        return None
    if not {Role.RESPONSIBLE, Role.RESULT} & places.keys() and BARE_NAME.fullmatch(row[places[Role.TITLE]]):
        return None  # «Наименование», «Срок аккредитации»: a list of schools
    until = _until(row, said, places[Role.DEADLINE])
    taken = {*places.values(), until}
    others = {place: cell for place, cell in enumerate(row) if cell and place not in taken}
    return Columns(places, others, len(row), until)


@lru_cache(maxsize=4096)
def role_of(heading: str) -> Role | None:
    """Give the role a heading stands for, misprints allowed; None for columns of another kind."""
    flat = " ".join(heading.translate(LOOK_ALIKE).split()).casefold()
    if NUMBER.fullmatch(flat) or NUMBER.fullmatch(heading.strip()):
        return Role.NUMBER
    if ENDS_WITH.match(flat):
        return Role.RESULT
    if WHOSE_NAME.match(flat):
        return Role.RESPONSIBLE
    asked = next((role for role, form in ASKS if form.match(flat)), None)
    return asked or _role_of_words([word for word in re.findall(r"[а-яё]+", flat) if word not in SMALL])


def _role_of_words(words: Sequence[str]) -> Role | None:
    if not words or words[0] in OTHERS:
        return None
    for role, known in WORDS:
        if any(_alike(word, one) for word in words[:LEADING] for one in known):
            return role
    return _role_of_cut("".join(words))


def is_other(heading: str) -> bool:
    """Tell the heading of a column of another kind: «Место», «Участники»."""
    words = re.findall(r"[а-яё]+", heading.translate(LOOK_ALIKE).casefold())
    return bool(words) and words[0] in OTHERS


def _role_of_cut(letters: str) -> Role | None:
    """Know «Ответст венные», «Сро ки»: words that a narrow column has cut."""
    for role, known in WORDS:
        if any(letters.startswith(one) for one in known if len(one) >= LONG_ENOUGH - 1):
            return role
    return None


def _alike(word: str, known: str) -> bool:
    return word == known or (len(word) >= LONG_ENOUGH and fuzz.ratio(word, known) >= ALIKE)


def _strongest(role: Role, row: Texts, said: Sequence[Role | None]) -> int:
    """Choose between columns of one kind: the one that says so best, of two alike the first."""
    places = [place for place, one in enumerate(said) if one is role]
    if len(places) == 1 or role is Role.NUMBER:
        return places[0]
    return max(places, key=lambda place: (_strength(role, row[place]), -place))


def _strength(role: Role, heading: str) -> int:
    words = re.findall(r"[а-яё]+", heading.translate(LOOK_ALIKE).casefold())
    if not words or words[0] in WEAK[role]:
        return 0
    return 2 if any(_alike(word, strong) for word in words for strong in STRONG[role]) else 1


def _nameless_title(row: Texts, said: Sequence[Role | None]) -> int | None:
    """Find the activity where its heading is of no known kind: the first such column, beside known ones."""
    if not {Role.NUMBER, Role.DEADLINE, Role.RESPONSIBLE} <= set(said):
        return None
    return next((place for place, cell in enumerate(row) if cell and said[place] is None), None)


def with_number(columns: Columns, body: Sequence[Texts]) -> Columns:
    """Find the numbers of the rows under a heading that says nothing, or under none."""
    if Role.NUMBER in columns.roles:
        return columns
    taken = {*columns.roles.values(), columns.until}
    for place in (place for place in range(columns.width) if place not in taken):
        texts = [row[place] for row in body if place < len(row) and row[place]]
        numbers = sum(ITEM_NUMBER.fullmatch(text) is not None for text in texts)
        said = columns.others.get(place, "")
        if texts and numbers * 2 > len(texts) and len(said) < LONG_ENOUGH:
            others = {other: head for other, head in columns.others.items() if other != place}
            return Columns({**columns.roles, Role.NUMBER: place}, others, columns.width, columns.until)
    return columns


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
    if any(ITEM_NUMBER.fullmatch(cell) for cell in lines[0]):
        return None  # told at once, for a page may say the headings again above any row
    alone = columns_of(lines[0])
    if alone is None and len(lines) > 1 and columns_of(lines[1]) is not None and _filled(lines[0]) == 1:
        return None  # a title over the headings
    joined = second_line(lines[0], lines[1]) if len(lines) > 1 else None
    both = columns_of(joined) if joined is not None else None
    if both is not None:
        return both, 2
    return (alone, 1) if alone is not None else None


def _filled(row: Texts) -> int:
    return sum(bool(cell) for cell in row)


def second_line(heading: Texts, row: Texts) -> Texts | None:
    """Join the headings with a row that is their second line; None if it is none.

    Under «Срок» merged over two columns the second line says «начало», «окончание».
    """
    filled = [place for place, cell in enumerate(row) if cell]
    if any(ITEM_NUMBER.fullmatch(cell) for cell in heading):
        return None
    if not filled or len(row) != len(heading) or any(len(row[place]) > LONGEST_SECOND for place in filled):
        return None
    if not all(_goes_on(heading[place], row[place]) for place in filled):
        return None
    above = list(heading)
    for place in filled:
        if not above[place] and place > 0:
            above[place] = above[place - 1] if role_of(row[place]) is None else ""
    return tuple(
        cell if _kept_alone(top, cell) else _joined(top, cell) for top, cell in zip(above, row, strict=True)
    )


def _kept_alone(above: str, cell: str) -> bool:
    """Tell «Реализация» over «Срок» and «Ответственный» from «Ожидаемый» over «результат»."""
    return bool(cell) and cell[0].isupper() and role_of(cell) is not None and role_of(above) is None


def _goes_on(above: str, cell: str) -> bool:
    """Tell whether a cell continues a heading: «п/п», «исполнения», «(результат)», a known heading."""
    if ITEM_NUMBER.fullmatch(cell) or any(char.isdigit() for char in cell):
        return False
    if cell[0].islower() or not cell[0].isalpha():
        return True
    if not above and len(cell.split()) <= LEADING and (SINCE.match(cell) or UNTIL.match(cell)):
        return True  # «Окончание» under «Сроки» merged over two columns
    return role_of(cell) is not None and (not above or role_of(above) in {None, role_of(cell)})


def _joined(above: str, cell: str) -> str:
    if above.endswith("-") and cell:
        return above[:-1] + cell
    return f"{above} {cell}".strip()
