"""Reaching: who cannot be told, who is told in their place, and whom a coordinator has to call.

What was not delivered is never held against anybody: only who was told and gave no answer is silent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, union_all, update

from models import Session
from models.assignments import OWED, Appeal, Assignment, Passage, Report
from models.letters import AuditEntry, Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Person, Role, Seat, Tenure
from plans.calendar import local_date
from services import access, letters, quiet, seats, summary
from services.access import Actor
from services.letters import Priority
from services.refusals import NotFound
from services.summary import Group, Scope

SILENT_AFTER = 3  # days on which somebody was told of what is overdue, and said nothing
RECALL = timedelta(days=30)  # within which a «not now» is looked for: reminders of weeks come after it
EVER = datetime.min.replace(tzinfo=UTC)
INSTEAD = "instead"
HEARD = (LetterState.WAITING, LetterState.CLAIMED, LetterState.DELIVERED)


class Barrier(StrEnum):
    """Why messages do not arrive: the person blocked the bot, is gone, or there is no such chat any more."""

    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    LOST = "lost"


class CallWhy(StrEnum):
    """Why an organisation is to be called: nobody to tell, nobody who can be told, or no answer."""

    NOBODY = "nobody"
    UNDELIVERED = "undelivered"
    SILENT = "silent"


@dataclass(frozen=True)
class CallEntry:
    """An organisation to call; ``owed`` and ``overdue`` count its control dates as /status does.

    ``titles`` are of the seats in question. ``since``: undelivered, from when on nobody can be told;
    silent, the first of the ``reminded`` days without an answer. ``barriers`` say why nothing arrives.
    """

    organisation_id: int
    organisation: str
    zone: str
    why: CallWhy
    titles: tuple[str, ...]
    owed: int
    overdue: int
    since: datetime | None = None
    barriers: tuple[Barrier, ...] = ()
    reminded: int = 0


@dataclass(frozen=True)
class Unreached:
    """An executor's seat whose holder cannot be told; ``since`` is when that showed."""

    seat_id: int
    title: str
    organisation_id: int
    organisation: str
    person_id: int
    since: datetime
    barrier: Barrier

    @property
    def step(self) -> str:
        """Name what is said once of this seat to each who is told instead, while it lasts."""
        return f"{INSTEAD}:{self.since:%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class Holder:
    """An executor's seat; ``held`` by somebody, who cannot be told since some moment (None: they can)."""

    title: str
    held: bool
    since: datetime | None
    barrier: Barrier


def barrier(why: str | None) -> Barrier:
    """Read what was kept of a refused message: the server's words, or that the person blocked the bot."""
    said = why or ""
    if "deactivated" in said:
        return Barrier.DEACTIVATED
    return Barrier.LOST if "not found" in said else Barrier.BLOCKED


# --- whom to call -----------------------------------------------------------------------------------


async def to_call(session: Session, actor: Actor, now: datetime) -> tuple[CallEntry, ...]:
    """List the organisations the actor oversees that owe something and have to be called.

    Those with most overdue first. A reminder that was not delivered never makes anybody silent.
    Raises NotFound for whoever oversees nothing.
    """
    if not actor.has(*access.OVERSEERS):
        raise NotFound
    found: dict[int, CallEntry] = {}
    for path in actor.domains(access.OVERSEERS):
        found |= {entry.organisation_id: entry for entry in await _within(session, path, now)}
    return tuple(sorted(found.values(), key=lambda one: (-one.overdue, -one.owed, one.organisation_id)))


async def _within(session: Session, path: str, now: datetime) -> list[CallEntry]:
    groups = await summary.by_organisation(session, Scope(path), now=now)
    owing = {group.id: group for group in groups if _owed(group)}
    reached = await seats.held_organisations(session) & owing.keys()
    zones, holders = await _zones(session, owing), await _holders(session, owing)
    told = await _told_in_vain(session, reached, now)
    entries = [
        _answerless(group, zones[place], holders[place], told[place])
        if place in reached
        else _untold(group, zones[place], holders[place])
        for place, group in owing.items()
    ]
    return [entry for entry in entries if entry is not None]


def _owed(group: Group) -> int:
    found = group.figures
    return found.overdue + found.returned + found.ahead + found.undated


def _untold(group: Group, zone: str, holders: Collection[Holder]) -> CallEntry:
    """Say of an organisation nobody of which is told whether there is nobody or nobody can be reached."""
    held = [holder for holder in holders if holder.held]
    entry = CallEntry(
        group.id,
        group.name,
        zone,
        CallWhy.UNDELIVERED if held else CallWhy.NOBODY,
        tuple(holder.title for holder in held or holders),
        _owed(group),
        group.figures.overdue,
    )
    since = [holder.since for holder in held if holder.since is not None]
    return replace(
        entry,
        since=max(since, default=None),
        barriers=tuple(dict.fromkeys(holder.barrier for holder in held)),
    )


