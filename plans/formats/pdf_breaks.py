"""Lines of a narrow column → one text: a break is a blank, a hyphen, or the middle of a word too long."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from plans.deadlines.words import WORDS
from plans.formats.pdf_words import NOUNS, STEMS
from plans.healing import FIRST_WORD, LAST_WORD, REST, heal

SHORTEST = 3  # letters of a word that is no mere ending
STEM = 5  # letters that tell one word from others
ENDING = 4  # letters of what is more than an ending
PARTED = 0.2  # share of hyphens at the ends of lines that part words, in a file that does so
SOFT_HYPHEN = "\xad"
CLOSING = ",.;:!?)»"  # no word begins with them
SMALL = frozenset("викосу") | {"до", "за", "из", "на", "не", "об", "от", "по", "со", "для", "при"}  # words
AMBIGUOUS = {  # letters that are words, and that words end with: what stands before them in words
    "в": re.compile(r"[её]$|(?<!тв)о$"),
    "и": re.compile(r"([^аеёийоуыьэюя]|(?<![аиыя]м)(?<!и)и)$"),
    "о": re.compile(r"[^аеёийоуыьэюя]$"),
    "у": re.compile(r"[^аеёийоуыьэюя]$"),
}
DATIVE = re.compile(r"[аиыя]м$")  # with «и» it is another case, seldom two words
# What the rest of a word begins with.
INNER = re.compile(r"ов(ое|ого|ой|ом|ую|ые|ый|ых|ым)$|ск[иоа]|ств|нн|тельн|льн|ческ|ност|ова[нт]|иров")
BEGUN = re.compile(r"(щ|вш|[ая]ци|енци?|нн)$")  # what no whole word ends with
# What a word ends with that is whole.
ENDED = re.compile(
    r"(ая|ые|ый|ого|его|ому|ему|ыми|ими|ами|ями|[нщв]ой|[нщ]ых|[нщш]их|[нщ]ий|[нщ]ые|[нщ]ие|[нщ]ая|[нщ]ое|"
    r"[ае]ни[еяю]|тел[ие]й?|теля|телям|ости|ость|ци[яи]|ций|цией|[аи]ть|ск(?:их|ой|ий|ие|ая)|инг|[ая]х|ств[аео])$"
)


@dataclass(frozen=True)
class Printed:
    """A line as it is printed, and what its place tells.

    ``spaced``: a blank is printed at its end; ``roomy``: there was room for one. ``full``: it is one
    word, and the next letter has no room in its column: a word too long may have been broken here.
    ``last``: the next line is on the next page.
    """

    text: str
    spaced: bool = False
    roomy: bool = True
    full: bool = False
    last: bool = False


@dataclass(frozen=True)
class Habits:
    """What is known of a printed file: its words that are surely whole, and what its lines end with.

    ``blanks``: a blank is printed wherever a line ends between two words and there is room for it;
    ``hyphens``: words are parted at the ends of lines, so that a hyphen there may be no part of one.
    """

    known: Mapping[str, int]
    blanks: bool = False
    hyphens: bool = True

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first letters of the known words."""
        return frozenset(word[:STEM] for word in (*self.known, *WORDS) if len(word) >= STEM)

    def is_word(self, word: str) -> bool:
        """Tell whether a word is met whole; one of two letters may be an ending."""
        if len(word) < SHORTEST:
            return word in SMALL
        return word in self.known or word in WORDS or word in NOUNS

    def is_like_word(self, word: str) -> bool:
        """Tell whether a word is met whole or begins like one that is."""
        return self.is_word(word) or STEMS.match(word) is not None or word[:STEM] in self.beginnings


def joined_lines(lines: Sequence[Printed], habits: Habits) -> str:
    """Join the lines of a paragraph or a cell whose places on the page are known, from the last one up.

    Upwards, because a word that is broken over three lines is whole before its first line is reached.
    """
    text = lines[-1].text if lines else ""
    for before in reversed(lines[:-1]):
        text = _with_line(before, text, habits)
    return text.replace(SOFT_HYPHEN, "")


def parts_words(known: Mapping[str, int], ends: Iterable[tuple[str, str]]) -> bool:
    """Tell whether a file parts words at the ends of lines: some are met whole elsewhere.

    ``ends`` are the last words of lines that end with a hyphen, and the first ones of the next lines.
    """
    met = [_is_parted((one + other).casefold(), len(one), known) for one, other in ends]
    return sum(met) > len(met) * PARTED


