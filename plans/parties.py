"""Parties: the executors a row names, as printed, one each."""

import re
from collections.abc import Iterable
from functools import lru_cache

from plans.party_words import PERSON_ALONE, PERSON_FIRST, begins_party, goes_on_with_field

DASH = r"[-–—]"
AGREED = re.compile(r"\s*\(\s*по согласованию\s*\)", re.IGNORECASE)
# One bracket that closes round two parties: «Департамент (далее - ДО, Институт - далее ИРО)».
TWO_IN_ONE = re.compile(
    rf"\(\s*далее\s*{DASH}?\s*(?P<first>[^,()«»]+),"
    rf"\s*(?P<second>[^()]+?)\s*{DASH}\s*далее\s*{DASH}?\s*(?P<short>[^()]+)\)",
    re.IGNORECASE,
)
SHORTENED = re.compile(rf"\s*\(\s*(именуем\w+\s+)?далее\s*{DASH}?\s*[^()]*\)", re.IGNORECASE)
# «заведующие школами», «обучающиеся» are executors, «независимые эксперты» as well.
NO_PARTICIPLE = r"(?!(?:заведующ|обучающ|учащ|ведущ|управляющ|служащ|трудящ|общ|вышестоящ|независим)\w*)"
CASES = r"(?:[иы]й|[ая]я|[ео]е|[иы]е|[иы]х|[ео]го|[ео]й|[ео]му|[иы]ми?|[ую]ю)(?:ся)?"
PARTICIPLE = re.compile(
    rf"\s*(?:не\s+)?{NO_PARTICIPLE}(?:\w*(?:щ|вш|шедш){CASES}\b"
    r"|(?:в\s+|у\s+|с\s+)?котор\w+\b|чь[иеёя]\w*\b|где\b|в\s+том\s+числе\b)"
)
# «школы, включённые в список»; but «заинтересованные ведомства» are executors of their own.
PASSIVE = re.compile(rf"\s*(?:не\s+)?{NO_PARTICIPLE}\w+(?:им|ем|ован|[её]нн|анн|янн|ят|ут){CASES}\b")
PERSON = re.compile(
    r"(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+(?:[А-ЯЁ]\.\s?){1,2}|(?:[А-ЯЁ]\.\s?){1,2}[А-ЯЁ][а-яё]+)\s*$"
)
# «Иванова И.И., заместитель председателя комитета»: the post of one person, and whose it is.
POST = re.compile(
    r"\s*(?:(?:главн|ведущ|старш|перв|и\.\s?о\.|врио)\w*\s+)*"
    r"(?:зам(?:еститель|\.)|начальник|заведующ(?:ий|ая)|руководитель|директор|председатель|секретарь|глава|методист|"
    r"специалист|консультант|инспектор|координатор|куратор)\s+(?!.*[А-ЯЁ]\.)\S"
)
AND = re.compile(r"\s+и\s+")
COMMISSIONS = ("ЗП", "ЗПД", "ЗПП")  # «КДН и ЗП» is one
BARE = re.compile(r"[А-ЯЁ]{2,}$")
INITIALS = re.compile(r"(?<=[А-ЯЁ]\.)\s+(?=[А-ЯЁ][а-яё]+\s+[А-ЯЁ]\.)")
BULLET = re.compile(r"(?:^|(?<=\s))[-–—•]\s+")
COUNTED = re.compile(r"(?:^|(?<=\s))\d{1,2}[.)]\s+(?=[А-ЯЁа-яё«])")
ONLY_NUMBERS = re.compile(r"\s*(?:№\s*)?\d{1,3}(?:\s+и\s+(?:№\s*)?\d{1,3})?\s*")
ANSWERING = re.compile(r"\s*ответственн(?:ые|ый|ая)\s+за\b")
ENDS_SHORT = re.compile(r"(?:\b[А-ЯЁ]|\bдр|\bпр|\bт\.\s?[дп])\.$")
LONGEST = 1000  # characters of two executors printed without a comma
FORMS = re.compile(
    r"\s+(?=(?:МКУ|МБУ|МАУ|МУ|МОУ|МБОУ|МАОУ|МКОУ|ГБУ|ГАУ|ГКУ|ГБОУ|ГАОУ|ФГБУ|ФГБОУ|РЦРО)\b"
    r"(?:\s*(?:ДПО|ВО|ДО))*\s*[«\"])"
)


