"""Traces: by what somebody is recognised in written words, and how that is struck out of them.

Only words, no tables. A name is found in the cases of Russian grammar, in any order of its parts and with
initials; a phone by its digits, however they are parted. What is misspelt, or drawn on a picture, is not.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any

TELLING = 10_000  # a shorter number is a number like any other
NUMBERED = frozenset({"chat_id", "id", "user_id"})  # keys under which a short one is somebody's all the same
DIGITS = 10  # of a phone, without the code of the country

_PART = r"[\s\-–().\u00a0]{0,3}"
PHONE = re.compile(
    rf"(?<![\w+])(?:\+7|8|7){_PART}[3489]\d\d{_PART}\d{{3}}{_PART}\d\d{_PART}\d\d(?!\d)"
    rf"|(?<![\w+])\(?9\d\d{_PART}\d{{3}}{_PART}\d\d{_PART}\d\d(?!\d)"
    rf"|(?<![\w+])\+\d(?:{_PART}\d){{7,14}}(?!\d)"
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’`][^\W\d_]+)*")
_CHANGING = "аеёиоуыэюяйь"  # a last letter that declension replaces
_ENDINGS = (
    "(?:ого|его|ому|ему|ием|ией|иям|ями|ами|ой|ою|ей|ею|ом|ём|ем|ым|им|ых|их|ий|ый|ая|яя|ую|юю|ью|ии|ию|ия|ие|"
    "ам|ям|ах|ях|а|я|ы|и|е|у|ю|о|ь|й)?"
)
_SHORT = 2  # letters of a word that is not declined, nor found alone
_LONE = 3  # letters of a whole name that may be looked for
_RARE = 6  # letters of a word that is hardly an ordinary one («Вера» is), so it is also found in small ones


@dataclass(frozen=True)
class Known:
    """What is known of somebody: names as typed, usernames, Telegram's numbers, phones (ten digits)."""

    names: frozenset[str]
    usernames: frozenset[str] = frozenset()
    numbers: frozenset[int] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Words:
    """What stands in the place of what is struck out: of a name, and of everything else."""

    name: str
    gone: str


