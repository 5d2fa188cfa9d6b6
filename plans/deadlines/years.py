"""Which days a span means in one plan: the year it falls into, the school's terms and holidays.

Nothing is guessed: where the plan leaves two readings, ``NotClear`` is raised.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from plans.calendar import AUGUST, school_year_of
from plans.deadline import Reading, SchoolTerm
from plans.deadlines.figures import SOME_LEAP_YEAR
from plans.deadlines.spans import Grain, Span, Stretch, bounds

Days = tuple[dt.date, dt.date]

TERMS = 4
TRIMESTERS = 3
SUMMER = 4
ONE_DAY = dt.timedelta(days=1)
_OF_SCHOOL = frozenset({Grain.TERM, Grain.TRIMESTER, Grain.SCHOOL_HALF, Grain.HOLIDAYS})


class NotClear(ValueError):
    """The phrase has no single meaning in this plan."""


class Inverted(NotClear):
    """The printed end comes before the printed start: a misprint."""


def school_year(year: int) -> Days:
    """Return the first and the last day of the school year that begins in ``year``."""
    return dt.date(year, 9, 1), dt.date(year + 1, 5, 31)


def school_years_within(start: dt.date, end: dt.date) -> list[int]:
    """Return the school years that have lessons between two days."""
    years = range(start.year - 1, end.year + 1)
    return [year for year in years if start <= school_year(year)[1] and school_year(year)[0] <= end]


def only_school_year(reading: Reading) -> int:
    """Return the plan's school year: its own, or the one that lies wholly inside its period."""
    if reading.school_year is not None:
        return reading.school_year
    start, end = reading.period_start, reading.period_end
    if start is None or end is None:
        raise NotClear
    inside = [
        year
        for year in range(start.year, end.year + 1)
        if school_year(year)[0] >= start and school_year(year)[1] <= end
    ]
    if len(inside) != 1:
        raise NotClear
    return inside[0]


def only_year(reading: Reading) -> int | None:
    """Return the calendar year of a plan for one calendar year."""
    start, end = reading.period_start, reading.period_end
    if reading.school_year is not None or start is None or end is None or start.year != end.year:
        return None
    return start.year


def windows(stretches: tuple[Stretch, ...], reading: Reading) -> list[Days]:
    """Return the days of each stretch; holidays with no season are all of the school year's."""
    found: list[Days] = []
    for stretch in _with_common_years(stretches):
        first = stretch.first
        if first.grain is Grain.HOLIDAYS and not first.number and first == stretch.last:
            seasons = [replace(first, number=season) for season in range(1, SUMMER + 1)]
            found.extend(_of_school(season, reading) for season in seasons)
        else:
            found.append(place(stretch, reading))
    return found


def place(stretch: Stretch, reading: Reading) -> Days:
    """Return the first and the last day of ``stretch``; ``NotClear`` if the plan does not tell them."""
    start, end = _placed(_in_current_year(stretch, reading), reading)
    for span, day in ((stretch.first, start), (stretch.last, end)):
        if span.named is not None and span.named != day.weekday():
            raise NotClear
    return (end, end) if stretch.closing else (start, end)


def _placed(stretch: Stretch, reading: Reading) -> Days:
    if _is_of_school(stretch.first, reading) or _is_of_school(stretch.last, reading):
        return _of_school(stretch.first, reading)[0], _of_school(stretch.last, reading)[1]
    first, last = _with_school_year(stretch.first), _with_school_year(stretch.last)
    if first.year is None and last.year is None:
        return _in_context(first, last, reading)
    days = _with_printed_year(first, last, reading)
    if _is_copied_year(days, reading):
        raise NotClear
    return days


def _in_current_year(stretch: Stretch, reading: Reading) -> Stretch:
    """«т.г.» is the year of the order, else of a plan for one year; «конец года» only of such a plan."""
    ends = (stretch.first, stretch.last)
    if any(span.grain is Grain.YEAR_EDGE for span in ends) and only_year(reading) is None:
        raise NotClear
    if not any(span.current for span in ends):
        return stretch
    year = current_year(reading)
    first, last = (replace(span, year=year) if span.current else span for span in ends)
    return replace(stretch, first=first, last=last)


