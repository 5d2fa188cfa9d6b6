"""The date and the number of an order, and the periods that titles state."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

MONTHS = (
    *("январ", "феврал", "март", "апрел", "ма", "июн"),
    *("июл", "август", "сентябр", "октябр", "ноябр", "декабр"),
)
DAY_WORDS = rf"[«\"„]?(?P<day>\d{{1,2}})[»\"“]?\s+(?P<month>{'|'.join(MONTHS)})\w*\s+(?P<year>\d{{4}})"
DAY_DIGITS = r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"
DAYS = (DAY_WORDS, DAY_DIGITS)
YEAR_SIGN = r"\s*(?:г\.?|года)?\s*"
NUMBER = r"№\s*(?P<number>[^\s№]+)"
PLACE = r"(?:(?:г|с|п|пос|пгт|ст|дер|рп)\.?\s*[А-ЯЁ][\w-]*(?:\s[А-ЯЁ][\w-]*)?)?"
# The line of an order that is nothing but its date and number: another document's stand in sentences.
LINES = tuple(
    re.compile(form, re.IGNORECASE)
    for day in DAYS
    for form in (
        rf"(?:от\s+)?{day}{YEAR_SIGN}(?:{NUMBER})?\s*{PLACE}",
        rf"{NUMBER}\s+от\s+{day}{YEAR_SIGN}",
    )
)
NUMBER_LINE = re.compile(NUMBER)
# «Приложение к приказу … от … № …», «УТВЕРЖДЁН приказом …»: an annex alone names its order so.
ANNEXES = tuple(
    re.compile(
        rf"(?:приложение\s*(?:№?\s*\d+)?\s+к|утвержд[её]н[аоы]?)\s+(?:приказ|постановлени|распоряжени)\w+"
        rf"\s+(?P<issuer>[^№]{{0,200}}?)\s*от\s+{day}{YEAR_SIGN}(?:{NUMBER})?",
        re.IGNORECASE,
    )
    for day in DAYS
)
ANNEX_LINES = 8
PUNCTUATION = ".,;)»"


@dataclass(frozen=True)
class Signed:
    """When an order was signed, its number, and in an annex whose it is (in the genitive)."""

    day: date | None = None
    number: str | None = None
    issuer: str | None = None


def read_signed(lines: Sequence[str]) -> Signed:
    """Read the date and the number, from lines of their own, else from the heading of an annex."""
    day: date | None = None
    number: str | None = None
    for line in (" ".join(line.replace("_", " ").replace("*", " ").split()) for line in lines):
        found = next((match for pattern in LINES if (match := pattern.fullmatch(line))), None)
        if found is not None and day is None:
            day, number = read_day(found), number or found["number"]
        elif number is None and (said := NUMBER_LINE.fullmatch(line)) is not None:
            number = said["number"]
    annex = _from_annex(lines)
    if day is None:
        return annex or Signed(None, number)
    return Signed(day, number, annex.issuer if annex is not None and annex.day == day else None)


def _from_annex(lines: Sequence[str]) -> Signed | None:
    for place in range(len(lines)):
        text = " ".join(" ".join(lines[place : place + ANNEX_LINES]).replace("_", " ").split())
        for pattern in ANNEXES:
            if (found := pattern.match(text)) is not None:
                number = (found["number"] or "").rstrip(PUNCTUATION)
                return Signed(read_day(found), number or None, found["issuer"].strip(" ,") or None)
    return None


def read_day(found: re.Match[str]) -> date | None:
    """Give the day a match names; None for days no calendar has."""
    month = found["month"].casefold()
    number = int(month) if month.isdigit() else MONTHS.index(month) + 1
    try:
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


YEAR = r"(?P<a>20\d{2})"
TWO_YEARS = rf"{YEAR}\s*(?:г\w*\.?\s*)?(?:[-–—/,]|по|и)\s*(?P<b>20\d{{2}})"
PERIODS = (
    (re.compile(rf"{TWO_YEARS}\s*(?:г\.?\s*)?уч", re.IGNORECASE), "school"),
    (re.compile(rf"(?:на|в)\s+(?:период\s+)?(?:с\s+)?{TWO_YEARS}\s*г", re.IGNORECASE), "years"),
    (re.compile(rf"{TWO_YEARS}\s*г\w*\.?\W*$", re.IGNORECASE), "years"),
    (re.compile(rf"на\s+{YEAR}\s*(?:г|$|[.,;»)])", re.IGNORECASE), "year"),
    (re.compile(rf"в\s+{YEAR}\s*г\w*\W*$", re.IGNORECASE), "year"),
    (re.compile(rf"до\s+{YEAR}\s*г", re.IGNORECASE), "until"),
)


def read_period(titles: Iterable[str], signed: date | None) -> tuple[date | None, date | None]:
    """Read the period a title states: whole calendar years, a school year, or «до … года», inclusive."""
    for title in titles:
        for pattern, kind in PERIODS:
            if (found := pattern.search(title)) is not None:
                return _period(kind, int(found["a"]), int(found.groupdict().get("b") or 0), signed)
    return None, None


def _period(kind: str, first: int, last: int, signed: date | None) -> tuple[date | None, date | None]:
    match kind:
        case "school":
            return date(first, 9, 1), date(last, 5, 31)
        case "years":
            return date(first, 1, 1), date(last, 12, 31)
        case "year":
            return date(first, 1, 1), date(first, 12, 31)
        case _:
            return signed, date(first, 12, 31)
