"""Bundles: which step of which ladder goes into whose message of which day. Pure.

A person hears of everything a day brings in one message. What comes after that message has gone
waits for the next working day's. The planner and the rehearsal both decide here, so that what a
rehearsal lists is what the planner then writes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from itertools import islice

from plans.calendar import local_date, moment
from plans.ladder import Ladders, Step, speaking_time, speaking_times

MARGIN = timedelta(days=14)  # longer than any run of days off: no bundle waits over it


@dataclass(frozen=True)
class Reader:
    """Who is reminded: a person, for the seat they hold; «not now» is said until ``quiet_until``."""

    seat_id: int
    person_id: int
    quiet_until: date | None = None


@dataclass(frozen=True)
class Debt:
    """An assignment as the ladder sees it: its due date, the organisation's zone, who is reminded of it."""

    assignment_id: int
    due: date
    zone: str
    readers: tuple[Reader, ...]


@dataclass(frozen=True)
class Put:
    """A step that goes into a person's bundle of ``day`` (a date in the organisation's zone)."""

    assignment_id: int
    reader: Reader
    step: str
    day: date
    speak_at: datetime


@dataclass(frozen=True)
class Look:
    """What a look at a debt found: the step that is due, where it went, and when to look again."""

    step: Step | None
    puts: tuple[Put, ...]
    next_at: datetime


@dataclass
class Desk:
    """What has been spoken and which bundles there are; every look adds to it.

    ``spoken`` holds (assignment, seat, step); ``waiting`` the speaking time of the bundles that still
    take something in, and ``sent`` those that do not, both by person and day.
    """

    ladders: Ladders
    spoken: set[tuple[int, int, str]] = field(default_factory=set)
    waiting: dict[tuple[int, date], datetime] = field(default_factory=dict)
    sent: set[tuple[int, date]] = field(default_factory=set)
    _first: dict[tuple[datetime, str], tuple[datetime, date]] = field(default_factory=dict)

    def look(self, debt: Debt, *, since: datetime, now: datetime) -> Look:
        """Put the latest step since the last look into its readers' bundles, each step once."""
        found = self.ladders.turn(debt.due, debt.zone, since=since, now=now)
        if found.now is None:
            return Look(None, (), found.next_at)
        name = found.now.name
        unspoken = [one for one in debt.readers if (debt.assignment_id, one.seat_id, name) not in self.spoken]
        puts = tuple(self._put(debt, reader, name, now) for reader in unspoken)
        return Look(found.now, puts, found.next_at)

    def _put(self, debt: Debt, reader: Reader, step: str, now: datetime) -> Put:
        self.spoken.add((debt.assignment_id, reader.seat_id, step))
        speak_at, day = self.bundle(reader.person_id, debt.zone, now=now, quiet_until=reader.quiet_until)
        return Put(debt.assignment_id, reader, step, day, speak_at)

    def bundle(
        self, person_id: int, zone: str, *, now: datetime, quiet_until: date | None = None
    ) -> tuple[datetime, date]:
        """Give a person's next bundle that still takes something in: when it is spoken, and its day."""
        for speak_at, day in self._times(now, zone):
            asleep = quiet_until is not None and day < quiet_until
            if not asleep and (person_id, day) not in self.sent:
                return self.waiting.setdefault((person_id, day), speak_at), day
        raise AssertionError("working days have no end")

    def _times(self, now: datetime, zone: str) -> Iterator[tuple[datetime, date]]:
        """Yield the speaking times from ``now`` on, and their days; everything due asks for the first."""
        if (now, zone) not in self._first:
            speak_at = speaking_time(now, zone, self.ladders.calendar)
            self._first[now, zone] = speak_at, local_date(speak_at, zone)
        yield self._first[now, zone]
        for speak_at in islice(speaking_times(now, zone, self.ladders.calendar), 1, None):
            yield speak_at, local_date(speak_at, zone)

    def pass_to(self, now: datetime) -> None:
        """Let time pass: what waited for an earlier moment than ``now`` has been sent."""
        for bundle in [bundle for bundle, speak_at in self.waiting.items() if speak_at < now]:
            del self.waiting[bundle]
            self.sent.add(bundle)


def play(
    desk: Desk, debts: Mapping[Debt, datetime], *, now: datetime, first: date, last: date
) -> Iterator[tuple[Debt, Look]]:
    """Let time pass from ``now`` to the end of ``last``, looking at each debt whenever the planner would.

    ``debts`` say when each is to be looked at next. Gives every look that found a step; those of days
    before ``first`` only as far as they matter to the days from ``first`` on. Nothing is reported meanwhile.
    """
    far = _in_several_zones(debts) | _quiet(debts, first - MARGIN)
    queue = [(max(since, now), since, debt.assignment_id, debt) for debt, since in debts.items()]
    heapify(queue)
    passed: datetime | None = None
    while queue:
        at, since, number, debt = heappop(queue)
        if at != passed:
            desk.pass_to(at)
            passed = at
        look = desk.look(debt, since=since, now=at)
        if look.step is not None:
            yield debt, look
        again = (
            look.next_at
            if far & {reader.person_id for reader in debt.readers}
            else _leap(desk, debt, look, first)
        )
        if local_date(again, debt.zone) <= last:
            heappush(queue, (again, again, number, debt))


def _in_several_zones(debts: Iterable[Debt]) -> set[int]:
    """Give the people reminded in more than one zone: only their bundles of one day touch the next day's."""
    zones: dict[int, set[str]] = defaultdict(set)
    for debt in debts:
        for reader in debt.readers:
            zones[reader.person_id].add(debt.zone)
    return {person_id for person_id, found in zones.items() if len(found) > 1}


def _quiet(debts: Iterable[Debt], day: date) -> set[int]:
    """Give the people who are not reminded before ``day``: theirs waits longer than any days off."""
    readers = (reader for debt in debts for reader in debt.readers)
    return {one.person_id for one in readers if one.quiet_until is not None and one.quiet_until > day}


def _leap(desk: Desk, debt: Debt, look: Look, first: date) -> datetime:
    """Leap over the looks that are over long before ``first``."""
    begins = moment(first - MARGIN, time.min, debt.zone)
    if look.next_at > begins:
        return look.next_at
    return desk.ladders.turn(debt.due, debt.zone, since=begins, now=begins).next_at