def current_year(reading: Reading) -> int:
    """Return the year that the order calls the current one."""
    year = reading.document_date.year if reading.document_date else only_year(reading)
    if year is None:
        raise NotClear
    return year


def _with_school_year(span: Span) -> Span:
    """«сентябрь 2021/2022 учебного года» is September 2021."""
    if span.school_year is None:
        return span
    return replace(span, year=_year_in_school_year(span, span.school_year))


def _with_printed_year(first: Span, last: Span, reading: Reading) -> Days:
    if first.grain is Grain.YEAR and first.year == reading.school_year and last.year != first.year:
        # «2023-2024» in a plan for that school year is hardly two calendar years.
        raise NotClear
    if first.year is not None and last.year is not None:
        return _ordered(bounds(first, first.year)[0], bounds(last, last.year)[1])
    if first.year is not None:
        return _following(bounds(first, first.year)[0], last)
    year = last.year or 0
    end = bounds(last, year)[1]
    start = bounds(first, year)[0]
    if start <= end:
        return start, end
    _refuse_inverted_days(first, last)
    start = bounds(first, year - 1)[0]
    outside = reading.period_start is not None and start < reading.period_start
    if outside:
        raise NotClear
    return start, end


def _ordered(start: dt.date, end: dt.date) -> Days:
    if end < start:
        raise Inverted
    return start, end


def _following(start: dt.date, last: Span) -> Days:
    """From ``start`` to the first end of ``last`` after it."""
    end = bounds(last, start.year)[1]
    return (start, end) if end >= start else (start, bounds(last, start.year + 1)[1])


def _refuse_inverted_days(first: Span, last: Span) -> None:
    if first.grain is last.grain is Grain.DAY and first.month == last.month:
        raise Inverted
    if first.grain is last.grain and first.grain in {Grain.QUARTER, Grain.HALF}:
        raise Inverted


def _is_copied_year(days: Days, reading: Reading) -> bool:
    """Whether a school-year plan has a date of the year before, whose right year is the next one."""
    start, end = reading.period_start, reading.period_end
    if reading.school_year is None or start is None or end is None:
        return False
    if days[1] >= dt.date(reading.school_year, AUGUST, 1):
        return False
    later = [day.replace(year=day.year + 1) for day in days]
    return start <= later[0] and later[1] <= end


def _in_context(first: Span, last: Span, reading: Reading) -> Days:
    """Place a stretch that prints no year at all."""
    if reading.school_year is not None:
        return _in_year(first, last, _year_in_school_year(first, reading.school_year))
    year = only_year(reading)
    if year is not None:
        return _in_year(first, last, year)
    if reading.period_start is not None and reading.period_end is not None:
        return _in_long_period(first, last, reading.period_start, reading.period_end)
    if reading.document_date is None:
        raise NotClear
    days = _in_year(first, last, reading.document_date.year)
    if days[1] < reading.document_date or days[0].year != days[1].year:
        raise NotClear
    return days


def _in_year(first: Span, last: Span, year: int) -> Days:
    start = bounds(first, year)[0]
    if bounds(last, year)[1] < start:
        _refuse_inverted_days(first, last)
    return _following(start, last)


def _in_long_period(first: Span, last: Span, start: dt.date, end: dt.date) -> Days:
    """In a plan over several calendar years only one of them may have room for the stretch."""
    found = []
    for year in range(start.year - 1, end.year + 1):
        days = _in_year(first, last, year)
        if days[0] <= end and days[1] >= start:
            found.append(days)
    if len(found) != 1:
        raise NotClear
    return found[0]


def _year_in_school_year(span: Span, first_year: int) -> int:
    """August-December belong to the first calendar year of a school year, January-July to the second."""
    if span.grain is Grain.YEAR:
        raise NotClear
    autumns = {day.month >= AUGUST for day in bounds(span, SOME_LEAP_YEAR)}
    if len(autumns) != 1:
        raise NotClear
    return first_year if autumns == {True} else first_year + 1


