"""Control dates: on which days a deadline is asked about. The rules are data, each with its source.

The rules come from instructions on office practice of federal and regional bodies; a municipality has
its own instruction, so every one of them is a default that can be changed.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, takewhile

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from plans.calendar import WorkingCalendar, quarters
from plans.deadline import Deadline, Period, Recurring, Relative, Undated, Unknown, Window, Yearly

# A plan of ten years with something due every day has fewer occurrences than this.
MOST_OCCURRENCES = 4000

_OFFSET = re.compile(r"(?P<sign>-?)P(?P<number>\d{1,4})(?P<unit>[DWMY])", re.ASCII)
_UNITS: dict[str, Callable[[int], relativedelta]] = {
    "D": lambda number: relativedelta(days=number),
    "W": lambda number: relativedelta(weeks=number),
    "M": lambda number: relativedelta(months=number),
    "Y": lambda number: relativedelta(years=number),
}


class ControlKind(StrEnum):
    """What is expected on the date: the report itself, word of progress, or an answer «было или нет»."""

    FINAL = "final"
    INTERIM = "interim"
    QUESTION = "question"


@dataclass(frozen=True)
class ControlDate:
    """One date on which somebody answers.

    ``due`` is the working day it is asked on, ``nominal`` the day as the order has it; the answer is
    about ``covers_start`` to ``covers_end``, None where nothing says since when.
    """

    due: dt.date
    nominal: dt.date
    kind: ControlKind
    covers_start: dt.date | None
    covers_end: dt.date | None


@dataclass(frozen=True)
class ControlRules:
    """The department's own numbers; days of a month are from 1 to 28.

    ``report_day``: of the month after a quarter, by it a checkpoint inside a period is answered. The
    checkpoint is this product's choice; the 10th is docs.cntd.ru/document/453106005 п. 16.

    ``undated_question_day``: of the month after a quarter, by it the question about a row with no date
    is answered. This product's choice: LAW_305378 gives one month, which is meant for letters.

    ``period_checkpoints``: whether periods have checkpoints at all, or the final date only.

    ``unstated_day_grace``: «ежемесячно», «ежеквартально» with no day named are due by this day of the
    next month (docs.cntd.ru/document/453106005 п. 16); None: on the last day of the month itself.

    A last day that is not a working one always moves to the preceding working day (LAW_305378
    п. 5.3.2; docs.cntd.ru/document/453106005 п. 17).
    """

    report_day: int = 10
    undated_question_day: int = 10
    period_checkpoints: bool = True
    unstated_day_grace: int | None = 10


class AnchorNeeded(Exception):
    """The deadline is counted from an event whose date is not known yet."""

    def __init__(self, anchor: str) -> None:
        super().__init__(anchor)
        self.anchor = anchor


class DeadlineUnknown(Exception):
    """The deadline was not understood, or says how often but not when; a person has to name dates."""


class PeriodNeeded(Exception):
    """The plan's period is not known, and the deadline cannot be counted without it."""


@dataclass(frozen=True)
class _Plan:
    """What one deadline is counted against."""

    start: dt.date | None
    end: dt.date | None
    calendar: WorkingCalendar
    rules: ControlRules

    def bounds(self, start: dt.date | None = None, end: dt.date | None = None) -> tuple[dt.date, dt.date]:
        """Return the given days, or the plan's own in their place."""
        first, last = start or self.start, end or self.end
        if first is None or last is None:
            raise PeriodNeeded
        return first, last

    def control(
        self,
        nominal: dt.date,
        kind: ControlKind,
        covers: tuple[dt.date | None, dt.date | None],
        *,
        by: dt.date | None = None,
    ) -> ControlDate:
        """Return the control date for ``nominal``, asked ``by`` another day where a rule says so.

        A ``by`` of our own choice never moves back over the end of what it asks about: 10 January
        that is not worked is asked on the next working day, not in December.
        """
        due = self.calendar.working_or_before(by or nominal)
        if by is not None and due <= nominal:
            due = self.calendar.working_or_after(by)
        return ControlDate(due, nominal, kind, *covers)


def control_dates(
    deadline: Deadline,
    *,
    period_start: dt.date | None,
    period_end: dt.date | None,
    calendar: WorkingCalendar,
    rules: ControlRules = ControlRules(),
    anchor: dt.date | None = None,
) -> tuple[ControlDate, ...]:
    """Return every control date of ``deadline`` in a plan of the given period, by date, none twice.

    ``anchor`` is the day of the event a relative deadline is counted from. Raises ``AnchorNeeded``,
    ``DeadlineUnknown`` or ``PeriodNeeded``.
    """
    plan = _Plan(period_start, period_end, calendar, rules)
    found = set(_controls(deadline, plan, anchor))
    return tuple(sorted(found, key=lambda control: (control.due, control.nominal, control.kind)))


def _controls(deadline: Deadline, plan: _Plan, anchor: dt.date | None) -> Iterable[ControlDate]:
    match deadline:
        case Window():
            covers = (deadline.start or _no_later(plan.start, deadline.end), deadline.end)
            return [plan.control(deadline.end, ControlKind.FINAL, covers)]
        case Yearly():
            return _yearly(deadline, plan)
        case Period():
            return _period(plan.bounds(deadline.start, deadline.end), plan)
        case Recurring():
            return _recurring(deadline, plan)
        case Relative():
            return [_relative(deadline, plan, anchor)]
        case Undated():
            return _questions(plan.bounds(), plan)
        case Unknown():
            raise DeadlineUnknown(deadline.text)


