"""Names of organisations and people in the first case: «школ с низкими результатами» → «школы с …»."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Gender(StrEnum):
    """What the adjectives of a noun agree with."""

    HE = "he"
    SHE = "she"
    IT = "it"


@dataclass(frozen=True)
class Nouns:
    """Nouns that change alike: the endings of the first case, and of the others."""

    gender: Gender
    one: str
    many: str
    of_one: tuple[str, ...]
    of_many: tuple[str, ...]
    stems: str


@dataclass(frozen=True)
class Form:
    """A form of a noun, and the first case it goes back to."""

    noun: str
    gender: Gender
    many: bool


KNOWN = (
    Nouns(
        *(Gender.HE, "", "ы", ("а", "у", "ом", "е"), ("ов", "ам", "ами", "ах")),
        "отдел центр комитет департамент институт университет техникум кабинет совет сектор фонд орган "
        "специалист методист консилиум выпускник",
    ),
    Nouns(
        *(Gender.HE, "", "и", ("а", "у", "ом", "е"), ("ов", "ам", "ами", "ах")),
        "педагог психолог логопед колледж ученик участник работник",
    ),
    Nouns(
        *(Gender.HE, "ь", "и", ("я", "ю", "ем", "е"), ("ей", "ям", "ями", "ях")),
        "руководител учител представител родител преподавател",
    ),
    Nouns(
        *(Gender.SHE, "а", "ы", ("ы", "е", "у", "ой"), ("", "ам", "ами", "ах")),
        "школ служб групп программ систем команд",
    ),
    Nouns(
        *(Gender.SHE, "я", "и", ("и", "ю", "ей"), ("й", "ям", "ями", "ях")),
        "организаци администраци гимнази комисси лаборатори ассоциаци",
    ),
    Nouns(
        *(Gender.IT, "е", "я", ("я", "ю", "ем", "и"), ("й", "ям", "ями", "ях")),
        "учреждени управлени объединени отделени предприяти",
    ),
    Nouns(
        *(Gender.IT, "о", "а", ("а", "у", "ом", "е"), ("", "ам", "ами", "ах")),
        "агентств министерств сообществ",
    ),
)
MOST_BEFORE = 5  # adjectives
WORD = re.compile(r"\w+(?:-\w+)*")
OF_MANY = re.compile(r"(?P<vowel>[ыи])(?:х|м|ми)(?P<self>ся)?$")
OF_ONE = re.compile(r"(?:ого|его|ому|ему|ой|ей|ую|юю|ым|им)(?P<self>ся)?$")
PARTICIPLE = re.compile(
    r",\s+(?P<word>\w+(?:щ|вш|нн|м)(?:их|им|ими|ых|ым|ыми|его|ему|ей|ого|ому|ой)(?:ся)?)\b"
)
VELAR, HISSING = "гкх", "жшщч"
STRESSED = ("городск", "областн", "краев", "основн")  # «городской», and not «городский»


def _forms() -> Iterator[tuple[str, Form]]:
    """Yield every other form of every noun; one that may be the first case of many comes last."""
    for nouns in KNOWN:
        for stem in nouns.stems.split():
            for ending in nouns.of_many:
                yield stem + ending, Form(stem + nouns.many, nouns.gender, many=True)
            for ending in nouns.of_one:
                yield stem + ending, Form(stem + nouns.one, nouns.gender, many=False)


FORMS = dict(_forms())
ALWAYS_ONE = ("управлени", "министерств", "администраци", "агентств")
# «школы», «организации» without an adjective: many, in the first case.
PLAIN_MANY = frozenset(
    stem + nouns.many for nouns in KNOWN for stem in nouns.stems.split() if stem not in ALWAYS_ONE
) | {"учителя"}


def in_first_case(phrase: str) -> str:
    """Put a phrase with a known noun at its head into the first case; any other is given as it is.

    «общеобразовательным организациям» → «общеобразовательные организации»; what the noun governs
    («с низкими результатами») stays, and a participle after a comma agrees with the noun.
    """
    words = list(WORD.finditer(phrase))[: MOST_BEFORE + 1]
    place = next((place for place, word in enumerate(words) if word[0].casefold() in FORMS), None)
    if place is None or (words and phrase[: words[0].start()].strip()):
        return phrase
    before, noun = [word[0] for word in words[:place]], words[place]
    form = FORMS[noun[0].casefold()]
    if not all(_agrees(word, many=form.many) for word in before):
        return phrase
    if not before and noun[0].casefold() in PLAIN_MANY:
        return phrase
    said = [_adjective(word, form) for word in before]
    first = form.noun.capitalize() if noun[0][0].isupper() else form.noun
    return " ".join([*said, first]) + _rest(phrase[noun.end() :], form)


def _agrees(word: str, *, many: bool) -> bool:
    return (OF_MANY if many else OF_ONE).search(word.casefold()) is not None


def _adjective(word: str, form: Form) -> str:
    """Put an adjective or a participle into the first case."""
    found = (OF_MANY if form.many else OF_ONE).search(word)
    if found is None:
        return word
    stem, itself = word[: found.start()], found["self"] or ""
    if form.many:
        return stem + ("ые" if found["vowel"] == "ы" else "ие") + itself
    soft = found[0].startswith(("е", "ю")) or (found[0].startswith("им") and stem[-1] not in VELAR)
    return stem + _ending(stem, form.gender, soft=soft) + itself


def _ending(stem: str, gender: Gender, *, soft: bool) -> str:
    """Give the ending of the first case: «средний», «общий», «низкий», «районный», «городской»."""
    hissing = stem[-1] in HISSING
    if gender is Gender.IT:
        return "ее" if soft or hissing else "ое"
    if gender is Gender.SHE:
        return "яя" if soft and not hissing else "ая"
    if stem.casefold().endswith(STRESSED):
        return "ой"
    return "ий" if soft or hissing or stem[-1] in VELAR else "ый"


def _rest(rest: str, form: Form) -> str:
    """Let a participle that follows agree: «школ, функционирующих в …» → «школы, функционирующие в …»."""
    found = PARTICIPLE.match(rest)
    if found is None or not _agrees(found["word"], many=form.many):
        return rest
    return rest[: found.start("word")] + _adjective(found["word"], form) + rest[found.end("word") :]