def _answerless(
    group: Group, zone: str, holders: Collection[Holder], told: Mapping[date, datetime]
) -> CallEntry | None:
    """Say of an organisation that was told whether it gave no answer for too long."""
    if len(told) < SILENT_AFTER:
        return None
    return CallEntry(
        group.id,
        group.name,
        zone,
        CallWhy.SILENT,
        tuple(holder.title for holder in holders if holder.held and holder.since is None),
        _owed(group),
        group.figures.overdue,
        since=min(told.values()),
        reminded=len(told),
    )


async def _zones(session: Session, places: Collection[int]) -> dict[int, str]:
    rows = await session.execute(
        select(Organisation.id, Organisation.time_zone).where(Organisation.id.in_(places))
    )
    return dict(rows.all())


async def _holders(session: Session, places: Collection[int]) -> Mapping[int, list[Holder]]:
    """Map organisations to their executors' seats and who holds them."""
    rows = await session.execute(
        select(
            Seat.organisation_id,
            Seat.title,
            Person.id,
            Person.unreachable_since,
            Person.unreachable_why,
        )
        .outerjoin(Tenure, (Tenure.seat_id == Seat.id) & Tenure.until.is_(None))
        .outerjoin(Person, Person.id == Tenure.person_id)
        .where(Seat.role == Role.EXECUTOR, Seat.organisation_id.in_(places))
        .order_by(Seat.id)
    )
    found: dict[int, list[Holder]] = defaultdict(list)
    for place, title, person_id, since, why in rows:
        found[place].append(Holder(title, person_id is not None, since, barrier(why)))
    return found


async def _told_in_vain(
    session: Session, places: Collection[int], now: datetime
) -> Mapping[int, dict[date, datetime]]:
    """Map organisations to the days on which somebody was told of what is overdue, since the last answer."""
    answered = await _answered(session, places, now)
    rows = await session.execute(
        select(Assignment.organisation_id, Assignment.due, Organisation.time_zone, Letter.delivered_at)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(LetterItem, LetterItem.assignment_id == Assignment.id)
        .join(Letter, Letter.id == LetterItem.letter_id)
        .join(Tenure, (Tenure.seat_id == LetterItem.seat_id) & (Tenure.person_id == Letter.person_id))
        .where(
            Assignment.organisation_id.in_(places),
            Assignment.state.in_(OWED),
            Letter.kind == LetterKind.REMINDER,
            Letter.state == LetterState.DELIVERED,
            LetterItem.withdrawn.is_(False),
            Tenure.until.is_(None),
            Tenure.since <= Letter.delivered_at,
        )
        .order_by(Letter.delivered_at)
    )
    told: dict[int, dict[date, datetime]] = defaultdict(dict)
    for place, due, zone, at in rows:
        if at is not None and due < local_date(at, zone) and at > answered.get(place, EVER):
            told[place].setdefault(local_date(at, zone), at)
    return told


async def _answered(session: Session, places: Collection[int], now: datetime) -> Mapping[int, datetime]:
    """Map organisations to their last answer: words, a photo, an appeal, a «not now»."""
    of_item = (
        select(Assignment.organisation_id.label("place"), Report.received_at.label("at")).join(
            Report, Report.assignment_id == Assignment.id
        ),
        select(Assignment.organisation_id, Passage.written_at)
        .join(Report, Report.assignment_id == Assignment.id)
        .join(Passage, Passage.report_id == Report.id),
        select(Assignment.organisation_id, Letter.created_at)  # each message is acknowledged, a photo as well
        .join(Report, Report.assignment_id == Assignment.id)
        .join(LetterItem, LetterItem.report_id == Report.id)
        .join(Letter, Letter.id == LetterItem.letter_id)
        .where(Letter.kind == LetterKind.DRAFT),
        select(Assignment.organisation_id, Appeal.made_at).join(
            Appeal, Appeal.assignment_id == Assignment.id
        ),
    )
    of_person = (
        select(Seat.organisation_id, Report.received_at)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Report, Report.author_id == Tenure.person_id)
        .where(Report.assignment_id.is_(None), *_in_office()),
        select(Seat.organisation_id, AuditEntry.at)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(AuditEntry, AuditEntry.person_id == Tenure.person_id)
        .where(AuditEntry.action == quiet.NOT_NOW, AuditEntry.at > now - RECALL, *_in_office()),
    )
    answers = union_all(
        *(one.where(Assignment.organisation_id.in_(places)) for one in of_item),
        *(one.where(Seat.organisation_id.in_(places)) for one in of_person),
    ).subquery()
    rows = await session.execute(select(answers.c.place, func.max(answers.c.at)).group_by(answers.c.place))
    return dict(rows.all())


