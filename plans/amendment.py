"""Amending orders: «О внесении изменений в приказ … от … № …», and what they do to the rows."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from plans.grid import Grid, TextBlock
from plans.head import first_case
from plans.plan import Amendment, Change, ChangeOp, Document
from plans.signed import DAYS, NUMBER, PUNCTUATION, YEAR_SIGN, read_day

ABOUT = re.compile(r"\bо\s+внесении\s+изменени[йяе]", re.IGNORECASE)
KIND = (
    r"(?:(?:в|к)\s+(?:приказ|постановлени[ею]|распоряжени[ею])"
    r"|утвержд[её]нн\w+\s+(?:приказ|постановлени|распоряжени))\w*"
)
AMENDED = tuple(
    re.compile(rf"{KIND}\s+(?P<issuer>[^№]{{0,200}}?)\s*{signed}", re.IGNORECASE | re.DOTALL)
    for day in DAYS
    for signed in (rf"от\s+{day}{YEAR_SIGN}(?:{NUMBER})?", rf"{NUMBER}\s+от\s+{day}{YEAR_SIGN}")
)
# The last «в план …» before «утверждённый приказом».
TITLED = re.compile(
    r".*\bво?\s+(?P<title>(?:[\w-]+(?:ый|ий|ую|юю)\s+){0,3}"
    r"(?:план|«?дорожную\s+карту|комплекс\s+мер|программу|перечень)\b.{3,400}?)[,\s]*$",
    re.IGNORECASE,
)
FIRST_CASE = (
    (re.compile(r"\b(дорожн)ую\s+(карт)у\b", re.IGNORECASE), r"\g<1>ая \g<2>а"),
    (re.compile(r"^(программ)у\b", re.IGNORECASE), r"\g<1>а"),
    (re.compile(r"^(\w+н)ую\s+(программ)у\b", re.IGNORECASE), r"\g<1>ая \g<2>а"),
)
TITLE_FOLLOWS = re.compile(r"[\s,]*(?P<opens>[«\"“„])")
ONE = r"\d{1,3}(?:\.\d{1,3})*"
UNIT = r"(?:(?:под)?пункт\w*|строк\w+|позици\w+|мероприяти\w+\s+№|п\.\s?п\.|пп?\.)"
BETWEEN = rf"(?:\s*,\s*|\s*,?\s+и\s+|\s*[-–—]\s*|\s+по\s+)(?:{UNIT}\s*)?(?:№\s*)?"
SEVERAL = rf"(?:№+\s*)?(?P<numbers>{ONE}(?:{BETWEEN}{ONE})*)"
# «Пункт 3 приказа» is a point of the order itself, and no row of the plan.
OF_ORDER = r"\.?\s*(?:настоящего\s+)?(?:приказа|постановления|распоряжения)\b"
ITEMS = rf"(?<!\w){UNIT}\s*(?:с\s+)?{SEVERAL}(?![\d.]*\d)(?!{OF_ORDER})"
VERBS = r"исключ|излож|чита[йт]|дополн|призна|замен|утра[тч]|удал|отмен|добав"
GAP = rf"(?:(?!{VERBS})[^;\n]){{0,160}}?"
WORDS = r"(?:слов\w*|цифр\w*|фраз\w+|предложени\w+|дат[уыа]|срок\w*|запис\w+)"
AFTER = rf"после\s+{UNIT}\s*(?:№\s*)?"
ADDED = re.compile(
    rf"(?:{AFTER}(?P<before>{ONE})\s*[^;.\n]{{0,60}}?)?(?:дополн|добав)\w+\s+(?:(?!{WORDS})[^;.\n\d]){{0,80}}?"
    rf"{ITEMS}(?:\s+{AFTER}(?P<then>{ONE}))?",
    re.IGNORECASE,
)
REWORDED = re.compile(
    rf"{ITEMS}{GAP}\b(?:(?:излож|чита[йт])\w*|{WORDS}{GAP}\b(?:замен|исключ|дополн|добав|чита)\w*|"
    rf"(?:дополн|добав)\w+\s+{WORDS}|замен\w+)",
    re.IGNORECASE,
)
DROPPED = re.compile(rf"{ITEMS}{GAP}\b(?:исключ|призна\w+\s+утра|удал|отмен|утрачива)\w*", re.IGNORECASE)
DROPPED_FIRST = re.compile(
    rf"(?:исключить|удалить|отменить|признать\s+утратившим\w*\s+силу)\s+(?:(?!{WORDS})[^;.:,\n\d]){{0,60}}?{ITEMS}",
    re.IGNORECASE,
)
REWORDED_FIRST = re.compile(
    rf"(?:изложить|(?:перенести|продлить|установить|изменить)\s+срок)(?:[^;.:,\n\d]){{0,80}}?{ITEMS}",
    re.IGNORECASE,
)
FORMS = (
    (ChangeOp.ADD, ADDED),
    (ChangeOp.REPLACE, REWORDED),
    (ChangeOp.DROP, DROPPED),
    (ChangeOp.DROP, DROPPED_FIRST),
    (ChangeOp.REPLACE, REWORDED_FIRST),
)
RANGE = re.compile(rf"(?P<first>{ONE})\s*(?:[-–—]|\s+по\s+)\s*(?P<last>{ONE})")
LONGEST_RANGE = 60
LONGEST_ORDER = 100_000  # characters of an order's own text
LONGEST_HEAD = 1500  # characters within which an order says that it amends another one
LONGEST_NAMING = 5000  # and names it
QUOTES = {"«": "»", '"': '"', "“": "”", "„": "“"}


def read_amendment(grid: Grid) -> Amendment | None:
    """Read what an amending order changes, and in which order; None if it amends nothing."""
    said = "\n".join(_pieces(grid.texts))
    if (about := ABOUT.search(said[:LONGEST_HEAD])) is None:
        return None
    document = _amended(said[about.start() :])
    return Amendment(document, tuple(_changes(said))) if document is not None else None


def says_change(point: str) -> bool:
    """Tell a point that changes another document from one that somebody has to carry out."""
    return any(form.search(point) is not None for _, form in FORMS)


def _pieces(texts: Iterable[TextBlock]) -> Iterator[str]:
    """Yield the paragraphs, each on one line: a heading is wrapped in the middle of «в приказ от …»."""
    return (text.joined for text in texts)


def _amended(said: str) -> Document | None:
    flat = " ".join(said.split())
    found = [match for pattern in AMENDED if (match := pattern.search(flat)) is not None]
    if not found:
        return None
    first = min(found, key=lambda match: (match.start(), -match.end()))
    issuer = first["issuer"].strip(" ,")
    number = (first["number"] or "").rstrip(PUNCTUATION)
    return Document(
        title=_quoted(flat[first.end() :]) or _named_before(flat),
        issuer=first_case(issuer) if issuer else None,
        number=number or None,
        date=read_day(first),
    )


def _named_before(flat: str) -> str | None:
    """Give the title that stands before «утверждённый приказом», wherever the text first says it."""
    places = sorted(match.start() for pattern in AMENDED for match in pattern.finditer(flat[:LONGEST_NAMING]))
    return next((title for place in places if (title := _named(flat[:place])) is not None), None)


def _named(before: str) -> str | None:
    """Give the title in «внести в План («дорожную карту») …, утверждённый приказом», as a name."""
    found = TITLED.search(before)
    if found is None:
        return None
    title = found["title"].strip(" ,")
    for accusative, first in FIRST_CASE:
        title = accusative.sub(first, title, count=1)
    return title[0].upper() + title[1:]


def _quoted(text: str) -> str | None:
    """Give the title in quotes that a text begins with, up to the quote that closes the first one."""
    opened = TITLE_FOLLOWS.match(text)
    if opened is None:
        return None
    opens, closes = opened["opens"], QUOTES[opened["opens"]]
    depth = 1
    for place in range(opened.end(), len(text)):
        if text[place] == closes:
            depth -= 1
        elif text[place] == opens:
            depth += 1
        if depth == 0:
            return text[opened.end() : place]
    last = text.rfind(closes, opened.end())  # one quote closes both the title and the name in it
    return text[opened.end() : last + 1] if last > 0 else None


def _changes(said: str) -> list[Change]:
    """List the changes in the order they are printed."""
    words = _without_new_wordings(said[:LONGEST_ORDER])
    found: list[tuple[int, list[Change]]] = []
    for op, form in FORMS:
        found += [(match.start(), _of(op, match)) for match in form.finditer(words)]
        words = form.sub(lambda taken: " " * (taken.end() - taken.start()), words)
    return [change for _, changes in sorted(found, key=lambda one: one[0]) for change in changes]


def _without_new_wordings(said: str) -> str:
    """Blank out what is in quotes: a new wording may itself speak of points and changes."""
    return re.sub(r"«[^«»]*(?:«[^«»]*»[^«»]*)*»", lambda quoted: "·" * len(quoted[0]), said)


def _of(op: ChangeOp, match: re.Match[str]) -> list[Change]:
    numbers = _numbers(match["numbers"])
    if op is not ChangeOp.ADD:
        return [Change(op, number) for number in numbers]
    after = match["before"] or match["then"]
    first = Change(op, numbers[0], after)
    return [first, *(Change(op, number, before) for before, number in pairwise(numbers))]


def _numbers(printed: str) -> list[str]:
    """List «4, 7 и 9», «3–5»."""
    numbers: list[str] = []
    place = 0
    for found in RANGE.finditer(printed):
        numbers += re.findall(ONE, printed[place : found.start()])
        numbers += _ranged(found["first"], found["last"])
        place = found.end()
    return numbers + re.findall(ONE, printed[place:])


def _ranged(first: str, last: str) -> list[str]:
    stem, _, start = first.rpartition(".")
    other, _, end = last.rpartition(".")
    if stem != other or not 0 < int(end) - int(start) < LONGEST_RANGE:
        return [first, last]
    return [f"{stem}.{number}" if stem else str(number) for number in range(int(start), int(end) + 1)]
