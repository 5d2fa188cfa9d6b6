"""The grammar of deadlines: tokens in, clauses out. What the clauses mean in days is not known here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from plans.deadline_often import OFTEN_RULES, Often, read_reported, read_until
from plans.deadline_spans import (
    Grain,
    Span,
    Stretch,
    read_school_years,
    read_span,
    read_stretch,
    read_two_years,
    settle,
)
from plans.deadline_tokens import Cursor, Token
from plans.deadline_words import GLUE, Kind


@dataclass(frozen=True)
class Dates:
    """Spans one after another, each its own window."""

    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Until:
    """«до …»: ``edge`` for the ends that have no number of their own («year_end», «school_start»…)."""

    span: Span | None
    edge: str = ""
    next_year: bool = False


@dataclass(frozen=True)
class Since:
    """«с марта», «начиная с 2022 года»."""

    span: Span


@dataclass(frozen=True)
class Whole:
    """The plan's period, or a school year (``year`` where it is printed)."""

    school: bool
    year: int | None = None
    bare: bool = False  # «2021/2022» with no word: a school year only if it is the plan's own


@dataclass(frozen=True)
class Onwards:
    """«далее постоянно», «далее ежегодно»."""

    yearly: bool


@dataclass(frozen=True)
class NoDate:
    """«по отдельному плану», «по мере необходимости»."""


Clause = Dates | Until | Since | Whole | Often | Onwards | NoDate


@dataclass(frozen=True)
class Piece:
    """A clause, and whether it stands in brackets of its own."""

    clause: Clause
    bracketed: bool


# Two of these with no sign between them have lost one, with a dash are more than a range is:
# «сентябрь декабрь», «май 2021-2023».
_DAYS = (Dates, Until, Since)
_LISTING = frozenset({Kind.COMMA, Kind.BRACKET, Kind.AND})
_BETWEEN = (Kind.COMMA, Kind.BRACKET, Kind.DASH, Kind.COLON, Kind.AND)
# What no plan of one's own and no name of an event is made of: where it stands, a date may be meant.
_DATED = frozenset({Kind.NUMBER, Kind.YEAR, Kind.DAY_DATE, Kind.MONTH_DATE, Kind.MONTH, Kind.OFTEN})
_TIMED = _DATED | {Kind.TIMES, Kind.TWICE, Kind.EVERY, Kind.WEEKDAY, Kind.WEEKDAYS, Kind.DURING}
_TIMED |= {Kind.CONSTANTLY, Kind.ONWARDS, Kind.UNTIL, Kind.NOT, Kind.HAZARD}
_LONGEST_HEAD = 3


def parse(tokens: Sequence[Token]) -> list[Piece] | None:
    """Return the clauses of a whole phrase, or None if any part of it is not understood."""
    cursor = Cursor(tokens)
    _head(cursor)
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
            return pieces if pieces and _is_harmless_tail(cursor) else None
        if pieces and not listed and isinstance(clause, _DAYS) and isinstance(pieces[-1].clause, _DAYS):
            return None
        pieces.append(Piece(clause, bracketed))
    return pieces or None


def read_clause(cursor: Cursor) -> Clause | None:
    """Take the longest clause that any rule knows here."""
    for rule in _RULES:
        clause: Clause | None = cursor.attempt(rule)
        if clause is not None:
            return clause
    return None


def _head(cursor: Cursor) -> None:
    """«Срок:», «Срок реализации –», «Доклад –» say what the date is of, not when it is."""
    if cursor.attempt(_term_heading) is None:
        cursor.attempt(_named_heading)


def _term_heading(cursor: Cursor) -> bool | None:
    if cursor.one(Kind.SPELL) is None:
        return None
    cursor.one(Kind.CARRYING_OUT)
    if cursor.one(Kind.COLON, Kind.DASH) is not None or cursor.sees(Kind.UNTIL):
        return True
    return None


