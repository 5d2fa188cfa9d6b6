"""Spans of the calendar as deadlines name them: a day, a month, a quarter, «третья неделя ноября».

A span may lack its year; ``bounds`` gives its days once the year is known.
"""

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from plans.calendar import WorkingCalendar
from plans.deadline_tokens import CENTURY, DIGITS_OF_DAY, Cursor, Token
from plans.deadline_words import Kind

DAYS_IN_WEEK = 7
WHOLE_WEEKS = 4
DECADES = 3
LONGEST_MONTH = 31
MONTHS_IN_QUARTER, QUARTERS = 3, 4
MONTHS_IN_HALF, HALVES = 6, 2


class Grain(Enum):
    """How long a span is."""

    PENDING = auto()  # a figure that a later word explains: the 8 of «8 и 9 сентября»
    DAY = auto()
    WEEKDAY = auto()
    WEEK = auto()
    DECADE = auto()
    HALF_MONTH = auto()
    MONTH = auto()
    QUARTER = auto()
    TERM = auto()
    HALF = auto()
    HOLIDAYS = auto()
    YEAR = auto()


@dataclass(frozen=True)
class Span:
    """``number`` counts inside ``month`` or the year (-1: the last); ``school_year`` is stated or None."""

    grain: Grain
    number: int = 0
    month: int = 0
    year: int | None = None
    weekday: int = 0
    working: bool = False
    school_year: int | None = None
    in_figures: bool = False


@dataclass(frozen=True)
class Stretch:
    """From the first day of ``first`` to the last day of ``last``; they are equal for a single span."""

    first: Span
    last: Span


def bounds(span: Span, year: int) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of ``span`` in ``year``; ValueError if there is no such day."""
    return _BOUNDS[span.grain](span, year)


def _month_day(span: Span, year: int) -> tuple[dt.date, dt.date]:
    day = dt.date(year, span.month, span.number)
    return day, day


def _months(year: int, first: int, last: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


def _days(span: Span, year: int, length: int, parts: int) -> tuple[dt.date, dt.date]:
    """Return the part of a month that ``number`` counts; the last one runs to the month's end."""
    first, last = _months(year, span.month, span.month)
    number = parts if span.number < 0 else span.number
    if not 1 <= number <= parts:
        raise ValueError(number)
    start = first + dt.timedelta(days=(number - 1) * length)
    return start, last if number == parts else start + dt.timedelta(days=length - 1)


def _week(span: Span, year: int) -> tuple[dt.date, dt.date]:
    """Weeks of a month are its days 1-7, 8-14, 15-21, 22-28; the last one is its last seven days."""
    first, last = _months(year, span.month, span.month)
    if span.number < 0:
        return last - dt.timedelta(days=DAYS_IN_WEEK - 1), last
    if span.number > WHOLE_WEEKS:
        raise ValueError(span.number)
    start = first + dt.timedelta(days=(span.number - 1) * DAYS_IN_WEEK)
    return start, start + dt.timedelta(days=DAYS_IN_WEEK - 1)


def _nth_weekday(span: Span, year: int) -> tuple[dt.date, dt.date]:
    """Return the n-th Wednesday; of «рабочая среда» only those that are worked count."""
    first, last = _months(year, span.month, span.month)
    working = WorkingCalendar()
    days = [first + dt.timedelta(days=shift) for shift in range((last - first).days + 1)]
    found = [
        day for day in days if day.weekday() == span.weekday and (not span.working or working.is_working(day))
    ]
    if span.number > len(found):
        raise ValueError(span.number)
    day = found[span.number if span.number < 0 else span.number - 1]
    return day, day


def _part_of_year(span: Span, year: int, length: int, parts: int) -> tuple[dt.date, dt.date]:
    number = parts if span.number < 0 else span.number
    if not 1 <= number <= parts:
        raise ValueError(number)
    return _months(year, (number - 1) * length + 1, number * length)


def _no_days(span: Span, year: int) -> tuple[dt.date, dt.date]:
    raise ValueError(span.grain, year)


