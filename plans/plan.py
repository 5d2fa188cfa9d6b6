"""The plan as it is read from an order: frozen values, the Python side of the plan's JSON form."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from plans.deadline import Deadline


class Comparison(StrEnum):
    """How a target compares with what was reached."""

    EXACTLY = "="
    AT_LEAST = ">="
    AT_MOST = "<="


@dataclass(frozen=True)
class Target:
    """«Не менее 60 % педагогов»: ``value`` in ``unit`` («%» or «count») ``of`` whom or what."""

    op: Comparison
    value: float
    unit: str
    of: str


@dataclass(frozen=True)
class Row:
    """A numbered row of the roadmap, every text as printed (page breaks healed)."""

    number: str | None
    section: str | None
    title: str
    deadline_text: str
    deadlines: tuple[Deadline, ...]
    responsible: tuple[str, ...]
    responsible_text: str
    expected_result: str | None
    targets: tuple[Target, ...]
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Document:
    """The head of the order; None where the order does not say."""

    title: str | None = None
    issuer: str | None = None
    number: str | None = None
    date: dt.date | None = None
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    region_timezone: str | None = None
    abbreviations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    controller: str | None = None


class RemarkCode(StrEnum):
    """What the linter can say about a plan."""

    BEFORE_ORDER = "before_order"
    OUTSIDE_PERIOD = "outside_period"
    ODD_WEEK = "odd_week"
    EMPTY_YEAR = "empty_year"
    MISSING_ANNEX = "missing_annex"
    NEAR_DUPLICATE = "near_duplicate"
    ABBREVIATION = "abbreviation"
    INVERTED = "inverted"
    NO_DEADLINE = "no_deadline"
    NO_EXECUTOR = "no_executor"
    UNKNOWN_DEADLINE = "unknown_deadline"
    REPEATED_NUMBER = "repeated_number"


@dataclass(frozen=True)
class Remark:
    """A code and its facts about one row (by its printed number) or about the whole plan (None)."""

    row: str | None
    code: RemarkCode
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class ChangeOp(StrEnum):
    """What an amending order does to a row."""

    REPLACE = "replace"
    DROP = "drop"
    ADD = "add"


@dataclass(frozen=True)
class Change:
    """One change of an amending order: the printed number it is about, and the row it is put after."""

    op: ChangeOp
    number: str
    after: str | None = None


@dataclass(frozen=True)
class Amendment:
    """«О внесении изменений»: which document is amended, and how."""

    document: Document
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything one order says."""

    document: Document
    rows: tuple[Row, ...]
    duties: tuple[Row, ...] = ()
    amends: Amendment | None = None
    remarks: tuple[Remark, ...] = ()


class PlanError(Exception):
    """The file cannot become a plan; the subclass says why, its attributes carry the facts."""


class NotAnOrder(PlanError):
    """The text holds no table with «мероприятия» and «срок» headings."""


class Unreadable(PlanError):
    """The bytes are not what the file's name says, or are damaged."""


class Protected(PlanError):
    """The file asks for a password."""


class Scan(PlanError):
    """The file holds pictures of pages, and no text."""


class WrongFormat(PlanError):
    """The format is not one we read."""

    def __init__(self, suffix: str) -> None:
        super().__init__(suffix)
        self.suffix = suffix


class TooLarge(PlanError):
    """The file is larger, outside or unpacked, than any order is."""
