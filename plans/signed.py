"""The date and the number of an order, and the periods that titles state."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from plans.deadline import Period, Reading, Window
from plans.deadlines import read_deadlines

MONTHS = (
    *("январ", "феврал", "март", "апрел", "ма", "июн"),
    *("июл", "август", "сентябр", "октябр", "ноябр", "декабр"),
)
DAY = r"[«\"„“]?\s*(?P<day>\d{1,2})\s*[»\"“”]?"
YEAR_OF_DAY = r"(?P<year>\d{4}|\d{2}(?!\d))"
DAY_WORDS = rf"{DAY}\s+(?P<month>{'|'.join(MONTHS)})\w*\s+{YEAR_OF_DAY}"
DAY_DIGITS = rf"{DAY}[.\s]\s*(?P<month>\d{{1,2}})[.\s]\s*{YEAR_OF_DAY}"
DAYS = (DAY_WORDS, DAY_DIGITS)
YEAR_SIGN = r"\s*(?:года|г\b\.?)?\s*"
# «№ 01-10/142-2», «№ 227 - р», «N 5», and «No 5» where the sign was lost.
NUMBER = r"(?:№|\bN[oо°º]?\.?(?=[\s\d]))\s*(?P<number>[^\s№]+(?:\s?[-–/]\s?[\w/-]+)*)"
PLACE = r"(?:(?:г|с|п|пос|пгт|ст|дер|рп|р\.\s?п|а|х|ст-ца)\.?\s*[А-ЯЁ][\w-]*(?:\s[А-ЯЁ][\w-]*)?)?"
ACT = r"(?:приказ|постановление|распоряжение|решение)"
# The line of an order that is nothing but its date and number: another document's stand in sentences.
LINES = tuple(
    re.compile(form, re.IGNORECASE)
    for day in DAYS
    for form in (
        rf"(?:{ACT}\s*)?{PLACE}\s*(?:от\s+)?{day}{YEAR_SIGN}(?:{NUMBER})?\s*{PLACE}",
        rf"(?:от\s+)?{day}{YEAR_SIGN}{PLACE}\s*{NUMBER}",
        rf"(?:{ACT}\s*)?{NUMBER}\s+(?:от\s+)?{day}{YEAR_SIGN}",
    )
)
ORDER_LINE = re.compile(rf"{ACT}\s*{NUMBER}", re.IGNORECASE)
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
# A stamp in one cell of a table: «УТВЕРЖДАЮ Начальник отдела … А.А. Первая «31» августа 2026 г.»
STAMPS = tuple(
    re.compile(rf"\W*утвержда(?:ю|ем)\b.{{0,300}}?{day}{YEAR_SIGN}\W*", re.IGNORECASE) for day in DAYS
)
ANNEX_LINES = 8
CENTURY = 100  # a year of two figures is one of this century
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
        elif number is None and (said := NUMBER_LINE.fullmatch(line) or ORDER_LINE.fullmatch(line)):
            number = said["number"]
    annex = _from_annex(lines)
    if day is None:
        return annex or Signed(_from_stamp(lines), number)
    return Signed(day, number, annex.issuer if annex is not None and annex.day == day else None)


def _from_annex(lines: Sequence[str]) -> Signed | None:
    for place in range(len(lines)):
        text = " ".join(" ".join(lines[place : place + ANNEX_LINES]).replace("_", " ").split())
        for pattern in ANNEXES:
            if (found := pattern.match(text)) is not None:
                number = (found["number"] or "").rstrip(PUNCTUATION)
                return Signed(read_day(found), number or None, found["issuer"].strip(" ,") or None)
    return None


def _from_stamp(lines: Sequence[str]) -> date | None:
    plain = (" ".join(line.replace("_", " ").split()) for line in lines)
    found = next((match for line in plain for form in STAMPS if (match := form.fullmatch(line))), None)
    return read_day(found) if found is not None else None


def read_day(found: re.Match[str]) -> date | None:
    """Give the day a match names; None for days no calendar has."""
    month = found["month"].casefold()
    number = int(month) if month.isdigit() else MONTHS.index(month) + 1
    year = int(found["year"])
    try:
        return date(year if year >= CENTURY else 2000 + year, number, int(found["day"]))
    except ValueError:
        return None


YEAR = r"(?P<a>20\d{2})"
TWO_YEARS = rf"{YEAR}(?:\s*,\s*20\d{{2}})*\s*(?:г\w*\.?\s*)?(?:[-–—/,]|по|и)\s*(?P<b>(?:20)?\d{{2}})(?!\d)"
PERIODS = (
    (
        re.compile(
            rf"{YEAR}\s*г\w*\.?\s*(?:и|,)\s*(?:на\s+)?плановый\s+период\s+(?:до\s+|20\d{{2}}\s*(?:[-–—,]|и|г\w*\.?\s*и)\s*)?"
            r"(?P<b>20\d{2})",
            re.IGNORECASE,
        ),
        "years",
    ),
    (re.compile(rf"{TWO_YEARS}\s*(?:г\.?\s*)?у(?:ч|\.\s?г)", re.IGNORECASE), "school"),
    (re.compile(rf"(?:на|в)\s+(?:период\s+)?(?:с\s+)?{TWO_YEARS}\s*г", re.IGNORECASE), "years"),
    (re.compile(rf"{TWO_YEARS}\s*г\w*\.?\W*$", re.IGNORECASE), "years"),
    (re.compile(rf"на\s+{YEAR}\s*(?:г|$|[.,;»)])", re.IGNORECASE), "year"),
    (re.compile(rf"(?:в\s+{YEAR}\s*г\w*|\b{YEAR.replace('a>', 'c>')}\s+год)\W*$", re.IGNORECASE), "year"),
    (re.compile(rf"до\s+(?:конца\s+)?{YEAR}\s*г", re.IGNORECASE), "until"),
)
PART_OF_YEAR = re.compile(r"полугоди|квартал|четверт", re.IGNORECASE)
BEGINS_PERIOD = re.compile(r"\b(?:на(?:\s+период)?\s+|в\s+(?=\S+\s+полугоди)|(?=с\s+))", re.IGNORECASE)


def read_period(titles: Iterable[str], signed: date | None) -> tuple[date | None, date | None]:
    """Read the period a title states: whole calendar years, a school year, or «до … года», inclusive.

    A part of a year («на второе полугодие 2026 года», «с сентября 2026 по май 2027») is read as a date.
    """
    for title in titles:
        if PART_OF_YEAR.search(title) and (part := _dated(title)) is not None:
            return part
        for pattern, kind in PERIODS:
            if (found := pattern.search(title)) is not None:
                named = found.groupdict()
                first = int(named.get("a") or named["c"])
                return _period(kind, first, _last_year(first, named.get("b")), signed)
        if (part := _dated(title)) is not None:
            return part
    return None, None


def _last_year(first: int, printed: str | None) -> int:
    """Read «2027», and «27» after «2026/»."""
    year = int(printed or 0)
    return year if year >= CENTURY or not printed else first // CENTURY * CENTURY + year


def _dated(title: str) -> tuple[date, date] | None:
    """Read the period that a title names as a deadline would be named."""
    for found in BEGINS_PERIOD.finditer(title):
        said = read_deadlines(title[found.end() :].rstrip(' .»")'), Reading())
        if len(said) == 1 and isinstance(said[0], Window | Period) and said[0].start and said[0].end:
            return said[0].start, said[0].end
    return None


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