_BOUNDS: dict[Grain, Callable[[Span, int], tuple[dt.date, dt.date]]] = {
    Grain.PENDING: _no_days,
    Grain.DAY: _month_day,
    Grain.WEEKDAY: _nth_weekday,
    Grain.WEEK: _week,
    Grain.DECADE: lambda span, year: _days(span, year, 10, DECADES),
    Grain.HALF_MONTH: lambda span, year: _days(span, year, 15, HALVES),
    Grain.MONTH: lambda span, year: _months(year, span.month, span.month),
    Grain.QUARTER: lambda span, year: _part_of_year(span, year, MONTHS_IN_QUARTER, QUARTERS),
    Grain.HALF: lambda span, year: _part_of_year(span, year, MONTHS_IN_HALF, HALVES),
    Grain.TERM: _no_days,
    Grain.HOLIDAYS: _no_days,
    Grain.YEAR: lambda _span, year: _months(year, 1, 12),
}


def read_span(cursor: Cursor) -> Span | None:
    """Take one span, with its year if it is printed."""
    for rule in (_figures, _weekday, _part_of_month, _counted, _day, _month, _holidays, _year, _pending):
        found = cursor.attempt(rule)
        if found is not None:
            return found
    return None


def read_stretch(cursor: Cursor) -> Stretch | None:
    """Take «a», «a - b», «с a по b», «a по b», «a/b»."""
    found = cursor.attempt(_from_to)
    if found is not None:
        return found
    first = read_span(cursor)
    if first is None:
        return None
    last = cursor.attempt(lambda ahead: _other_end(ahead, first))
    return Stretch(first, last or first)


def read_school_years(cursor: Cursor) -> int | None:
    """Take «2021-2022 учебный год» and give 2021; None if the years do not follow each other."""
    years = cursor.attempt(read_two_years)
    if years is None or cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is None:
        return None
    return years


def read_two_years(cursor: Cursor) -> int | None:
    """Take «2021/2022», «2021-22»: the first of two years that follow each other."""
    first = cursor.one(Kind.YEAR)
    if first is None or cursor.one(Kind.SLASH, Kind.DASH) is None:
        return None
    second = cursor.one(Kind.YEAR, Kind.NUMBER)
    if second is None:
        return None
    short = second.kind is Kind.NUMBER and len(second.text) == DIGITS_OF_DAY
    last = CENTURY + second.number if short else second.number
    return first.number if last == first.number + 1 else None


def _from_to(cursor: Cursor) -> Stretch | None:
    if cursor.one(Kind.SINCE) is None:
        return None
    first = read_span(cursor)
    if first is None or cursor.one(Kind.BY, Kind.UNTIL, Kind.DASH) is None:
        return None
    last = read_span(cursor)
    return None if last is None else _stretch(first, last)


def _stretch(first: Span, last: Span) -> Stretch | None:
    """Years go with years; nothing ends in a figure that nothing explains."""
    if last.grain is Grain.PENDING and first.grain is not Grain.PENDING:
        return None
    if (first.grain is Grain.YEAR) != (last.grain is Grain.YEAR):
        return None
    return Stretch(first, last)


def _other_end(cursor: Cursor, first: Span) -> Span | None:
    sign = cursor.one(Kind.DASH, Kind.BY, Kind.SLASH, Kind.OR)
    last = read_span(cursor) if sign else None
    if sign is None or last is None or _stretch(first, last) is None:
        return None
    both_months = first.grain is last.grain is Grain.MONTH
    return last if both_months or sign.kind in {Kind.DASH, Kind.BY} else None


def _with_year(cursor: Cursor, span: Span) -> Span:
    """Add the year that follows: «2021 г.», «, 2021 г.», «2021/2022 учебного года»."""
    school = cursor.attempt(read_school_years)
    if school is not None:
        return replace(span, school_year=school)
    year = cursor.attempt(_plain_year) or cursor.attempt(_year_after_comma)
    return span if year is None else replace(span, year=year.number)


def _plain_year(cursor: Cursor) -> Token | None:
    year = cursor.one(Kind.YEAR)
    if year is not None and cursor.take(Kind.CALENDAR, Kind.YEAR_UNIT) is None:
        cursor.one(Kind.YEAR_UNIT)
    return year


def _year_after_comma(cursor: Cursor) -> Token | None:
    """«июль-август, 2021 г.»: one year after a comma, and nothing more."""
    if cursor.one(Kind.COMMA) is None:
        return None
    year = _plain_year(cursor)
    return year if cursor.is_over() else None