@dataclass(frozen=True)
class Eraser:
    """Strikes somebody out of texts and JSON values; ``number`` stands in the place of theirs.

    ``lone``: words of the name also where they stand alone. ``alike``: whatever looks like a phone or an
    e-mail, whoever's it is. A ``shared`` name is somebody else's as well, and only struck out if ``lone``.
    """

    known: Known
    words: Words
    number: int
    shared: bool = False
    _needles: tuple[str, ...] = field(init=False, repr=False)
    _patterns: tuple[tuple[re.Pattern[str], str], ...] = field(init=False, repr=False)
    _together: re.Pattern[str] | None = field(init=False, repr=False)
    _alone: re.Pattern[str] | None = field(init=False, repr=False)
    _phones: re.Pattern[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the patterns once."""
        phones = _any(map(_phone, self.known.phones))
        named = [
            (_any(map(re.escape, self.known.emails)), self.words.gone),
            (_any(rf"(?<!\w)@?{re.escape(name)}(?!\w)" for name in self.known.usernames), self.words.gone),
            (phones, self.words.gone),
            (_any(rf"(?<!\d)-?{number}(?!\d)" for number in self._telling), str(self.number)),
        ]
        made = {
            "_phones": phones,
            "_patterns": tuple((pattern, word) for pattern, word in named if pattern is not None),
            "_together": _any(_together(self.known.names)),
            "_alone": _any(_alone(self.known.names), as_written=True),
            "_needles": (*_needles(self.known), *map(str, self._telling), *_keyed(self.known.numbers)),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    @property
    def _telling(self) -> list[int]:
        return sorted(number for number in self.known.numbers if abs(number) >= TELLING)

    def may_be_in(self, raw: str) -> bool:
        """Tell quickly whether a text, or JSON as it is kept, may hold a trace; whole tables are asked."""
        if any(needle in raw for needle in self._needles):
            return True
        low = raw.lower()
        if any(name.lower() in low for name in (*self.known.usernames, *self.known.emails)):
            return True
        return self._phones is not None and self._phones.search(raw) is not None

    def text(self, text: str, *, lone: bool = False, alike: bool = False) -> str:
        """Strike somebody out of a text."""
        for pattern, word in self._patterns:
            text = pattern.sub(word, text)
        if alike:
            text = PHONE.sub(self.words.gone, EMAIL.sub(self.words.gone, text))
        if self._together is not None and (lone or not self.shared):
            text = self._together.sub(self.words.name, text)
        if self._alone is not None and lone:
            text = self._alone.sub(self.words.name, text)
        return text

    def value(self, value: Any, *, lone: bool = False, alike: bool = False, key: str = "") -> Any:
        """Strike somebody out of a JSON value, its numbers included."""
        match value:
            case str():
                return self.text(value, lone=lone, alike=alike)
            case dict():
                return {
                    name: self.value(one, lone=lone, alike=alike, key=name) for name, one in value.items()
                }
            case list():
                return [self.value(one, lone=lone, alike=alike, key=key) for one in value]
            case int() if not isinstance(value, bool) and value in self.known.numbers:
                return self.number if abs(value) >= TELLING or key in NUMBERED else value
            case _:
                return value


def phones_in(text: str) -> set[str]:
    """Find what looks like phones: the last ten digits of each."""
    return {re.sub(r"\D", "", found)[-DIGITS:] for found in PHONE.findall(text)}


def emails_in(text: str) -> set[str]:
    """Find what looks like addresses of e-mail."""
    return set(EMAIL.findall(text))


def same_name(one: str, other: str) -> bool:
    """Tell whether two people could be meant by each other's name: every word of one is in the other."""
    mine, theirs = (
        {word.casefold().replace("ё", "е") for word in _WORD.findall(name)} for name in (one, other)
    )
    return bool(mine) and bool(theirs) and (mine <= theirs or theirs <= mine)


def single(name: str) -> bool:
    """Tell whether a name is one word, which cannot be told from other people's by itself."""
    return len(_WORD.findall(name)) <= 1


def _any(patterns: Iterable[str], *, as_written: bool = False) -> re.Pattern[str] | None:
    """Join patterns, the longest first; None where there is none. Case matters only ``as_written``."""
    listed = sorted(set(patterns), key=len, reverse=True)
    return re.compile("|".join(listed), 0 if as_written else re.IGNORECASE) if listed else None


def _phone(digits: str) -> str:
    return rf"(?<!\d)(?:\+?\d{{1,3}}{_PART})?\(?" + _PART.join(digits) + r"(?!\d)"


def _stem(word: str) -> str:
    return word[:-1] if len(word) > _SHORT and word[-1].lower() in _CHANGING else word


def _declined(word: str) -> str:
    """Give the pattern of a word of a name in any case of grammar; «ё» is written as «е» as well."""
    forms = ((_stem(part), len(part) > _SHORT) for part in word.split("-"))
    return "-".join(_letters(stem) + (_ENDINGS if changes else "") for stem, changes in forms)


def _letters(stem: str) -> str:
    same = {"е": "[её]", "ё": "[её]", "Е": "[ЕЁ]", "Ё": "[ЕЁ]"}
    return "".join(same.get(letter, re.escape(letter)) for letter in stem)


def _together(names: Iterable[str]) -> Iterable[str]:
    """Give the patterns of names with two words or more, of which two stand together, or one by initials."""
    for name in names:
        words = _WORD.findall(name)
        if len(words) == 1:
            continue
        forms = [_declined(word) for word in words]
        any_form = "|".join(forms)
        if forms:
            yield rf"(?<!\w)(?:{any_form})(?:\s+(?:{any_form}))+(?!\w)"
        for place, form in enumerate(forms):
            others = "".join({word[0] for at, word in enumerate(words) if at != place})
            initials = rf"[{re.escape(others)}]\.(?:\s*[^\W\d_]\.)?"
            yield rf"(?<!\w){form}\s+{initials}"
            yield rf"(?<!\w){initials}\s*{form}(?!\w)"


def _alone(names: Iterable[str]) -> Iterable[str]:
    """Give the patterns of each word of the names, and of the names as they were typed."""
    for name in names:
        if len(name.strip()) >= _LONE:
            yield from (re.escape(name.strip()), re.escape(escape(name.strip(), quote=False)))
        for word in _WORD.findall(name):
            if len(word) >= _RARE:
                yield rf"(?i:(?<!\w){_declined(word)}(?!\w))"
            elif len(word) > _SHORT:
                yield rf"(?<!\w){_declined(word[0].upper() + word[1:])}(?!\w)"
                yield rf"(?<!\w){_declined(word.upper()).replace(_ENDINGS, _ENDINGS.upper())}(?!\w)"


def _keyed(numbers: Iterable[int]) -> Iterable[str]:
    """Give how JSON keeps somebody's number under its key."""
    return (f'"{key}": {number}' for number in numbers for key in NUMBERED)


def _needles(known: Known) -> Iterable[str]:
    """Give what a text with a trace of a name holds for sure, plain and as JSON keeps it."""
    stems = {_stem(part) for name in known.names for word in _WORD.findall(name) for part in word.split("-")}
    whole = {name.strip() for name in known.names if len(name.strip()) >= _LONE}
    for stem in stems | whole | {escape(name, quote=False) for name in whole}:
        for form in {stem, stem.lower(), stem.upper(), stem.title()}:
            for written in {form, form.replace("ё", "е").replace("Ё", "Е")}:
                yield written
                yield json.dumps(written)[1:-1]