def _in_office() -> tuple[ColumnElement[bool], ...]:
    """Say in SQL: whoever holds this executor's seat now."""
    return Seat.role == Role.EXECUTOR, Tenure.until.is_(None)


# --- who is told instead ----------------------------------------------------------------------------


async def note_unreached(session: Session, spoken: Iterable[tuple[Letter, int]]) -> None:
    """Let these bundles say, once to each reader, which colleague of an organisation cannot be told.

    ``spoken`` names the organisations a bundle speaks of. It is said anew when it begins anew.
    """
    places: dict[int, list[Letter]] = defaultdict(list)
    for letter, place in dict.fromkeys(spoken):
        places[place].append(letter)
    unreached = await _unreached(session, Seat.organisation_id.in_(places)) if places else []
    if not unreached:
        return
    said = await _said_instead(session, unreached)
    for one in unreached:
        for letter in places[one.organisation_id]:
            told = letter.person_id, one.seat_id, one.step
            if letter.person_id != one.person_id and told not in said:
                said.add(told)
                session.add(LetterItem(letter_id=letter.id, seat_id=one.seat_id, step=one.step))
    await session.flush()


async def _said_instead(
    session: Session, unreached: Collection[Unreached]
) -> set[tuple[int | None, int, str]]:
    rows = await session.execute(
        select(Letter.person_id, LetterItem.seat_id, LetterItem.step)
        .join(Letter, Letter.id == LetterItem.letter_id)
        .where(
            LetterItem.seat_id.in_({one.seat_id for one in unreached}),
            LetterItem.assignment_id.is_(None),
            LetterItem.withdrawn.is_(False),
            LetterItem.step.in_({one.step for one in unreached}),
            Letter.state.in_(HEARD),
        )
    )
    return {(person_id, seat_id, step) for person_id, seat_id, step in rows if seat_id and step}


async def unreached_of(session: Session, items: Iterable[LetterItem]) -> list[Unreached]:
    """Give the seats a bundle says cannot be told, those of which it is still true."""
    noted = [item.seat_id for item in items if item.assignment_id is None and item.seat_id is not None]
    return await _unreached(session, Seat.id.in_(noted)) if noted else []


async def _unreached(session: Session, *conditions: ColumnElement[bool]) -> list[Unreached]:
    rows = await session.execute(
        select(
            Seat.id,
            Seat.title,
            Organisation.id,
            Organisation.short_name,
            Person.id,
            Person.unreachable_since,
            Person.unreachable_why,
        )
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Person, Person.id == Tenure.person_id)
        .where(*_in_office(), Person.unreachable_since.is_not(None), *conditions)
        .order_by(Seat.id)
    )
    return [
        Unreached(seat_id, title, place_id, place, person_id, since, barrier(why))
        for seat_id, title, place_id, place, person_id, since, why in rows
        if since is not None
    ]


# --- whoever comes back -----------------------------------------------------------------------------


async def reunite(session: Session, *, chat_id: int, now: datetime) -> None:
    """Write one summary to whoever lets the bot in again; what waited for them is not sent.

    To be asked before they count as reachable again; nothing is written to who could be told all along.
    """
    person = await session.scalar(
        select(Person).where(Person.chat_id == chat_id, Person.unreachable_since.is_not(None))
    )
    actor = await access.actor_of(session, person.telegram_id) if person is not None else None
    if person is None or actor is None:
        return
    await _leave_unsaid(session, person)
    await letters.write(
        session,
        key=f"reunion:{person.id}:{now.isoformat()}",
        kind=LetterKind.REUNION,
        chat_id=person.chat_id,
        person_id=person.id,
        now=now,
        priority=Priority.CARD,
    )


async def reached(session: Session, letter: Letter, *, now: datetime) -> None:
    """Count whoever a letter has come to as reachable again, unless it went before they were not."""
    person = await session.scalar(
        select(Person).where(
            Person.id == letter.person_id,
            Person.chat_id == letter.chat_id,
            Person.unreachable_since < (letter.claimed_at or now),
        )
    )
    if person is not None:
        await reunite(session, chat_id=person.chat_id, now=now)
        person.unreachable_since = person.unreachable_why = None
        await session.flush()


async def _leave_unsaid(session: Session, person: Person) -> None:
    """Cancel the reminders that wait for a person, with what they were to say."""
    waiting = await session.scalars(
        select(Letter)
        .where(
            Letter.kind == LetterKind.REMINDER,
            Letter.state == LetterState.WAITING,
            Letter.person_id == person.id,
        )
        .with_for_update()
    )
    for letter in list(waiting):
        letter.state, letter.trouble = LetterState.CANCELLED, "reunion"
        await session.execute(
            update(LetterItem).where(LetterItem.letter_id == letter.id).values(withdrawn=True)
        )
    await session.flush()
