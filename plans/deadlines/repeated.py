"""Deadlines that come again: every year, or by the rule of ``recurring``."""

from collections.abc import Sequence
from dataclasses import replace

from plans.deadline import Deadline, Period, Reading, Yearly
from plans.deadlines.clauses import Clause, Dates, Since, Until, Whole
from plans.deadlines.often import Often
from plans.deadlines.once import last_day, month_and_day, period_of, since_until_end
from plans.deadlines.recurring import has_room, in_named_months, recurring
from plans.deadlines.spans import Grain, Span, Stretch, bounds
from plans.deadlines.years import Inverted, NotClear, place

SOME_COMMON_YEAR = 2023
WHOLE_YEAR = Yearly("01-01", "12-31")


def repeated(often: Often, others: Sequence[Clause], reading: Reading) -> tuple[Deadline, ...]:
    """Return what recurs, within what the other clauses say; ``NotClear`` where they contradict."""
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
            return since_until_end(since, reading)
        case [Until(span, edge) as until] if edge or (span is not None and span.grain is not Grain.DAY):
            return Period(reading.period_start, last_day(until, reading))
        case _:
            raise NotClear


def _yearly(others: Sequence[Clause], reading: Reading) -> tuple[Deadline, ...]:
    """«ежегодно» with a part of the year, a first year, a last year that cuts nothing off."""
    found: tuple[Yearly, ...] = ()
    from_year: int | None = None
    several = all(isinstance(clause, Until) for clause in others)
    for clause in others:
        years = _years(clause)
        if years is not None:
            from_year = from_year or _first_year(years, reading)
        elif found and not several:
            raise NotClear
        else:
            found += _parts_of_year(clause, reading)
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
            if any(stretch.closing for stretch in stretches):
                raise NotClear
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
    Grain.YEAR_EDGE,
})  # fmt: skip


def _part_of_year(first: Span, last: Span, reading: Reading) -> Yearly:
    """Return days that are the same every year; no year may be printed."""
    for span in (first, last):
        if span.year is not None or span.school_year is not None or span.grain not in _EVERY_YEAR_ALIKE:
            raise NotClear
        if span.named is not None or span.current:
            raise NotClear
        if span.grain is Grain.HALF and reading.school_year is not None:
            raise NotClear
    start, end = bounds(first, SOME_COMMON_YEAR)[0], bounds(last, SOME_COMMON_YEAR)[1]
    if end < start and first.month == last.month:
        raise Inverted
    return Yearly(month_and_day(start), month_and_day(end))