def _named_heading(cursor: Cursor) -> bool | None:
    words = 0
    while words < _LONGEST_HEAD and cursor.one(Kind.WORD) is not None:
        words += 1
    return True if words and cursor.one(Kind.COLON, Kind.DASH) is not None else None


def _is_harmless_tail(cursor: Cursor) -> bool:
    """«3 мая, МОБУ «СОШ № 2»», «1 октября – День музыки»: a place or an event, named after a sign.

    A name begins with a capital letter or a quotation mark, and holds no word or figure of time.
    """
    before = cursor.tokens[cursor.at - 1] if cursor.at else None
    first = cursor.rest[0]
    if before is None or before.kind not in {Kind.COMMA, Kind.DASH, Kind.COLON}:
        return False
    if first.kind is not Kind.QUOTE and not (first.kind in {Kind.WORD, Kind.DAY_UNIT} and first.capital):
        return False
    return is_name(cursor.rest)


def is_name(tokens: Sequence[Token]) -> bool:
    """Whether the tokens can only name something; figures only in quotation marks or after «№»."""
    quoted = False
    previous: Kind | None = None
    for token in tokens:
        if token.kind is Kind.QUOTE:
            quoted = not quoted
        excused = quoted and token.kind is not Kind.HAZARD
        numbered = previous is Kind.NUMERO and token.kind is Kind.NUMBER
        if not (excused or numbered or token.kind in _OF_NAMES):
            return False
        previous = token.kind
    return True


_OF_NAMES = GLUE | {
    Kind.WORD,
    Kind.DAY_UNIT,
    Kind.QUOTE,
    Kind.NUMERO,
    Kind.COMMA,
    Kind.DASH,
    Kind.SCHOOL,
    Kind.CLASSES,
}


def without_remarks(tokens: Sequence[Token]) -> list[Token] | None:
    """Drop what brackets add for people only; None if the brackets do not match."""
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
            if not _is_remark(inside, kept[-1] if kept else None):
                kept.extend(tokens[at : close + 1])
            at = close
        else:
            kept.append(token)
        at += 1
    return kept


def _is_quoted_day(tokens: Sequence[Token]) -> bool:
    """«15» сентября: the blank of a form that was filled in."""
    return [token.kind for token in tokens] == [Kind.QUOTE, Kind.NUMBER, Kind.QUOTE]


_OPENING = "(["
_OF_CLASSES = frozenset({Kind.CLASSES, Kind.NUMBER, Kind.ORDINAL, Kind.DASH, Kind.COMMA, Kind.AND})


def _is_remark(inside: Sequence[Token], before: Token | None) -> bool:
    """«(1-9, 11 кл.)», «10 (десяти)», «5 ноября (воскресенье)», «(по мере необходимости)»."""
    kinds = {token.kind for token in inside}
    if Kind.CLASSES in kinds and kinds <= _OF_CLASSES:
        return True
    if before is not None and kinds == {Kind.NUMBER} and len(inside) == 1:
        return before.kind is Kind.NUMBER and before.number == inside[0].number
    if before is not None and kinds == {Kind.WEEKDAY}:
        return before.kind in {Kind.YEAR, Kind.YEAR_UNIT, Kind.DAY_DATE, Kind.MONTH}
    cursor = Cursor(inside)
    return is_name(inside) or (cursor.attempt(_no_date) is not None and cursor.is_over())


# Until when, and from when.


def _until(cursor: Cursor) -> Until | None:
    word = cursor.attempt(read_until)
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
    if cursor.one(Kind.YEAR_UNIT) is not None:
        return Until(None, "year_end")
    span = read_span(cursor)
    return None if span is None or span.grain in {Grain.DAY, Grain.PENDING} else Until(span)


def _until_span(cursor: Cursor, word: Token) -> Until | None:
    """Take a day or a year; «до мая» may mean April or May, «не позднее мая» means May."""
    span = read_span(cursor)
    if span is None or span.grain is Grain.PENDING:
        return None
    plain = span.grain in {Grain.DAY, Grain.WEEKDAY, Grain.YEAR}
    return Until(span) if plain or word.kind in {Kind.LATER, Kind.THAN} else None


