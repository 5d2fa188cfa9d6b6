"""Deadlines in words → deadlines in days. ``read_deadlines`` understands a phrase whole or not at all.

A phrase goes through tokens (``cutting``), loses what is said aside (``asides``), becomes
clauses (``rules``), and they get their days with what the plan says about itself
(``once``, ``repeated``). What is not understood, or may mean two things, is ``Unknown``.
"""

import datetime as dt
from collections.abc import Iterable

from plans.deadline import Deadline, Period, Reading, Undated, Unknown, Window
from plans.deadlines.asides import without_asides
from plans.deadlines.clauses import Clause, Dates, Onwards, Piece, Until
from plans.deadlines.cutting import clean, tokenise
from plans.deadlines.often import Often
from plans.deadlines.once import once
from plans.deadlines.recurring import merge
from plans.deadlines.relative import read_relative
from plans.deadlines.repeated import repeated
from plans.deadlines.rules import parse
from plans.deadlines.spans import Grain, Span, Stretch
from plans.deadlines.undated import NoDate
from plans.deadlines.words import Kind
from plans.deadlines.years import Inverted, NotClear

# No order has a longer one; more text in the cell is not a deadline.
LONGEST_PHRASE = 400


def read_deadlines(text: str, reading: Reading) -> tuple[Deadline, ...]:
    """Return what the printed phrase means in the plan that ``reading`` describes.

    Never raises and never guesses: a phrase not understood is one ``Unknown`` with the text as printed.
    """
    try:
        return _read(text, reading)
    except (ValueError, OverflowError):
        return (Unknown(text),)


def is_inverted(text: str, reading: Reading) -> bool:
    """Whether the phrase is a range whose printed end comes before its start (it reads as ``Unknown``)."""
    try:
        _read(text, reading)
    except Inverted:
        return True
    except (ValueError, OverflowError):
        return False
    return False


def latest_dated_end(texts: Iterable[str], reading: Reading) -> dt.date | None:
    """Return the latest day that the phrases name with its year, None if none does.

    It ends a plan that prints no period. Only the terms of ``reading`` are used: what needs the plan's
    own period to be understood cannot tell it.
    """
    alone = Reading(terms=reading.terms)
    ends = [
        deadline.end
        for text in dict.fromkeys(texts)  # many rows share a phrase
        for deadline in read_deadlines(text, alone)
        if isinstance(deadline, Window | Period) and deadline.end is not None
    ]
    return max(ends, default=None)


def _read(text: str, reading: Reading) -> tuple[Deadline, ...]:
    if len(text) > LONGEST_PHRASE:
        raise NotClear
    cleaned = clean(text)
    tokens = tokenise(cleaned)
    if tokens is None:
        raise NotClear
    if tokens and all(token.kind is Kind.DASH for token in tokens):
        return (Undated(text.strip()),)
    kept = without_asides(tokens)
    if kept is None:
        raise NotClear
    relative = read_relative(cleaned, kept)
    if relative is not None:
        return (relative,)
    pieces = parse(kept)
    if pieces is None:
        raise NotClear
    return _meaning(pieces, text, reading)


def _meaning(pieces: list[Piece], text: str, reading: Reading) -> tuple[Deadline, ...]:
    clauses = [piece.clause for piece in pieces]
    if all(isinstance(clause, NoDate) for clause in clauses):
        return (Undated(text.strip()),)
    often = [clause for clause in clauses if isinstance(clause, Often)]
    # What is also due by some plan or «по согласованию» is due on the day that is named here.
    said = (clause for clause in clauses if not isinstance(clause, Often | NoDate))
    others: list[Clause] = list(dict.fromkeys(said))
    if any(isinstance(clause, Until) and clause.next_year for clause in others) and not often:
        raise NotClear
    if often:
        return repeated(merge(often), others, reading)
    dated = [piece for piece in pieces if not isinstance(piece.clause, NoDate)]
    if len(dated) > 1 and any(piece.bracketed and not isinstance(piece.clause, Onwards) for piece in dated):
        others = [_named_holidays(dated)]
    return once(others, reading)


def _named_holidays(pieces: list[Piece]) -> Clause:
    """«осенние каникулы (с 28 октября по 5 ноября)»: the dates say which days these are."""
    match [piece.clause for piece in pieces]:
        case [Dates((Stretch(Span(grain=Grain.HOLIDAYS)),)), Dates((_,)) as dates]:
            return dates
        case _:
            raise NotClear
