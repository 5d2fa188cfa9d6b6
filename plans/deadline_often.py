"""How often something is due, in words: «ежемесячно до 5 числа», «1 раз в квартал», «по средам»."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from plans.deadline_tokens import Cursor, Token
from plans.deadline_words import Kind


@dataclass(frozen=True)
class Often:
    """How often; one phrase may say it in several pieces: «ежемесячно», «до 5 числа».

    ``times`` in ``interval`` units; ``nth`` of ``weekdays``; ``reported`` is the unit a report is about
    («за отчетным кварталом»), "" where the phrase speaks of a report and does not name the unit.
    """

    unit: str | None = None
    interval: int = 1
    times: int = 1
    monthdays: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    nth: int = 0
    reported: str | None = None


_UNIT_NAMES = {
    Kind.DAY_UNIT: "day",
    Kind.WEEK_UNIT: "week",
    Kind.MONTH_UNIT: "month",
    Kind.QUARTER: "quarter",
    Kind.TERM: "term",
    Kind.HALF: "half",
    Kind.YEAR_UNIT: "year",
}


def _often_word(cursor: Cursor) -> Often | None:
    word = cursor.one(Kind.OFTEN)
    return None if word is None else Often(str(word.value))


def _every_unit(cursor: Cursor) -> Often | None:
    """«каждый квартал», «каждую неделю»."""
    if cursor.one(Kind.EVERY) is None:
        return None
    unit = cursor.one(*_UNIT_NAMES)
    return None if unit is None else Often(_UNIT_NAMES[unit.kind])


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
    if cursor.one(Kind.IN) is None:
        return None
    cursor.one(Kind.EVERY)
    interval = cursor.one(Kind.NUMBER)
    unit = cursor.one(*_UNIT_NAMES)
    if unit is None:
        return None
    count, length = (times.number if times else 1), (interval.number if interval else 1)
    return Often(_UNIT_NAMES[unit.kind], interval=length, times=count) if count and length else None


def _after_unit(cursor: Cursor) -> Often | None:
    """«по итогам четверти», «по окончании каждого полугодия»."""
    if cursor.one(Kind.BY) is None or cursor.one(Kind.OUTCOME, Kind.COMPLETION) is None:
        return None
    cursor.one(Kind.EVERY)
    unit = cursor.one(Kind.TERM, Kind.HALF, Kind.QUARTER, Kind.MONTH_UNIT)
    return None if unit is None else Often(_UNIT_NAMES[unit.kind])


def _at_ends(cursor: Cursor) -> Often | None:
    """«в конце каждого месяца»."""
    if cursor.take(Kind.IN, Kind.END, Kind.EVERY) is None:
        return None
    unit = cursor.one(Kind.TERM, Kind.HALF, Kind.QUARTER, Kind.MONTH_UNIT)
    return None if unit is None else Often(_UNIT_NAMES[unit.kind])


def _on_weekdays(cursor: Cursor) -> Often | None:
    """«по средам и пятницам»."""
    if cursor.one(Kind.BY) is None:
        return None
    days = _several(cursor, Kind.WEEKDAYS)
    return Often("week", weekdays=days) if days else None


def _several(cursor: Cursor, kind: Kind) -> tuple[int, ...]:
    """Take «5», «5 и 20», «5, 10 и 20»."""
    found: list[int] = []
    first = cursor.one(kind)
    while first is not None:
        found.append(first.number)
        first = cursor.attempt(lambda ahead: _one_more(ahead, kind))
    return tuple(sorted(found))


def _one_more(cursor: Cursor, kind: Kind) -> Token | None:
    return cursor.one(kind) if cursor.one(Kind.COMMA, Kind.AND) is not None else None


def _nth_weekday(cursor: Cursor) -> Often | None:
    """«первый понедельник месяца», «каждую среду», «(последняя пятница)»."""
    cursor.one(Kind.IN)
    every = cursor.one(Kind.EVERY) is not None
    nth = cursor.one(Kind.ORDINAL)
    days = _several(cursor, Kind.WEEKDAY)
    if not days or cursor.sees(Kind.MONTH):
        return None
    monthly = cursor.attempt(_of_month) is not None
    if nth is None and monthly and not every:
        return None
    if every or monthly:
        return Often("month" if nth else "week", weekdays=days, nth=nth.number if nth else 0)
    return Often(weekdays=days, nth=nth.number if nth else 0)


def _of_month(cursor: Cursor) -> bool | None:
    """«месяца», «каждого месяца»."""
    cursor.one(Kind.EVERY)
    return True if cursor.one(Kind.MONTH_UNIT) is not None else None


def _days_of_month(cursor: Cursor) -> Often | None:
    """«до 5 числа», «1 и 15 числа каждого месяца», «не позднее 10 числа месяца, следующего за …»."""
    cursor.attempt(read_until) or cursor.one(Kind.IN)
    every = cursor.one(Kind.EVERY) is not None
    days = _several(cursor, Kind.NUMBER)
    if not days or cursor.one(Kind.OF_MONTH) is None:
        return None
    piece = Often("month" if every else None, monthdays=days)
    reported = cursor.attempt(read_reported)
    if reported is not None:
        return replace(piece, reported=reported)
    if cursor.take(Kind.EVERY, Kind.MONTH_UNIT) is not None:
        return replace(piece, unit="month")
    if every:
        cursor.one(Kind.MONTH_UNIT)
    return piece


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
    """«до», «в срок до», «не позднее», «к»: the token tells which."""
    cursor.one(Kind.IN)
    cursor.one(Kind.SPELL)
    if cursor.take(Kind.NOT, Kind.LATER) is not None:
        cursor.one(Kind.THAN)
        return cursor.tokens[cursor.at - 1]
    return cursor.one(Kind.UNTIL, Kind.TOWARDS)


OFTEN_RULES: tuple[Callable[[Cursor], Often | None], ...] = (
    _often_word,
    _times,
    _after_unit,
    _at_ends,
    _on_weekdays,
    _every_unit,
    _nth_weekday,
    _days_of_month,
)
