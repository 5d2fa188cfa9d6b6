"""Days as a person counts them from today: «завтра», «на две недели», «в следующий понедельник»."""

import calendar
import datetime as dt
from collections.abc import Sequence

from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.words import Kind

DAYS_IN_WEEK = 7
MONTHS_IN_YEAR = 12
MOST_MONTHS = 12
DECEMBER, LAST = 12, 31

Found = tuple[dt.date | None, int]  # the day, None if it is not clear, and how many tokens name it

_WORDS = {"сегодня": 0, "завтра": 1, "послезавтра": 2, "завтрашнего": 1}
_FEW = frozenset({"пару", "несколько", "пара", "полтора", "полторы", "пол"})
_WHICH = {"следующ": "next", "будущ": "next", "ближайш": "near", "эт": "this", "текущ": "this"}
_DAYS = {Kind.DAY_UNIT: 1, Kind.WEEK_UNIT: DAYS_IN_WEEK}
_MONTHS = {Kind.MONTH_UNIT: 1, Kind.HALF: 6, Kind.YEAR_UNIT: MONTHS_IN_YEAR}
_ONE_OF = frozenset({"неделю", "месяц", "полгода", "год"})  # a unit that needs no number


def day_from_today(body: Sequence[Token], today: dt.date, *, until: bool) -> Found | None:
    """Read the day that ``body`` begins with; ``until`` after «до», «к».

    A week ends on Sunday, a month on its last day. None where no day is named; a day that has two
    readings («в следующую пятницу» said on a Monday) is (None, length).
    """
    for rule in (_word, _length, _weekday, _end_of, _whole, _day_of_month, _new_year):
        cursor = Cursor(body)
        found = rule(cursor, today, until)
        if found is not None:
            return found[0], cursor.at
    return None


Day = tuple[dt.date | None] | None


def _word(cursor: Cursor, today: dt.date, _until: bool) -> Day:
    """«завтра», «завтрашнего дня»."""
    word = cursor.one(Kind.WORD)
    if word is None or word.text not in _WORDS:
        return None
    if word.text == "завтрашнего":
        cursor.one(Kind.DAY_UNIT)
    return (today + dt.timedelta(days=_WORDS[word.text]),)


def _length(cursor: Cursor, today: dt.date, until: bool) -> Day:
    """«две недели», «10 дней»; ranges, parts, «несколько» and working days are not clear."""
    first = cursor.one(Kind.NUMBER)
    vague = any(cursor.take(sign, Kind.NUMBER) is not None for sign in (Kind.DASH, Kind.COMMA))
    if first is None and cursor.rest and cursor.rest[0].text in _FEW:
        vague = cursor.one(cursor.rest[0].kind) is not None
    vague = cursor.one(Kind.WORKING) is not None or vague
    cursor.one(Kind.CALENDAR)
    unit = cursor.one(*_DAYS, *_MONTHS)
    if unit is None or (unit.kind is Kind.HALF and (first or unit.text != "полгода")):
        return None  # «1 полугодие» is a part of the year
    if first is None and not vague and unit.text not in _ONE_OF:
        return None
    if first is None and not vague and cursor.rest and cursor.rest[0].kind is Kind.WORD:
        return None  # «на месяц математики»
    count = first.number if first else 1
    if vague or until or not count:
        return (None,)
    if unit.kind in _DAYS:
        return (today + dt.timedelta(days=count * _DAYS[unit.kind]),)
    months = count * _MONTHS[unit.kind]
    return (_months_later(today, months) if months <= MOST_MONTHS else None,)


def _weekday(cursor: Cursor, today: dt.date, _until: bool) -> Day:
    """«понедельник» is the first one after today, «следующий» only where that is also in the next week."""
    which = _which(cursor)
    named = cursor.one(Kind.WEEKDAY)
    if named is None:
        return None
    ahead = (named.number - today.weekday()) % DAYS_IN_WEEK
    first = today + dt.timedelta(days=ahead or DAYS_IN_WEEK)
    next_week = _monday(today) + dt.timedelta(days=DAYS_IN_WEEK + named.number)
    if which == "next":
        return (first if first == next_week else None,)
    if not ahead or (which == "this" and first == next_week):
        return (None,)
    return (first,)


def _end_of(cursor: Cursor, today: dt.date, _until: bool) -> Day:
    """«конца месяца», «конце следующей недели»."""
    end = cursor.one(Kind.END)
    if end is None or not end.text.startswith("кон"):
        return None
    return _unit_end(cursor, today)


def _whole(cursor: Cursor, today: dt.date, until: bool) -> Day:
    """«следующую неделю»; «до следующей недели» may be the day before it."""
    if cursor.rest and cursor.rest[0].kind in {Kind.WEEK_UNIT, Kind.MONTH_UNIT}:
        return None
    found = _unit_end(cursor, today)
    return (None,) if found is not None and until else found


def _unit_end(cursor: Cursor, today: dt.date) -> Day:
    which = _which(cursor)
    unit = cursor.one(Kind.WEEK_UNIT, Kind.MONTH_UNIT)
    if unit is None or which == "near":
        return None
    later = 1 if which == "next" else 0
    if unit.kind is Kind.WEEK_UNIT:
        return (_monday(today) + dt.timedelta(days=DAYS_IN_WEEK * (later + 1) - 1),)
    return (_last_day(_months_later(today.replace(day=1), later)),)


def _day_of_month(cursor: Cursor, today: dt.date, _until: bool) -> Day:
    """«15-го», «15 числа следующего месяца»."""
    number = cursor.one(Kind.NUMBER, Kind.ORDINAL)
    if number is None:
        return None
    ending = number.text.isdigit() and number.end - number.start > len(number.text)
    if cursor.one(Kind.OF_MONTH) is None and not ending:
        return None
    before = cursor.at
    which = _which(cursor)
    if cursor.one(Kind.MONTH_UNIT) is None:
        cursor.at, which = before, ""
    elif which not in {"next", "this"}:
        return (None,)
    later = which == "next" or (which != "this" and number.number < today.day)
    month = _months_later(today.replace(day=1), int(later))
    if not 1 <= number.number <= _last_day(month).day:
        return (None,)
    return (month.replace(day=number.number),)


def _new_year(cursor: Cursor, today: dt.date, until: bool) -> Day:
    """«до нового года»."""
    word = cursor.one(Kind.WORD)
    if not until or word is None or word.text not in {"нового", "новому"}:
        return None
    return (dt.date(today.year, DECEMBER, LAST),) if cursor.one(Kind.YEAR_UNIT) is not None else None


def _which(cursor: Cursor) -> str:
    """Take «следующий», «этой», «ближайшую»: «next», «this», «near», or nothing."""
    if not cursor.rest:
        return ""
    word = cursor.rest[0]
    if word.kind not in {Kind.WORD, Kind.FOLLOWING, Kind.CURRENT, Kind.HAZARD}:
        return ""
    which = next((meaning for stem, meaning in _WHICH.items() if word.text.startswith(stem)), "")
    if which:
        cursor.at += 1
    return which


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _months_later(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or its last one where it has no such day."""
    years, month = divmod(day.month - 1 + months, MONTHS_IN_YEAR)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _last_day(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
