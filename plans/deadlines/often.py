"""How often something is due, in words: «ежемесячно до 5 числа», «1 раз в квартал», «по средам»."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.words import ONE_DAY, Kind


@dataclass(frozen=True)
class Often:
    """How often; one phrase may say it in several pieces: «ежемесячно», «до 5 числа».

    ``times`` in ``interval`` units; ``nth`` of ``weekdays``; ``monthdays`` count from the end if negative,
    ``month_of`` counts the months of a quarter; ``reported`` is the unit a report is about («за отчетным
    кварталом»), "" where the phrase speaks of a report and does not name the unit.
    """

    unit: str | None = None
    interval: int = 1
    times: int = 1
    monthdays: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    nth: tuple[int, ...] = ()
    month_of: int = 0
    reported: str | None = None


_UNIT_NAMES = {
    Kind.DAY_UNIT: "day",
    Kind.WEEK_UNIT: "week",
    Kind.MONTH_UNIT: "month",
    Kind.QUARTER: "quarter",
    Kind.TERM: "term",
    Kind.TRIMESTER: "trimester",
    Kind.HALF: "half",
    Kind.YEAR_UNIT: "year",
}


_REPEATED = (Kind.TERM, Kind.TRIMESTER, Kind.HALF, Kind.QUARTER, Kind.MONTH_UNIT)


def _often_word(cursor: Cursor) -> Often | None:
    """«ежемесячно», «на ежемесячной основе»."""
    word = cursor.one(Kind.OFTEN)
    if word is None:
        cursor.one(Kind.ON, Kind.IN)
        word = cursor.one(Kind.REGULAR)
        if word is None or word.value == "plan" or cursor.one(Kind.MANNER) is None:
            return None
    return Often(str(word.value))


def _every_unit(cursor: Cursor) -> Often | None:
    """«каждый квартал», «каждые две недели», «каждый сентябрь»."""
    if cursor.one(Kind.EVERY) is None:
        return None
    if any(cursor.sees(*kinds) for kinds in ((Kind.MONTH,), *_DAYS_OF_MONTHS)):
        return Often("year")
    interval = cursor.one(Kind.NUMBER)
    unit = cursor.one(*_UNIT_NAMES)
    length = interval.number if interval else 1
    return None if unit is None or not length else Often(_UNIT_NAMES[unit.kind], interval=length)


def _times(cursor: Cursor) -> Often | None:
    """«1 раз в квартал», «раз в 2 месяца», «не реже двух раз в год», «дважды в год»."""
    if cursor.one(Kind.NOT) is not None and cursor.one(Kind.LEAST) is None:
        return None
    cursor.one(Kind.THAN)
    times = cursor.one(Kind.TWICE)
    if times is None:
        times = cursor.one(Kind.NUMBER)
        if cursor.one(Kind.TIMES) is None:
            return None
    if cursor.one(Kind.IN, Kind.SLASH) is None:
        return None
    cursor.one(Kind.EVERY)
    interval = cursor.one(Kind.NUMBER)
    of_year = cursor.one(Kind.SCHOOL, Kind.CALENDAR)
    unit = cursor.one(*_UNIT_NAMES)
    if unit is None or (of_year is not None and unit.kind is not Kind.YEAR_UNIT):
        return None
    count, length = (times.number if times else 1), (interval.number if interval else 1)
    return Often(_UNIT_NAMES[unit.kind], interval=length, times=count) if count and length else None


def _after_unit(cursor: Cursor) -> Often | None:
    """«по итогам четверти», «по окончании каждого полугодия»."""
    if cursor.one(Kind.BY) is None or cursor.one(Kind.OUTCOME, Kind.COMPLETION) is None:
        return None
    cursor.one(Kind.EVERY)
    unit = cursor.one(*_REPEATED)
    return None if unit is None else Often(_UNIT_NAMES[unit.kind])


def _at_ends(cursor: Cursor) -> Often | None:
    """«в конце каждого месяца», «до конца каждого квартала», «в конце четверти»."""
    until = cursor.attempt(read_until)
    if until is None:
        cursor.one(Kind.IN)
    if cursor.one(Kind.END) is None or (cursor.one(Kind.EVERY) is None and until is not None):
        return None
    unit = cursor.one(*_REPEATED)
    return None if unit is None or cursor.sees(Kind.MONTH) else Often(_UNIT_NAMES[unit.kind])


def _on_weekdays(cursor: Cursor) -> Often | None:
    """«по средам и пятницам», «по пн. и чт.»."""
    if cursor.one(Kind.BY) is None:
        return None
    start = cursor.at
    days = _several(cursor, Kind.WEEKDAYS, Kind.WEEKDAY)
    taken = cursor.tokens[start : cursor.at]
    if any(token.kind is Kind.WEEKDAY and len(token.text) > SHORT_WEEKDAY for token in taken):
        return None
    return Often("week", weekdays=days) if days else None


def _several(cursor: Cursor, *kinds: Kind) -> tuple[int, ...]:
    """Take «5», «5 и 20», «5, 10 и 20»."""
    found: list[int] = []
    first = cursor.one(*kinds)
    while first is not None:
        found.append(first.number)
        first = cursor.attempt(lambda ahead: _one_more(ahead, *kinds))
    return tuple(sorted(found))


def _one_more(cursor: Cursor, *kinds: Kind) -> Token | None:
    return cursor.one(*kinds) if cursor.one(Kind.COMMA, Kind.AND) is not None else None


def _nth_weekday(cursor: Cursor) -> Often | None:
    """«первый понедельник месяца», «1-й и 3-й вторник месяца», «каждую среду», «(последняя пятница)»."""
    cursor.one(Kind.IN)
    every = cursor.one(Kind.EVERY) is not None
    nth = _several(cursor, Kind.ORDINAL, Kind.NUMBER)
    days = _several(cursor, Kind.WEEKDAY)
    if not days or _names_a_day(cursor) or (cursor.sees(Kind.MONTH) and not (every and not nth)):
        return None
    monthly = cursor.attempt(_of_month) is not None
    if not nth and monthly and not every:
        return None
    # «каждая вторая пятница» alone may be every other one.
    unit = "month" if monthly and nth else "week" if every and not nth else None
    return Often(unit, weekdays=days, nth=nth)


def _names_a_day(cursor: Cursor) -> bool:
    """«вторник, 15 сентября»: the weekday belongs to the date."""
    at = 1 if cursor.sees(Kind.COMMA) else 0
    ahead = Cursor(cursor.rest[at:])
    return any(ahead.sees(*kinds) for kinds in _DAYS_OF_MONTHS)


_DAYS_OF_MONTHS = ((Kind.DAY_DATE,), (Kind.NUMBER, Kind.MONTH), (Kind.ORDINAL, Kind.MONTH))


def _of_month(cursor: Cursor) -> bool | None:
    """«месяца», «каждого месяца»."""
    cursor.one(Kind.EVERY)
    return True if cursor.one(Kind.MONTH_UNIT) is not None else None


def _days_of_month(cursor: Cursor) -> Often | None:
    """«до 5 числа», «1 и 15 числа каждого месяца», «не позднее 10 числа месяца, следующего за …»."""
    cursor.attempt(read_until) or cursor.one(Kind.IN)
    every = cursor.one(Kind.EVERY) is not None
    days = _several(cursor, Kind.NUMBER, Kind.ORDINAL)
    if not days or cursor.one(Kind.OF_MONTH) is None:
        return None
    piece = Often("month" if every else None, monthdays=days)
    which = cursor.attempt(_which_month)
    if which is not None:
        return replace(which, monthdays=days, unit=which.unit or piece.unit)
    return piece


def _last_day(cursor: Cursor) -> Often | None:
    """«последний день каждого месяца», «не позднее последнего дня месяца»."""
    cursor.attempt(read_until) or cursor.one(Kind.IN)
    number = cursor.one(Kind.ORDINAL, Kind.NUMBER)
    day = cursor.one(Kind.DAY_UNIT)
    if number is None or day is None or day.text not in ONE_DAY or cursor.attempt(_of_month) is None:
        return None
    return None if cursor.sees(Kind.MONTH) else Often("month", monthdays=(number.number,))


SHORT_WEEKDAY = 2  # letters of «пн»


def _which_month(cursor: Cursor) -> Often | None:
    """«каждого месяца», «текущего месяца», «месяца, следующего за отчетным», «последнего месяца квартала»."""
    every = cursor.one(Kind.EVERY) is not None
    reported = cursor.attempt(read_reported)
    if reported is not None:
        return Often(reported=reported)
    if cursor.take(Kind.FOLLOWING, Kind.MONTH_UNIT) is not None:
        return Often(reported="")
    nth = cursor.one(Kind.ORDINAL)
    cursor.one(Kind.CURRENT, Kind.REPORTED)
    if cursor.one(Kind.MONTH_UNIT) is None:
        return None
    if nth is None:
        return Often("month" if every else None)
    cursor.one(Kind.EVERY)
    return Often("quarter" if cursor.one(Kind.QUARTER) else None, month_of=nth.number)


def read_reported(cursor: Cursor) -> str | None:
    """«месяца, следующего за отчетным кварталом»: gives the unit, or "" if it is not named."""
    if cursor.one(Kind.MONTH_UNIT, Kind.YEAR_UNIT) is None:
        return None
    cursor.one(Kind.COMMA)
    if cursor.take(Kind.FOLLOWING, Kind.BEFORE_BY, Kind.REPORTED) is None:
        return None
    unit = cursor.one(Kind.QUARTER, Kind.MONTH_UNIT, Kind.SPELL, Kind.YEAR_UNIT)
    return _UNIT_NAMES.get(unit.kind, "") if unit else ""


def read_until(cursor: Cursor) -> Token | None:
    """«до», «вплоть до», «в срок до», «не позднее, чем», «к»: the token tells which."""
    cursor.one(Kind.IN)
    cursor.one(Kind.SPELL)
    if cursor.take(Kind.NOT, Kind.LATER) is not None:
        limit = cursor.tokens[cursor.at - 1]
        cursor.take(Kind.COMMA, Kind.THAN) or cursor.one(Kind.THAN)
        cursor.one(Kind.UNTIL)
        return limit
    cursor.one(Kind.UP)
    return cursor.one(Kind.UNTIL, Kind.TOWARDS)


OFTEN_RULES: tuple[Callable[[Cursor], Often | None], ...] = (
    _often_word,
    _times,
    _after_unit,
    _at_ends,
    _on_weekdays,
    _every_unit,
    _nth_weekday,
    _last_day,
    _days_of_month,
)
