"""The terms of school years: recommended ones, a municipality's own, and how a person types them.

Schools set their terms themselves within the recommendations of the ministry and the region, so the
recommended ones are a default: the municipality's own come first, and a year neither knows stays unknown,
never a reason to guess what «1 четверть» means in it. The grammar knows only what a ``Reading`` brings:
four terms of a school year are quarters, three are trimesters.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from plans.calendar import school_year_of
from plans.deadline import Reading, SchoolTerm, Window
from plans.deadlines import is_inverted, read_deadlines
from plans.deadlines.years import school_years_within

# By the first calendar year of a school year.
Terms = Mapping[int, tuple[SchoolTerm, ...]]

QUARTERS = 4
TRIMESTERS = 3
SUMMER = 6  # month
ONE_DAY = dt.timedelta(days=1)

_RECOMMENDED: dict[int, tuple[tuple[dt.date, dt.date], ...]] = {
    # 2023: the terms most regions took, e.g. Lipetsk
    # (sh48-lipeck-r42.gosweb.gosuslugi.ru/roditelyam-i-uchenikam/kanikuly).
    2023: (
        (dt.date(2023, 9, 1), dt.date(2023, 10, 27)),
        (dt.date(2023, 11, 6), dt.date(2023, 12, 29)),
        (dt.date(2024, 1, 8), dt.date(2024, 3, 22)),
        (dt.date(2024, 4, 1), dt.date(2024, 5, 24)),
    ),
    # 2025: recommended by the ministry of education of Russia (tass.ru/obschestvo/24811955).
    2025: (
        (dt.date(2025, 9, 1), dt.date(2025, 10, 24)),
        (dt.date(2025, 11, 3), dt.date(2025, 12, 30)),
        (dt.date(2026, 1, 12), dt.date(2026, 3, 27)),
        (dt.date(2026, 4, 6), dt.date(2026, 5, 26)),
    ),
}
NONE_OWN: Terms = MappingProxyType({})


def recommended_terms(school_year: int) -> tuple[SchoolTerm, ...]:
    """Return the four quarters of the school year that begins in ``school_year``; () if not known."""
    return tuple(SchoolTerm(start, end) for start, end in _RECOMMENDED.get(school_year, ()))


def known_terms(own: Terms = NONE_OWN) -> Terms:
    """Return every school year that is known: the municipality's own terms, else the recommended ones."""
    return {year: recommended_terms(year) for year in _RECOMMENDED} | dict(own)


def terms_of_period(
    start: dt.date | None, end: dt.date | None, own: Terms = NONE_OWN
) -> tuple[SchoolTerm, ...]:
    """Return the known terms of the school years a plan's period has lessons of; () without a period."""
    if start is None or end is None:
        return ()
    known = known_terms(own)
    return tuple(term for year in school_years_within(start, end) for term in known.get(year, ()))


def coming_school_year(today: dt.date) -> int:
    """Return the first calendar year of the school year that runs, or in summer of the one that comes."""
    return today.year if today.month >= SUMMER else today.year - 1


def terms_to_json(terms: Terms) -> dict[str, list[list[str]]]:
    """Return {"2026": [["2026-09-01", "2026-10-25"], …]}."""
    return {
        str(year): [[term.start.isoformat(), term.end.isoformat()] for term in found]
        for year, found in terms.items()
    }


