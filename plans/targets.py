"""Targets: the numbers that an expected result promises."""

import re
from functools import lru_cache

from plans.plan import Comparison, Target

NUMERALS = {
    "один": 1, "одна": 1, "одно": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6,
    "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "двенадцать": 12, "пятнадцать": 15,
    "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "сто": 100,
    "одного": 1, "одной": 1, "двух": 2, "трех": 3, "трёх": 3, "четырех": 4, "четырёх": 4, "пяти": 5,
    "шести": 6, "семи": 7, "восьми": 8, "девяти": 9, "десяти": 10, "двенадцати": 12,
    "пятнадцати": 15, "двадцати": 20, "тридцати": 30, "сорока": 40, "пятидесяти": 50, "ста": 100,
}  # fmt: skip
GENITIVES = frozenset(list(NUMERALS)[list(NUMERALS).index("одного") :])
CLAUSE = re.compile(r"[.;\n]\s*")
TREND = re.compile(r"(?P<rises>увелич|повыс|повыш|рост|довед|дости)|сниж|сниз|уменьш|сокра", re.IGNORECASE)
CHANGE = re.compile(r"\bна\s*$", re.IGNORECASE)  # «на 5 %» says how much it changes, not what is reached
LIMITS = (
    (Comparison.AT_LEAST, ("не менее", "не меньше", "не ниже", "минимум", "свыше", "более", "от", "≥", ">")),
    (Comparison.AT_MOST, ("не более", "не больше", "не выше", "менее", "до", "максимум", "≤", "<")),
)
NUMBER = r"(?:\d+(?:[.,]\d+)?|" + "|".join(NUMERALS) + ")"
LIMIT = r"(?:не менее|не меньше|не ниже|не более|не больше|не выше|минимум|максимум|свыше|более|менее|до|от)"
FOUND = re.compile(
    rf"(?<![\w№.,/–-])(?<!№\s)(?:(?P<limit>{LIMIT})(?:\s+чем(?:\s+(?:у|в|на|для))?)?\s+|(?P<sign>[≥≤<>])\s*)?"
    rf"(?<![\w№-])(?P<number>{NUMBER})(?:-?(?:х|ти|ми|и)\b)?"
    r"(?P<percent>\s*(?:%|процент\w*)|-\s*процентн\w+|-\s*%)?(?:\s*\([а-яё]+\))?"
    r"(?![\w+–-])(?P<rest>[^.;:(),\n]*)",
    re.IGNORECASE,
)
PREPOSITIONS = frozenset(
    (
        *("в", "во", "на", "по", "с", "со", "из", "для", "к", "ко", "от", "о", "об", "при", "за"),
        *("через", "или", "не", "у", "до", "без", "под", "над"),
    )
)
PART_OF = re.compile(r"^\s*(?:от|из)\s+(?:числа\s+)?")  # «70 % от общего числа педагогов»
VERB = re.compile(
    r"(?!\w*мен[аы]$|\w?цен[аы]$|член[аы]$|стен[аы]$|антенн[аы]$|арен[аы]$)"  # «3 смены» are nouns
    r"(?:\w+(ут|ют|ят|утся|ются|ятся|ится|ается|ёт|ет|ит|ал|ял|или|али|яли|ились|ались|лся|лись|ены|ено|ена|ён|"
    r"веден|ведён|учен|ован|ованы|овано|ваны)|есть|буд\w+|(?:с|из|со|за)?даны|написаны|приняты|открыты"
    r"|(?!недели|модели|цели|параллели|\w+тели$)\w{3,}(?:[аеиоуыя]л[аи]|[гксзшеё]ли)(?:сь)?)",
    re.IGNORECASE,
)
# Words after a number that make it a date, a class or a place, and not something counted.
NOT_COUNTED = re.compile(
    r"(год|лет|класс|кл\b|числ|час|мин|этап|раздел|квартал|полугод|четверт|приложени|пункт|п\.|"
    r"январ|феврал|март|апрел|ма[яй]\b|июн|июл|август|сентябр|октябр|ноябр|декабр|и\b|уч\b|раз\b|раза\b)",
    re.IGNORECASE,
)
# «С низкими результатами» says of whom; «с учётом мнения», «с привлечением вузов» do not.
HAVING = re.compile(
    r"(?!уч[её]т|привлеч|помощ|использов|участ|целью|примен|начал)\w+(?:ой|ей|ым|им|ыми|ими|ами|ями|ом|ью)"
)
SHARE = re.compile(r"доля\s+", re.IGNORECASE)
YEARS = range(1990, 2100)
LOOKED_BACK = 1000  # characters of a clause before its number


@lru_cache(maxsize=4096)
def read_targets(text: str | None) -> tuple[Target, ...]:
    """Read every target of an expected result: shares in «%», counts of things in «count»."""
    said, end = text or "", 0
    targets: list[Target] = []
    for found in FOUND.finditer(said):
        before = CLAUSE.split(said[max(end, found.start() - LOOKED_BACK) : found.start()])[-1]
        target = _target(found, before)
        if target is not None:
            targets.append(target)
            end = found.end()
    return tuple(targets)


def _target(found: re.Match[str], before: str) -> Target | None:
    word = found["number"].casefold()
    value = float(NUMERALS[word] if word in NUMERALS else word.replace(",", "."))
    of = _of(found["rest"], of_whom=bool(found["percent"]))
    if found["percent"]:
        return _share(found, value, of, before)
    rest = found["rest"].strip()
    if not of or NOT_COUNTED.match(rest) or value in YEARS or value != int(value):
        return None
    if not rest[0].islower():
        return None
    if word in GENITIVES and not (found["limit"] or found["sign"]):
        return None  # «двух школ» counts nothing; «не менее двух школ» does
    return Target(_comparison(found["limit"] or found["sign"], before), _whole(value), "count", of)


def _share(found: re.Match[str], value: float, of: str, before: str) -> Target | None:
    """Read a share; where nothing follows it («доля педагогов – 60 %»), the words before say of whom."""
    of = of or SHARE.sub("", before.strip(" ,–—-:(").removesuffix(" составляет").strip())
    if CHANGE.search(before):
        return None
    return Target(_comparison(found["limit"] or found["sign"], before), _whole(value), "%", of)


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def _comparison(limit: str | None, before: str) -> Comparison:
    words = (limit or "").casefold()
    trends = list(TREND.finditer(before))
    if words == "до" and trends and trends[-1]["rises"]:
        return Comparison.AT_LEAST
    return next((comparison for comparison, known in LIMITS if words in known), Comparison.EXACTLY)


def _of(rest: str, *, of_whom: bool) -> str:
    """Give whom or what is counted: the words up to a preposition or a verb.

    ``of_whom`` is a share: «60 % учащихся с задолженностью» are others than «60 % учащихся».
    """
    words: list[str] = []
    said = PART_OF.sub("", rest).split()
    for word, following in zip(said, [*said, ""][1:], strict=True):
        having = of_whom and words and word in {"с", "со"} and HAVING.fullmatch(following)
        if VERB.fullmatch(word) or (word.casefold() in PREPOSITIONS and not having):
            break
        words.append(word)
    return " ".join(words).strip(" –—-")
