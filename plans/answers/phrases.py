"""Patterns made of phrases: a line of words with single blanks is matched from end to end."""

import re

from plans.deadlines.words import WORDS, Kind

Patterns = tuple[re.Pattern[str], ...]

ITEM = r"(?:пункт|\d{1,2}\.\d{1,2})"  # of an answer: «п. 3.2» is «пункт» by now


def any_of(*lines: str) -> str:
    """Join phrases, which stand in ``lines`` with commas between them, into one choice."""
    return "(?:" + "|".join(phrase.strip() for line in lines for phrase in line.split(", ")) + ")"


def closed(core: str, around: str) -> re.Pattern[str]:
    """Match any row of the known phrases that has one of the core, and not one word more."""
    return re.compile(rf"(?:{around} )*{core}(?: (?:{around}|{core}))*")


def words_of(*kinds: Kind) -> str:
    """Join every form of the kinds of words that deadlines are written in."""
    forms = (word for word, (kind, _) in WORDS.items() if kind in kinds)
    return any_of(", ".join(map(re.escape, sorted(forms, key=len, reverse=True))))


WEEKDAY = words_of(Kind.WEEKDAY)
MONTH = words_of(Kind.MONTH)