def terms_from_json(found: Mapping[str, Sequence[Sequence[str]]]) -> Terms:
    """Return what ``terms_to_json`` has written. Raises ValueError for anything else."""
    return {
        int(year): tuple(
            SchoolTerm(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in terms
        )
        for year, terms in found.items()
    }


def holidays_between(terms: Sequence[SchoolTerm]) -> tuple[SchoolTerm | None, ...]:
    """Return the first and the last day between each two terms; None where they adjoin."""
    return tuple(
        SchoolTerm(before.end + ONE_DAY, after.start - ONE_DAY)
        if after.start - before.end > ONE_DAY
        else None
        for before, after in pairwise(terms)
    )


# --- as a person types them -----------------------------------------------------------------------------


class Wrong(StrEnum):
    """What is wrong with terms as they were typed."""

    NO_YEAR = "no_year"
    WRONG_YEAR = "wrong_year"
    NOT_READ = "not_read"
    BACKWARDS = "backwards"
    OUTSIDE = "outside"
    OVERLAP = "overlap"
    NO_HOLIDAYS = "no_holidays"
    NOT_WHOLE = "not_whole"
    NUMBER = "number"


class TermsNotRead(ValueError):
    """Typed terms cannot be taken: ``said`` is the part it is about, ``found`` how many terms were read."""

    def __init__(self, wrong: Wrong, *, said: str = "", year: int | None = None, found: int = 0) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
        self.said = said
        self.year = year
        self.found = found


@dataclass(frozen=True)
class WrittenTerms:
    """Three or four terms of the school year that begins in ``year``, in their order."""

    year: int
    terms: tuple[SchoolTerm, ...]


# Three quarters without the fourth are no trimesters: terms fill a school year.
LATEST_START = (9, 30)
EARLIEST_END = (5, 1)
LONGEST = 1500  # characters; four ranges with labels are far shorter

_YEARS = re.compile(
    r"[^\d\n]*\b(?P<first>20\d\d)\s*[/\\–—−-]\s*(?P<second>20\d\d|\d\d)(?![\d.])"
    r"\s*(?:(?:учебн\w*|уч\.?)\s*(?:год\w*|г\.?)|г\.?\s*г\.?|год\w*)?[\s:.,;–—-]*",
    re.IGNORECASE,
)
_ORDINAL = r"(?:[1-4]|[iі]{1,3}v?|v|iv|перв\w+|втор\w+|трет\w+|четв[её]рт\w+)"
_LABEL = re.compile(
    rf"(?<![\w.])(?:№\s*)?{_ORDINAL}(?:\s*[-–]?\s*(?:ая|ый|ий|я|й))?\s*(?:учебн\w+\s+)?"
    r"(?:четв[её]рт(?:ь|и)|триместр\w*)(?!\w)\s*[:.,–—-]*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:[1-4]|[IVІ]{1,3})\s*(?:[):]|\.\s)|^\s*[•*·—–-]\s", re.MULTILINE)
_BARE_ORDINAL = re.compile(  # «третья с 11.01», «II – 02.11»; «1 – 25 октября» are days
    rf"\s*(?:{_ORDINAL}(?:\s*:|\s+(?=со?\s))|(?![1-4]){_ORDINAL}\s*[–—-])", re.IGNORECASE
)
_LENGTH = re.compile(
    r"\([^()\n]*(?:недел|дн)[^()\n]*\)|[,–—-]?\s*\d+\s*(?:учебн\w+\s+)?(?:недел\w+|дн(?:ей|я)|день)(?!\w)",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[\n;,]|\.\s*$")


def read_written_terms(text: str) -> WrittenTerms:
    """Read «2026/2027: 1.09–25.10, 02.11–28.12, 11.01–26.03, 05.04–26.05», or a range a line.

    The school year may be left out where the dates have their years. Raises TermsNotRead.
    """
    if len(text) > LONGEST:
        raise TermsNotRead(Wrong.NOT_READ, said=text)
    year, rest = _stated_year(_unlabelled(text).strip())
    parts = [part for part in map(_trimmed, _PARTS.split(rest)) if part]
    if year is None:
        year = _year_of_dates(parts)
    terms = tuple(term for part in parts for term in _terms(part, year))
    _check(year, terms)
    return WrittenTerms(year, terms)


def _stated_year(text: str) -> tuple[int | None, str]:
    """Part «2026/2027 учебный год:» from what follows."""
    stated = _YEARS.match(text)
    if stated is None:
        return None, text
    first = int(stated["first"])
    if stated["second"] not in {str(first + 1), str(first + 1)[2:]}:
        raise TermsNotRead(Wrong.WRONG_YEAR, said=stated[0].strip(" :.,;–—-\n"))
    return first, text[stated.end() :]


def _unlabelled(text: str) -> str:
    """Put each range on a line of its own, without «1 четверть:», «2)» and «(8 недель)»."""
    return _NUMBERED.sub("\n", _LABEL.sub("\n", _LENGTH.sub(" ", text)))


def _trimmed(part: str) -> str:
    ordinal = _BARE_ORDINAL.match(part)
    return part[ordinal.end() if ordinal else 0 :].strip(" \t\r\xa0:.–—-")


def _year_of_dates(parts: Sequence[str]) -> int:
    """Return the school year of the first printed date; it must have its own year."""
    if not parts:
        raise TermsNotRead(Wrong.NO_YEAR)
    match read_deadlines(parts[0], Reading()):
        case (Window(start=dt.date() as start), *_):
            return school_year_of(start)
    raise TermsNotRead(Wrong.NO_YEAR, said=parts[0])


def _terms(part: str, year: int) -> Iterable[SchoolTerm]:
    """Read one range (or several joined by «и») with the grammar of deadlines."""
    reading = Reading(school_year=year)  # no period: «до 25.10» must not begin with it
    found: list[SchoolTerm] = []
    for one in read_deadlines(part, reading):
        match one:
            case Window(start=dt.date() as start, end=end) if start < end:
                found.append(SchoolTerm(start, end))
            case _:
                wrong = Wrong.BACKWARDS if is_inverted(part, reading) else Wrong.NOT_READ
                raise TermsNotRead(wrong, said=part, year=year)
    return found


def _check(year: int, terms: tuple[SchoolTerm, ...]) -> None:
    """Refuse what no school year looks like. Raises TermsNotRead."""
    for term in terms:
        if {school_year_of(term.start), school_year_of(term.end)} != {year}:
            raise TermsNotRead(Wrong.OUTSIDE, said=_printed(term), year=year)
    for before, after in pairwise(terms):
        if after.start <= before.end:
            raise TermsNotRead(Wrong.OVERLAP, said=f"{_printed(before)}, {_printed(after)}", year=year)
    if len(terms) not in {TRIMESTERS, QUARTERS}:
        raise TermsNotRead(Wrong.NUMBER, year=year, found=len(terms))
    if terms[0].start > dt.date(year, *LATEST_START) or terms[-1].end < dt.date(year + 1, *EARLIEST_END):
        raise TermsNotRead(
            Wrong.NOT_WHOLE, said=_printed(SchoolTerm(terms[0].start, terms[-1].end)), year=year
        )
    if len(terms) == QUARTERS and None in holidays_between(terms):
        raise TermsNotRead(Wrong.NO_HOLIDAYS, year=year)


def _printed(term: SchoolTerm) -> str:
    return f"{term.start:%d.%m.%Y}–{term.end:%d.%m.%Y}"
