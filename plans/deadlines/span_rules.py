"""How spans are written: «15 сентября 2026 г.», «III кв.», «с 1 по 10 октября», «8 и 9 сентября»."""

from dataclasses import replace

from plans.deadlines.figures import CENTURY, DIGITS_OF_DAY
from plans.deadlines.spans import LONGEST_MONTH, Grain, Span, Stretch
from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.words import ONE_DAY, Kind

LONGEST_ROMAN = 3  # letters of «III»


def read_span(cursor: Cursor) -> Span | None:
    """Take one span, with its year if it is printed."""
    for rule in _RULES:
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


def read_current_year(cursor: Cursor) -> bool | None:
    """Take «текущего года», «т.г.»."""
    if cursor.one(Kind.CURRENT_YEAR) is not None:
        return True
    if cursor.one(Kind.CURRENT) is None:
        return None
    cursor.one(Kind.CALENDAR)
    return True if cursor.one(Kind.YEAR_UNIT) is not None else None


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


# Years.


def _with_year(cursor: Cursor, span: Span) -> Span:
    """Add the year that follows: «2021 г.», «, 2021 г.», «т.г.», «2021/2022 учебного года»."""
    school = cursor.attempt(read_school_years)
    if school is None and span.grain in _OF_SCHOOL and cursor.sees(Kind.YEAR, Kind.SLASH):
        school = cursor.attempt(read_two_years)
    if school is not None:
        return replace(span, school_year=school)
    if cursor.attempt(read_current_year) is not None:
        return replace(span, current=True)
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


# Days.


def _named_day(cursor: Cursor) -> Span | None:
    """«вторник, 15 сентября»."""
    weekday = cursor.one(Kind.WEEKDAY)
    if weekday is None:
        return None
    cursor.one(Kind.COMMA)
    day = cursor.attempt(_figures) or cursor.attempt(_day)
    if day is None or day.grain is not Grain.DAY or day.named not in {None, weekday.number}:
        return None
    return replace(day, named=weekday.number)


def _with_weekday(cursor: Cursor, day: Span) -> Span:
    """Add the weekday that follows: «15 сентября 2026 г., вторник»."""
    weekday = cursor.attempt(_weekday_after)
    return day if weekday is None or day.grain is not Grain.DAY else replace(day, named=weekday.number)


def _weekday_after(cursor: Cursor) -> Token | None:
    cursor.one(Kind.COMMA)
    weekday = cursor.one(Kind.WEEKDAY)
    another_day = cursor.sees(Kind.NUMBER, Kind.MONTH) or cursor.sees(Kind.DAY_DATE)
    return None if another_day else weekday


def _figures(cursor: Cursor) -> Span | None:
    token = cursor.one(Kind.DAY_DATE, Kind.MONTH_DATE)
    if token is None:
        return None
    day, month, year = token.day
    grain = Grain.MONTH if day is None else Grain.DAY
    span = Span(grain, day or 0, month, year, in_figures=True)
    if year is None:
        span = _with_year(cursor, span)
    else:
        cursor.one(Kind.YEAR_UNIT)
    return _with_weekday(cursor, span)


def _day(cursor: Cursor) -> Span | None:
    """«15 сентября», «пятнадцатого сентября»; «II сентября» is not a day."""
    number = cursor.one(Kind.NUMBER, Kind.ORDINAL)
    month = cursor.one(Kind.MONTH)
    if number is None or month is None or (number.kind is Kind.ORDINAL and len(number.text) <= LONGEST_ROMAN):
        return None
    if not 1 <= number.number <= LONGEST_MONTH:
        return None
    return _with_weekday(cursor, _with_year(cursor, Span(Grain.DAY, number.number, month.number)))


def _count(cursor: Cursor) -> int | None:
    token = cursor.one(Kind.ORDINAL, Kind.NUMBER)
    return None if token is None else token.number


def _nth_weekday(cursor: Cursor) -> Span | None:
    number = _count(cursor)
    working = cursor.one(Kind.WORKING) is not None
    weekday, month = cursor.one(Kind.WEEKDAY), cursor.one(Kind.MONTH)
    if number is None or weekday is None or month is None:
        return None
    span = Span(Grain.WEEKDAY, number, month.number, weekday=weekday.number, working=working)
    return _with_year(cursor, span)


# Months and their parts.

_EDGES = {Kind.BEGINNING: 1, Kind.MIDDLE: 2, Kind.END: 3}
_PARTS = {Kind.DECADE: Grain.DECADE, Kind.WEEK_UNIT: Grain.WEEK, Kind.HALF_OF: Grain.HALF_MONTH}