def _is_parted(word: str, place: int, known: Mapping[str, int]) -> bool:
    stem = STEMS.match(word)
    return word in known or (stem is not None and stem.end() > place)


def whole_words(lines: Sequence[Printed], *, blanks: bool) -> str:
    """Give the words of a paragraph or a cell that are surely whole, those over two lines too."""
    if not lines:
        return ""
    runs = [lines[-1].text]
    sure: list[str] = []
    for before in reversed(lines[:-1]):
        if before.spaced or not (before.full or before.last or before.text.endswith("-")):
            runs.append(before.text)
        elif before.full and _is_surely_broken(before, runs[-1], blanks=blanks):
            runs[-1] = before.text + runs[-1]
        else:
            sure.append(" ".join(reversed(runs)).partition(" ")[2])
            runs = [before.text.rpartition(" ")[0]]
    return " ".join([*sure, *reversed(runs)])


def _is_surely_broken(before: Printed, after: str, *, blanks: bool) -> bool:
    return blanks and before.roomy and not before.last and before.text[-1:].isalpha() and after[:1].islower()


def _with_line(before: Printed, after: str, habits: Habits) -> str:
    text = before.text
    if text.endswith(SOFT_HYPHEN):
        return text[:-1] + after
    if before.spaced:
        return f"{text} {after}"
    if text.endswith("-") and text[-2:-1].isalnum() and after[0].isalnum():
        parted = habits.hyphens and after[0].islower()
        return heal(text, after, habits.known) if parted else text + after
    if _is_beside(text, after, habits) or (before.full and _is_broken(before, after, habits)):
        return text + after
    return heal(text, after, habits.known) if before.last else f"{text} {after}"


def _is_beside(text: str, after: str, habits: Habits) -> bool:
    """Tell signs that stand beside words: «), школы», «и/или», the hyphen of «учителей-предметников»."""
    alone = text == "-" and habits.blanks
    return alone or after[0] in CLOSING or (text.endswith("/") and after[0].isalnum())


def _is_broken(before: Printed, after: str, habits: Habits) -> bool:
    """Tell whether a full line ends in the middle of a word."""
    if before.text[-1].isdigit() and after[0].isdigit():
        return True
    last, first = LAST_WORD.search(before.text), FIRST_WORD.match(after.removeprefix("-"))
    if last is None or first is None:
        return False
    one, other = last[0].casefold(), first[0].casefold()
    one_word = habits.is_word(one + other) and (other in SMALL or not habits.is_word(other))
    if REST.match(other) or after[0] == "-" or one + other in habits.known or one_word:
        return True
    surely = habits.blanks and before.roomy and not before.last
    words = habits.is_word(one) and habits.is_word(other)
    if first[0][0].isupper():
        return last[0][-1].isupper() and (surely or not words)
    if surely:  # a blank had room and is not printed: else it ends a paragraph
        return len(other) < SHORTEST or not words
    return _is_probably_broken(one, other, after[len(other) :], habits)


def _is_probably_broken(one: str, other: str, following: str, habits: Habits) -> bool:
    """Tell the same by the letters, where there was no room for a blank."""
    stem = STEMS.match(one + other)
    if BEGUN.search(one) or INNER.match(other) or (stem is not None and stem.end() > len(one)):
        return True
    if len(other) == 1:
        cased = stem is not None and one + other == f"{stem[0]}ов"
        return cased or _is_last_letter(one, other, following, habits)
    if other in SMALL:
        return not following.startswith(" ")  # a preposition is not the last word
    whole = len(other) >= ENDING and (habits.is_word(one) or ENDED.search(one) is not None)
    return not whole and not habits.is_like_word(other)


def _is_last_letter(one: str, letter: str, following: str, habits: Habits) -> bool:
    """Tell «результатам» + «и» from «разработаны» + «и»: the last letter of a word, or a word of one."""
    if letter not in SMALL or not following.startswith((" ", "/")):
        return True  # no conjunction stands before a comma, and «а» only after one
    if letter == "и" and DATIVE.search(one):
        return True
    if letter not in AMBIGUOUS or ENDED.search(one) or habits.is_word(one):
        return False
    return AMBIGUOUS[letter].search(one) is not None