def _since(cursor: Cursor) -> Since | None:
    cursor.one(Kind.STARTING)
    if cursor.one(Kind.SINCE) is None:
        return None
    cursor.take(Kind.BEGINNING)
    span = read_span(cursor)
    if span is None or span.grain is Grain.PENDING:
        return None
    cursor.take(Kind.AND, Kind.ONWARDS)
    return Since(span)


# Periods.


def _school_year(cursor: Cursor) -> Whole | None:
    """«в течение учебного года», «на 2020-2021 учебный год»."""
    _stretch_words(cursor)
    year = cursor.attempt(read_school_years)
    if year is not None:
        return Whole(school=True, year=year)
    return Whole(school=True) if cursor.take(Kind.SCHOOL, Kind.YEAR_UNIT) is not None else None


def _bare_school_year(cursor: Cursor) -> Whole | None:
    if not cursor.sees(Kind.YEAR, Kind.SLASH):
        return None
    year = read_two_years(cursor)
    return None if year is None else Whole(school=True, year=year, bare=True)


def _whole_plan(cursor: Cursor) -> Whole | None:
    """«в течение года», «весь период реализации плана», «постоянно»."""
    if cursor.one(Kind.CONSTANTLY) is not None:
        return Whole(school=False)
    if not _stretch_words(cursor):
        return None
    cursor.one(Kind.CALENDAR)
    unit = cursor.one(Kind.YEAR_UNIT, Kind.SPELL)
    if unit is None or cursor.sees(Kind.SINCE):
        return None
    if cursor.one(Kind.CARRYING_OUT) is not None:
        while cursor.one(Kind.WORD, Kind.PLAN) is not None:
            pass
    return Whole(school=False)


def _stretch_words(cursor: Cursor) -> bool:
    """Take «в течение», «на весь», «на протяжении всего»; True if a length is meant."""
    start = cursor.at
    cursor.one(Kind.IN, Kind.ON)
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


def _no_date(cursor: Cursor) -> NoDate | None:
    """«по плану …», «в соответствии с графиком», «по мере …»: up to the next sign, no date in it."""
    if cursor.attempt(_own_plan) is None:
        return None
    quoted = False
    while not cursor.is_over() and cursor.rest[0].kind not in {Kind.COMMA, Kind.BRACKET}:
        if cursor.sees(Kind.IN, Kind.DURING):
            break
        quoted ^= cursor.sees(Kind.QUOTE)
        numbered = cursor.take(Kind.NUMERO, Kind.NUMBER) is not None
        if not numbered:
            if cursor.rest[0].kind in _TIMED and not quoted:
                return None
            cursor.at += 1
    return NoDate()


def _own_plan(cursor: Cursor) -> bool | None:
    for words in _WITHOUT_DATE:
        if cursor.take(*words) is not None:
            return True
    if not any(cursor.take(*words) is not None for words in _TO_A_PLAN):
        return None
    for _ in range(_LONGEST_HEAD):
        cursor.one(Kind.WORD, Kind.SCHOOL, Kind.CALENDAR, Kind.WORKING)
    return True if cursor.one(Kind.PLAN) is not None else None


_WITHOUT_DATE = (
    (Kind.UNSETTLED,),
    (Kind.SPELL, Kind.UNSETTLED),
    (Kind.IN, Kind.SETTLED, Kind.SPELL),
    (Kind.WHEN, Kind.NEED),
    (Kind.BY, Kind.MEASURE),
    (Kind.BY, Kind.NEED),
)
_TO_A_PLAN = ((Kind.ACCORDING,), (Kind.IN, Kind.ACCORDANCE, Kind.SINCE), (Kind.BY,))


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
    _no_date,
    *OFTEN_RULES,
    _until,
    _onwards,
    _school_year,
    _bare_school_year,
    _whole_plan,
    _spell_of_plan,
    _dates,
    _since,
)
