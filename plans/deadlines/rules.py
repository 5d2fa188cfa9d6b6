"""The grammar of deadlines: tokens in, clauses out. What the clauses mean in days is not known here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from plans.deadlines.clauses import Clause, Dates, Onwards, Piece, Since, Until, Whole
from plans.deadlines.names import is_harmless_tail, skip_heading
from plans.deadlines.often import OFTEN_RULES, read_reported, read_until
from plans.deadlines.span_rules import (
    read_current_year,
    read_part_after_month,
    read_school_years,
    read_span,
    read_stretch,
    read_two_years,
    settle,
)
from plans.deadlines.spans import Grain, Span, Stretch
from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.undated import read_no_date
from plans.deadlines.words import Kind

_DAYS = (Dates, Until, Since)
_LISTING = frozenset({Kind.COMMA, Kind.BRACKET, Kind.AND})
_BETWEEN = (Kind.COMMA, Kind.BRACKET, Kind.DASH, Kind.COLON, Kind.AND)


def parse(tokens: Sequence[Token]) -> list[Piece] | None:
    """Return the clauses of a whole phrase, or None if any part of it is not understood."""
    cursor = Cursor(tokens)
    skip_heading(cursor)
    pieces: list[Piece] = []
    bracketed = False
    while not cursor.is_over():
        listed = False
        while (sign := cursor.one(*_BETWEEN)) is not None:
            listed |= sign.kind in _LISTING
            bracketed ^= sign.kind is Kind.BRACKET
        if cursor.is_over():
            # A dash that leads nowhere has lost the end of a range.
            return pieces if pieces and listed else None
        clause = read_clause(cursor)
        if clause is None:
            return pieces if pieces and is_harmless_tail(cursor) else None
        if pieces and not listed and _have_lost_a_sign(pieces[-1].clause, clause):
            return None
        pieces.extend(Piece(part, bracketed) for part in _all_until(clause, pieces, bracketed=bracketed))
    return pieces or None


def _have_lost_a_sign(before: Clause, after: Clause) -> bool:
    """«сентябрь декабрь» is a list or a range, «май 2021-2023» is too much for one."""
    days = isinstance(before, _DAYS) and isinstance(after, _DAYS)
    mixed = isinstance(before, Dates | Whole) and isinstance(after, Dates | Whole)
    return days or (mixed and type(before) is not type(after))


def _all_until(clause: Clause, before: list[Piece], *, bracketed: bool) -> list[Clause]:
    """«до 15 мая, 15 ноября»: «до» is said once for all the days of a list."""
    last = before[-1] if before else None
    if last is None or last.bracketed != bracketed or not isinstance(clause, Dates):
        return [clause]
    match last.clause:
        case Until(Span(grain=Grain.DAY), edge=""):
            days = [stretch.first for stretch in clause.stretches if stretch.first == stretch.last]
        case _:
            return [clause]
    if len(days) < len(clause.stretches) or any(day.grain is not Grain.DAY for day in days):
        return [clause]
    return [Until(day) for day in days]


def read_clause(cursor: Cursor) -> Clause | None:
    """Take the longest clause that any rule knows here."""
    for rule in _RULES:
        clause: Clause | None = cursor.attempt(rule)
        if clause is not None:
            return clause
    return None


# Until when, and from when.

_UNEXPLAINED = frozenset({Grain.PENDING, Grain.SEASON})


def _until(cursor: Cursor) -> Until | None:
    word = cursor.attempt(read_until) or cursor.one(Kind.BY)
    if word is None:
        return None
    found = cursor.attempt(_until_edge) or cursor.attempt(lambda ahead: _until_span(ahead, word))
    if found is None or cursor.sees(Kind.OF_MONTH):
        return None
    cursor.one(Kind.INCLUSIVE)
    reported = cursor.attempt(read_reported)
    return replace(found, next_year=True) if reported is not None else found


def _until_edge(cursor: Cursor) -> Until | None:
    """«конца мая», «конца учебного года», «начала учебного года»."""
    edge = cursor.one(Kind.BEGINNING, Kind.END)
    if edge is None:
        return None
    begins = edge.kind is Kind.BEGINNING
    cursor.one(Kind.CALENDAR)
    school = cursor.attempt(read_school_years)
    if school is not None or cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is not None:
        span = None if school is None else Span(Grain.YEAR, school_year=school)
        return Until(span, "school_start" if begins else "school_end")
    if begins:
        return None
    if cursor.one(Kind.YEAR_UNIT) is not None or cursor.attempt(read_current_year) is not None:
        return Until(None, "year_end")
    if cursor.sees(Kind.BEGINNING) or cursor.sees(Kind.END):
        return None
    span = read_span(cursor)
    return None if span is None or span.grain in {Grain.DAY, *_UNEXPLAINED} else Until(span)


def _until_span(cursor: Cursor, word: Token) -> Until | None:
    """Take a day or a year; «до мая» may mean April or May, «не позднее мая» and «по май» mean May."""
    span = read_span(cursor)
    if span is None or span.grain in _UNEXPLAINED:
        return None
    plain = span.grain in {Grain.DAY, Grain.WEEKDAY, Grain.YEAR}
    return Until(span) if plain or word.kind in {Kind.LATER, Kind.THAN, Kind.BY} else None


def _since(cursor: Cursor) -> Since | None:
    cursor.one(Kind.STARTING)
    if cursor.one(Kind.SINCE) is None:
        return None
    cursor.take(Kind.BEGINNING)
    span = read_span(cursor)
    if span is None or span.grain in _UNEXPLAINED:
        return None
    cursor.take(Kind.AND, Kind.ONWARDS)
    return Since(span)


# Periods.


def _school_year(cursor: Cursor) -> Whole | None:
    """«в течение учебного года», «на 2020-2021 учебный год»."""
    _stretch_words(cursor)
    year = cursor.attempt(read_school_years) or cursor.attempt(_one_of_school_years)
    if year is not None:
        return Whole(school=True, year=year)
    return Whole(school=True) if cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is not None else None


def _one_of_school_years(cursor: Cursor) -> int | None:
    """Take the first of «2021-2022 и 2022-2023 учебные годы»; the others are read after it."""
    year = read_two_years(cursor)
    ahead = Cursor(cursor.rest)
    while ahead.one(Kind.COMMA, Kind.AND) is not None:
        if read_school_years(ahead) is not None:
            return year
        if not ahead.is_over() and ahead.attempt(read_two_years) is None:
            return None
    return None


def _bare_school_year(cursor: Cursor) -> Whole | None:
    if not cursor.sees(Kind.YEAR, Kind.SLASH):
        return None
    year = read_two_years(cursor)
    return None if year is None else Whole(school=True, year=year, bare=True)


def _whole_plan(cursor: Cursor) -> Whole | None:
    """«в течение года», «весь период реализации плана», «постоянно»."""
    if cursor.one(Kind.CONSTANTLY) is not None:
        return Whole(school=False)
    manner = cursor.attempt(_regularly)
    if manner is not None:
        return manner
    if not _stretch_words(cursor):
        return None
    if cursor.attempt(read_current_year) is not None:
        return Whole(school=False, current=True)
    cursor.one(Kind.CALENDAR)
    unit = cursor.one(Kind.YEAR_UNIT, Kind.SPELL)
    if unit is None or cursor.sees(Kind.SINCE):
        return None
    if cursor.one(Kind.CARRYING_OUT) is not None:
        while cursor.one(Kind.WORD, Kind.PLAN) is not None:
            pass
    return Whole(school=False)


def _regularly(cursor: Cursor) -> Whole | None:
    """«на постоянной основе», «в постоянном режиме»."""
    cursor.one(Kind.IN, Kind.ON)
    regular = cursor.one(Kind.REGULAR)
    if regular is None or regular.value != "plan" or cursor.one(Kind.MANNER) is None:
        return None
    return Whole(school=False)


_FOR_SPELL = (Kind.BEFORE_BY, Kind.SPELL)
_FOR_WHOLE = (Kind.BEFORE_BY, Kind.WHOLE)


def _stretch_words(cursor: Cursor) -> bool:
    """Take «в течение», «на весь», «за весь», «на протяжении всего»; True if a length is meant."""
    start = cursor.at
    if cursor.one(Kind.IN, Kind.ON) is None and (cursor.sees(*_FOR_SPELL) or cursor.sees(*_FOR_WHOLE)):
        cursor.at += 1
    cursor.one(Kind.DURING)
    cursor.one(Kind.WHOLE)
    taken = cursor.tokens[start : cursor.at]
    return any(token.kind in {Kind.DURING, Kind.WHOLE} for token in taken)


def _spell_of_plan(cursor: Cursor) -> Whole | None:
    """«в период реализации проекта»."""
    cursor.one(Kind.IN, Kind.ON)
    if cursor.take(Kind.SPELL, Kind.CARRYING_OUT) is None:
        return None
    while cursor.one(Kind.WORD, Kind.PLAN) is not None:
        pass
    return Whole(school=False)


def _onwards(cursor: Cursor) -> Onwards | None:
    if cursor.one(Kind.ONWARDS) is None:
        return None
    cursor.one(Kind.DASH)
    word = cursor.one(Kind.CONSTANTLY, Kind.OFTEN)
    if word is None or (word.kind is Kind.OFTEN and word.value != "year"):
        return None
    return Onwards(yearly=word.kind is Kind.OFTEN)


# Dates.


def _dates(cursor: Cursor) -> Dates | None:
    """«в сентябре», «в течение мая», «в период с … по …», «8 и 9 сентября», «октябрь; январь»."""
    _stretch_words(cursor)
    cursor.one(Kind.SPELL, Kind.DAY_UNIT)
    stretches: list[Stretch] = []
    stretch = cursor.attempt(read_stretch)
    while stretch is not None:
        named_by_dates = stretch.first.grain is Grain.HOLIDAYS and cursor.sees(Kind.SINCE)
        if not named_by_dates:
            stretches.append(stretch)
        stretch = cursor.attempt(partial(_next_stretch, before=stretch))
    cursor.one(Kind.INCLUSIVE)
    settled = settle(stretches) if stretches else None
    if settled is None or not _alike(settled):
        return None
    return Dates(settled)


def _part_of_month(cursor: Cursor) -> Dates | None:
    cursor.one(Kind.IN)
    span = read_part_after_month(cursor)
    return None if span is None else Dates((Stretch(span, span),))


def _closing(cursor: Cursor) -> Dates | None:
    """«по итогам I четверти», «по окончании 1 полугодия»: its last day."""
    if cursor.one(Kind.BY) is None or cursor.one(Kind.OUTCOME, Kind.COMPLETION) is None:
        return None
    span = read_span(cursor)
    return None if span is None or span.grain not in _CLOSED else Dates((Stretch(span, span, closing=True),))


_CLOSED = frozenset({
    Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.SCHOOL_HALF, Grain.TERM, Grain.TRIMESTER, Grain.YEAR,
})  # fmt: skip


def _next_stretch(cursor: Cursor, before: Stretch) -> Stretch | None:
    """One more span after a sign; without a sign only where the one before is plainly over."""
    signed = cursor.one(Kind.COMMA, Kind.AND) is not None
    over = before.last.year is not None or before.last.grain in {Grain.DAY, Grain.HOLIDAYS}
    over &= before.last.grain is not Grain.YEAR
    if not (signed or over):
        return None
    if signed:
        cursor.one(Kind.IN)
    stretch = read_stretch(cursor)
    if stretch is None or cursor.sees(Kind.OF_MONTH) or cursor.sees(Kind.TIMES):
        return None
    half_dated = not signed and before.last.year is not None and stretch.last.year is None
    return None if half_dated else stretch


def _alike(stretches: tuple[Stretch, ...]) -> bool:
    """Whole years stand with whole years only, figures with figures.

    «март, 2021, 2022» may mean two Marches; the 10.10 of «15 мая, 10.10» is an hour.
    """
    alike = {(stretch.last.grain is Grain.YEAR, stretch.last.in_figures) for stretch in stretches}
    return len(alike) == 1


_RULES: tuple[Callable[[Cursor], Clause | None], ...] = (
    read_no_date,
    *OFTEN_RULES,
    _closing,
    _part_of_month,
    _until,
    _onwards,
    _school_year,
    _bare_school_year,
    _whole_plan,
    _spell_of_plan,
    _dates,
    _since,
)
