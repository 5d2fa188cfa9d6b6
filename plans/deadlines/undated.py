"""No date of its own: «по отдельному плану», «по мере необходимости», «срок не установлен»."""

from dataclasses import dataclass

from plans.deadlines.tokens import Cursor
from plans.deadlines.words import Kind


@dataclass(frozen=True)
class NoDate:
    """«по отдельному плану», «по мере необходимости»."""


LONGEST_HEAD = 3
# What no plan of one's own and no name of an event is made of: where it stands, a date may be meant.
_TIMED = frozenset({
    Kind.NUMBER, Kind.YEAR, Kind.DAY_DATE, Kind.MONTH_DATE, Kind.MONTH, Kind.OFTEN, Kind.TIMES, Kind.TWICE,
    Kind.EVERY, Kind.WEEKDAY, Kind.WEEKDAYS, Kind.DURING, Kind.CONSTANTLY, Kind.ONWARDS, Kind.UNTIL,
    Kind.NOT, Kind.HAZARD, Kind.CURRENT, Kind.CURRENT_YEAR, Kind.TIME,
})  # fmt: skip


def read_no_date(cursor: Cursor) -> NoDate | None:
    """Take «по плану …», «в соответствии с графиком», «по мере …»: up to the next sign, no date in it."""
    if cursor.attempt(_own_plan) is None:
        return None
    quoted = False
    while not cursor.is_over() and not _is_end(cursor):
        if cursor.sees(Kind.IN, Kind.DURING):
            break
        quoted ^= cursor.sees(Kind.QUOTE)
        numbered = cursor.take(Kind.NUMERO, Kind.NUMBER) is not None
        if not numbered:
            if cursor.rest[0].kind in _TIMED and not quoted:
                return None
            cursor.at += 1
    return NoDate()


def _is_end(cursor: Cursor) -> bool:
    """Whether a sign ends it; the comma of «в сроки, установленные графиком» does not."""
    if cursor.sees(Kind.COMMA, Kind.SETTLED):
        return False
    return cursor.sees(Kind.COMMA) or cursor.sees(Kind.BRACKET)


def _own_plan(cursor: Cursor) -> bool | None:
    for words in _WITHOUT_DATE:
        if cursor.take(*words) is not None:
            return True
    if not any(cursor.take(*words) is not None for words in _TO_A_PLAN):
        return None
    for _ in range(LONGEST_HEAD):
        cursor.one(Kind.WORD, Kind.SCHOOL, Kind.CALENDAR, Kind.WORKING, Kind.SETTLED)
    return True if cursor.one(Kind.PLAN) is not None else None


_WITHOUT_DATE = (
    (Kind.UNSETTLED,),
    (Kind.SPELL, Kind.UNSETTLED),
    (Kind.MOMENT, Kind.UNSETTLED),
    (Kind.NOT, Kind.SETTLED),
    (Kind.SPELL, Kind.NOT, Kind.SETTLED),
    (Kind.MOMENT, Kind.NOT, Kind.SETTLED),
    (Kind.IN, Kind.SETTLED, Kind.SPELL),
    (Kind.IN, Kind.SPELL, Kind.SETTLED),
    (Kind.IN, Kind.SPELL, Kind.COMMA, Kind.SETTLED),
    (Kind.IN, Kind.WORKING, Kind.MANNER),
    (Kind.IN, Kind.CASE, Kind.NEED),
    (Kind.WHEN, Kind.NEED),
    (Kind.BY, Kind.MEASURE),
    (Kind.BY, Kind.NEED),
)
_TO_A_PLAN = ((Kind.ACCORDING,), (Kind.IN, Kind.ACCORDANCE, Kind.SINCE), (Kind.BY,))
