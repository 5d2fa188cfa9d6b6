"""Words as they were meant: broken over lines, glued to a preposition, misprinted by one letter.

Only long words that deadlines are made of are repaired; «июнь» and «июль», «март» and «май» are one
letter apart, so short words are read as printed or not at all.
"""

from dataclasses import replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from plans.deadlines.tokens import Token
from plans.deadlines.words import WORDS, Kind

LONG = 6  # letters of a word that one misprint does not make another
SHORTEST_GLUED = 3
MOST_PARTS = 3
MISPRINT, NEARLY = 1, 2  # letters changed

_REPAIRED = frozenset({
    Kind.MONTH, Kind.WEEKDAY, Kind.WEEKDAYS, Kind.QUARTER, Kind.TERM, Kind.TRIMESTER, Kind.HALF, Kind.DECADE,
    Kind.SCHOOL, Kind.HOLIDAYS, Kind.SEASON, Kind.OFTEN, Kind.DURING, Kind.CONSTANTLY,
})  # fmt: skip
_LONG_WORDS = tuple(word for word, (kind, _) in WORDS.items() if kind in _REPAIRED and len(word) >= LONG)
_MONTHS = tuple(word for word, (kind, _) in WORDS.items() if kind is Kind.MONTH)
_LONG_MONTHS = tuple(word for word in _MONTHS if len(word) >= LONG)
_SHORT_MONTHS = tuple(word for word in _MONTHS if LONG - 2 <= len(word) < LONG)
# What is found glued to the next word: «втечение», «IVквартал».
_GLUED = ("iii", "ii", "iv", "i", "во", "со", "до", "по", "на", "за", "в", "с", "к")


def spell(tokens: list[Token]) -> list[Token]:
    """Return the tokens with broken words mended, glued ones parted and misprinted ones put right."""
    found: list[Token] = []
    for token in _mended(tokens):
        if token.kind is Kind.WORD:
            found.extend(_parted(token) or [_corrected(token)])
        else:
            found.append(token)
    return found


def _mended(tokens: list[Token]) -> list[Token]:
    """Join «сен-», «тябрь»: the rest of a broken word is no word itself, the whole is a long known one."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        is_word = tokens[at].text.isalpha()
        token, length = _whole_word(tokens[at : at + 2 * MOST_PARTS]) if is_word else (tokens[at], 1)
        found.append(token)
        at += length
    return found


def _whole_word(tokens: list[Token]) -> tuple[Token, int]:
    first, at = tokens[0], 1
    text = first.text
    while at < len(tokens):
        at += tokens[at].kind is Kind.DASH and at + 1 < len(tokens)
        if tokens[at].kind is not Kind.WORD:
            break
        text += tokens[at].text
        at += 1
        if len(text) >= LONG and text in WORDS:
            kind, value = WORDS[text]
            return replace(first, kind=kind, value=value, text=text, end=tokens[at - 1].end), at
    return first, 1


def _parted(token: Token) -> list[Token]:
    """«втечение» is «в» and «течение»."""
    for glued in _GLUED:
        rest = token.text.removeprefix(glued)
        kind, value = WORDS.get(rest, (Kind.WORD, 0))
        long_enough = glued.isascii() or len(rest) >= SHORTEST_GLUED
        if rest != token.text and long_enough and kind in _REPAIRED:
            middle = token.start + len(glued)
            first = replace(token, kind=WORDS[glued][0], value=WORDS[glued][1], text=glued, end=middle)
            return [first, replace(token, kind=kind, value=value, text=rest, start=middle)]
    return []


def _corrected(token: Token) -> Token:
    meant = _meant(token.text)
    if meant is None:
        return replace(token, doubtful=_is_nearly_a_month(token.text))
    kind, value = WORDS[meant]
    return replace(token, kind=kind, value=value, text=meant)


@lru_cache(maxsize=4096)
def _meant(word: str) -> str | None:
    """Return the long word that ``word`` is one misprint away from, None if it may be two different ones."""
    if len(word) < LONG - MISPRINT:
        return None
    near = _near(word, _LONG_WORDS, MISPRINT)
    return near[0] if len({WORDS[known] for known in near}) == 1 else None


@lru_cache(maxsize=4096)
def _is_nearly_a_month(word: str) -> bool:
    if len(word) < SHORTEST_GLUED:
        return False
    return bool(_near(word, _LONG_MONTHS, NEARLY) or _near(word, _SHORT_MONTHS, MISPRINT))


def _near(word: str, words: tuple[str, ...], distance: int) -> list[str]:
    found = process.extract(word, words, scorer=OSA.distance, score_cutoff=distance, limit=None)
    return [known for known, _, _ in found]
