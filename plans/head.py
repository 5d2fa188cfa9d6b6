"""The head of an order: title, issuer, number, date, period, region, abbreviations."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from plans.abbreviations import printed_abbreviations, understood_abbreviations
from plans.capitals import title_in_sentence
from plans.grid import Grid, TextBlock
from plans.plan import Document
from plans.regions import zone_of
from plans.signed import Signed, read_period, read_signed
from plans.stamps import STAMP, one_under_another, without_agreements
from plans.table import texts_before_table

TITLE = re.compile(
    r"[*«\"]*((муниципальн|комплексн|регион|типов|примерн|един|сетев|годов|календарн|"
    r"перспективн|районн|городск|окружн|общешкольн|школьн|адресн|сводн|антирисков|поэтапн|рабоч|индивидуальн)\w*\s+)*"
    r"(план|«?дорожная карта|программа|комплекс мер|комплекс мероприятий|мероприятия|перечень мероприятий)\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(
    r"(?<!г)(?<!год)(?<!годы)(?<!годов)\.$|"
    r"\b(разработан|выстроен|составлен|направлен|утвержд[её]н|явля[ею]тся|определя[ею]т|включа[ею]т|"
    r"предусматрива[ею]т|отража[ею]т|содерж[иа]т)\w*",
    re.IGNORECASE,
)
ABOUT = re.compile(r"\W*об? (утверждении|внесении изменений|организации|реализации|мерах)", re.IGNORECASE)
ORDER = re.compile(r"(приказ|постановление|распоряжение|решение)(\s*№.*)?\W*", re.IGNORECASE)
# In the first case: «отдела образования» names whose something else is.
ISSUERS = re.compile(
    r"(администрация|отдел|управление|департамент|комитет|министерство|служба|мэрия|правительство|агентство|"
    r"(?:М[БАК]?О?У|М[БАК]У|Г[БАК]О?У|ФГБО?У)\b(?:\s+ДПО)?(?=\s*[«\"\w])|"
    r"(муниципальн|районн|городск|государственн)(ое|ый|ой|ая)|глава(?!.*\b[А-ЯЁ]\.))\b",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"«|администрации\b|муниципальн(ого|ой)\b|городск(ого|ой)\b|[\w-]+(ого|его|ской|цкой)\b|города\b|района\b|"
    r"области\b|края\b|республики\b|округа\b|образования\b|и\b|по\b",
    re.IGNORECASE,
)
# «… результатов обучающихся / МБОУ «Заречная СОШ»»: the title of a school's own plan.
SCHOOL = re.compile(r"(?:М[БАК]?О?У|Г[БАК]?О?У|муниципальн\w+\s+(?:\w+\s+)?общеобразовательн\w+)\b.*«")
SIGNER = re.compile(
    r"^(?i:(?:(?:первый\s+)?заместител\w+\s+)?(?:заведующ\w+|начальник\w*|руководител\w+|глав[аы]|председател\w+|"
    r"директор\w*|министр\w*|и\.?\s*о\.?(?:\s*(?:начальника|заведующ\w+|руководителя|директора|главы))?))\s+"
    r"(?P<office>[А-ЯЁа-яё].+?)(?=\s+[А-ЯЁ]\.\s*[А-ЯЁ]\.|\s*_{2,}|\s+[«\"]?\d|$)"
)
BY_OFFICE = re.compile(
    r"по\s+(?=отделу|управлению|комитету|департаменту|министерству|администрации|М[БАК]?О?У\b)", re.IGNORECASE
)
FIRST_CASE = (
    ("отделом", "отдел"),
    ("отделу", "отдел"),
    ("управлению", "управление"),
    ("комитету", "комитет"),
    ("департаменту", "департамент"),
    ("министерству", "министерство"),
    ("министерством", "министерство"),
    ("администрацией", "администрация"),
    ("центра", "центр"),
    ("института", "институт"),
    ("агентства", "агентство"),
    ("службы", "служба"),
    ("мэрии", "мэрия"),
    ("правительства", "правительство"),
    ("отдела", "отдел"),
    ("управлением", "управление"),
    ("управления", "управление"),
    ("комитетом", "комитет"),
    ("комитета", "комитет"),
    ("департаментом", "департамент"),
    ("департамента", "департамент"),
    ("министерства", "министерство"),
    ("администрации", "администрация"),
)
SIGNED = re.compile(r"от\s+[«\"_\d]|№|\d")  # the line of the date, under the office
STAMP_LINES = 5
HEAD_LINES = 60  # lines within which an order names its issuer
LONGEST_ISSUER = 6  # lines
# «приказом управления образования администрации Заречного района»: the text says whose the office is.
OWNER = (
    r"\s+(?P<owner>(?:администрации|мэрии|правительства)\s+[^,.;:№()\d]{3,120}?)"
    r"(?=\s+от\b|\s*[,.;:№()\d]|\s*$)"
)
BARE_OFFICE = re.compile(
    r"(?:управление|отдел|департамент|комитет)(?:\s+(?:по|и|[а-яё]+(?:ого|ей|ой)|образовани[яю]|науки|культуры))+",
    re.IGNORECASE,
)
SPACED = re.compile(r"\b(?:[А-ЯЁ]\s){3,}[А-ЯЁ]\b")


@dataclass(frozen=True)
class Line:
    """A line of the head, and the paragraph it belongs to."""

    text: str
    block: int


def read_head(grid: Grid, parties: Iterable[str]) -> Document:
    """Read the head of an order; the period of a plan that prints none is filled in by the reader.

    ``parties`` are the executors of the table: a stamp names its office in another case, and the
    party that is most like it gives the name in the first case.
    """
    named = tuple(parties)
    printed = printed_abbreviations(grid)
    lines = without_agreements(_lines(texts_before_table(grid)), lambda line: line.text)
    signed = read_signed([line.text for line in lines])
    title, about = _title(lines, printed), _about(lines)
    start, end = read_period([said for said in (title, about) if said], signed.day)
    said = "\n".join(line.text for line in lines)
    return Document(
        title=title or (title_in_sentence(about, known=tuple(printed)) if about else None),
        issuer=_issued(lines, named, signed, printed),
        number=signed.number,
        date=signed.day,
        period_start=start,
        period_end=end,
        region_timezone=zone_of(said) or zone_of(grid.everything),
        abbreviations=understood_abbreviations(printed, named),
    )


def _lines(texts: Iterable[TextBlock]) -> list[Line]:
    return [
        Line(SPACED.sub(lambda found: found[0].replace(" ", ""), text), block)
        for line, block in one_under_another([one.text for one in texts])
        if (text := " ".join(line.split()).strip("* "))
    ]


def _issued(
    lines: Sequence[Line], parties: tuple[str, ...], signed: Signed, printed: Mapping[str, str]
) -> str | None:
    """Give who issued the order; an office named without its owner has the owner that the text names."""
    issuer = _issuer(lines, parties) or (first_case(signed.issuer, parties) if signed.issuer else None)
    if issuer is not None:
        issuer = title_in_sentence(issuer, known=tuple(printed))
    if issuer is None or BARE_OFFICE.fullmatch(issuer) is None:
        return issuer
    first, _, rest = issuer.partition(" ")
    said = " ".join(line.text for line in lines)
    named = re.search(rf"\b{first[:-1]}\w*\s+{re.escape(rest)}{OWNER}", said, re.IGNORECASE)
    return f"{issuer} {named['owner']}" if named is not None and not named["owner"].isupper() else issuer


def _title(lines: Sequence[Line], printed: Mapping[str, str]) -> str | None:
    """Give the plan's own title: the last heading before the table that names a plan, not a sentence."""
    for place in range(len(lines) - 1, -1, -1):
        text = lines[place].text
        if TITLE.match(text) and text.lstrip('«"')[:1].isupper():
            title = _paragraph(lines, place)
            if not title.endswith((":", ",", ";")) and not SENTENCE.search(title):
                title = title_in_sentence(title, known=tuple(printed))
                return title[:-1] if title.endswith(("год.", "годы.")) else title
    return None


