"""Spans of the calendar as deadlines name them: a day, a month, a quarter, «третья неделя ноября».

A span may lack its year; ``bounds`` gives its days once the year is known.
"""

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from plans.calendar import WorkingCalendar

DAYS_IN_WEEK = 7
WHOLE_WEEKS = 4
DECADES = 3
LONGEST_MONTH = 31
MONTHS_IN_QUARTER, QUARTERS = 3, 4
MONTHS_IN_HALF, HALVES = 6, 2


class Grain(Enum):
    """How long a span is."""

    PENDING = auto()  # a figure that a later word explains: the 8 of «8 и 9 сентября»
    SEASON = auto()  # «осенние» of «осенние и весенние каникулы»
    DAY = auto()
    WEEKDAY = auto()
    WEEK = auto()
    DECADE = auto()
    HALF_MONTH = auto()
    MONTH = auto()
    QUARTER = auto()
    TERM = auto()
    TRIMESTER = auto()
    HALF = auto()
    SCHOOL_HALF = auto()
    HOLIDAYS = auto()
    YEAR_EDGE = auto()  # the first or the last month of the plan's year
    YEAR = auto()


@dataclass(frozen=True)
class Span:
    """``number`` counts inside ``month`` or the year (-1: the last); ``school_year`` is stated or None.

    ``named`` is the weekday printed beside a day, ``current`` stands for «текущего года».
    """

    grain: Grain
    number: int = 0
    month: int = 0
    year: int | None = None
    weekday: int = 0
    working: bool = False
    school_year: int | None = None
    in_figures: bool = False
    named: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Stretch:
    """From the first day of ``first`` to the last day of ``last``; they are equal for a single span.

    ``closing`` is its last day alone: «по итогам I квартала».
    """

    first: Span
    last: Span
    closing: bool = False


def bounds(span: Span, year: int) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of ``span`` in ``year``; ValueError if there is no such day."""
    return _BOUNDS[span.grain](span, year)


def _month_day(span: Span, year: int) -> tuple[dt.date, dt.date]:
    number = span.number if span.number >= 0 else calendar.monthrange(year, span.month)[1]
    day = dt.date(year, span.month, number)
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
    Grain.SEASON: _no_days,
    Grain.DAY: _month_day,
    Grain.WEEKDAY: _nth_weekday,
    Grain.WEEK: _week,
    Grain.DECADE: lambda span, year: _days(span, year, 10, DECADES),
    Grain.HALF_MONTH: lambda span, year: _days(span, year, 15, HALVES),
    Grain.MONTH: lambda span, year: _months(year, span.month, span.month),
    Grain.QUARTER: lambda span, year: _part_of_year(span, year, MONTHS_IN_QUARTER, QUARTERS),
    Grain.HALF: lambda span, year: _part_of_year(span, year, MONTHS_IN_HALF, HALVES),
    Grain.TERM: _no_days,
    Grain.TRIMESTER: _no_days,
    Grain.SCHOOL_HALF: _no_days,
    Grain.YEAR_EDGE: lambda span, year: _months(year, span.month, span.month),
    Grain.HOLIDAYS: _no_days,
    Grain.YEAR: lambda _span, year: _months(year, 1, 12),
}