def _figures(cursor: Cursor) -> Span | None:
    token = cursor.one(Kind.DAY_DATE, Kind.MONTH_DATE)
    if token is None:
        return None
    day, month, year = token.day
    grain = Grain.MONTH if day is None else Grain.DAY
    span = Span(grain, day or 0, month, year, in_figures=True)
    if year is None:
        return _with_year(cursor, span)
    cursor.one(Kind.YEAR_UNIT)
    return span


def _count(cursor: Cursor) -> int | None:
    token = cursor.one(Kind.ORDINAL, Kind.NUMBER)
    return None if token is None else token.number


def _weekday(cursor: Cursor) -> Span | None:
    number = _count(cursor)
    working = cursor.one(Kind.WORKING) is not None
    weekday, month = cursor.one(Kind.WEEKDAY), cursor.one(Kind.MONTH)
    if number is None or weekday is None or month is None:
        return None
    span = Span(Grain.WEEKDAY, number, month.number, weekday=weekday.number, working=working)
    return _with_year(cursor, span)


_EDGES = {Kind.BEGINNING: 1, Kind.MIDDLE: 2, Kind.END: 3}
_PARTS = {Kind.DECADE: Grain.DECADE, Kind.WEEK_UNIT: Grain.WEEK, Kind.HALF_OF: Grain.HALF_MONTH}


def _part_of_month(cursor: Cursor) -> Span | None:
    """«3 декада мая», «первая неделя сентября», «начало сентября»: its first ten days."""
    edge = cursor.one(*_EDGES)
    if edge is not None:
        grain, number = Grain.DECADE, _EDGES[edge.kind]
    else:
        counted, part = _count(cursor), cursor.one(*_PARTS)
        if counted is None or part is None:
            return None
        grain, number = _PARTS[part.kind], counted
    month = cursor.one(Kind.MONTH)
    return None if month is None else _with_year(cursor, Span(grain, number, month.number))


_UNITS = {Kind.QUARTER: Grain.QUARTER, Kind.HALF: Grain.HALF, Kind.TERM: Grain.TERM}


def _counted(cursor: Cursor) -> Span | None:
    number, unit = _count(cursor), cursor.one(*_UNITS)
    if number is None or unit is None:
        return None
    return _with_year(cursor, Span(_UNITS[unit.kind], number))


def _day(cursor: Cursor) -> Span | None:
    parts = cursor.take(Kind.NUMBER, Kind.MONTH)
    if parts is None:
        return None
    return _with_year(cursor, Span(Grain.DAY, parts[0].number, parts[1].number))


def _month(cursor: Cursor) -> Span | None:
    month = cursor.one(Kind.MONTH)
    return None if month is None else _with_year(cursor, Span(Grain.MONTH, 0, month.number))


def _holidays(cursor: Cursor) -> Span | None:
    """Holidays by their season, or all of them (0)."""
    season = cursor.one(Kind.SEASON)
    if cursor.one(Kind.HOLIDAYS) is None:
        return None
    cursor.one(Kind.SPELL)
    return _with_year(cursor, Span(Grain.HOLIDAYS, season.number if season else 0))


def _year(cursor: Cursor) -> Span | None:
    if cursor.attempt(read_school_years) is not None:
        return None
    year = cursor.attempt(_plain_year)
    return None if year is None else Span(Grain.YEAR, year=year.number)


def _pending(cursor: Cursor) -> Span | None:
    number = _count(cursor)
    if number is None or not 1 <= number <= LONGEST_MONTH:
        return None
    return Span(Grain.PENDING, number)


def settle(stretches: list[Stretch]) -> tuple[Stretch, ...] | None:
    """Explain pending figures by what follows them: «8 и 9 сентября», «I, III кварталы 2022 г.»."""
    known: Span | None = None
    found: list[Stretch] = []
    for stretch in reversed(stretches):
        last = _explained(stretch.last, known)
        first = stretch.first if stretch.first is not stretch.last else last
        first = _explained(first, last) if first is not None else None
        if first is None or last is None:
            return None
        found.append(Stretch(first, last))
        known = first
    return tuple(reversed(found))


def _explained(span: Span, known: Span | None) -> Span | None:
    if span.grain is not Grain.PENDING:
        return span
    if known is None or known.grain not in {Grain.DAY, *_UNITS.values()}:
        return None
    return replace(known, number=span.number)
