"""Deadlines that come once: windows, periods, «далее ежегодно»."""

import datetime as dt
from dataclasses import replace

from plans.deadline import Deadline, Period, Reading, Window, Yearly
from plans.deadlines.clauses import Clause, Dates, Onwards, Since, Until, Whole
from plans.deadlines.spans import Stretch
from plans.deadlines.years import (
    NotClear,
    current_year,
    only_school_year,
    only_year,
    place,
    school_year,
    windows,
)


def once(clauses: list[Clause], reading: Reading) -> tuple[Deadline, ...]:
    """Return the deadlines of clauses that say no «how often»; ``NotClear`` where they do not agree."""
    if any(isinstance(clause, Whole) and clause.school for clause in clauses):
        clauses = [clause for clause in clauses if clause != Whole(school=False)]
    match clauses:
        case [Since() as since] | [Since() as since, Whole(school=False)]:
            return (since_until_end(since, reading),)
        case [clause, Onwards(yearly=False)]:
            return (Period(_first_window(clause, reading)[0], reading.period_end),)
        case [clause, Onwards(yearly=True)]:
            return _and_every_year(clause, reading)
    if all(isinstance(clause, Until) for clause in clauses):
        return tuple(_until(clause, reading) for clause in clauses if isinstance(clause, Until))
    found: list[Deadline] = []
    for clause in clauses:
        match clause:
            case Dates(stretches):
                found.extend(Window(*days) for days in windows(stretches, reading))
            case Whole():
                found.append(period_of(clause, reading))
            case _:
                raise NotClear
    return tuple(found)


def _first_window(clause: Clause, reading: Reading) -> tuple[dt.date, dt.date]:
    match clause:
        case Dates((stretch,)):
            return place(stretch, reading)
        case Since(span):
            return place(Stretch(span, span), reading)
        case _:
            raise NotClear


def since_until_end(since: Since, reading: Reading) -> Period:
    """Return from the day that is named to the plan's end."""
    start = place(Stretch(since.span, since.span), reading)[0]
    if reading.period_end is not None and start > reading.period_end:
        raise NotClear
    return Period(start, reading.period_end)


def _until(until: Until, reading: Reading) -> Window:
    end = last_day(until, reading)
    start = reading.period_start or reading.document_date
    if start is not None and start <= end:
        return Window(start, end)
    return Window(dt.date(end.year, end.month, 1) if until.edge == "school_start" else None, end)


def last_day(until: Until, reading: Reading) -> dt.date:
    """Return the day that «до …» names."""
    if not until.edge:
        if until.span is None:
            raise NotClear
        return place(Stretch(until.span, until.span), reading)[1]
    if until.edge == "year_end":
        year = only_year(reading)
        if year is None:
            raise NotClear
        return dt.date(year, 12, 31)
    return _school_edge(until, reading)


def _school_edge(until: Until, reading: Reading) -> dt.date:
    """«до начала учебного года» ends on 31 August, «до конца учебного года» on 31 May."""
    starts = until.edge == "school_start"
    if until.span is not None and until.span.school_year is not None:
        year = until.span.school_year
    elif (calendar_year := only_year(reading)) is not None:
        year = calendar_year if starts else calendar_year - 1
    else:
        year = only_school_year(reading)
    start, end = school_year(year)
    return start - dt.timedelta(days=1) if starts else end


def period_of(whole: Whole, reading: Reading) -> Period:
    """Return the plan's period, or a school year inside it."""
    if whole.current and only_year(reading) != current_year(reading):
        raise NotClear
    if not whole.school:
        if reading.period_start is None and reading.period_end is None:
            raise NotClear
        return Period(reading.period_start, reading.period_end)
    if whole.bare and whole.year != reading.school_year:
        raise NotClear
    if whole.year is not None:
        return Period(*school_year(whole.year))
    start, end = school_year(only_school_year(reading))
    return Period(max(start, reading.period_start or start), min(end, reading.period_end or end))


def _and_every_year(clause: Clause, reading: Reading) -> tuple[Deadline, ...]:
    """«январь 2022 г., далее ежегодно»."""
    if isinstance(clause, Until):
        window = _until(clause, reading)
        yearly = Yearly("01-01", month_and_day(window.end))
        return (window, replace(yearly, from_year=window.end.year + 1))
    start, end = _first_window(clause, reading)
    yearly = Yearly(month_and_day(start), month_and_day(end), start.year + 1)
    return (Window(start, end), yearly)


def month_and_day(day: dt.date) -> str:
    """Return «MM-DD»; 29 February as the 28th, so that it is a day of every year."""
    return "02-28" if (day.month, day.day) == (2, 29) else f"{day:%m-%d}"
