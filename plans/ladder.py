"""The ladder of reminders: pure, from a due date to the moments at which to speak.

14, 3 and 1 working days before, on the day, 1 and 3 working days after, then every Monday (a Monday
that is not worked gives way to the next working day); at nine in the organisation's zone.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass
class Ladders:
    """The ladders of one calendar; that of a due date in a zone is climbed once, as far as was asked."""

    calendar: WorkingCalendar
    ladder: Ladder = Ladder()
    _climbed: dict[tuple[date, str], tuple[list[Step], Iterator[Step]]] = field(default_factory=dict)

    def turn(self, due: date, zone: str, *, since: datetime, now: datetime) -> Turn:
        """Find the latest step between ``since`` and ``now``; missed earlier ones are never made up.

        ``next_at`` is strictly later than ``now``.
        """
        known = self._until(due, zone, now)
        later = bisect_right(known, now, key=lambda step: step.at)
        latest = known[later - 1] if later and known[later - 1].at >= since else None
        return Turn(latest, known[later].at)

    def _until(self, due: date, zone: str, now: datetime) -> list[Step]:
        """Give the steps of a due date, at least to the first one that is later than ``now``."""
        if (due, zone) not in self._climbed:
            self._climbed[due, zone] = ([], steps(due, zone, self.calendar, self.ladder))
        known, further = self._climbed[due, zone]
        while not known or known[-1].at <= now:
            known.append(next(further))
        return known


def speaking_time(now: datetime, zone: str, calendar: WorkingCalendar) -> datetime:
    """Give ``now`` within 09:00–18:00 of a working day in the zone, else the next 09:00 of one."""
    today = local_date(now, zone)
    if calendar.is_working(today):
        if now < moment(today, OPENS, zone):
            return moment(today, OPENS, zone)
        if now < moment(today, CLOSES, zone):
            return now
    return moment(calendar.working_or_after(today + timedelta(days=1)), OPENS, zone)


def speaking_times(now: datetime, zone: str, calendar: WorkingCalendar) -> Iterator[datetime]:
    """Yield the speaking time of ``now``, and then 09:00 of each working day after it, without end."""
    speak_at = speaking_time(now, zone, calendar)
    while True:
        yield speak_at
        tomorrow = local_date(speak_at, zone) + timedelta(days=1)
        speak_at = moment(calendar.working_or_after(tomorrow), OPENS, zone)
