"""Deadlines in words → deadlines in days. ``read_deadlines`` understands a phrase whole or not at all.

A phrase goes through tokens (``deadline_tokens``), clauses (``deadline_rules``) and here gets its days,
with what the plan says about itself. What is not understood, or may mean two things, is ``Unknown``.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from plans.deadline import Deadline, Period, Reading, Undated, Unknown, Window, Yearly
from plans.deadline_often import Often
from plans.deadline_recurring import has_room, in_named_months, merge, recurring
from plans.deadline_relative import read_relative
from plans.deadline_rules import (
    Clause,
    Dates,
    NoDate,
    Onwards,
    Piece,
    Since,
    Until,
    Whole,
    parse,
    without_remarks,
)
from plans.deadline_spans import Grain, Span, Stretch, bounds
from plans.deadline_tokens import clean, tokenise
from plans.deadline_words import Kind
from plans.deadline_years import (
    Inverted,
    NotClear,
    only_school_year,
    only_year,
    place,
    school_year,
    windows,
)

# No order has a longer one; more text in the cell is not a deadline.
LONGEST_PHRASE = 400
SOME_COMMON_YEAR = 2023
WHOLE_YEAR = Yearly("01-01", "12-31")


def read_deadlines(text: str, reading: Reading) -> tuple[Deadline, ...]:
    """Return what the printed phrase means in the plan that ``reading`` describes.

    Never raises and never guesses: a phrase not understood is one ``Unknown`` with the text as printed.
    """
    try:
        return _read(text, reading)
    except (ValueError, OverflowError):
        return (Unknown(text),)


def is_inverted(text: str, reading: Reading) -> bool:
    """Whether the phrase is a range whose printed end comes before its start (it reads as ``Unknown``)."""
    try:
        _read(text, reading)
    except Inverted:
        return True
    except (ValueError, OverflowError):
        return False
    return False


def latest_dated_end(texts: Iterable[str], reading: Reading) -> dt.date | None:
    """Return the latest day that the phrases name with its year, None if none does.

    It ends a plan that prints no period. Only the terms of ``reading`` are used: what needs the plan's
    own period to be understood cannot tell it.
    """
    alone = Reading(terms=reading.terms)
    ends = [
        deadline.end
        for text in texts
        for deadline in read_deadlines(text, alone)
        if isinstance(deadline, Window | Period) and deadline.end is not None
    ]
    return max(ends, default=None)


def _read(text: str, reading: Reading) -> tuple[Deadline, ...]:
    if len(text) > LONGEST_PHRASE:
        raise NotClear
    cleaned = clean(text)
    tokens = tokenise(cleaned)
    if tokens and all(token.kind is Kind.DASH for token in tokens):
        return (Undated(text.strip()),)
    kept = without_remarks(tokens)
    if kept is None:
        raise NotClear
    relative = read_relative(cleaned, kept)
    if relative is not None:
        return (relative,)
    pieces = parse(kept)
    if pieces is None:
        raise NotClear
    return _meaning(pieces, text, reading)


def _meaning(pieces: list[Piece], text: str, reading: Reading) -> tuple[Deadline, ...]:
    clauses = [piece.clause for piece in pieces]
    if all(isinstance(clause, NoDate) for clause in clauses):
        return (Undated(text.strip()),)
    often = [clause for clause in clauses if isinstance(clause, Often)]
    others: list[Clause] = list(dict.fromkeys(clause for clause in clauses if not isinstance(clause, Often)))
    if any(isinstance(clause, Until) and clause.next_year for clause in others) and not often:
        raise NotClear
    if often:
        return _repeated(merge(often), others, reading)
    if any(piece.bracketed and not isinstance(piece.clause, Onwards) for piece in pieces):
        others = [_named_holidays(pieces)]
    return _once(others, reading)


def _named_holidays(pieces: list[Piece]) -> Clause:
    """«осенние каникулы (с 28 октября по 5 ноября)»: the dates say which days these are."""
    match [piece.clause for piece in pieces]:
        case [Dates((Stretch(Span(grain=Grain.HOLIDAYS)),)), Dates((_,)) as dates]:
            return dates
        case _:
            raise NotClear


# Once.


def _once(clauses: list[Clause], reading: Reading) -> tuple[Deadline, ...]:
    match clauses:
        case [Since() as since] | [Since() as since, Whole(school=False)]:
            return (_since(since, reading),)
        case [clause, Onwards(yearly=False)]:
            return (Period(_first_window(clause, reading)[0], reading.period_end),)
        case [clause, Onwards(yearly=True)]:
            return _and_every_year(clause, reading)
        case [Whole() as whole, NoDate()] | [NoDate(), Whole() as whole]:
            return (period_of(whole, reading),)
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


def _since(since: Since, reading: Reading) -> Period:
    start = place(Stretch(since.span, since.span), reading)[0]
    if reading.period_end is not None and start > reading.period_end:
        raise NotClear
    return Period(start, reading.period_end)


def _until(until: Until, reading: Reading) -> Window:
    end = _last_day(until, reading)
    start = reading.period_start or reading.document_date
    if start is not None and start <= end:
        return Window(start, end)
    return Window(dt.date(end.year, end.month, 1) if until.edge == "school_start" else None, end)


def _last_day(until: Until, reading: Reading) -> dt.date:
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


# Again and again.


def _repeated(often: Often, others: Sequence[Clause], reading: Reading) -> tuple[Deadline, ...]:
    others = [clause for clause in others if not isinstance(clause, NoDate)]
    months = in_named_months(often, others, reading)
    if months is not None:
        return (months,)
    if often.unit == "year" and often.times == 1:
        if often != Often("year"):
            raise NotClear
        return _yearly(others, reading)
    bound = _only_bound(others, reading)
    if any(isinstance(clause, Dates) for clause in others) and not has_room(often, bound):
        raise NotClear
    return (recurring(often, bound, reading),)


def _only_bound(others: Sequence[Clause], reading: Reading) -> Period:
    """Return since when and until when something recurs: the plan's period, or one part of it."""
    match others:
        case []:
            return Period(reading.period_start, reading.period_end)
        case [Dates((stretch,))]:
            return Period(*place(stretch, reading))
        case [Whole() as whole]:
            return period_of(whole, reading)
        case [Since() as since] | [Since() as since, Whole(school=False)]:
            return _since(since, reading)
        case [Until(span, edge) as until] if edge or (span is not None and span.grain is not Grain.DAY):
            return Period(reading.period_start, _last_day(until, reading))
        case _:
            raise NotClear


