"""The head of an order: title, issuer, number, date, period, region, abbreviations."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from plans.grid import Grid, TextBlock
from plans.parties import last_party, separate_brackets
from plans.plan import Document
from plans.regions import zone_of
from plans.table import texts_before_table

MONTHS = (
    "январ",
    "феврал",
    "март",
    "апрел",
    "ма",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
)
DAY_WORDS = rf"«?\"?(?P<day>\d{{1,2}})\"?»?\s+(?P<month>{'|'.join(MONTHS)})\w*\s+(?P<year>\d{{4}})"
DAY_DIGITS = r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"
TAIL = r"\s*(?:г\.?|года)?\s*(?:№\s*(?P<number>\S+))?\s*"
DATE_LINES = tuple(re.compile(rf"(?:от\s+)?{day}{TAIL}", re.IGNORECASE) for day in (DAY_WORDS, DAY_DIGITS))
NUMBER_LINE = re.compile(r"№\s*(?P<number>[^\s№]+)")
TITLE = re.compile(
    r"\**\s*((муниципальн|комплексн|регион|типов|примерн|единый)\w*\s+)*"
    r"(план|«?дорожная карта|программа|комплекс мер)\b",
    re.IGNORECASE,
)
STAMP = re.compile(r"^\W*утвержда(ю|ем)\b", re.IGNORECASE)
ISSUERS = re.compile(
    r"(администраци|отдел|управлени|департамент|комитет|министерств|муниципальн|служба)\w*", re.IGNORECASE
)
SIGNER = re.compile(
    r"^(?i:заведующ\w+|начальник\w*|руководител\w+|глава|председател\w+|директор\w*|министр\w*|и\.?\s*о\.?)\s+"
    r"(?P<office>[А-ЯЁ].+)"
)
FIRST_CASE = (
    ("отделом", "отдел"),
    ("отдела", "отдел"),
    ("управлением", "управление"),
    ("управления", "управление"),
    ("комитетом", "комитет"),
    ("комитета", "комитет"),
    ("департаментом", "департамент"),
)
SHORT = re.compile(
    r"(?P<long>[^.;:()\t\n]{3,160}?)\s*\(\s*(?:именуем\w+\s+)?далее\s*[-–—]?\s*(?P<short>[^()]{1,40}?)\s*\)"
)
ABBREVIATION = re.compile(r"[А-ЯЁ]{2,}[А-ЯЁ\w-]*")
STAMP_LINES = 4


@dataclass(frozen=True)
class Found:
    """A date and a number found in the head."""

    day: date | None = None
    number: str | None = None


def read_head(grid: Grid, parties: Iterable[str]) -> Document:
    """Read the head of an order; the period of a plan that prints none is filled in by the reader.

    ``parties`` are the executors of the table: a stamp names its office in another case, and the
    party that is most like it gives the name in the first case.
    """
    texts = [text for text in texts_before_table(grid) if text.text.strip()]
    signed = _signed(texts)
    title = _title(texts)
    start, end = _period(title or "", signed.day)
    return Document(
        title=title,
        issuer=_issuer(texts, tuple(parties)),
        number=signed.number,
        date=signed.day,
        period_start=start,
        period_end=end,
        region_timezone=zone_of("\n".join(text.joined for text in texts)) or zone_of(grid.everything),
        abbreviations=read_abbreviations(grid),
    )


def _signed(texts: Sequence[TextBlock]) -> Found:
    """Find the lines that are nothing but a date or a number: another document's stand in sentences."""
    day: date | None = None
    number: str | None = None
    for line in (line.strip(" *") for text in texts for line in text.text.splitlines()):
        for pattern in DATE_LINES:
            if day is None and (found := pattern.fullmatch(line)) is not None:
                day = _date(found)
                number = number or found["number"]
        if number is None and (found := NUMBER_LINE.fullmatch(line)) is not None:
            number = found["number"]
    return Found(day, number)


def _date(found: re.Match[str]) -> date | None:
    month = found["month"].casefold()
    number = int(month) if month.isdigit() else MONTHS.index(month) + 1
    try:
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


def _title(texts: Sequence[TextBlock]) -> str | None:
    """Give the plan's own title: the last heading before the table that names a plan, not a sentence."""
    for text in reversed(texts):
        joined = text.joined.strip("* ")
        if TITLE.match(joined) and not joined.endswith((".", ":", ",")):
            return joined
    for text in texts:
        if text.joined.casefold().startswith("об утверждении"):
            return text.joined.strip("* ")
    return None


