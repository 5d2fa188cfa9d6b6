"""A deadline phrase cut into tokens: what it looks like no longer matters after this.

Letters of the other alphabet, kinds of dashes and spaces, case, footnote asterisks and the full stops
of «г.» end here.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from plans.deadline_words import ORDINAL_SUFFIXES, SHORTENED, WORDS, Kind

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
CENTURY = 2000
DIGITS_OF_YEAR = 4
DIGITS_OF_DAY = 2
SOME_LEAP_YEAR = 2024
MONTHS = 12

_PIECES = re.compile(r"[0-9]+|[^\W\d_]+|\S")
_REMOVED = dict.fromkeys(map(ord, "*\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_ROMAN_SIGNS = {ord("Ⅰ"): "I", ord("Ⅱ"): "II", ord("Ⅲ"): "III", ord("Ⅳ"): "IV", ord("ⅰ"): "i"}
_LOOK_ALIKE = str.maketrans("aceopxykmthbё", "асеорхукмтнве")
_LATIN_I = str.maketrans("іlї", "iii")
_ROMAN = frozenset({"i", "ii", "iii", "iv"})

_SIGNS: dict[str, Kind] = (
    dict.fromkeys("-‐‑‒–—―−﹣－", Kind.DASH)
    | dict.fromkeys("/\\", Kind.SLASH)
    | dict.fromkeys(",;", Kind.COMMA)
    | dict.fromkeys("()[]", Kind.BRACKET)
    | dict.fromkeys("«»\"“”„'", Kind.QUOTE)
    | {":": Kind.COLON, "№": Kind.NUMERO}
)


@dataclass(frozen=True)
class Token:
    """One piece: its kind, its meaning, and where it stands in the cleaned text."""

    kind: Kind
    text: str
    start: int
    end: int
    value: int | str = 0
    day: tuple[int | None, int, int | None] = (None, 0, None)  # day, month, year of a date in figures
    capital: bool = False  # begins with a capital letter, where not all letters are

    @property
    def number(self) -> int:
        """The value of a token that counts."""
        return self.value if isinstance(self.value, int) else 0


T = TypeVar("T")


class Cursor:
    """A place in a row of tokens; a rule takes what it knows and leaves the rest."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    @property
    def rest(self) -> Sequence[Token]:
        """What is left."""
        return self.tokens[self.at :]

    def sees(self, *kinds: Kind) -> bool:
        """Whether the next tokens are of these kinds."""
        ahead = self.tokens[self.at : self.at + len(kinds)]
        return tuple(token.kind for token in ahead) == kinds

    def take(self, *kinds: Kind) -> Sequence[Token] | None:
        """Take the next tokens if they are of these kinds, all or none."""
        if not self.sees(*kinds):
            return None
        self.at += len(kinds)
        return self.tokens[self.at - len(kinds) : self.at]

    def one(self, *kinds: Kind) -> Token | None:
        """Take the next token if it is of one of these kinds."""
        if self.is_over() or self.tokens[self.at].kind not in kinds:
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def attempt(self, rule: Callable[["Cursor"], T]) -> T:
        """Follow ``rule``; if it does not apply, everything it took is put back."""
        before = self.at
        found = rule(self)
        if found is None:
            self.at = before
        return found


def clean(text: str) -> str:
    """Return ``text`` without what is only typesetting; letters and their case stay."""
    composed = unicodedata.normalize("NFC", text)
    return composed.translate(_REMOVED | _ROMAN_SIGNS)


def tokenise(cleaned: str) -> list[Token]:
    """Cut cleaned text into tokens; what is not known is ``WORD`` or ``STRANGE``, nothing is dropped."""
    shouted = cleaned == cleaned.upper()
    pieces = [_token(match, shouted=shouted) for match in _PIECES.finditer(cleaned)]
    return _without_stops(_figures(pieces))


def _token(match: re.Match[str], *, shouted: bool) -> Token:
    text = match.group().lower()
    where = (match.start(), match.end())
    if text.isdigit():
        return _figure(text, *where)
    if not text.isalpha():
        return Token(_SIGNS.get(text, Kind.STRANGE), text, *where)
    word = text.translate(_LATIN_I)
    if word not in _ROMAN:
        word = text.translate(_LOOK_ALIKE)
    kind, value = WORDS.get(word, (Kind.WORD, 0))
    return Token(kind, word, *where, value, capital=match.group()[0].isupper() and not shouted)


def _figure(text: str, start: int, end: int) -> Token:
    if not text.isascii() or len(text) > DIGITS_OF_YEAR:
        return Token(Kind.STRANGE, text, start, end)
    value = int(text)
    is_year = len(text) == DIGITS_OF_YEAR and EARLIEST_YEAR <= value <= LATEST_YEAR
    if len(text) > DIGITS_OF_DAY and not is_year:
        return Token(Kind.STRANGE, text, start, end)
    return Token(Kind.YEAR if is_year else Kind.NUMBER, text, start, end, value)