def _yearly(others: Sequence[Clause], reading: Reading) -> tuple[Deadline, ...]:
    """«ежегодно» with a part of the year, a first year, a last year that cuts nothing off."""
    found: tuple[Yearly, ...] = ()
    from_year: int | None = None
    for clause in others:
        years = _years(clause)
        if years is not None:
            from_year = from_year or _first_year(years, reading)
        elif found:
            raise NotClear
        else:
            found = _parts_of_year(clause, reading)
    return tuple(replace(yearly, from_year=from_year) for yearly in found or (WHOLE_YEAR,))


def _years(clause: Clause) -> tuple[int | None, int | None] | None:
    """Return the first and the last year where the clause names only years."""
    match clause:
        case Since(Span(grain=Grain.YEAR, year=int(year))):
            return year, None
        case Until(Span(grain=Grain.YEAR, year=int(year)), edge="", next_year=False):
            return None, year
        case Dates((Stretch(Span(grain=Grain.YEAR) as first, Span(grain=Grain.YEAR) as last),)):
            return first.year, last.year
        case _:
            return None


def _first_year(years: tuple[int | None, int | None], reading: Reading) -> int | None:
    """Return the first year if it is later than the plan's; a last year before the plan's is not clear."""
    first, last = years
    if last is not None and (reading.period_end is None or last < reading.period_end.year):
        raise NotClear
    printed_with_last = last is not None
    if first is None or (printed_with_last and reading.period_start and first <= reading.period_start.year):
        return None
    return first


def _parts_of_year(clause: Clause, reading: Reading) -> tuple[Yearly, ...]:
    match clause:
        case Dates(stretches):
            return tuple(_part_of_year(stretch.first, stretch.last, reading) for stretch in stretches)
        case Until(Span() as span, edge=""):
            return (replace(_part_of_year(span, span, reading), start="01-01"),)
        case Whole(school=False) | Until(edge="year_end"):
            return (WHOLE_YEAR,)
        case Whole(school=True, year=None):
            return (Yearly("09-01", "05-31"),)
        case _:
            raise NotClear


_EVERY_YEAR_ALIKE = frozenset({
    Grain.DAY, Grain.WEEK, Grain.DECADE, Grain.HALF_MONTH, Grain.MONTH, Grain.QUARTER, Grain.HALF,
})  # fmt: skip


def _part_of_year(first: Span, last: Span, reading: Reading) -> Yearly:
    """Return days that are the same every year; no year may be printed."""
    for span in (first, last):
        if span.year is not None or span.school_year is not None or span.grain not in _EVERY_YEAR_ALIKE:
            raise NotClear
        if span.grain is Grain.HALF and reading.school_year is not None:
            raise NotClear
    start, end = bounds(first, SOME_COMMON_YEAR)[0], bounds(last, SOME_COMMON_YEAR)[1]
    if end < start and first.month == last.month:
        raise Inverted
    return Yearly(month_and_day(start), month_and_day(end))


def month_and_day(day: dt.date) -> str:
    """Return «MM-DD»; 29 February as the 28th, so that it is a day of every year."""
    return "02-28" if (day.month, day.day) == (2, 29) else f"{day:%m-%d}"