@lru_cache(maxsize=4096)
def split_parties(text: str) -> tuple[str, ...]:
    """Split the cell of executors: by commas, semicolons and lines, not inside quotes and brackets.

    A comma before a participle («органы, осуществляющие управление») belongs to its party.
    """
    clean = SHORTENED.sub("", AGREED.sub("", separate_brackets(text)))
    mark = next((mark for mark in (BULLET, COUNTED) if mark.match(clean)), None)
    listed = mark.split(clean) if mark is not None else [clean]
    parts = [part for one in listed for part in _glue(_cut(one))]
    named = [one for part in parts for both in _both(part) for one in INITIALS.split(both)]
    return tuple(stripped for one in named if (stripped := _stripped(one)))


def _stripped(party: str) -> str:
    """Take away what stands round a party; the full stop of «Иванова И.И.» is its own."""
    stripped = party.strip(" ,;").lstrip(".")
    return stripped if ENDS_SHORT.search(stripped) else stripped.rstrip(" .")


def separate_brackets(text: str) -> str:
    """Give each of two parties that share one bracket a bracket of its own."""
    return TWO_IN_ONE.sub(r"(далее - \g<first>), \g<second> (далее - \g<short>)", text)


def last_party(text: str) -> str:
    """Give the last party of a text, whole also where it holds a comma before a participle."""
    return _glue(_cut(text))[-1].strip(' «"')


def _cut(text: str) -> list[str]:
    """Cut a text at its outer separators."""
    depth, start, parts = 0, 0, []
    for place, char in enumerate(text):
        if char in "«(":
            depth += 1
        elif char in "»)":
            depth = max(0, depth - 1)
        elif depth == 0 and (char in ",;\n" or text[place - 1 : place + 2] == " / "):
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _glue(parts: list[str]) -> list[str]:
    glued: list[str] = []
    for part in parts:
        if glued and _is_said_of(glued[-1], part):
            glued[-1] += f",{part}"
        else:
            glued.append(part)
    return glued


def _is_said_of(party: str, part: str) -> bool:
    """Tell what goes on with a party after a comma from a party of its own."""
    if ANSWERING.match(part):  # «педагоги, ответственные за ГИА»; an office and they are two
        return PERSON_FIRST.match(party.strip()) is not None
    if PERSON.search(party) is not None and POST.match(part):
        return True
    if PASSIVE.match(part) and not begins_party(part.strip()):
        return True
    return bool(PARTICIPLE.match(part) or ONLY_NUMBERS.fullmatch(part)) or goes_on_with_field(part.strip())


def _both(part: str) -> list[str]:
    """Part «методический центр и школы района»; «отдел опеки и попечительства» is one executor."""
    for cut in AND.finditer(part):
        first, second = part[: cut.start()], part[cut.end() :]
        open_brackets = first.count("«") > first.count("»") or first.count("(") > first.count(")")
        if not open_brackets and begins_party(second) and not _shared(first.strip(), second.strip()):
            return [first, *_both(second)]
    return [part]


def _shared(first: str, second: str) -> bool:
    """Tell «руководители и педагоги ОО», «директора ОО и ДОУ»: what one word says of both."""
    of_both = PERSON_ALONE.fullmatch(first) is not None and " " in second
    said_of_both = PERSON_FIRST.match(first) is not None and BARE.fullmatch(second) is not None
    return of_both or said_of_both or second in COMMISSIONS


def part_missing_commas(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Part two executors printed without a comma, each known from other rows.

    «Отдел образования МКУ «Центр»», or two paragraphs of one cell in Word.
    """
    listed = list(rows)
    known = {party.casefold() for parties in listed for party in parties}
    parted = {party: _parted(party, known) for party in {one for parties in listed for one in parties}}
    return [tuple(one for party in parties for one in parted[party]) for parties in listed]


def _parted(party: str, known: set[str]) -> tuple[str, ...]:
    if len(party) > LONGEST:
        return (party,)  # no two executors, but a text of another kind: trying every cut would take minutes
    for cut in FORMS.finditer(party):
        first, second = party[: cut.start()].strip(), party[cut.end() :].strip()
        alone = PERSON_ALONE.fullmatch(first) is not None  # «методисты МКУ «Центр»» are its own
        if not alone and (first.casefold() in known or second.casefold() in known):
            return first, second
    for cut in AND.finditer(party):
        if {party[: cut.start()].casefold(), party[cut.end() :].casefold()} <= known:
            return party[: cut.start()], party[cut.end() :]
    for cut in re.finditer(r"\s+", party):
        parts = party[: cut.start()], party[cut.end() :]
        if all(" " in part and part.casefold() in known for part in parts):
            return parts
    return (party,)