def _about(lines: Sequence[Line]) -> str | None:
    """Give what the order is about: «Об утверждении плана мероприятий …»."""
    place = next((place for place, line in enumerate(lines) if ABOUT.match(line.text)), None)
    return _paragraph(lines, place) if place is not None else None


def _paragraph(lines: Sequence[Line], place: int) -> str:
    """Join a line with those that go on with it: of its paragraph, and of the next ones in Word."""
    parts = [lines[place].text]
    for before, line in zip(lines[place:], lines[place + 1 :], strict=False):
        shouted = before.text.isupper() and line.text.isupper()
        goes_on = line.text[0].islower() or GOES_ON.match(line.text) or SCHOOL.match(line.text) or shouted
        if line.block != before.block and not (goes_on and not ORDER.fullmatch(line.text)):
            break
        parts.append(line.text)
    return " ".join(parts)


def _issuer(lines: Sequence[Line], parties: tuple[str, ...]) -> str | None:
    """Give who issued the order: the last office named above the word «приказ», else the stamp's."""
    head = lines[:HEAD_LINES]
    stamp = next((place for place, line in enumerate(head) if STAMP.match(line.text)), None)
    if stamp is not None:
        return _stamped(head[stamp:], parties)
    ordered = next((place for place, line in enumerate(head) if ORDER.fullmatch(line.text)), None)
    if ordered is None:
        ordered = next((place for place, line in enumerate(head) if TITLE.match(line.text)), len(head))
    for place in range(ordered - 1, -1, -1):
        if ISSUERS.match(head[place].text) and not (place and _belongs(head[place - 1], head[place])):
            return _office(head[place:ordered])
    below = head[ordered + 1 : ordered + 1 + LONGEST_ISSUER]
    if below and (by := BY_OFFICE.match(below[0].text)) is not None:
        return first_case(_office(below)[by.end() :])
    return None


def _belongs(before: Line, line: Line) -> bool:
    """Tell whether a line names whose the office above is, and is no office of its own."""
    return bool(GOES_ON.match(line.text)) and bool(ISSUERS.match(before.text) or GOES_ON.match(before.text))


def _office(lines: Sequence[Line]) -> str:
    parts = [lines[0].text]
    for line in lines[1:LONGEST_ISSUER]:
        if not (GOES_ON.match(line.text) or line.text[0].islower()) or SIGNED.match(line.text):
            break
        parts.append(line.text)
    return " ".join(parts)


def _stamped(lines: Sequence[Line], parties: tuple[str, ...]) -> str | None:
    """Read «Утверждаю / Заведующий Отделом образования …»: the office in the first case."""
    said = " ".join(line.text for line in lines[: STAMP_LINES + 1])
    found = SIGNER.match(STAMP.sub("", said).lstrip(' »":'))
    return first_case(found["office"], parties) if found is not None else None


def first_case(office: str, parties: Sequence[str] = ()) -> str:
    """Put the name of an office into the first case, as a party spells it where one is like it."""
    like = process.extractOne(office, parties, scorer=fuzz.ratio, score_cutoff=90)
    if like is not None:
        return str(like[0])
    for said, first in FIRST_CASE:
        if office.casefold().startswith(said):
            return first.capitalize() + office[len(said) :]
    return office
