"""Deadlines counted from an event: «в течение 10 дней после утверждения приказа», «за 2 недели до ГИА»."""

from collections.abc import Sequence
from itertools import pairwise

from plans.deadline import Relative
from plans.deadlines.events import each_event, event_name
from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.words import Kind

SAME_DAY = "P0D"

# An event that is told by these has a date of its own, or is no event: a person is asked.
_NOT_OF_EVENTS = frozenset({
    Kind.YEAR, Kind.DAY_DATE, Kind.MONTH_DATE, Kind.MONTH, Kind.OFTEN, Kind.TIMES, Kind.TWICE, Kind.DURING,
    Kind.CONSTANTLY, Kind.ONWARDS, Kind.UNTIL, Kind.AFTER, Kind.WEEKDAYS, Kind.WEEKDAY, Kind.HAZARD,
    Kind.CURRENT, Kind.CURRENT_YEAR,
})  # fmt: skip
_EVENT_BEGINNINGS = frozenset({
    Kind.WORD, Kind.BEGINNING, Kind.END, Kind.CARRYING_OUT, Kind.HOLIDAYS, Kind.PLAN,
})  # fmt: skip


def read_relative(cleaned: str, tokens: Sequence[Token]) -> Relative | None:
    """Return the deadline if the whole phrase counts from an event; ``cleaned`` gives the event's words."""
    cursor = Cursor(tokens)
    for rule in (_after_length, _before_length, _after, _outcome, _eve, _next_day, _same_day):
        offset_and_name = cursor.attempt(rule)
        if offset_and_name is None:
            continue
        offset, name = offset_and_name
        if cursor.is_over() and name in _ALONE:
            return Relative(name, offset)
        each = cursor.one(Kind.EVERY)
        if not _is_event(cursor.rest):
            return None
        words = " ".join(cleaned[cursor.rest[0].start : cursor.rest[-1].end].split())
        return Relative(_called(name, each.text if each else "", words), offset)
    return None


def _called(name: str, each: str, words: str) -> str:
    if name:
        return " ".join(filter(None, (name, each, words)))
    return each_event(each, words) if each else event_name(words)


_ALONE = frozenset({"завершение", "окончание"})


def _is_event(tokens: Sequence[Token]) -> bool:
    """Figures only count classes; what a year or a quarter ends with is no event but a date."""
    if not tokens or any(token.kind in _NOT_OF_EVENTS for token in tokens):
        return False
    kinds = {token.kind for token in tokens}
    if Kind.NUMBER in kinds and Kind.CLASSES not in kinds:
        return False
    if any(this.kind is Kind.EVERY and after.kind is not Kind.WORD for this, after in pairwise(tokens)):
        return False
    return tokens[0].kind in _EVENT_BEGINNINGS


Offset = tuple[str, str]  # ISO 8601, and the word the event's name begins with («день», «»)


def _after_length(cursor: Cursor) -> Offset | None:
    """«в течение 10 дней после», «в 10-дневный срок со дня», «не позднее 5 рабочих дней с момента»."""
    _take_limit(cursor)
    cursor.one(Kind.IN)
    cursor.one(Kind.DURING, Kind.PASSING)
    length = cursor.attempt(_length_adjective) or cursor.attempt(_length)
    if length is None:
        return None
    if cursor.one(Kind.AFTER) is not None:
        return length, ""
    name = cursor.attempt(_since_moment)
    return None if name is None else (length, name)


def _since_moment(cursor: Cursor) -> str | None:
    """«с момента» adds nothing to the name of the event, «со дня», «с даты» do."""
    if cursor.one(Kind.SINCE) is None:
        return None
    moment = cursor.one(Kind.MOMENT)
    if moment is not None:
        return str(moment.value)
    return "день" if cursor.one(Kind.DAY_UNIT) is not None else None


def _before_length(cursor: Cursor) -> Offset | None:
    """«за 10 дней до», «не позднее чем за две недели до»."""
    limited = _take_limit(cursor, Kind.LEAST)
    if cursor.one(Kind.BEFORE_BY) is None and not limited:
        return None
    length = cursor.attempt(_length)
    if length is None or cursor.one(Kind.UNTIL) is None:
        return None
    return f"-{length}", ""


def _take_limit(cursor: Cursor, *others: Kind) -> bool:
    """Take «не позднее, чем», before an event also «не менее чем»."""
    limited = any(cursor.take(Kind.NOT, kind) is not None for kind in (Kind.LATER, *others))
    cursor.take(Kind.COMMA, Kind.THAN) or cursor.one(Kind.THAN)
    return limited


def _length(cursor: Cursor) -> str | None:
    """«3 рабочих дней», «две недели», «месяца»; working days are counted as they are printed."""
    number = cursor.one(Kind.NUMBER)
    cursor.one(Kind.WORKING, Kind.CALENDAR)
    unit = cursor.one(*_LENGTHS)
    count = number.number if number is not None else 1
    if unit is None or not count:
        return None
    length, letter = _LENGTHS[unit.kind]
    return f"P{count * length}{letter}"


_LENGTHS = {
    Kind.DAY_UNIT: (1, "D"),
    Kind.WEEK_UNIT: (7, "D"),
    Kind.MONTH_UNIT: (1, "M"),
    Kind.HALF: (6, "M"),
    Kind.YEAR_UNIT: (1, "Y"),
}


def _length_adjective(cursor: Cursor) -> str | None:
    """«месячный срок», «10-дневный срок»."""
    adjective = cursor.one(Kind.LENGTH)
    if adjective is not None:
        return str(adjective.value) if cursor.one(Kind.SPELL) is not None else None
    number = cursor.one(Kind.NUMBER)
    cursor.one(Kind.DASH)
    if number is None or cursor.take(Kind.DAYS_LONG, Kind.SPELL) is None:
        return None
    return f"P{number.number}D"


def _after(cursor: Cursor) -> Offset | None:
    """«после», «сразу после»."""
    cursor.one(Kind.AT_ONCE)
    return (SAME_DAY, "") if cursor.one(Kind.AFTER) is not None else None


def _eve(cursor: Cursor) -> Offset | None:
    return ("-P1D", "") if cursor.one(Kind.EVE) is not None else None


def _next_day(cursor: Cursor) -> Offset | None:
    """«на следующий день после»."""
    if cursor.take(Kind.ON, Kind.FOLLOWING) is None:
        return None
    cursor.one(Kind.WORKING)
    return ("P1D", "") if cursor.take(Kind.DAY_UNIT, Kind.AFTER) is not None else None


def _outcome(cursor: Cursor) -> Offset | None:
    """«по итогам ВПР», «по окончании экзаменов»."""
    if cursor.one(Kind.BY) is None:
        return None
    word = cursor.one(Kind.OUTCOME, Kind.COMPLETION)
    if word is None:
        return None
    return SAME_DAY, str(word.value) if word.kind is Kind.COMPLETION else ""


def _same_day(cursor: Cursor) -> Offset | None:
    """«в день проведения собеседования»."""
    day = cursor.take(Kind.IN, Kind.DAY_UNIT)
    return (SAME_DAY, "день") if day is not None and day[1].text == "день" else None
