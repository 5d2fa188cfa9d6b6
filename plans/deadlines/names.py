"""What stands before and after a deadline in its cell and is a name, not a time."""

from plans.deadlines.asides import is_name
from plans.deadlines.tokens import Cursor, Token
from plans.deadlines.undated import LONGEST_HEAD
from plans.deadlines.words import Kind

_OF_HEADS = (Kind.WORD, Kind.SPELL, Kind.MOMENT, Kind.CARRYING_OUT)


def skip_heading(cursor: Cursor) -> None:
    """Skip «Срок:», «Срок реализации –», «Доклад –»: what the date is of, not when it is."""
    if cursor.attempt(_heading) is None and cursor.sees(Kind.SPELL, Kind.UNTIL):
        cursor.at += 1
    elif cursor.sees(Kind.SPELL, Kind.CARRYING_OUT, Kind.UNTIL):
        cursor.at += 2


def _heading(cursor: Cursor) -> bool | None:
    """Take up to three words and a colon or a dash that is set apart; no word may be a misprinted month."""
    words: list[Token] = []
    while len(words) < LONGEST_HEAD and (word := cursor.one(*_OF_HEADS)) is not None:
        words.append(word)
    sign = cursor.one(Kind.COLON, Kind.DASH)
    if sign is None or not words or any(word.doubtful for word in words):
        return None
    set_apart = sign.start > words[-1].end or any(word.kind is not Kind.WORD for word in words)
    return True if sign.kind is Kind.COLON or set_apart else None


def is_harmless_tail(cursor: Cursor) -> bool:
    """Whether what is left names a place or an event: «3 мая, МОБУ «СОШ № 2»», «1 октября – День музыки».

    A name begins with a capital letter or a quotation mark, and holds no word or figure of time.
    """
    before = cursor.tokens[cursor.at - 1] if cursor.at else None
    first = cursor.rest[0]
    if before is None or before.kind not in {Kind.COMMA, Kind.DASH, Kind.COLON}:
        return False
    if first.kind is not Kind.QUOTE and not (first.kind in {Kind.WORD, Kind.DAY_UNIT} and first.capital):
        return False
    return is_name(cursor.rest)
