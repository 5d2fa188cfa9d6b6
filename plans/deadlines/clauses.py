"""The parts a deadline phrase is made of, once it is understood: no words any more, and no days yet."""

from dataclasses import dataclass

from plans.deadlines.often import Often
from plans.deadlines.spans import Span, Stretch
from plans.deadlines.undated import NoDate


@dataclass(frozen=True)
class Dates:
    """Spans one after another, each its own window."""

    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Until:
    """«до …»: ``edge`` for the ends that have no number of their own («year_end», «school_start»…)."""

    span: Span | None
    edge: str = ""
    next_year: bool = False


@dataclass(frozen=True)
class Since:
    """«с марта», «начиная с 2022 года»."""

    span: Span


@dataclass(frozen=True)
class Whole:
    """The plan's period, or a school year (``year`` where it is printed)."""

    school: bool
    year: int | None = None
    bare: bool = False  # «2021/2022» with no word: a school year only if it is the plan's own
    current: bool = False  # «в течение текущего года»


@dataclass(frozen=True)
class Onwards:
    """«далее постоянно», «далее ежегодно»."""

    yearly: bool


Clause = Dates | Until | Since | Whole | Often | Onwards | NoDate


@dataclass(frozen=True)
class Piece:
    """A clause, and whether it stands in brackets of its own."""

    clause: Clause
    bracketed: bool
