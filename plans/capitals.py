"""Words in capitals as a sentence has them: «ОТДЕЛ ГОРОДА ЗАРЕЧНОГО» → «Отдел города Заречного»."""

import re
from collections.abc import Sequence

from plans.abbreviations import COMMON
from plans.regions import names_region

TERRITORIES = frozenset(
    (
        *("района", "округа", "области", "края", "район", "округ", "поселения", "область", "край", "районе"),
        *("округе", "крае", "республики", "республика", "республике"),
    )
)
OF_TERRITORIES = re.compile(
    r"муниципальн|городск|сельск|автономн|федеральн|административн|внутригородск|народн"
)
# Adjectives that are no names of places: «методической», «родительской».
COMMON_ADJECTIVES = re.compile(
    r"\w*ческ|\w*детск|родительск|учительск|директорск|управленческ|российск|медицинск|женск|юношеск|конкурсн|"
    r"общественн|шефск|тьюторск|авторск|исследовательск|читательск|просветительск|лидерск|экспертск|гражданск"
)
PLACE = re.compile(r"\w+(?:ского|ской|ский|ская|ском|цкого|цкой|цкий|цком)")
NAMED = frozenset(
    (
        *("города", "город", "района", "округа", "села", "поселка", "посёлка", "округе", "городе"),
        *("республики", "республика", "республике"),
    )
)
FORMS = re.compile(r"(?:М[БАК]?О?У|М[БАК]У|Г[БАК]?О?У|Г[БАК]У|ФГБО?У|ДПО|ЗАТО)")
ROMAN = re.compile(r"[IVXLC]+")
VOWELS = frozenset("аеёиоуыэюя")
WORD = re.compile(r"[^\W\d_]+")
ROADMAP = re.compile(r"ДОРОЖН\w+\s+КАРТ\w+")


def in_sentence(text: str, *, known: Sequence[str] = ()) -> str:
    """Turn a text in capitals into a sentence; abbreviations and names of places keep theirs.

    ``known`` are the abbreviations that the order itself defines.
    """
    words = text.split()
    small = text.casefold().split()
    named = [
        word
        if _is_short(word, known)
        else _name(plain, small[place - 1] if place else "", (*small, "")[place + 1])
        for place, (word, plain) in enumerate(zip(words, small, strict=True))
    ]
    return _with_capital(" ".join(named))


def title_in_sentence(title: str, *, known: Sequence[str] = ()) -> str:
    """Do so with the words in capitals that a title begins with: «ПЛАН МЕРОПРИЯТИЙ по переводу школ»."""
    words = (
        ROADMAP.sub(lambda found: found[0].casefold(), title).split() if _has_small(title) else title.split()
    )
    shouted = next((place for place, word in enumerate(words) if _has_small(word)), len(words))
    if any(len(word) > 1 and word.isupper() for word in words[:shouted]):
        words[:shouted] = [in_sentence(" ".join(words[:shouted]), known=known)]
    return _with_capital(" ".join(words))


def _has_small(word: str) -> bool:
    return any(char.islower() for char in word)


def _with_capital(text: str) -> str:
    place = next((place for place, char in enumerate(text) if char.isalpha()), 0)
    return text[:place] + text[place : place + 1].upper() + text[place + 1 :]


def _is_short(word: str, known: Sequence[str]) -> bool:
    """Tell «ШНОР», «МБОУ», «II» from words."""
    return any(
        part in COMMON
        or part in known
        or FORMS.fullmatch(part) is not None
        or ROMAN.fullmatch(part) is not None
        or (len(part) > 1 and not VOWELS & set(part.casefold()))
        for part in WORD.findall(word)
    )


def _name(word: str, before: str, after: str) -> str:
    bare = word.strip('«»"(),.')
    if word.startswith("«"):
        return word[:1] + word[1:2].upper() + word[2:]
    if after.strip("»,.") in TERRITORIES and re.search(r"(?:ого|его|ой|ей|ый|ий|ая|ом|ем)$", word):
        return word if OF_TERRITORIES.match(word) or COMMON_ADJECTIVES.match(word) else _with_capital(word)
    proper = before.lstrip("«(") in NAMED and bare not in {"и", "образования", "в", "на", "по", "о", "об"}
    place = PLACE.fullmatch(bare) and not OF_TERRITORIES.match(bare) and not COMMON_ADJECTIVES.match(bare)
    return _with_capital(word) if proper or place or names_region(bare) else word
