"""Figures and counting words that make one thing: a date, an hour, «25-го», «двадцать пятого»."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from plans.deadlines.tokens import Token
from plans.deadlines.words import ORDINAL_SUFFIXES, Kind

CENTURY = 2000
DIGITS_OF_YEAR = 4
DIGITS_OF_DAY = 2
SOME_LEAP_YEAR = 2024
HOURS, MINUTES = 24, 60
TENS = 10

_ROMAN_MONTHS = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11,
    "xii": 12,
}  # fmt: skip
_LONGEST_JOINED = 6
_COUNTING = frozenset({Kind.NUMBER, Kind.YEAR, Kind.ORDINAL})

Joined = tuple[Token, int] | None


def join_figures(tokens: Sequence[Token]) -> list[Token]:
    """Join the figures that make one date, one hour or one ordinal."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        joined = _joined(tokens[at : at + _LONGEST_JOINED]) if tokens[at].kind in _COUNTING else None
        token, length = joined or (tokens[at], 1)
        found.append(token)
        at += length
    return found


def _joined(tokens: Sequence[Token]) -> Joined:
    return next((joined for rule in _RULES if (joined := rule(tokens)) is not None), None)


def is_glued(tokens: Sequence[Token]) -> bool:
    """Whether nothing stands between the tokens."""
    return all(left.end == right.start for left, right in pairwise(tokens))


def is_hour(hour: int, minute: int) -> bool:
    """Whether the figures can be a time of day."""
    return hour <= HOURS and minute < MINUTES


def _iso_date(tokens: Sequence[Token]) -> Joined:
    """«2021-09-15»."""
    parts = tokens[:5]
    if [token.kind for token in parts] != [Kind.YEAR, Kind.DASH, Kind.NUMBER, Kind.DASH, Kind.NUMBER]:
        return None
    if not is_glued(parts) or not all(len(part.text) == DIGITS_OF_DAY for part in (parts[2], parts[4])):
        return None
    return _date(parts, parts[4].number, parts[2].number, parts[0].number), len(parts)


def _signed_date(tokens: Sequence[Token]) -> Joined:
    """«15/09/2021», «15-09-2021», «15.IX.2021»: all three figures, the same sign between them."""
    parts = tokens[:5]
    if len(parts) < len(("day", "sign", "month", "sign", "year")) or not is_glued(parts):
        return None
    day, sign, month, same, year = parts
    roman = _ROMAN_MONTHS.get(month.text.replace("х", "x"))
    if day.kind is not Kind.NUMBER or sign.text != same.text or year.kind is not Kind.YEAR:
        return None
    if roman is None and (month.kind is not Kind.NUMBER or sign.kind not in {Kind.SLASH, Kind.DASH}):
        return None
    return _date(parts, day.number, roman or month.number, year.number), len(parts)


def _dotted_date(tokens: Sequence[Token]) -> Joined:
    """«08.09», «08.09.», «08.09.21», «08.09.2021», «09.2021»."""
    kinds = [token.kind if token.text != "." else Kind.COMMA for token in tokens]
    if kinds[:3] not in ([Kind.NUMBER, Kind.COMMA, Kind.NUMBER], [Kind.NUMBER, Kind.COMMA, Kind.YEAR]):
        return None
    if tokens[1].text != "." or not (is_glued(tokens[:3]) or _is_spaced_date(tokens)):
        return None
    first, second = tokens[0].number, tokens[2].number
    if kinds[2] is Kind.YEAR:
        return _date(tokens[:3], None, first, second), 3
    if len(tokens) < 4 or tokens[3].text != "." or not (is_glued(tokens[2:4]) or _is_spaced_date(tokens)):  # noqa: PLR2004 - «08.09» and its stop
        return _date(tokens[:3], first, second, None), 3
    year = tokens[4] if len(tokens) > 4 else None  # noqa: PLR2004 - the figure after the stop
    if year is None or not _is_year_of_date(year, glued=year.start == tokens[3].end):
        return _date(tokens[:4], first, second, None), 4
    value = year.number if year.kind is Kind.YEAR else CENTURY + year.number
    return _date(tokens[:5], first, second, value), 5


def _is_spaced_date(tokens: Sequence[Token]) -> bool:
    """«02. 10. 2023»: with all three figures and both stops it is a date, however it is spaced."""
    shape = [token.text if token.kind is Kind.STRANGE else token.kind for token in tokens[:5]]
    return shape == [Kind.NUMBER, ".", Kind.NUMBER, ".", Kind.YEAR]


def _is_year_of_date(token: Token, *, glued: bool) -> bool:
    return token.kind is Kind.YEAR or (
        glued and token.kind is Kind.NUMBER and len(token.text) == DIGITS_OF_DAY
    )


def _date(parts: Sequence[Token], day: int | None, month: int, year: int | None) -> Token:
    """Return the date; two figures that are none may be an hour («10.30»)."""
    token = Token(Kind.MONTH_DATE, "", parts[0].start, parts[-1].end, day=(day, month, year))
    if day is not None:
        token = replace(token, kind=Kind.DAY_DATE)
    try:
        dt.date(year or SOME_LEAP_YEAR, month, 1 if day is None else day)
    except ValueError:
        may_be_hour = year is None and len(parts[2].text) == DIGITS_OF_DAY and is_hour(day or 0, month)
        return replace(token, kind=Kind.TIME if may_be_hour else Kind.STRANGE)
    return token


def _time(tokens: Sequence[Token]) -> Joined:
    """«10:00»."""
    parts = tokens[:3]
    if [token.kind for token in parts] != [Kind.NUMBER, Kind.COLON, Kind.NUMBER] or not is_glued(parts):
        return None
    hour, _, minute = parts
    if len(minute.text) != DIGITS_OF_DAY or not is_hour(hour.number, minute.number):
        return None
    return Token(Kind.TIME, "", hour.start, minute.end), len(parts)


def _ordinal(tokens: Sequence[Token]) -> Joined:
    """«25-го», «1й», «I-й»: the ending adds nothing to the figure."""
    if tokens[0].kind not in {Kind.NUMBER, Kind.ORDINAL}:
        return None
    dash = len(tokens) > 1 and tokens[1].kind is Kind.DASH
    parts = tokens[: 3 if dash else 2]
    ending = parts[-1]
    if len(parts) < 2 or ending.text not in ORDINAL_SUFFIXES or not is_glued(parts):  # noqa: PLR2004 - figure and ending
        return None
    return replace(tokens[0], end=ending.end), len(parts)


def _tens_and_ones(tokens: Sequence[Token]) -> Joined:
    """«двадцать пятого», «тридцать первое»."""
    if len(tokens) < len(("tens", "ones")):
        return None
    tens, ones = tokens[:2]
    if tens.kind is not Kind.NUMBER or not tens.text.isalpha() or tens.number % TENS or tens.number == TENS:
        return None
    if ones.kind not in {Kind.NUMBER, Kind.ORDINAL} or not (ones.text.isalpha() and 0 < ones.number < TENS):
        return None
    return replace(ones, start=tens.start, value=tens.number + ones.number), 2


_RULES = (_iso_date, _signed_date, _dotted_date, _time, _ordinal, _tens_and_ones)