def _figures(tokens: list[Token]) -> list[Token]:
    """Join the figures that make one date or one ordinal."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        for rule in (_iso_date, _dotted_date, _ordinal):
            joined = rule(tokens[at : at + 6])
            if joined is not None:
                token, length = joined
                break
        else:
            token, length = tokens[at], 1
        found.append(token)
        at += length
    return found


def _glued(tokens: list[Token]) -> bool:
    return all(left.end == right.start for left, right in pairwise(tokens))


def _iso_date(tokens: list[Token]) -> tuple[Token, int] | None:
    """«2021-09-15»."""
    parts = tokens[:5]
    if [token.kind for token in parts] != [Kind.YEAR, Kind.DASH, Kind.NUMBER, Kind.DASH, Kind.NUMBER]:
        return None
    if not _glued(parts) or not all(len(part.text) == DIGITS_OF_DAY for part in (parts[2], parts[4])):
        return None
    return _date(parts, parts[4].number, parts[2].number, parts[0].number), len(parts)


def _dotted_date(tokens: list[Token]) -> tuple[Token, int] | None:
    """«08.09», «08.09.», «08.09.21», «08.09.2021», «09.2021»."""
    kinds = [token.kind if token.text != "." else Kind.COMMA for token in tokens]
    if kinds[:3] not in ([Kind.NUMBER, Kind.COMMA, Kind.NUMBER], [Kind.NUMBER, Kind.COMMA, Kind.YEAR]):
        return None
    if tokens[1].text != "." or not (_glued(tokens[:3]) or _is_spaced_date(tokens)):
        return None
    first, second = tokens[0].number, tokens[2].number
    if kinds[2] is Kind.YEAR:
        return _date(tokens[:3], None, first, second), 3
    if len(tokens) < 4 or tokens[3].text != "." or not (_glued(tokens[2:4]) or _is_spaced_date(tokens)):  # noqa: PLR2004 - «08.09» and its stop
        return _date(tokens[:3], first, second, None), 3
    year = tokens[4] if len(tokens) > 4 else None  # noqa: PLR2004 - the figure after the stop
    if year is None or not _is_year_of_date(year, glued=year.start == tokens[3].end):
        return _date(tokens[:4], first, second, None), 4
    value = year.number if year.kind is Kind.YEAR else CENTURY + year.number
    return _date(tokens[:5], first, second, value), 5


def _is_spaced_date(tokens: list[Token]) -> bool:
    """«02. 10. 2023»: with all three figures and both stops it is a date, however it is spaced."""
    shape = [token.text if token.kind is Kind.STRANGE else token.kind for token in tokens[:5]]
    return shape == [Kind.NUMBER, ".", Kind.NUMBER, ".", Kind.YEAR]


def _is_year_of_date(token: Token, *, glued: bool) -> bool:
    return token.kind is Kind.YEAR or (
        glued and token.kind is Kind.NUMBER and len(token.text) == DIGITS_OF_DAY
    )


def _date(parts: list[Token], day: int | None, month: int, year: int | None) -> Token:
    token = Token(Kind.MONTH_DATE, "", parts[0].start, parts[-1].end, day=(day, month, year))
    if day is not None:
        token = replace(token, kind=Kind.DAY_DATE)
    try:
        dt.date(year or SOME_LEAP_YEAR, month, day or 1)
    except ValueError:
        return replace(token, kind=Kind.STRANGE)
    return token


def _ordinal(tokens: list[Token]) -> tuple[Token, int] | None:
    """«25-го», «1й», «I-й»: the ending adds nothing to the figure."""
    if tokens[0].kind not in {Kind.NUMBER, Kind.ORDINAL}:
        return None
    dash = len(tokens) > 1 and tokens[1].kind is Kind.DASH
    parts = tokens[: 3 if dash else 2]
    ending = parts[-1]
    if len(parts) < 2 or ending.text not in ORDINAL_SUFFIXES or not _glued(parts):  # noqa: PLR2004 - figure and ending
        return None
    return replace(tokens[0], end=ending.end), len(parts)


def _without_stops(tokens: list[Token]) -> list[Token]:
    """Drop the stops of shortened words and the last one; any other parts two sentences."""
    found: list[Token] = []
    for at, token in enumerate(tokens):
        if token.text != "." or token.kind is not Kind.STRANGE:
            found.append(token)
        elif at and tokens[at - 1].text not in SHORTENED and at + 1 < len(tokens):
            found.append(replace(token, kind=Kind.COMMA))
    return found
