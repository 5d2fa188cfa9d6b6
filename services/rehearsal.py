"""Rehearsal: what will go out to whom in a month, if nobody reports before and people stay in their seats.

The decisions are the planner's own (``plans.bundles``), made ahead of time and written nowhere: who wants
quiet is left in it. The rehearsal of a draft approves it, looks, and takes the approval back. Reports left
unsent are their authors' own: that they are asked about in the same messages is not listed.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import inspect, select

from models import Session
from models.organisations import Organisation
from models.people import Person, Seat
from models.roadmaps import Edition, Roadmap
from plans.bundles import Debt, Look, Put, play
from plans.calendar import local_date
from services import approval, digests, editions, seats
from services.refusals import NotFound
from services.stage import Open, Stage, stage

MONTHS_AHEAD = 24
MONTHS = 12


@dataclass(frozen=True)
class RehearsedItem:
    """An assignment somebody will be reminded of; ``order`` is a number.

    There are two steps where one had to wait for the next day's message.
    """

    assignment_id: int
    number: str | None
    title: str
    due: date
    steps: tuple[str, ...]
    roadmap_id: int
    order: str | None
    plan: str


@dataclass(frozen=True)
class Part:
    """What a message says to a person for one organisation, in which they hold seats of these titles."""

    organisation_id: int
    organisation: str
    titles: tuple[str, ...]
    items: tuple[RehearsedItem, ...]


@dataclass(frozen=True)
class Message:
    """One reminder: the bundle of one person on one day, a date in their organisation's zone."""

    day: date
    person_id: int
    name: str
    reachable: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Unheard:
    """An organisation with nobody to remind, and how many messages of the month nobody will get."""

    organisation: str
    messages: int


