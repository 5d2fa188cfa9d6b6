"""A deadline phrase cut into tokens: what it looks like no longer matters after this.

Letters of the other alphabet, kinds of dashes and spaces, case, footnote asterisks, broken and misprinted
words and the full stops of «г.» end here.
"""

import re
import unicodedata
from dataclasses import replace

from plans.deadlines.figures import DIGITS_OF_DAY, DIGITS_OF_YEAR, join_figures
from plans.deadlines.spelling import spell
from plans.deadlines.tokens import Token
from plans.deadlines.words import SHORTENED, WORDS, Kind

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
MOST_PIECES = 120

# Words of the table that hold a sign («п/г», «т.г») are cut whole.
_WITH_SIGNS = "|".join(re.escape(word) for word in WORDS if not word.isalpha())
_PIECES = re.compile(
    rf"[0-9]+|(?<![^\W\d_])(?:{_WITH_SIGNS})(?![^\W\d_])|[^\W\d_]+|\.{{3,}}|\S",
    re.IGNORECASE,
)
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


def clean(text: str) -> str:
    """Return ``text`` without what is only typesetting; letters and their case stay."""
    composed = unicodedata.normalize("NFC", text)
    return composed.translate(_REMOVED | _ROMAN_SIGNS)


def tokenise(cleaned: str) -> list[Token] | None:
    """Cut cleaned text into tokens; what is not known is ``WORD`` or ``STRANGE``, nothing is dropped.

    None for more pieces than a deadline has: the rules are for phrases.
    """
    matches = list(_PIECES.finditer(cleaned))
    if len(matches) > MOST_PIECES:
        return None
    shouted = cleaned == cleaned.upper()
    pieces = [_token(match, shouted=shouted) for match in matches]
    return _without_stops(join_figures(spell(pieces)))


def _token(match: re.Match[str], *, shouted: bool) -> Token:
    text = match.group().lower()
    where = (match.start(), match.end())
    if text.isdigit():
        return _figure(text, *where)
    if not text[0].isalpha():
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


def _without_stops(tokens: list[Token]) -> list[Token]:
    """Drop the stops of shortened words and of «01.–10.10», and the last one; others part two sentences."""
    found: list[Token] = []
    for at, token in enumerate(tokens):
        if token.text != "." or token.kind is not Kind.STRANGE:
            found.append(token)
        elif at and tokens[at - 1].text not in SHORTENED and at + 1 < len(tokens):
            of_range = tokens[at - 1].kind is Kind.NUMBER and tokens[at + 1].kind is Kind.DASH
            found.extend([] if of_range else [replace(token, kind=Kind.COMMA)])
    return found
