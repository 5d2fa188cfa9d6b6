"""The day wanted in «перенести на апрель», «просим до 20.11», «на две недели».

Days of the calendar are read by ``plans.deadlines``; the ways a person speaks of days from today are in
``from_today``. What is said of another day (a reason, the deadline that was, a refusal) is left out, and
two different days are none: a person is asked.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from plans.answers.from_today import day_from_today
from plans.answers.plain import plain
from plans.answers.requests import Role, are_filling, pieces
from plans.deadline import Reading, Window
from plans.deadlines import read_deadlines
from plans.deadlines.cutting import clean, tokenise
from plans.deadlines.tokens import Token
from plans.deadlines.words import Kind

LONGEST_DELAY = 366  # days; nobody asks for more, so something else was meant
MOST_TOKENS = 9  # «последняя неделя апреля 2027 года»

Found = tuple[dt.date | None, int]  # the day, None if it is not clear, and how many tokens name it


def wanted_date(text: str, today: dt.date) -> dt.date | None:
    """Return the day that ``text`` asks for, not before ``today``; None if it names none, or is not clear.

    A day without a year is the next such day; a month or a week is its last day, «на две недели» is
    counted from ``today``. «до апреля», «до конца года» (calendar or school?), «на 2-3 дня», «на 5 рабочих
    дней» and days that are past are None. Never raises.
    """
    said = clean(_with_years(plain(text), today))
    tokens = tokenise(said)
    if tokens is None:
        return None
    days = set(_days(said, tokens, today))
    day = days.pop() if len(days) == 1 else None
    return day if day is not None and 0 <= (day - today).days <= LONGEST_DELAY else None


_NEXT_YEAR = re.compile(r"\b(?:следующего|будущего|след\.?) (?:календарного )?(?:года\b|г\.)")
_THIS_YEAR = re.compile(r"\b(?:этого|текущего|нынешнего) (?:календарного )?(?:года\b|г\.)|\bт\. ?г\.")
_SHORT = {r"\bт\. ?к\.": "так как", r"\bслед\.": "следующий", "\n": " ; "}
_OF_MONTH = re.compile(r"\b(января|февраля|марта|апреля|мая|июня|июля|августа|[а-я]+(?:тября|ября)) месяца\b")


def _with_years(said: str, today: dt.date) -> str:
    """Say «следующего года» in figures, and shortened words in full."""
    said = _NEXT_YEAR.sub(f"{today.year + 1} года", said)
    said = _THIS_YEAR.sub(f"{today.year} года", said)
    for short, full in _SHORT.items():
        said = re.sub(short, full, said)
    return _OF_MONTH.sub(r"\1", said)


def _days(said: str, tokens: Sequence[Token], today: dt.date) -> Iterator[dt.date | None]:
    """Yield the days that are wanted; None is a day, or a remark of days, that is not clear.

    Where nobody asks, the text may only be a day.
    """
    parts = list(pieces(tokens))
    first = next((at for at, piece in enumerate(parts) if piece.role is Role.ASKS), None)
    for at, piece in enumerate(parts):
        if piece.role is Role.ASKS:
            yield from _asked(piece.tokens, said, today)
        elif piece.role is Role.TELLS and first is None:
            yield None
        elif piece.role is Role.REMARKS and not are_filling(piece.tokens):
            day = _alone(piece.tokens, said, today)
            is_after = first is not None and at > first
            if day is not None or first is None or (is_after and _speaks_of_days(piece.tokens)):
                yield day


def _asked(tokens: Sequence[Token], said: str, today: dt.date) -> Iterator[dt.date | None]:
    """Yield the days in a piece that asks; one more day after them, with no «до», is not clear."""
    at, is_named = 0, False
    while at < len(tokens):
        found = _day(tokens, at, said, today)
        if found is not None:
            yield found[0]
            is_named = True
        elif is_named and _speaks_of_days(tokens[at : at + 1]):
            yield None
        at += found[1] if found is not None else 1


def _alone(tokens: Sequence[Token], said: str, today: dt.date) -> dt.date | None:
    """Read a day that is the whole piece, but for words that add nothing."""
    for at in range(len(tokens)):
        if not are_filling(tokens[:at]):
            return None
        found = _day(tokens, at, said, today)
        if found is not None:
            day, length = found
            return day if are_filling(tokens[at + length :]) else None
    return None


def _speaks_of_days(tokens: Sequence[Token]) -> bool:
    return any(token.kind in _OF_OTHER_DAYS for token in tokens)


# One day.

_LIMITS = frozenset({Kind.UNTIL, Kind.TOWARDS})
_OF_OTHER_DAYS = frozenset({Kind.DAY_DATE, Kind.MONTH_DATE, Kind.MONTH, Kind.WEEKDAY, Kind.YEAR})
# After a day these make it another one, or a choice.
_GOES_ON = _OF_OTHER_DAYS | {
    Kind.OR, Kind.DASH, Kind.SLASH, Kind.NUMBER, Kind.MONTH_UNIT, Kind.YEAR_UNIT, Kind.WEEK_UNIT,
    Kind.DAY_UNIT, Kind.QUARTER, Kind.HALF, Kind.TERM, Kind.SCHOOL, Kind.HOLIDAYS, Kind.WORKING,
    Kind.FOLLOWING, Kind.CURRENT, Kind.HAZARD, Kind.COMMA, Kind.STRANGE,
}  # fmt: skip
_CALENDAR = frozenset({Kind.MONTH, Kind.DAY_DATE, Kind.MONTH_DATE, Kind.QUARTER})
_UNITS = _CALENDAR | {
    Kind.MONTH_UNIT, Kind.YEAR_UNIT, Kind.WEEK_UNIT, Kind.DAY_UNIT, Kind.HALF, Kind.TERM, Kind.TRIMESTER,
    Kind.HOLIDAYS, Kind.DECADE, Kind.YEAR, Kind.WEEKDAY, Kind.END, Kind.BEGINNING, Kind.MIDDLE, Kind.SEASON,
    Kind.FOLLOWING, Kind.CURRENT,
}  # fmt: skip


def _day(tokens: Sequence[Token], at: int, said: str, today: dt.date) -> Found | None:
    """Read a day that begins at ``at``: after «до», «на», «к», «через», or first in its piece."""
    taken = _preposition(tokens, at)
    if taken is None:
        return None
    until = tokens[at].kind in _LIMITS or tokens[at].kind is Kind.NOT
    body = tokens[at + taken :]
    if not body:
        return None
    if tokens[at].kind is Kind.PASSING and body[0].kind is Kind.WEEKDAY:
        return None, taken + 1  # «через пятницу» is not the next one
    found = _calendar_day(body, said, today, until=until) or day_from_today(body, today, until=until)
    if found is None:
        unclear = taken and (body[0].kind in _UNITS or _is_number_alone(body))
        return (None, taken + 1) if unclear else None
    day, length = found
    return (None if _goes_on(body[length:]) else day), taken + length


def _preposition(tokens: Sequence[Token], at: int) -> int | None:
    """Count the tokens that say a day follows; 0 where it may begin a piece, None where none may be."""
    first = are_filling(tokens[:at])
    match tokens[at].kind:
        case Kind.UNTIL | Kind.TOWARDS | Kind.ON | Kind.PASSING:
            return 1
        case Kind.NOT if at + 1 < len(tokens) and tokens[at + 1].kind is Kind.LATER:
            return 2
        case Kind.IN:  # «в 10.10» is an hour
            in_figures = at + 1 < len(tokens) and tokens[at + 1].kind in {Kind.DAY_DATE, Kind.NUMBER}
            return 1 if first and not in_figures else None
    return 0 if first or (at > 0 and tokens[at - 1].text == "еще") else None


def _is_number_alone(body: Sequence[Token]) -> bool:
    """«до 15»."""
    return body[0].kind is Kind.NUMBER and (len(body) == 1 or body[1].kind in _UNITS | {Kind.WORKING})


def _goes_on(rest: Sequence[Token]) -> bool:
    if not rest:
        return False
    return rest[0].kind in _GOES_ON or (rest[0].kind is Kind.AND and len(rest) > 1)


def _calendar_day(body: Sequence[Token], said: str, today: dt.date, *, until: bool) -> Found | None:
    """Read the longest phrase of the calendar that ``body`` begins with."""
    for length in range(min(len(body), MOST_TOKENS), 0, -1):
        kinds = {token.kind for token in body[:length]}
        if not (kinds & _CALENDAR or kinds >= {Kind.SCHOOL, Kind.YEAR_UNIT}):
            return None
        phrase = said[body[0].start : body[length - 1].end]
        day = _next_end(f"до {phrase}" if until else phrase, today)
        if day is not None:
            return day, length
    return None


def _next_end(phrase: str, today: dt.date) -> dt.date | None:
    """Return the last day of a window in this year or in the next one, the first not before today.

    What this year does not have («пятница, 15 мая») is not looked for in the next one.
    """
    for year in (today.year, today.year + 1):
        reading = Reading(dt.date(year, 1, 1), dt.date(year, 12, 31), document_date=today)
        match read_deadlines(phrase, reading):
            case (Window(end=end),):
                if end >= today:
                    return end
            case _:
                return None
    return None
