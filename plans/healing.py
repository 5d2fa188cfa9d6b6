"""Texts that a page break or a narrow column has cut are made whole again."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from plans.deadlines.words import WORDS

# No Russian word begins with these letters: what does is the rest of one.
REST = re.compile(r"[ьъыЬЪЫ]|ющ|ящих|нн?ост|ств[оауе]")
WORD = re.compile(r"[^\W\d_]+")
LAST_WORD = re.compile(r"[^\W\d_]+$")
FIRST_WORD = re.compile(r"[^\W\d_]+")
# The first of two words with a hyphen, and what often is the second one.
JOINING = re.compile(r"(?:\w{3}[нкв]о|\w{3}лого|\wеско)$")
SECOND = re.compile(
    r"методич|педагог|правов|воспитат|техническ|технолог|исследов|экономич|психолог|аналитич|массов|практич|"
    r"просвет|оздоров|спортивн|тематич|хозяйств|познават|консульт|образоват|управленч|измерит|развив|распоряд"
)
SHORTEST = 3  # letters of a word that a run of letters may be parted into
STEM = 5  # letters that tell one word from others
ENDING = 4  # letters of the longest ending
MOST_WORDS = 8000  # of a file in which every word is compared
LONGEST_RUN = 60  # letters


def vocabulary(text: str) -> Mapping[str, int]:
    """Count the words of a file: a word that is met whole elsewhere is one word where it is cut."""
    return Counter(WORD.findall(text.casefold()))


def heal(before: str, after: str, known: Mapping[str, int]) -> str:
    """Join the two parts of a text; a word cut between them becomes whole."""
    if not before or not after:
        return before or after
    if before.endswith("-") and not before.endswith(" -") and after[0].islower():
        return _unhyphened(before, after, known)
    return f"{before}{after}" if _is_cut(before, after, known) else f"{before} {after}"


def _unhyphened(before: str, after: str, known: Mapping[str, int]) -> str:
    """Drop the hyphen of a cut word, and keep that of «научно-методический» or «сентябрь-октябрь»."""
    last, first = LAST_WORD.search(before[-LONGEST_RUN:-1]), FIRST_WORD.match(after)
    if last is None or first is None:
        return before + after
    one, other = last[0].casefold(), first[0].casefold()
    if known.get(one + other, 0) or REST.match(other):
        return before[:-1] + after
    months = one in WORDS and other in WORDS
    two = months or known.get(one, 0) > 1 or _two_in_one(one, other, known)
    return before + after if two else before[:-1] + after


def _two_in_one(one: str, other: str, known: Mapping[str, int]) -> bool:
    """Tell «учебно-методических» from «техноло-гических»: two words, the second one met elsewhere."""
    if not JOINING.search(one) or len(known) > MOST_WORDS:
        return False
    return SECOND.match(other) is not None or any(
        len(other) > STEM and word != other and word.startswith(other[: STEM + 1]) for word in known
    )


def _is_cut(before: str, after: str, known: Mapping[str, int]) -> bool:
    last, first = LAST_WORD.search(before[-LONGEST_RUN:]), FIRST_WORD.match(after)
    if last is None or first is None or not first[0][0].islower():
        return False
    if REST.match(first[0]):
        return True
    one, other = last[0].casefold(), first[0].casefold()
    rare = known.get(one, 0) <= 1, known.get(other, 0) <= 1
    if any(rare) and known.get(one + other, 0) > 0:
        return True
    return all(rare) and _begins_and_ends(one, other, known)


def _begins_and_ends(one: str, other: str, known: Mapping[str, int]) -> bool:
    """Tell «началь» + «ной» by «начальных» and «школьной»: a beginning and an ending of other words."""
    if len(one) < STEM or len(other) > ENDING or len(known) > MOST_WORDS:
        return False
    begins = any(word.startswith(one) and len(word) > len(one) + 1 for word in known)
    return begins and any(word.endswith(other) and len(word) > len(other) + 1 for word in known)


@lru_cache(maxsize=4096)
def heal_date(text: str) -> str:
    """Make whole the words of a date that a narrow cell has cut: «Сентябр ьдекабр ь» → «Сентябр…».

    Only runs of letters with an unknown piece are touched, and only if they part into known words.
    """
    words = text.split()
    found: list[str] = []
    place = 0
    while place < len(words):
        length, whole = _whole(words, place)
        found.append(whole)
        place += length
    return " ".join(found)


def _whole(words: list[str], place: int) -> tuple[int, str]:
    if _known(words[place]):
        following = words[place + 1] if place + 1 < len(words) else ""
        if not REST.match(following):
            return 1, words[place]
    for length in range(2, min(5, len(words) - place) + 1):
        run = words[place : place + length]
        if all(_known(word) for word in run):
            continue
        parted = _parted("".join(run))
        if parted is not None:
            return length, parted
    return 1, words[place]


def _known(word: str) -> bool:
    pieces = WORD.findall(word)
    return not pieces or all(_plain(piece) in WORDS for piece in pieces)


def _parted(run: str) -> str | None:
    """Part a run into known words: «сентябрьдекабрь» into two, with a dash where one is printed."""
    pieces = WORD.findall(run)
    if len(run) > LONGEST_RUN or not pieces or not all(_words_of(piece) for piece in pieces):
        return None
    return WORD.sub(lambda found: " ".join(_words_of(found[0])), run)


def _words_of(piece: str) -> list[str]:
    if not piece:
        return []
    if _plain(piece) in WORDS:
        return [piece]
    for length in range(len(piece) - SHORTEST, SHORTEST - 1, -1):
        if _plain(piece[:length]) in WORDS and (rest := _words_of(piece[length:])):
            return [piece[:length], *rest]
    return []


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е")