def _no_later(day: dt.date | None, end: dt.date) -> dt.date | None:
    return day if day is not None and day <= end else None


def _yearly(deadline: Yearly, plan: _Plan) -> Iterator[ControlDate]:
    """Each year's window that the plan's period touches; a window may run over New Year."""
    first, last = plan.bounds()
    over_new_year = deadline.end < deadline.start
    for year in range(first.year - 1, last.year + 1):
        if deadline.from_year is not None and year < deadline.from_year:
            continue
        start = _day_of_year(year, deadline.start)
        end = _day_of_year(year + over_new_year, deadline.end)
        if start <= last and end >= first:
            yield plan.control(end, ControlKind.FINAL, (start, end))


def _day_of_year(year: int, month_and_day: str) -> dt.date:
    """«MM-DD» in ``year``; 29 February is the last day of February in a common year."""
    month, day = (int(part) for part in month_and_day.split("-"))
    return dt.date(year, month, 1) + relativedelta(day=day)


def _period(bounds: tuple[dt.date, dt.date], plan: _Plan) -> Iterator[ControlDate]:
    if plan.rules.period_checkpoints:
        yield from _quarterly(bounds, plan, ControlKind.INTERIM, plan.rules.report_day)
    yield plan.control(bounds[1], ControlKind.FINAL, bounds)


def _questions(bounds: tuple[dt.date, dt.date], plan: _Plan) -> Iterator[ControlDate]:
    yield from _quarterly(bounds, plan, ControlKind.QUESTION, plan.rules.undated_question_day)
    last_quarter = quarters(*bounds)[-1:]
    for covers in last_quarter:
        yield plan.control(bounds[1], ControlKind.QUESTION, covers)


def _quarterly(
    bounds: tuple[dt.date, dt.date], plan: _Plan, kind: ControlKind, day: int
) -> Iterator[ControlDate]:
    """One date after each quarter that is over before the last day is asked about."""
    last_due = plan.calendar.working_or_before(bounds[1])
    for covers in quarters(*bounds)[:-1]:
        control = plan.control(_day_of_next_month(covers[1], day), kind, covers)
        if control.due < last_due:
            yield control


def _day_of_next_month(day: dt.date, number: int) -> dt.date:
    return day + relativedelta(months=1, day=number)


def _recurring(deadline: Recurring, plan: _Plan) -> Iterator[ControlDate]:
    rule = deadline.rrule or ""
    grace = plan.rules.unstated_day_grace if "BYMONTHDAY=-1" in rule.split(";") else None
    since = deadline.start or plan.start
    for nominal in _occurrences(deadline, plan):
        by = _day_of_next_month(nominal, grace) if grace is not None else None
        yield plan.control(nominal, ControlKind.FINAL, (since, nominal), by=by)
        since = nominal + dt.timedelta(days=1)


def _occurrences(deadline: Recurring, plan: _Plan) -> list[dt.date]:
    """Return listed dates as they are, else those of the rule within its own bounds (both included)."""
    if deadline.dates:
        return sorted(deadline.dates)
    if deadline.rrule is None:
        raise DeadlineUnknown("how often, but not when")
    first, last = plan.bounds(deadline.start, deadline.end)
    midnight = dt.datetime.combine(last, dt.time.min)
    found: set[dt.date] = set()
    try:
        for text in _in_every_month(deadline.rrule):
            rule = rrulestr(text, dtstart=dt.datetime.combine(first, dt.time.min))
            within = takewhile(lambda moment: moment <= midnight, rule)
            found.update(moment.date() for moment in islice(within, MOST_OCCURRENCES))
    except ValueError as error:
        raise DeadlineUnknown(deadline.rrule) from error
    return sorted(found)


def _in_every_month(rule: str) -> Iterator[str]:
    """«30 числа каждого месяца» is the last day of February: RFC 5545 would pass over the month."""
    parts = rule.split(";")
    for at, part in enumerate(parts):
        name, _, days = part.partition("=")
        if name == "BYMONTHDAY" and any(day in _LATE_DAYS for day in days.split(",")):
            for day in days.split(","):
                late = _LATE_DAYS.get(day)
                said = f"BYMONTHDAY={late};BYSETPOS=-1" if late else f"BYMONTHDAY={day}"
                # One a month for BYSETPOS: a yearly rule would give one a year.
                monthly = ["FREQ=MONTHLY" if other == "FREQ=YEARLY" else other for other in parts]
                yield ";".join([*monthly[:at], said, *monthly[at + 1 :]])
            return
    yield rule


_LATE_DAYS = {"29": "28,29", "30": "28,29,30", "31": "28,29,30,31"}


def _relative(deadline: Relative, plan: _Plan, anchor: dt.date | None) -> ControlDate:
    if anchor is None:
        raise AnchorNeeded(deadline.anchor)
    parts = _OFFSET.fullmatch(deadline.offset)
    if parts is None:
        raise DeadlineUnknown(deadline.offset)
    distance = _UNITS[parts["unit"]](int(parts["number"]))
    nominal = anchor - distance if parts["sign"] else anchor + distance
    covers = (anchor, nominal) if nominal >= anchor else (None, nominal)
    return plan.control(nominal, ControlKind.FINAL, covers)
