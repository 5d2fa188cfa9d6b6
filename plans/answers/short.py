"""What a short message means: «готово», «все», «в работе», «прошу перенести», «не наш пункт».

Most meanings are closed: every word of the message must be known to them, so a report that tells
anything of its own is none. Requests («подскажите…», «прошу перенести…») may give a reason, but not
tell of deeds. Two meanings are none.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from plans.answers import free_words, states
from plans.answers.deeds import tells_of_deeds
from plans.answers.phrases import Patterns
from plans.answers.plain import plain

LONGEST_SHORT = 200  # characters; more is a report or a letter, for a person to read


class Short(StrEnum):
    """What a short message offers to do; nothing is done without a tap."""

    READY = "ready"
    ALL = "all"
    YES = "yes"
    NO = "no"
    IN_PROGRESS = "in_progress"
    EXTENSION = "extension"
    HELP = "help"
    NOT_OURS = "not_ours"
    DELETE = "delete"
    LATER = "later"


def read_short(text: str) -> Short | None:
    """Return what ``text`` means, None for a report, for two meanings and for any doubt. Never raises."""
    if len(text) > LONGEST_SHORT:
        return None
    said = plain(text)
    signs = next((short for short, known in _SIGNS if known.fullmatch(said)), None)
    if signs is not None:
        return signs
    words = _words(said)
    line = " ".join(words)
    asked = "?" in said
    found = [
        short
        for short, known in _MEANINGS.items()
        if any(pattern.fullmatch(line) for pattern in known) and _may_mean(short, words, asked=asked)
    ]
    if not found and _is_question(said, line) and not tells_of_deeds(words):
        return Short.HELP
    return found[0] if len(found) == 1 else None


_SIGNS = (
    (Short.READY, re.compile(r"(?:[+✅☑✔👍💯\U0001f3fb-\U0001f3ff] ?)+[.!)]*")),
    (Short.NO, re.compile(r"-")),
    (Short.HELP, re.compile(r"\?+")),
)
_MEANINGS: dict[Short, Patterns] = {
    Short.READY: (states.READY,),
    Short.ALL: (states.ALL,),
    Short.YES: (states.YES,),
    Short.NO: (states.NO,),
    Short.IN_PROGRESS: (states.IN_PROGRESS,),
    Short.EXTENSION: free_words.EXTENSION,
    Short.HELP: free_words.HELP,
    Short.NOT_OURS: free_words.NOT_OURS,
    Short.DELETE: (states.DELETE,),
    Short.LATER: (states.LATER,),
}
_OPEN = frozenset({Short.EXTENSION, Short.HELP, Short.NOT_OURS})
_MAY_ASK = frozenset({Short.EXTENSION, Short.HELP, Short.DELETE})


def _may_mean(short: Short, words: Sequence[str], *, asked: bool) -> bool:
    """Refuse a question that would state something, and a request that tells of deeds."""
    if asked and not (short in _MAY_ASK or "можно" in words):
        return False
    return short not in _OPEN or not tells_of_deeds(words)


def _is_question(said: str, line: str) -> bool:
    """One question from end to end: «куда отправить?», and not «Что? Где? Когда?»."""
    return bool(_ONE_QUESTION.fullmatch(said) and free_words.QUESTION.fullmatch(line))


_ONE_QUESTION = re.compile(r"[^?]+\?[?!.) ]*")
_ITEM = re.compile(r"(?:(?<!\w)(?:пп?|пункт\w*)\.?|№) ?\d+(?:\.\d+)*")
_PIECES = re.compile(r"\d+(?:\.\d+)+|\d+|[^\W\d_]+(?:-[^\W\d_]+)*|[+%№/=@]")
_POLITE = re.compile(
    r"\b(?:здравствуйте|добрый (?:день|вечер)|доброе утро|доброго (?:дня|времени суток)|коллеги|уважаемые"
    r"|спасибо|пожалуйста|извините|простите|ну|вот|же|просто|плиз)\b"
)


def _words(said: str) -> list[str]:
    """Words without politeness, signs and smiles; «п. 3.2» is «пункт»."""
    return _PIECES.findall(_POLITE.sub(" ", _ITEM.sub(" пункт ", said)))