def _part_of_month(cursor: Cursor) -> Span | None:
    """«3 декада мая», «первая неделя сентября», «последний день мая», «начало сентября»: ten days."""
    edge = cursor.one(*_EDGES)
    if edge is not None:
        grain, number = Grain.DECADE, _EDGES[edge.kind]
    else:
        counted, part = _count(cursor), cursor.one(*_PARTS, Kind.DAY_UNIT)
        if counted is None or part is None or (part.kind is Kind.DAY_UNIT and part.text not in ONE_DAY):
            return None
        grain, number = _PARTS.get(part.kind, Grain.DAY), counted
    month = _month_name(cursor)
    return None if month is None else _with_year(cursor, Span(grain, number, month.number))


def read_part_after_month(cursor: Cursor) -> Span | None:
    """Take «сентябрь, 3 неделя», «сентябрь 2026 г. (3 неделя)»: the month before its part."""
    month = cursor.attempt(_month)
    if month is None:
        return None
    cursor.one(Kind.COMMA, Kind.DASH)
    number, part = _count(cursor), cursor.one(*_PARTS)
    if number is None or part is None or not (cursor.is_over() or cursor.sees(Kind.COMMA)):
        return None
    return replace(month, grain=_PARTS[part.kind], number=number)


def _month(cursor: Cursor) -> Span | None:
    month = _month_name(cursor)
    return None if month is None else _with_year(cursor, Span(Grain.MONTH, 0, month.number))


def _month_name(cursor: Cursor) -> Token | None:
    """«октябрь», «месяц октябрь», «октябре месяце»."""
    before = cursor.one(Kind.MONTH_UNIT)
    month = cursor.one(Kind.MONTH)
    if month is not None and before is None:
        cursor.one(Kind.MONTH_UNIT)
    return month


# Parts of a year.

_UNITS = {
    Kind.QUARTER: Grain.QUARTER,
    Kind.HALF: Grain.HALF,
    Kind.TERM: Grain.TERM,
    Kind.TRIMESTER: Grain.TRIMESTER,
}
_OF_SCHOOL = frozenset({Grain.HALF, Grain.TERM, Grain.TRIMESTER, Grain.HOLIDAYS})
_COUNTED = frozenset({
    Grain.DAY, Grain.WEEKDAY, Grain.WEEK, Grain.DECADE, Grain.HALF_MONTH, Grain.SCHOOL_HALF, *_UNITS.values(),
})  # fmt: skip


def _counted(cursor: Cursor) -> Span | None:
    number, unit = _count(cursor), cursor.one(*_UNITS)
    if number is None or unit is None:
        return None
    if unit.kind is Kind.HALF and cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is not None:
        return Span(Grain.SCHOOL_HALF, number)
    return _with_year(cursor, Span(_UNITS[unit.kind], number))


def _half_of_year(cursor: Cursor) -> Span | None:
    """«первая половина года», «вторая половина 2026 года», «первая половина учебного года»."""
    number, half = _count(cursor), cursor.one(Kind.HALF_OF)
    if number is None or half is None:
        return None
    if cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is not None:
        return Span(Grain.SCHOOL_HALF, number)
    cursor.one(Kind.CALENDAR)
    span = Span(Grain.HALF, number)
    if cursor.one(Kind.YEAR_UNIT) is not None:
        return span
    dated = _with_year(cursor, span)
    return None if dated == span else dated


def _edge_of_year(cursor: Cursor) -> Span | None:
    """«конец учебного года» is May, «начало года» January."""
    edge = cursor.one(Kind.BEGINNING, Kind.END)
    if edge is None:
        return None
    begins = edge.kind is Kind.BEGINNING
    school = cursor.attempt(read_school_years)
    if school is not None or cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is not None:
        return Span(Grain.MONTH, month=9 if begins else 5, school_year=school)
    month = 1 if begins else 12
    cursor.one(Kind.CALENDAR)
    if cursor.one(Kind.YEAR_UNIT) is not None:
        return Span(Grain.YEAR_EDGE, month=month)
    span = Span(Grain.MONTH, month=month)
    dated = _with_year(cursor, span)
    return None if dated == span else dated


def _holidays(cursor: Cursor) -> Span | None:
    """Holidays by their season, or all of them (0)."""
    season = cursor.one(Kind.SEASON)
    if cursor.one(Kind.HOLIDAYS) is None:
        return Span(Grain.SEASON, season.number) if season is not None else None
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


_RULES = (
    _named_day, _figures, _nth_weekday, _part_of_month, _edge_of_year, _half_of_year, _counted, _day, _month,
    _holidays, _year, _pending,
)  # fmt: skip


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
    if span.grain not in {Grain.PENDING, Grain.SEASON}:
        return span
    of_what = {Grain.HOLIDAYS} if span.grain is Grain.SEASON else _COUNTED
    if known is None or known.grain not in of_what:
        return None
    return replace(known, number=span.number, named=None)
