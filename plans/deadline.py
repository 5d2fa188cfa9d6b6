"""The kinds of deadline a roadmap row can carry: values only, as in the plan's JSON form.

Dates are calendar dates of the plan's own time zone; a deadline is a date, never a moment.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Window:
    """Something is done between two days, both included; ``start`` is None where nothing says it."""

    start: date | None
    end: date


@dataclass(frozen=True)
class Yearly:
    """Every year of the plan, from ``start`` to ``end`` («MM-DD» both); first in ``from_year`` if stated."""

    start: str
    end: str
    from_year: int | None = None


@dataclass(frozen=True)
class Period:
    """Work that runs on («весь период», «с марта»); ``end`` None where the plan's end is unknown."""

    start: date | None
    end: date | None


@dataclass(frozen=True)
class Recurring:
    """Occurrences by a rule of RFC 5545, or by listed ``dates`` where no rule says them."""

    rrule: str | None
    dates: tuple[date, ...]
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Relative:
    """A day counted from an event: ``anchor`` in words, ``offset`` in ISO 8601 («P10D», «-P14D»)."""

    anchor: str
    offset: str


@dataclass(frozen=True)
class Undated:
    """The order says there is no date of its own («по отдельному плану»)."""

    text: str


@dataclass(frozen=True)
class Unknown:
    """A phrase that was not understood: a person is asked, nothing is guessed."""

    text: str


Deadline = Window | Yearly | Period | Recurring | Relative | Undated | Unknown


@dataclass(frozen=True)
class SchoolTerm:
    """One term of a school year, a quarter or a trimester: first and last day of lessons."""

    start: date
    end: date


@dataclass(frozen=True)
class Reading:
    """What a deadline phrase is read against.

    ``period`` is the plan's period, ``school_year`` the first calendar year of a school-year plan
    (2023 for 2023/2024), ``document_date`` the order's date, ``terms`` the school terms known to
    the department (from its calendar, never guessed): four a year are quarters, three trimesters.
    """

    period_start: date | None = None
    period_end: date | None = None
    school_year: int | None = None
    document_date: date | None = None
    terms: tuple[SchoolTerm, ...] = ()
