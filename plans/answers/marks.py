"""An answer cut into marks: what counts something is a number, what only looks like one is not.

Dates, hours, rows, orders, phones, classes and the numbers of schools become ``OTHER`` here, so that the
shapes of figures (``figures``) are looked for among counts alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from plans.answers.numerals import NUMERALS, read_numeral
from plans.answers.plain import LONGEST_ANSWER, plain
from plans.deadlines.words import WORDS, Kind

MOST_DIGITS = 6

# A sign is one character, so that a row of marks is a string, and patterns read it.
NUMBER, FRACTION, DOTTED = "n", "f", "d"  # 24; 24,5; 62.5 (which may be a date or a row)
OTHER, UNSURE = "x", "r"  # a date, a row, a phone; a range
WORD, AND = "w", "&"
HOLDERS, HOLDER = "c", "s"  # «школ»: what holds people; «школы»: of one, the number before it may name it
TOTAL, OUT_OF, FROM, THEM = "g", "I", "O", "H"  # «общего числа», «из», «от», «них»
ALL, NOBODY = "A", "Z"
LIMIT, ON, PLACE = "q", "o", "p"  # «более 15», «на 5 %», «в 24»
NOT, VETO = "N", "v"  # after a word of doubt nothing is certain
PERCENT, SLASH, MINUS, QUESTION = "%", "/", "-", "?"

COUNTS = (NUMBER, FRACTION)


@dataclass(frozen=True)
class Mark:
    """One piece: its sign, its text in lower case, and the value of what counts."""

    sign: str
    text: str = ""
    value: Decimal = Decimal(0)


def marks_of(text: str) -> list[Mark] | None:
    """Cut ``text``; None if it is too long or holds figures that are no plain digits («½», «²»)."""
    if len(text) > LONGEST_ANSWER:
        return None
    said = _FULL_STOP_OF_SHORT.sub(r"\1 ", plain(text))
    if any(char.isnumeric() and not ("0" <= char <= "9") for char in said):
        return None
    pieces = list(_PIECES.finditer(_NOT_COUNTS.sub(f" {_PLACEHOLDER} ", said)))
    return _without_repeats(_without_units(list(_marks(pieces))))


# What is not a count.

_PLACEHOLDER = "\ue000"
_MONTHS = "|".join(
    sorted((word for word, (kind, _) in WORDS.items() if kind is Kind.MONTH), key=len, reverse=True)
)
_OF_PAPER = (
    r"приказ(?:а|у|ом|е)?|распоряжени[еяюи]|постановлени[еяюи]|протокол(?:а|у|ом|е)?|письм(?:о|а|у|ом|е)"
    r"|договор(?:а|у|ом|е)?|справк(?:а|и|у|е|ой)|п|пп|пункт(?:а|у|ом|е)?|подпункт\w*|строк(?:а|и|у|е|ой)"
    r"|стр|страниц(?:а|ы|у|е|ей)|лист(?:а|у|ом|е)?|раздел(?:а|у|ом|е)?|глав[аыуе]|приложени[еяюи]"
    r"|таблиц[аыуе]|фото|файл(?:а|у|ом|е)?|част[ьи]|слайд\w*|вопрос(?:а|у)?|вариант(?:а|у)?|задани[еяю]"
    r"|этап(?:а|у|е)?|шаг|исх|вх|дом|д|кв|корпус(?:а|е)?|кабинет(?:а|е)?|каб|ул|тел|телефон\w*|код|версия"
    r"|отряд|групп[аыеу]|ст|ч|гл|рис|табл|ауд|разд"
    r"|мероприятие|тема|модуль|занятие|урок|неделя|день|участник|команда|серия|выпуск|тур|билет|показатель"
    r"|критерий|позиция|сообщение"
)
_OF_SCHOOL = (
    r"сош|оош|нош|мбоу|моу|оу|доу|школ(?:а|ы|у|е|ой)|гимнази[яиюей]+|лице[йяюе]|детсад\w*|сад(?:а|у|е|ик)?"
)
_IN_SCHOOL = r"школе|гимназии|лицее|оу|доу|саду"
_PEOPLE = r"педагог|учител|учени|учащ|обуча|человек|чел\b|дет(?:ей|и)\b|сотрудник|работник|родител"
_LETTER = r"[а-я](?![а-я])(?<![хи])"  # «24-х» and «5-и» count
_NOT_COUNTS = re.compile(
    "|".join(
        (
            r"(?:\+ ?7|(?<!\d)8)(?:[ ()-]*\d){10}(?!\d)",  # +7 (912) 345-67-89
            r"(?<![\d-])\d{1,3}-\d{2}-\d{2}(?![\d-])",  # 2-15-24
            r"(?<!\d)\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})(?![\d.])(?: ?г(?:\.|од\w*)?(?!\w))?",
            r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)",
            r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",
            r"(?<!\d)\d{1,2} ?/ ?(?:19|20)\d\d(?!\d)",  # 10/2026
            r"(?<!\d)(?:19|20)\d\d ?[/-] ?(?:(?:19|20)\d\d|\d\d)(?!\d)",
            r"(?<!\d)\d\d ?[/-] ?\d\d(?= ?(?:г\b|гг\b|год|уч\b|учебн))",
            r"(?<!\d)(?:19|20)\d\d(?= ?(?:г\b|гг\b|год|уч\b|учебн))",
            rf"(?<!\d)\d{{1,2}}(?: ?- ?\d{{1,2}})?(?: ?-?(?:го|е|ое))? ?(?:{_MONTHS})\b",
            r"(?<!\w)с\. ?\d+",  # с. 15
            r"(?:№|#|\bn°) ?\d[\d/.-]*",
            rf"(?<![\w-])(?:{_OF_PAPER})\b\.? ?(?:№ ?)?\d+(?:[./-]\d+)*",
            rf"(?<![\w-])(?!(?:{_IN_SCHOOL}) \d+ (?:{_PEOPLE}))(?:{_OF_SCHOOL})\b\.? ?(?:№ ?)?\d+",
            rf'(?<!\d)\d{{1,2}} ?"{_LETTER}"',  # 5 «А»
            rf"(?<!\d)\d{{1,2}}-?{_LETTER}",  # 5-А, 5А
            r"(?<!\d)\d+ [абгдечжзр](?![а-я])",  # 5 А, 15 ч, 15 г
            r"(?<!\d)\d{1,2}(?: ?[-,] ?\d{1,2}){0,6}(?: ?-?(?:х|е|й|м|ые|ых))? ?(?:кл\b|класс(?!ов)\w*)",
            r"(?<!\d)\d{1,2}(?: ?[-,] ?\d{1,2}){0,6}-?х классов",
            r"\d+-?(?:й|го|его|я|ая|ый|ое|ой|ые|ых|ым|му|ому|е|ю|ую|м)(?![а-я])",  # 15-й
            r"\d+-(?:процентн|летн|дневн|часов)\w*",
            r"(?:^|(?<=\n))\d{1,2}[.)] (?=\S)",  # the numbers of a list
        )
    )
)
_FULL_STOP_OF_SHORT = re.compile(r"\b(чел|пед|раб|сотр|уч-ся|проц)\.")

# Pieces.

_PIECES = re.compile(
    r"(?P<unsure>\d+(?:[.,]\d+)?(?:-| -|- )\d+(?:[.,]\d+)?|\d+(?:[.,]\d+){2,})"
    r"|(?P<fraction>\d+,\d+)|(?P<dotted>\d+\.\d+)"
    r"|(?P<number>(?:\d{1,3}(?: \d{3})+|\d+)(?!\d))(?P<ending>-?(?:ти|х|и|ми|ка|мя)(?![а-я]))?"
    rf"|(?P<word>[^\W\d_]+(?:-[^\W\d_]+)*)|(?P<other>{_PLACEHOLDER}|\d)|(?P<dash>-)|(?P<sign>\S|\n)"
)
_SIGNS = (
    {char: char for char in "%(),.:?"}
    | dict.fromkeys("/\\", SLASH)
    | dict.fromkeys("!;…\n", ".")
    | dict.fromkeys("~≈<>≤≥±", VETO)
    | {"[": "(", "]": ")", "+": AND}
)
_DROPPED = '"'
_NONES = frozenset({"один", "одного", "одна", "одной", "одну", "одно", "одному"})
_WORDS: dict[str, str] = {
    word: sign
    for sign, words in (
        (OUT_OF, "из изо"),
        (FROM, "от"),
        (THEM, "них которых"),
        (ALL, "все всех всем всеми"),
        (NOBODY, "никто никого"),
        (TOTAL, "общего числа количества наших наши имеющихся всего"),
        (AND, "и"),
        (ON, "на"),
        (PLACE, "в во за к ко под"),
        (NOT, "не ни нет"),
        (LIMIT, "более менее больше меньше свыше до по минимум максимум чем еще плюс с со хотя бы"),
        (HOLDER, "школы гимназии лицея класса кабинета корпуса группы филиала района команды параллели"),
        (HOLDERS, "школ гимназий лицеев классов учреждений организаций районов городов сел групп команд"),
        (HOLDERS, "семей филиалов регионов областей стран деревень поселков муниципалитетов садов пунктов"),
        (VETO, "около примерно порядка приблизительно почти ориентировочно где-то половина половины"),
        (VETO, "треть полтора полторы пара десяток кроме исключением без план плану или либо если раньше"),
        (VETO, "надо нужно хотим должны должно должен сколько выше ниже ул адрес прошлом прошлого"),
        (VETO, "сдвиг динамика против вместо осталось остались остался"),
    )
    for word in words.split()
}
_DOUBT = re.compile(
    r"отсутств|отказ|примут|пройдут|сдадут|получат|обучатс|боле[юел]|заболе|пропуст|планир|буд(?:ет|ут|ем)|ожида|уволи|недоста|улиц|проспект|неявк"
    r"|вырос|возрос|увелич|повыс|сниз|уменьш|прирост|ошиб|неверн|неправ"
)
_UNIT = re.compile(
    r"(?:час(?:а|ов|ам)?|минут\w*|дн(?:я|ей|ям|и)|день|недел\w*|месяц\w*|год(?:а|у|ов)?|лет|балл\w*|очк\w*"
    r"|мест(?:о|а|е|у)|этаж\w*|кабинет\w*|квартал\w*|числа|раз|раза|руб\w*|тыс\w*|млн|миллион\w*|сот(?:ен|ни)"
    r"|этап\w*|четверт\w+|полугоди\w+|век\w*|р|категори\w+|ступен\w+|триместр\w*|п|пункт(?:а|у|е)?)"
)


def _marks(pieces: Sequence[re.Match[str]]) -> Iterator[Mark]:
    at = 0
    while at < len(pieces):
        mark, taken = (
            _words(pieces[at : at + _LONGEST_NUMERAL])
            if pieces[at]["word"]
            else (_figure_or_sign(pieces, at), 1)
        )
        if mark is not None:
            yield mark
        at += taken


def _words(pieces: Sequence[re.Match[str]]) -> tuple[Mark, int]:
    """Read the words that ``pieces`` begin with, of a number all of them."""
    text = pieces[0]["word"]
    following = pieces[1][0] if len(pieces) > 1 else ""
    if text == "ни" and (following in _NONES or following == "1"):
        return Mark(NOBODY, text), 2
    if text == "минус":
        return Mark(MINUS, text), 1
    words: list[str] = []
    for piece in pieces:
        if not piece["word"]:
            break
        words.append(piece["word"])
    numeral = read_numeral(words)
    if numeral is not None:
        value, taken = numeral
        return Mark(NUMBER, " ".join(words[:taken]), Decimal(value)), taken
    return Mark(_sign_of(text), text), 1


_LONGEST_NUMERAL = 5  # две тысячи триста сорок пять
_PERCENT = re.compile(r"процент(?:а|ов|ы|ам|ами|у|ом|е)?|проц")


def _sign_of(word: str) -> str:
    known = _WORDS.get(word)
    if known is not None:
        return known
    if _PERCENT.fullmatch(word):
        return PERCENT
    if _DOUBT.match(word):
        return VETO
    return UNSURE if "-" in word and any(part in NUMERALS for part in word.split("-")) else WORD


def _figure_or_sign(pieces: Sequence[re.Match[str]], at: int) -> Mark | None:
    piece = pieces[at]
    if piece["sign"] or piece["dash"]:
        sign = MINUS if piece["dash"] else _SIGNS.get(piece[0], ",")
        return None if piece[0] in _DROPPED else Mark(sign, piece[0])
    if piece["unsure"] or piece["other"] or _is_glued_to_a_name(pieces, at):
        return Mark(UNSURE if piece["unsure"] else OTHER, piece[0])
    digits = (piece["number"] or piece["fraction"] or piece["dotted"]).replace(" ", "").replace(",", ".")
    if len(digits.split(".", maxsplit=1)[0]) > MOST_DIGITS:
        return Mark(OTHER, digits)
    sign = NUMBER if piece["number"] else FRACTION if piece["fraction"] else DOTTED
    return Mark(sign, digits, -Decimal(digits) if _is_negative(pieces, at) else Decimal(digits))


def _is_glued_to_a_name(pieces: Sequence[re.Match[str]], at: int) -> bool:
    """«PISA2020», «ТУ-154»; «из24» is only badly typed."""
    back = pieces[max(0, at - 2) : at][::-1]
    if not back or back[0].end() != pieces[at].start():
        return False
    if back[0]["dash"] and len(back) > 1 and back[1].end() == back[0].start():
        return bool(back[1]["word"])
    return bool(back[0]["word"]) and back[0]["word"] not in _WORDS


def _is_negative(pieces: Sequence[re.Match[str]], at: int) -> bool:
    """«-5 из 24» at the beginning, «минус 5»; any other dash only parts."""
    before = pieces[at - 1] if at else None
    if before is None:
        return False
    return before["word"] == "минус" or (
        at == 1 and bool(before["dash"]) and before.end() == pieces[at].start()
    )


def _without_units(marks: list[Mark]) -> list[Mark]:
    """Hours, points, places and thousands are no count of people or things."""
    return [
        replace(mark, sign=OTHER) if mark.sign in COUNTS and _UNIT.fullmatch(after.text) else mark
        for mark, after in pairwise([*marks, Mark(WORD)])
    ]


def _without_repeats(marks: list[Mark]) -> list[Mark]:
    """«15 (пятнадцать)» is said twice and meant once."""
    found: list[Mark] = []
    for mark in marks:
        found.append(mark)
        signs = "".join(one.sign for one in found[-4:])
        if signs == "n(n)" and found[-4].value == found[-2].value:
            del found[-3:]
    return found
