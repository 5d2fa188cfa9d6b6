"""Bundles of reminders as they stand: who reads, what has been spoken, which letters still take something in.

What is decided from it is decided in ``plans.bundles``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from models import Session
from models.assignments import Assignment
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Person, Role, Seat, Tenure
from plans.bundles import Desk, Reader
from plans.ladder import Ladders
from services import letters, rules
from services.letters import Priority

KEY = "remind"
RECENT = timedelta(days=3)  # the letter of a day that is not over anywhere waits for no earlier moment


@dataclass(frozen=True)
class Home:
    """The organisation whose mornings an executor lives by, and until when they are not reminded."""

    place_id: int
    zone: str
    quiet_until: date | None


def key(person_id: int, day: date) -> str:
    """Name the letter that holds a person's bundle of a day."""
    return f"{KEY}:{person_id}:{day.isoformat()}"


def day_of(letter_key: str) -> date:
    """Give the day of the bundle a letter holds, from its key."""
    return date.fromisoformat(letter_key.rpartition(":")[2])


async def readers(session: Session, places: Collection[int]) -> Mapping[int, tuple[Reader, ...]]:
    """Map each of these organisations to those who are reminded for it now, seat by seat."""
    rows = await session.execute(
        select(Seat.organisation_id, Seat.id, Tenure.person_id, Person.quiet_until)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Person, Person.id == Tenure.person_id)
        .where(Seat.role == Role.EXECUTOR, Tenure.until.is_(None), Seat.organisation_id.in_(places))
        .order_by(Seat.id)
    )
    found: dict[int, list[Reader]] = defaultdict(list)
    for place, seat_id, person_id, quiet_until in rows:
        found[place].append(Reader(seat_id, person_id, quiet_until))
    return {place: tuple(found[place]) for place in places}


async def homes(session: Session, person_ids: Collection[int]) -> Mapping[int, Home]:
    """Map people to the organisation of the first seat they answer for; who has no such seat is left out."""
    rows = await session.execute(
        select(Tenure.person_id, Organisation.id, Organisation.time_zone, Person.quiet_until)
        .join(Person, Person.id == Tenure.person_id)
        .join(Seat, Seat.id == Tenure.seat_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Seat.role == Role.EXECUTOR, Tenure.until.is_(None), Tenure.person_id.in_(person_ids))
        .order_by(Seat.id.desc())
    )
    return {person_id: Home(place_id, zone, quiet_until) for person_id, place_id, zone, quiet_until in rows}


async def sharing_readers(session: Session, places: Collection[int]) -> set[int]:
    """Give these organisations and every other one whose bundles go to the same people."""
    theirs, other = aliased(Tenure), aliased(Seat)
    found = await session.scalars(
        select(other.organisation_id)
        .join(Tenure, Tenure.seat_id == other.id)
        .join(theirs, theirs.person_id == Tenure.person_id)
        .join(Seat, Seat.id == theirs.seat_id)
        .where(
            *(one.until.is_(None) for one in (Tenure, theirs)),
            *(one.role == Role.EXECUTOR for one in (Seat, other)),
            Seat.organisation_id.in_(places),
        )
        .distinct()
    )
    return {*places, *found}


async def desk(
    session: Session, about: ColumnElement[bool], readers_: Iterable[Reader], *, now: datetime
) -> Desk:
    """Give the desk as it is for these readers; ``about`` says which assignments will be looked at."""
    spoken = await session.execute(
        select(LetterItem.assignment_id, LetterItem.seat_id, LetterItem.step)
        .join(Assignment, Assignment.id == LetterItem.assignment_id)
        .where(LetterItem.step.is_not(None), about)
    )
    made = Desk(
        Ladders(await rules.calendar(session)),
        spoken={(a, seat, step) for a, seat, step in spoken if a and seat and step},
    )
    rows = await session.execute(
        select(Letter.person_id, Letter.key, Letter.state, Letter.not_before).where(
            Letter.kind == LetterKind.REMINDER,
            Letter.state != LetterState.CANCELLED,
            Letter.person_id.in_({reader.person_id for reader in readers_}),
            or_(Letter.state == LetterState.WAITING, Letter.not_before > now - RECENT),
        )
    )
    for person_id, letter_key, state, not_before in rows:
        assert person_id is not None  # the query asked for it
        bundle = person_id, day_of(letter_key)
        if state is LetterState.WAITING:
            made.waiting[bundle] = not_before
        else:
            made.sent.add(bundle)
    return made


async def letter(
    session: Session,
    person_id: int,
    day: date,
    *,
    speak_at: datetime,
    at: datetime,
    now: datetime,
    place_id: int | None = None,
) -> Letter:
    """Give the waiting letter of a bundle: the one there is, a cancelled one begun again, or a new one.

    ``at`` is when it should be said: much later than that it says so itself. ``place_id`` is the
    organisation whose morning it waits for, where it speaks of no assignment.
    """
    facts: dict[str, Any] = {"at": at.isoformat()}
    if place_id is not None:
        facts["organisation_ids"] = [place_id]
    known = await session.scalar(select(Letter).where(Letter.key == key(person_id, day)))
    if known is not None:
        if known.state is LetterState.CANCELLED:
            known.state = LetterState.WAITING
            known.not_before = speak_at
            known.facts = facts
        if known.state is LetterState.WAITING:
            known.payload = None  # what it said on a way that led nowhere is not all it has to say now
        return known
    person = await session.get_one(Person, person_id)
    made = await letters.write(
        session,
        key=key(person_id, day),
        kind=LetterKind.REMINDER,
        chat_id=person.chat_id,
        person_id=person_id,
        now=now,
        not_before=speak_at,
        priority=Priority.REMINDER,
        facts=facts,
    )
    assert made is not None  # the key was free a moment ago, in this transaction
    return made
