"""The linter: remarks about what looks wrong; nothing is changed by it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from plans.abbreviations import COMMON, misprinted
from plans.deadline import Reading, Unknown, Window
from plans.deadlines import is_inverted
from plans.plan import Document, Plan, Remark, RemarkCode, Row

ALIKE = 80  # per cent of likeness that makes two rows near duplicates
LONG_ENOUGH = 20  # characters of a title that can be told from another
QUOTED = re.compile(r"«[^«»]*»|\([^()]*\)")  # names of projects make rows alike that are not
NUMBERS = re.compile(r"\d+")  # «школа № 1» is no misprint of «школа № 2»
MOST_COMPARED = 200  # rows or executors compared with one; orders have fewer, hostile files do not
FIVE_DAYS = 4  # from a Monday to a Friday, or in another year from a Tuesday to a Saturday
SATURDAY = 5
ANNEX = "приложени"
ANNEX_LINK = re.compile(r"приложени\w+\s*(?:№\s*)?(?P<number>\d{1,2})", re.IGNORECASE)
ANNEX_HEAD = re.compile(r"^\W*приложение\s*(?:№\s*)?(?P<number>\d{1,2})", re.IGNORECASE | re.MULTILINE)
ABBREVIATION = re.compile(r"^[А-ЯЁ]{2,}$")
LONG_NAME = 9  # letters of an executor in which a misprint can be told


def lint(plan: Plan, everything: str, printed: Mapping[str, str]) -> tuple[Remark, ...]:
    """Look a plan over; ``everything`` is all words of its file, ``printed`` what it itself abbreviates."""
    found: list[Remark] = []
    named = len(plan.rows) == 1 or any(row.responsible for row in plan.rows)
    for row in plan.rows:
        found += _row_remarks(row, plan.document, named=named)
    if plan.rows and not named:
        found.append(_remark(None, RemarkCode.NO_EXECUTOR))  # the table has no column for them
    found += _near_duplicates(plan)
    found += _repeated_numbers(plan)
    found += _empty_years(plan)
    found += _missing_annexes(everything)
    found += _abbreviations(plan, printed)
    found += _misprinted_parties(plan, printed)
    return tuple(found)


def _remark(row: str | None, code: RemarkCode, **facts: object) -> Remark:
    return Remark(row, code, MappingProxyType(facts))


def _row_remarks(row: Row, head: Document, *, named: bool) -> Iterator[Remark]:
    if not row.deadline_text:
        yield _remark(row.number, RemarkCode.NO_DEADLINE)
    if named and not row.responsible:
        yield _remark(row.number, RemarkCode.NO_EXECUTOR)
    if any(isinstance(deadline, Unknown) for deadline in row.deadlines):
        reading = Reading(head.period_start, head.period_end, None, head.date)
        inverted = is_inverted(row.deadline_text, reading)
        code = RemarkCode.INVERTED if inverted else RemarkCode.UNKNOWN_DEADLINE
        yield _remark(row.number, code, text=row.deadline_text)
    for deadline in row.deadlines:
        if isinstance(deadline, Window):
            yield from _window_remarks(row, deadline, head)


def _window_remarks(row: Row, window: Window, head: Document) -> Iterator[Remark]:
    if head.date is not None and window.end < head.date:
        yield _remark(row.number, RemarkCode.BEFORE_ORDER, end=window.end.isoformat())
    start = window.start or window.end
    before = head.period_start is not None and window.end < head.period_start
    after = head.period_end is not None and start > head.period_end
    if before or after:
        yield _remark(row.number, RemarkCode.OUTSIDE_PERIOD, end=window.end.isoformat())
    if (window.end - start).days == FIVE_DAYS and max(start.weekday(), window.end.weekday()) >= SATURDAY:
        yield _remark(row.number, RemarkCode.ODD_WEEK, start=start.isoformat(), end=window.end.isoformat())


def _near_duplicates(plan: Plan) -> Iterator[Remark]:
    """Report a row worded like one above it, with the same date, executors, action and numbers."""
    seen: dict[tuple[object, ...], list[tuple[str, str | None]]] = {}
    reworded: dict[str, Row] = {}
    for row in plan.rows:
        words = QUOTED.sub("", row.title).split()
        title = " ".join(sorted(words))  # the order of words makes no other thing of it
        if len(title) < LONG_ENOUGH:
            continue
        first = reworded.setdefault(title.casefold(), row)
        kind = (row.deadlines, row.responsible, words[0], tuple(NUMBERS.findall(row.title)))
        above = seen.setdefault(kind, [])
        like = process.extractOne(
            title, [one for one, _ in above[-MOST_COMPARED:]], scorer=fuzz.ratio, score_cutoff=ALIKE
        )
        if like is not None:
            number = above[-MOST_COMPARED:][like[2]][1]
            yield _remark(row.number, RemarkCode.NEAR_DUPLICATE, like=number or "")
        elif first.title != row.title and _share_executors(
            first, row
        ):  # the very words in another order, whatever the date
            yield _remark(row.number, RemarkCode.NEAR_DUPLICATE, like=first.number or "")
        above.append((title, row.number))


def _share_executors(first: Row, row: Row) -> bool:
    named = [{party.casefold() for party in one.responsible} for one in (first, row)]
    return first.responsible == row.responsible or bool(named[0] & named[1])


def _repeated_numbers(plan: Plan) -> Iterator[Remark]:
    """Report a number given twice within one section (numbering may begin anew in each)."""
    counts = Counter((row.section, row.number) for row in plan.rows if row.number)
    for (_, number), times in counts.items():
        if times > 1:
            yield _remark(number, RemarkCode.REPEATED_NUMBER, times=times)


def _empty_years(plan: Plan) -> Iterator[Remark]:
    """Report a year of a stated period that no dated row falls into, though others have some."""
    head = plan.document
    if head.period_start is None or head.period_end is None or not _states_years(head):
        return
    years = range(head.period_start.year, head.period_end.year + 1)
    dated = [one for row in plan.rows for one in row.deadlines if isinstance(one, Window)]
    if len(years) == 1 or not dated:
        return
    filled = {year for one in dated for year in range((one.start or one.end).year, one.end.year + 1)}
    for year in years:
        if year not in filled and year <= max(filled) + 1:
            yield _remark(None, RemarkCode.EMPTY_YEAR, year=year)


def _states_years(head: Document) -> bool:
    return bool(re.search(r"\d{4}\s*[-–—]\s*\d{4}", head.title or ""))


def _missing_annexes(everything: str) -> Iterator[Remark]:
    """Report annexes the order names by number while others of them have a heading in the file."""
    if ANNEX not in everything.casefold():
        return
    present = {int(found["number"]) for found in ANNEX_HEAD.finditer(everything)}
    named = {int(found["number"]) for found in ANNEX_LINK.finditer(everything)}
    for number in sorted(named - present) if present else ():
        yield _remark(None, RemarkCode.MISSING_ANNEX, annex=number)


def _abbreviations(plan: Plan, printed: Mapping[str, str]) -> Iterator[Remark]:
    """Report executors' abbreviations that nothing defines, or that are defined in another spelling."""
    used = dict.fromkeys(
        party for row in plan.rows for party in row.responsible if ABBREVIATION.fullmatch(party)
    )
    for short in used:
        if short not in printed and short not in COMMON:
            defined = misprinted(short, printed)
            yield _remark(None, RemarkCode.ABBREVIATION, short=short, defined=defined or "")


def _misprinted_parties(plan: Plan, printed: Mapping[str, str]) -> Iterator[Remark]:
    """Report an executor spelled one letter unlike another one that is named more often, or abbreviated."""
    used = Counter(party for row in plan.rows for party in row.responsible if len(party) >= LONG_NAME)
    used.update({words: len(plan.rows) for words in printed.values()})
    if len(used) > MOST_COMPARED:
        return
    for party, times in used.items():
        for other, more in used.items():
            if (
                times < more
                and _distance(party, other) == 1
                and NUMBERS.findall(party) == NUMBERS.findall(other)
            ):
                yield _remark(_row_of(plan, party), RemarkCode.ABBREVIATION, short=party, defined=other)


def _distance(first: str, second: str) -> int:
    return Levenshtein.distance(first.casefold(), second.casefold(), score_cutoff=2)


def _row_of(plan: Plan, party: str) -> str | None:
    return next((row.number for row in plan.rows if party in row.responsible), None)