def _is_of_school(span: Span, reading: Reading) -> bool:
    if span.grain is Grain.HALF:
        return span.school_year is not None or (span.year is None and reading.school_year is not None)
    return span.grain in _OF_SCHOOL


def terms_by_year(reading: Reading) -> Counter[int]:
    """Return how many terms are known of each school year."""
    return Counter(school_year_of(term.start) for term in reading.terms)


def _of_school(span: Span, reading: Reading) -> Days:
    """Terms, halves and holidays of the school: from its own calendar; halves also without it."""
    if span.year is not None and span.grain is not Grain.HOLIDAYS:
        raise NotClear
    year = span.school_year if span.school_year is not None else only_school_year(reading)
    terms = [term for term in reading.terms if school_year_of(term.start) == year]
    if span.grain in {Grain.HALF, Grain.SCHOOL_HALF}:
        return _school_half(span, year, terms)
    if len(terms) != (TRIMESTERS if span.grain is Grain.TRIMESTER else TERMS):
        raise NotClear
    if span.grain in {Grain.TERM, Grain.TRIMESTER}:
        term = terms[_index(span.number, len(terms))]
        return term.start, term.end
    if span.grain is not Grain.HOLIDAYS or not span.number:
        raise NotClear
    days = _between(terms, year, span.number)
    if span.year is not None and span.year not in {day.year for day in days}:
        raise NotClear
    return days


def _index(number: int, parts: int) -> int:
    if number > parts or number == 0:
        raise NotClear
    return number - 1 if number > 0 else parts - 1


def _school_half(span: Span, year: int, terms: list[SchoolTerm]) -> Days:
    half = _index(span.number, 2)
    if len(terms) == TERMS:
        return terms[2 * half].start, terms[2 * half + 1].end
    start, end = school_year(year)
    return (dt.date(year + 1, 1, 1), end) if half else (start, dt.date(year, 12, 31))


def _between(terms: list[SchoolTerm], year: int, season: int) -> Days:
    """Holidays are what lies between the terms; in summer until the end of August."""
    start = terms[season - 1].end + ONE_DAY
    if season == SUMMER:
        return start, dt.date(year + 1, 8, 31)
    return start, terms[season].start - ONE_DAY


def _with_common_years(stretches: tuple[Stretch, ...]) -> Iterator[Stretch]:
    """«8 и 9 сентября 2023», «сентябрь 2021, октябрь»: one year for neighbours that keep their order."""
    found = list(stretches)
    for at in range(len(found) - 2, -1, -1):
        after = found[at + 1].first
        if after.year is not None and _lacks_year(found[at]) and _is_before(found[at].last, after):
            found[at] = _in_printed_year(found[at], after.year)
    for at in range(1, len(found)):
        before = found[at - 1].last
        if before.year is not None and _lacks_year(found[at]) and _is_before(before, found[at].first):
            found[at] = _in_printed_year(found[at], before.year)
    return iter(found)


def _lacks_year(stretch: Stretch) -> bool:
    """Neither end has a year, and the stretch does not run over New Year."""
    ends = (stretch.first, stretch.last)
    if any(span.year is not None or span.school_year is not None or span.current for span in ends):
        return False
    return all(span.grain not in _OF_SCHOOL for span in ends) and not _is_before(stretch.last, stretch.first)


def _is_before(first: Span, last: Span) -> bool:
    if {first.grain, last.grain} & {*_OF_SCHOOL, Grain.YEAR, Grain.YEAR_EDGE}:
        return False
    year = first.year or last.year or SOME_LEAP_YEAR
    return bounds(first, year)[1] < bounds(last, year)[0]


def _in_printed_year(stretch: Stretch, year: int) -> Stretch:
    return replace(stretch, first=replace(stretch.first, year=year), last=replace(stretch.last, year=year))
