"""Zones, working days and «today»: every question about days is answered here, from values alone.

Working days are the five-day week of Russia with the days off moved by the Government (package
``holidays``), corrected by the department's own ``overrides``: days off of a republic, by decree or
by a governor's order are not in the package and come from the department.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

SATURDAY = 5
AUGUST = 8
MONTHS_IN_QUARTER = 3


@lru_cache(maxsize=128)
def _exceptions(year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """Days off of ``year``, and its weekend days that are worked.

    A holiday in January lends its day off to another date and stays a holiday itself, so the package's
    ``weekend_workdays`` may not be taken as they are.
    """
    from holidays import country_holidays  # a third of a second, and most readings of a file need no day off

    known = country_holidays("RU", years=year)
    days_off = frozenset(known)
    return days_off, frozenset(known.weekend_workdays) - days_off


@dataclass(frozen=True)
class WorkingCalendar:
    """The working days of one department; ``overrides`` says True for a working day and wins."""

    overrides: Mapping[dt.date, bool] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def is_working(self, day: dt.date) -> bool:
        """Whether people work on ``day``."""
        stated = self.overrides.get(day)
        if stated is not None:
            return stated
        days_off, worked = _exceptions(day.year)
        if day.weekday() >= SATURDAY:
            return day in worked
        return day not in days_off

    def working_or_before(self, day: dt.date) -> dt.date:
        """``day`` itself or the nearest working day before it.

        Source: a term that ends on a non-working day is met on the preceding working day
        (consultant.ru LAW_305378 п. 5.3.2; docs.cntd.ru/document/453106005 п. 17).
        """
        return self._nearest(day, step=-1)

    def working_or_after(self, day: dt.date) -> dt.date:
        """``day`` itself or the nearest working day after it."""
        return self._nearest(day, step=1)

    def shift(self, day: dt.date, working_days: int) -> dt.date:
        """Return the day that is ``working_days`` working days after (negative: before) ``day``.

        ``day`` itself is not counted and may be a day off; 0 gives ``day`` back.
        """
        step = 1 if working_days > 0 else -1
        for _ in range(abs(working_days)):
            day = self._nearest(day + dt.timedelta(days=step), step=step)
        return day

    def covers(self, year: int) -> bool:
        """Whether the moved days of ``year`` are known as published; else only weekends and holidays are."""
        from holidays.countries.russia import RussiaStaticHolidays

        # A year with moved days is one the Government has published; the package knows none later.
        published = RussiaStaticHolidays.special_public_holidays
        return min(published) <= year <= max(published)

    def _nearest(self, day: dt.date, *, step: int) -> dt.date:
        while not self.is_working(day):
            day += dt.timedelta(days=step)
        return day


def local_date(now: dt.datetime, zone: str) -> dt.date:
    """«Today» in ``zone`` (an IANA name) at the moment ``now``; ValueError if ``now`` is naive."""
    if now.tzinfo is None:
        raise ValueError("a moment without a zone")
    return now.astimezone(ZoneInfo(zone)).date()


def moment(day: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """Return when the clocks of ``zone`` first show ``time`` on ``day``, as an aware moment in UTC.

    Where the clocks are put back it is the earlier of the two; where they are put forward over
    ``time``, it is the moment that would have been without the change (PEP 495, fold 0).
    """
    local = dt.datetime.combine(day, time.replace(tzinfo=None, fold=0), tzinfo=ZoneInfo(zone))
    return local.astimezone(dt.UTC)


def end_of_day(day: dt.date, zone: str) -> dt.datetime:
    """Return the last moment of ``day`` in ``zone``, as an aware moment in UTC."""
    return moment(day + dt.timedelta(days=1), dt.time(0), zone) - dt.timedelta(microseconds=1)


def school_year_of(day: dt.date) -> int:
    """Return the calendar year the school year began in: August–December begin one, January–July end it."""
    return day.year if day.month >= AUGUST else day.year - 1


def quarters(start: dt.date, end: dt.date) -> tuple[tuple[dt.date, dt.date], ...]:
    """Calendar quarters from ``start`` to ``end``, both included; the first and the last are clipped."""
    found: list[tuple[dt.date, dt.date]] = []
    while start <= end:
        last = _quarter_end(start)
        found.append((start, min(last, end)))
        start = last + dt.timedelta(days=1)
    return tuple(found)


def _quarter_end(day: dt.date) -> dt.date:
    month = (day.month + MONTHS_IN_QUARTER - 1) // MONTHS_IN_QUARTER * MONTHS_IN_QUARTER
    next_month = dt.date(day.year + month // 12, month % 12 + 1, 1)
    return next_month - dt.timedelta(days=1)
