"""The ladder of reminders: pure, from a due date to the moments at which to speak.

14, 3 and 1 working days before, on the day, 1 and 3 working days after, then every Monday (a Monday
that is not worked gives way to the next working day); at nine in the organisation's zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from plans.calendar import WorkingCalendar, local_date, moment

OPENS = time(9, 0)
CLOSES = time(18, 0)


@dataclass(frozen=True)
class Ladder:
    """The steps in working days from the due date; weekly reminders follow the last one."""

    steps: tuple[int, ...] = (-14, -3, -1, 0, 1, 3)


@dataclass(frozen=True)
class Step:
    """A step of the ladder: its name is unique per assignment and seat, ``at`` is UTC."""

    name: str
    at: datetime


def steps(due: date, zone: str, calendar: WorkingCalendar, ladder: Ladder = Ladder()) -> Iterator[Step]:
    """Yield the steps of a due date in the order of time, without end; no two fall on one day."""
    last: date | None = None
    for shift in ladder.steps:
        day = calendar.shift(due, shift)
        if last is None or day > last:
            yield Step(f"d{shift:+d}", moment(day, OPENS, zone))
            last = day
    assert last is not None  # a ladder has steps
    monday = last + timedelta(days=7 - last.weekday())
    while True:
        day = calendar.working_or_after(monday)
        if day > last:
            yield Step(f"w{monday.isoformat()}", moment(day, OPENS, zone))
            last = day
        monday += timedelta(days=7)


@dataclass(frozen=True)
class Turn:
    """What a look at an assignment found: the step to speak now (if any), and when to look again."""

    now: Step | None
    next_at: datetime


def turn(
    due: date,
    zone: str,
    calendar: WorkingCalendar,
    *,
    since: datetime,
    now: datetime,
    ladder: Ladder = Ladder(),
) -> Turn:
    """Find the latest step between ``since`` and ``now``; missed earlier ones are never made up.

    ``next_at`` is strictly later than ``now``.
    """
    latest: Step | None = None
    for step in steps(due, zone, calendar, ladder):
        if step.at > now:
            return Turn(latest, step.at)
        if step.at >= since:
            latest = step
    raise AssertionError("a ladder has no end")


def speaking_time(now: datetime, zone: str, calendar: WorkingCalendar) -> datetime:
    """Give ``now`` within 09:00–18:00 of a working day in the zone, else the next 09:00 of one."""
    today = local_date(now, zone)
    if calendar.is_working(today):
        if now < moment(today, OPENS, zone):
            return moment(today, OPENS, zone)
        if now < moment(today, CLOSES, zone):
            return now
    return moment(calendar.working_or_after(today + timedelta(days=1)), OPENS, zone)
