"""Targets: the numbers that an expected result promises."""

import re

from plans.plan import Comparison, Target

NUMERALS = {
    "один": 1, "одна": 1, "одно": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6,
    "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "двенадцать": 12, "пятнадцать": 15,
    "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "сто": 100,
}  # fmt: skip
LIMITS = (
    (Comparison.AT_LEAST, ("не менее", "не меньше", "минимум", "свыше", "более", "от")),
    (Comparison.AT_MOST, ("не более", "не больше", "менее", "до", "максимум")),
)
NUMBER = r"(?:\d+(?:[.,]\d+)?|" + "|".join(NUMERALS) + ")"
LIMIT = r"(?:не менее|не меньше|не более|не больше|минимум|максимум|свыше|более|менее|до|от)"
FOUND = re.compile(
    rf"(?<![\w№.,/–-])(?:(?P<limit>{LIMIT})(?:\s+чем)?\s+)?(?<![\w№-])(?P<number>{NUMBER})"
    r"(?P<percent>\s*(?:%|процент\w*))?(?![\w+–-])(?P<rest>[^.;:(),\n]*)",
    re.IGNORECASE,
)
PREPOSITIONS = frozenset(
    (
        *("в", "во", "на", "по", "с", "со", "из", "для", "к", "ко", "от", "о", "об", "при", "за"),
        *("через", "или", "не", "у", "до", "без", "под", "над"),
    )
)
VERB = re.compile(
    r"\w+(ут|ют|ят|утся|ются|ятся|ится|ается|ёт|ет|ит|ал|ял|или|али|яли|ились|ались|лся|лись|ены|ено|ена|ён|"
    r"веден|ведён|учен|ован|ованы|овано|ваны)|есть|буд\w+|прошли|приняли",
    re.IGNORECASE,
)
# Words after a number that make it a date, a class or a place, and not something counted.
NOT_COUNTED = re.compile(
    r"(год|лет|класс|кл\b|числ|час|мин|этап|раздел|квартал|полугод|четверт|приложени|пункт|п\.|"
    r"январ|феврал|март|апрел|ма[яй]\b|июн|июл|август|сентябр|октябр|ноябр|декабр|и\b|уч\b|раз\b|раза\b)",
    re.IGNORECASE,
)
YEARS = range(1990, 2100)


def read_targets(text: str | None) -> tuple[Target, ...]:
    """Read every target of an expected result: shares in «%», counts of things in «count»."""
    return tuple(target for found in FOUND.finditer(text or "") if (target := _target(found)) is not None)


def _target(found: re.Match[str]) -> Target | None:
    said = found["number"].casefold().replace(",", ".")
    value = float(NUMERALS.get(said, 0) or said) if said not in NUMERALS else float(NUMERALS[said])
    of = _of(found["rest"])
    if found["percent"]:
        return Target(_comparison(found["limit"]), _whole(value), "%", of)
    rest = found["rest"].strip()
    if not of or NOT_COUNTED.match(rest) or value in YEARS or not rest[:1].islower():
        return None
    return Target(_comparison(found["limit"]), _whole(value), "count", of)


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def _comparison(limit: str | None) -> Comparison:
    words = (limit or "").casefold()
    return next((comparison for comparison, known in LIMITS if words in known), Comparison.EXACTLY)


def _of(rest: str) -> str:
    """Give whom or what is counted: the words up to a preposition or a verb."""
    words: list[str] = []
    for word in rest.split():
        if word.casefold() in PREPOSITIONS or VERB.fullmatch(word):
            break
        words.append(word)
    return " ".join(words)
