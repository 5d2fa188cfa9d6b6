"""What a phrase adds for people only is dropped: times of day, «ориентировочно», remarks in brackets.

A deadline is a date; «15 сентября в 10:00» is the 15th of September.
"""

from collections.abc import Callable, Sequence
from operator import contains

from plans.deadlines.figures import DIGITS_OF_DAY, is_hour
from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.undated import read_no_date
from plans.deadlines.words import GLUE, ONE_DAY, Kind

QUARTER_OF_HOUR = 15


def without_asides(tokens: Sequence[Token]) -> list[Token] | None:
    """Return the tokens that say when; None if the brackets do not match."""
    sure = [token for token in tokens if token.kind is not Kind.ROUGHLY]
    return _without_remarks(_without_times(sure))


# Times of day.


def _without_times(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    cursor = Cursor(tokens)
    while not cursor.is_over():
        limit = cursor.attempt(_time_of_day) if tokens[cursor.at].kind in _TIME_BEGINNINGS else None
        if limit is None:
            limit = [tokens[cursor.at]]
            cursor.at += 1
        kept.extend(limit)
    return kept


_TIME_BEGINNINGS = frozenset({
    Kind.BEGINNING, Kind.NOT, Kind.IN, Kind.SINCE, Kind.UNTIL, Kind.TOWARDS, Kind.TIME, Kind.END,
    Kind.ORDINAL, Kind.NUMBER,
})  # fmt: skip


def _time_of_day(cursor: Cursor) -> list[Token] | None:
    """Take «в 10:00», «с 9 до 12 часов»; give back the «до» of «до 12:00 15 сентября»."""
    cursor.one(Kind.BEGINNING)
    before = cursor.at
    _take_preposition(cursor)
    limit = list(cursor.tokens[before : cursor.at])
    if cursor.attempt(_hours_range) or (limit and cursor.attempt(_counted_hours_range)):
        return []
    if cursor.attempt(lambda ahead: _moment(ahead, after=limit)) is None:
        return None
    return limit if _sees_day(cursor) else []


def _take_preposition(cursor: Cursor) -> None:
    if cursor.take(Kind.NOT, Kind.LATER) is not None:
        cursor.one(Kind.THAN)
    else:
        cursor.one(Kind.IN, Kind.SINCE, Kind.UNTIL, Kind.TOWARDS)


def _hours_range(cursor: Cursor) -> bool | None:
    """«10:00-12:00», «10.00 до 13.30»."""
    if cursor.attempt(_hour) is None or cursor.one(Kind.DASH, Kind.UNTIL, Kind.BY) is None:
        return None
    if cursor.attempt(_hour) is None:
        return None
    _take_zone(cursor)
    return True


def _counted_hours_range(cursor: Cursor) -> bool | None:
    """«9 до 12 часов»."""
    if cursor.one(Kind.NUMBER) is None or cursor.one(Kind.DASH, Kind.UNTIL, Kind.BY) is None:
        return None
    return True if cursor.take(Kind.NUMBER, Kind.HOUR) is not None else None


def _moment(cursor: Cursor, after: Sequence[Token]) -> bool | None:
    """«10:00», «10 ч. 30 мин.», «конца рабочего дня»; a bare figure is an hour only after a preposition."""
    rules: list[Callable[[Cursor], object]] = [_hour, _part_of_day]
    if after:
        rules.append(_counted_hour)
    if after and after[-1].kind is Kind.IN:
        rules.append(_hour_like_a_date)
    if not any(cursor.attempt(rule) for rule in rules):
        return None
    _take_zone(cursor)
    return True


def _hour(cursor: Cursor) -> bool | None:
    if cursor.one(Kind.TIME) is None:
        return None
    cursor.one(Kind.HOUR)
    return True


def _part_of_day(cursor: Cursor) -> bool | None:
    """«конца рабочего дня», «первой половине дня»."""
    if cursor.one(Kind.END) is not None:
        cursor.one(Kind.WORKING)
    elif cursor.one(Kind.ORDINAL, Kind.NUMBER) is None or cursor.one(Kind.HALF_OF) is None:
        return None
    day = cursor.one(Kind.DAY_UNIT)
    return True if day is not None and day.text in ONE_DAY else None


def _counted_hour(cursor: Cursor) -> bool | None:
    """«10 часов», «10 ч. 30 мин.»."""
    if cursor.take(Kind.NUMBER, Kind.HOUR) is None:
        return None
    cursor.take(Kind.NUMBER, Kind.MINUTE)
    return True


def _hour_like_a_date(cursor: Cursor) -> bool | None:
    """«в 10.10»: no one says «в» of a date in figures; «в 10-30» at the end of a phrase."""
    figures = cursor.one(Kind.DAY_DATE)
    if figures is not None:
        hour, minute, year = figures.day
        return True if year is None and is_hour(hour or 0, minute) else None
    parts = cursor.take(Kind.NUMBER, Kind.DASH, Kind.NUMBER)
    if parts is None or not (cursor.is_over() or cursor.rest[0].kind in {Kind.COMMA, Kind.BRACKET}):
        return None
    hour, minute = parts[0].number, parts[2].number
    whole = len(parts[2].text) == DIGITS_OF_DAY and minute % QUARTER_OF_HOUR == 0
    return True if whole and is_hour(hour, minute) else None


def _take_zone(cursor: Cursor) -> None:
    """«мск», «по московскому времени»."""
    if cursor.take(Kind.BY, Kind.ZONE, Kind.SPELL) is None:
        cursor.one(Kind.ZONE)


def _sees_day(cursor: Cursor) -> bool:
    """Whether the day of the hour follows it."""
    return (
        cursor.sees(Kind.DAY_DATE)
        or cursor.sees(Kind.NUMBER, Kind.MONTH)
        or cursor.sees(Kind.ORDINAL, Kind.MONTH)
        or cursor.sees(Kind.WEEKDAY)
    )


# Brackets.

_OPENING = "(["
_OF_CLASSES = frozenset({Kind.CLASSES, Kind.NUMBER, Kind.ORDINAL, Kind.DASH, Kind.COMMA, Kind.AND})
_DATE_ENDS = frozenset({Kind.YEAR, Kind.YEAR_UNIT, Kind.CURRENT_YEAR, Kind.DAY_DATE, Kind.MONTH})
_PART = ({Kind.NUMBER, Kind.ORDINAL}, {Kind.WEEK_UNIT, Kind.DECADE, Kind.HALF_OF})  # «3 неделя»
_YEARLESS = frozenset({Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.DAY_DATE})
_OF_NAMES = GLUE | {
    Kind.WORD, Kind.DAY_UNIT, Kind.QUOTE, Kind.NUMERO, Kind.COMMA, Kind.DASH, Kind.SCHOOL, Kind.CLASSES,
    Kind.ZONE,
}  # fmt: skip


def is_name(tokens: Sequence[Token]) -> bool:
    """Whether the tokens can only name something; figures only in quotation marks or after «№»."""
    quoted = False
    previous: Kind | None = None
    for token in tokens:
        if token.kind is Kind.QUOTE:
            quoted = not quoted
        excused = quoted and token.kind is not Kind.HAZARD
        numbered = previous is Kind.NUMERO and token.kind is Kind.NUMBER
        if not (excused or numbered or (token.kind in _OF_NAMES and not token.doubtful)):
            return False
        previous = token.kind
    return True


def _without_remarks(tokens: Sequence[Token]) -> list[Token] | None:
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if _is_quoted_day(tokens[at : at + 3]):
            kept.append(tokens[at + 1])
            at += 2
        elif token.kind is Kind.BRACKET:
            close = next((i for i in range(at + 1, len(tokens)) if tokens[i].kind is Kind.BRACKET), 0)
            if token.text not in _OPENING or not close or tokens[close].text in _OPENING:
                return None
            inside = tokens[at + 1 : close]
            if (not kept and close + 1 == len(tokens)) or _completes(inside, kept[-1] if kept else None):
                kept.extend(inside)
            elif not _is_remark(inside, kept[-1] if kept else None):
                kept.extend(tokens[at : close + 1])
            at = close
        else:
            kept.append(token)
        at += 1
    return kept


def _is_quoted_day(tokens: Sequence[Token]) -> bool:
    """«15» сентября: the blank of a form that was filled in."""
    return [token.kind for token in tokens] == [Kind.QUOTE, Kind.NUMBER, Kind.QUOTE]


def _completes(inside: Sequence[Token], before: Token | None) -> bool:
    """«сентябрь (2026 г.)», «5 ноября (среда)», «до 5 ноября (включительно)»: part of the date."""
    kinds = [token.kind for token in inside]
    if before is None:
        return False
    if kinds == [Kind.INCLUSIVE]:
        return True
    if kinds == [Kind.WEEKDAY] or (len(kinds) == len(_PART) and all(map(contains, _PART, kinds))):
        return before.kind in _DATE_ENDS
    return before.kind in _YEARLESS and kinds in ([Kind.YEAR], [Kind.YEAR, Kind.YEAR_UNIT])


def _is_remark(inside: Sequence[Token], before: Token | None) -> bool:
    """«(1-9, 11 кл.)», «10 (десяти)», «(по мере необходимости)»."""
    kinds = {token.kind for token in inside}
    if Kind.CLASSES in kinds and kinds <= _OF_CLASSES:
        return True
    if before is not None and kinds == {Kind.NUMBER} and len(inside) == 1:
        return before.kind is Kind.NUMBER and before.number == inside[0].number
    cursor = Cursor(inside)
    return is_name(inside) or (cursor.attempt(read_no_date) is not None and cursor.is_over())