def _issuer(texts: Sequence[TextBlock], parties: tuple[str, ...]) -> str | None:
    for text in texts:
        if STAMP.match(text.joined):
            return _stamped(text, parties)
        if ISSUERS.match(text.joined):
            return _cased(text.joined)
        if TITLE.match(text.joined.strip("* ")):
            return None
    return None


def _stamped(text: TextBlock, parties: tuple[str, ...]) -> str | None:
    """Read «Утверждаю / Заведующий Отделом образования …»: the office in the first case."""
    lines = [line.strip() for line in text.text.splitlines() if line.strip()]
    found = SIGNER.match(" ".join(lines[1:STAMP_LINES]))
    if found is None:
        return None
    office = found["office"]
    like = process.extractOne(office, parties, scorer=fuzz.ratio, score_cutoff=90)
    if like is not None:
        return str(like[0])
    for said, first in FIRST_CASE:
        if office.casefold().startswith(said):
            return first.capitalize() + office[len(said) :]
    return office


def _cased(text: str) -> str:
    """Turn a heading in capitals into a name: «ОТДЕЛ ГОРОДА ЗАРЕЧНОГО» → «Отдел города Заречного»."""
    if not text.isupper():
        return text
    words = text.casefold().split()
    named = [_name(word, words[place - 1] if place else "") for place, word in enumerate(words)]
    named[0] = named[0][:1].upper() + named[0][1:]
    return " ".join(named)


def _name(word: str, before: str) -> str:
    if word.startswith("«"):
        return word[:1] + word[1:2].upper() + word[2:]
    proper = before in {"города", "город", "района", "округа", "села", "поселка"} and word not in {
        "и",
        "образования",
    }
    place = re.fullmatch(r"\w+(ского|ской|ский|ская|цкого|цкой|цкий)", word)
    stately = word in {"российской", "муниципальной", "городского", "сельского"}
    if proper or (place and not stately and word not in {"городской", "сельской", "районный"}):
        return word[:1].upper() + word[1:]
    return word


YEAR = r"(?P<a>\d{4})"
TWO_YEARS = rf"{YEAR}\s*(?:[-–—/]|по|и)\s*(?P<b>\d{{4}})"
PERIODS = (
    (re.compile(rf"{TWO_YEARS}\s*уч", re.IGNORECASE), "school"),
    (re.compile(rf"на\s+(?:период\s+)?(?:с\s+)?{TWO_YEARS}\s*г", re.IGNORECASE), "years"),
    (re.compile(rf"на\s+{YEAR}\s*(?:г|$|[.,;»)])", re.IGNORECASE), "year"),
    (re.compile(rf"до\s+{YEAR}\s*г", re.IGNORECASE), "until"),
)


def _period(title: str, signed: date | None) -> tuple[date | None, date | None]:
    """Read the period a title states: whole calendar years, a school year, or «до … года», inclusive."""
    for pattern, kind in PERIODS:
        if (found := pattern.search(title)) is None:
            continue
        first = int(found["a"])
        match kind:
            case "school":
                return date(first, 9, 1), date(int(found["b"]), 5, 31)
            case "years":
                return date(first, 1, 1), date(int(found["b"]), 12, 31)
            case "year":
                return date(first, 1, 1), date(first, 12, 31)
            case _:
                return signed, date(first, 12, 31)
    return None, None


def read_abbreviations(grid: Grid) -> dict[str, str]:
    """Collect «… (далее – ОО)»: the short form and the words it stands for."""
    found: dict[str, str] = {}
    for text in _pieces(grid):
        for match in SHORT.finditer(separate_brackets(text)):
            short = match["short"].strip(' «»"')
            if re.search(rf"\b{re.escape(short.replace('-', ''))}\b", grid.everything):
                short = short.replace("-", "")  # a hyphen left over from a line break
            if ABBREVIATION.fullmatch(short) and short not in found:
                found[short] = last_party(match["long"])
    return found


def _pieces(grid: Grid) -> list[str]:
    pieces = [text.joined for text in grid.texts]
    for block in grid.blocks:
        if not isinstance(block, TextBlock):
            pieces.extend(" ".join(cell.split()) for row in block.rows for cell in row)
    return pieces