@dataclass(frozen=True)
class Digests:
    """On which days of the month the weekly digest goes out, and to whom."""

    days: tuple[date, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Rehearsal:
    """What will go out from ``today`` on in the month that begins on ``month``."""

    month: date
    today: date
    messages: tuple[Message, ...]
    unheard: tuple[Unheard, ...]
    digests: Digests
    plans: int
    before_approval: bool


async def rehearse(
    session: Session, place: Organisation, *, month: date | None, now: datetime, before_approval: bool = False
) -> Rehearsal:
    """List what will go out in a month to the people of a municipality; ``month`` is a day of it.

    Without ``month`` it is the first one, from today's on, in which anything is due. A month that is over
    becomes today's, one too far ahead the last one that is shown.
    """
    scene = await stage(session, place, now)
    first = _first_of(_within_reach(month, scene.today) if month else _nearest(scene, now))
    last = months_after(first, 1) - timedelta(days=1)
    looks = list(play(scene.desk, scene.debts, now=now, first=first, last=last))
    puts = [*scene.written, *(put for _, look in looks for put in look.puts)]
    messages = await _messages(session, scene, [put for put in puts if first <= put.day <= last])
    return Rehearsal(
        month=first,
        today=scene.today,
        messages=messages,
        unheard=_unheard(scene, looks, first, last),
        digests=await _digests(session, scene, first, last, now),
        plans=len({item.roadmap_id for one in messages for part in one.parts for item in part.items}),
        before_approval=before_approval,
    )


async def rehearse_draft(
    session: Session, edition: Edition, *, month: date | None, person: Person, now: datetime
) -> Rehearsal:
    """List what will go out in a month if this draft is approved now; nothing of the approval stays.

    Raises what ``approval.approve`` raises: NotADraft, NotReady, BaseChanged.
    """
    async with _taken_back(session):
        await approval.approve(session, edition, person=person, now=now)
        place = await owner(session, edition)
        return await rehearse(session, place, month=month, now=now, before_approval=True)


@asynccontextmanager
async def _taken_back(session: Session) -> AsyncIterator[None]:
    """Undo whatever the block does to the database, and forget what the session learnt in it."""
    known = set(session.identity_map.values())
    savepoint = await session.begin_nested()
    try:
        yield
    finally:
        await savepoint.rollback()
        for learnt in set(session.identity_map.values()) - known:
            session.expunge(learnt)
        for changed in known:
            if inspect(changed).expired:
                await session.refresh(changed)


async def owner(session: Session, edition: Edition) -> Organisation:
    """Give the municipality an edition's roadmap belongs to."""
    roadmap = await session.get_one(Roadmap, edition.roadmap_id)
    return await session.get_one(Organisation, roadmap.owner_id)


def months_after(day: date, months: int) -> date:
    """Give the first day of the month that is so many months after (negative: before) that of ``day``."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    return date(day.year + years, month + 1, 1)


def month_of(number: int) -> date | None:
    """Read the month a button names (202611); 0 names none. Raises NotFound for what no button names."""
    if number == 0:
        return None
    try:
        return date(number // 100, number % 100, 1)
    except (ValueError, OverflowError):
        raise NotFound from None


def _first_of(day: date) -> date:
    return day.replace(day=1)


def _within_reach(month: date, today: date) -> date:
    return min(max(month, today), months_after(today, MONTHS_AHEAD))


def _nearest(scene: Stage, now: datetime) -> date:
    """Give the day nearest to today on which anything goes out or would; today where there is nothing."""
    days = [put.day for put in scene.written if scene.shows(put.assignment_id)]
    for debt, since in scene.debts.items():
        if not scene.shows(debt.assignment_id):
            continue
        turn = scene.desk.ladders.turn(debt.due, debt.zone, since=since, now=max(since, now))
        days.append(local_date(turn.now.at if turn.now else turn.next_at, debt.zone))
    return max(min(days, default=scene.today), scene.today)


async def _messages(session: Session, scene: Stage, puts: Iterable[Put]) -> tuple[Message, ...]:
    """Gather what was put into each bundle; what concerns another municipality stays out of sight."""
    gathered: dict[tuple[date, int], dict[int, list[Put]]] = defaultdict(lambda: defaultdict(list))
    seat_ids: set[int] = set()
    for put in puts:
        if scene.shows(put.assignment_id):
            place_id = scene.open[put.assignment_id].place_id
            gathered[put.day, put.reader.person_id][place_id].append(put)
            seat_ids.add(put.reader.seat_id)
    people = await _people(session, {person_id for _, person_id in gathered})
    titles = await _titles(session, seat_ids)
    made = [
        Message(
            day=day,
            person_id=person_id,
            name=people[person_id][0],
            reachable=people[person_id][1] is None,
            parts=tuple(_part(scene, found, titles) for _, found in sorted(parts.items())),
        )
        for (day, person_id), parts in gathered.items()
    ]
    return tuple(sorted(made, key=lambda one: (one.day, one.parts[0].organisation_id, one.person_id)))


def _part(scene: Stage, puts: list[Put], titles: Mapping[int, str]) -> Part:
    steps: dict[int, list[str]] = defaultdict(list)
    for put in puts:
        if put.step not in steps[put.assignment_id]:
            steps[put.assignment_id].append(put.step)
    found = sorted(
        (scene.open[number] for number in steps), key=lambda one: (one.roadmap_id, one.ordinal, one.due)
    )
    return Part(
        organisation_id=found[0].place_id,
        organisation=found[0].place,
        titles=tuple(titles[seat_id] for seat_id in sorted({put.reader.seat_id for put in puts})),
        items=tuple(_item(one, steps[one.assignment_id]) for one in found),
    )


def _item(one: Open, steps: Iterable[str]) -> RehearsedItem:
    return RehearsedItem(
        assignment_id=one.assignment_id,
        number=one.number,
        title=one.title,
        due=one.due,
        steps=tuple(steps),
        roadmap_id=one.roadmap_id,
        order=one.order,
        plan=one.plan,
    )


async def _people(session: Session, person_ids: set[int]) -> dict[int, tuple[str, datetime | None]]:
    rows = await session.execute(
        select(Person.id, Person.name, Person.unreachable_since).where(Person.id.in_(person_ids))
    )
    return {person_id: (name, since) for person_id, name, since in rows}


async def _titles(session: Session, seat_ids: set[int]) -> dict[int, str]:
    rows = await session.execute(select(Seat.id, Seat.title).where(Seat.id.in_(seat_ids)))
    return {row.id: row.title for row in rows}


def _unheard(
    scene: Stage, looks: Iterable[tuple[Debt, Look]], first: date, last: date
) -> tuple[Unheard, ...]:
    days: dict[tuple[int, str], set[date]] = defaultdict(set)
    for debt, look in looks:
        if look.step is not None and not debt.readers and scene.shows(debt.assignment_id):
            one = scene.open[debt.assignment_id]
            days[one.place_id, one.place].add(local_date(look.step.at, debt.zone))
    counted = {place: sum(first <= day <= last for day in found) for place, found in sorted(days.items())}
    return tuple(Unheard(name, number) for (_, name), number in counted.items() if number)


async def _digests(session: Session, scene: Stage, first: date, last: date, now: datetime) -> Digests:
    """Tell when the digest goes out: on Mondays, as soon as a plan is in force."""
    if not await editions.roadmaps(session, scene.place):
        return Digests((), ())
    days: list[date] = []
    _, due_at = digests.next_monday(now, scene.place.time_zone, scene.desk.ladders.calendar)
    while (day := local_date(due_at, scene.place.time_zone)) <= last:
        days += [day] if day >= first else []
        _, due_at = digests.next_monday(due_at, scene.place.time_zone, scene.desk.ladders.calendar)
    people = await seats.staff(session, path=scene.place.path)
    return Digests(tuple(days), tuple(person.name for person in people))
