"""The planner: asks the database what is due, and writes one bundle per person per day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, Assignment
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.people import Person
from plans.bundles import Debt, Desk, Put, Reader
from services import bundles, letters
from services.letters import Priority

BATCH = 50  # assignments of one transaction: answers to people wait for its end
PLACES = 3  # organisations of one transaction where there are more assignments than that


@dataclass(frozen=True)
class Planned:
    """What one look did: assignments looked at, and items newly put into letters."""

    looked_at: int
    items: int


async def plan(session: Session, *, now: datetime) -> Planned:
    """Take the assignments whose moment has come, put their steps into letters, set the next moment.

    The next moment is strictly later than ``now``, so a look never finds the same work twice.
    """
    due = await _due(session, now)
    if not due:
        return Planned(0, 0)
    owed = [assignment for assignment in due if assignment.state in OWED]
    readers = await bundles.readers(session, {assignment.organisation_id for assignment in owed})
    about = Assignment.id.in_([assignment.id for assignment in owed])
    desk = await bundles.desk(session, about, (one for found in readers.values() for one in found), now=now)
    puts: list[tuple[Put, datetime]] = []
    for assignment in due:
        puts += _look(desk, assignment, readers.get(assignment.organisation_id, ()), now)
    await _write(session, puts, now)
    return Planned(len(due), len(puts))


async def _due(session: Session, now: datetime) -> list[Assignment]:
    """List what is due for some people, but for them everything: a bundle may go once it is committed."""
    found = await _locked(session, _moment_has_come(Assignment.next_step_at <= now).limit(BATCH))
    if len(found) < BATCH:
        return found
    places = list(dict.fromkeys(assignment.organisation_id for assignment in found))[:PLACES]
    shared = await bundles.sharing_readers(session, places)
    theirs = Assignment.organisation_id.in_(shared)
    return await _locked(session, _moment_has_come(Assignment.next_step_at <= now, theirs))


def _moment_has_come(*conditions: ColumnElement[bool]) -> Select[Assignment]:
    return (
        select(Assignment)
        .where(*conditions)
        .order_by(Assignment.next_step_at, Assignment.id)
        .options(joinedload(Assignment.organisation))
        .with_for_update(skip_locked=True, of=Assignment)
    )


async def _locked(session: Session, query: Select[Assignment]) -> list[Assignment]:
    return list(await session.scalars(query))


def _look(
    desk: Desk, assignment: Assignment, readers: Collection[Reader], now: datetime
) -> list[tuple[Put, datetime]]:
    """Look at an assignment; give what is put into letters, and when each should be said.

    What can be said at once should have been at the moment of its step; what waits, when it may go.
    """
    if assignment.state not in OWED:
        assignment.next_step_at = None
        return []
    assert assignment.next_step_at is not None  # the query asked for it
    debt = Debt(assignment.id, assignment.due, assignment.organisation.time_zone, tuple(readers))
    found = desk.look(debt, since=assignment.next_step_at, now=now)
    assignment.next_step_at = found.next_at
    if found.step is None:
        return []
    return [(put, found.step.at if put.speak_at <= now else put.speak_at) for put in found.puts]


async def _write(session: Session, puts: list[tuple[Put, datetime]], now: datetime) -> None:
    """Write the items, each into the letter of its bundle."""
    written: dict[str, Letter] = {}
    for put, at in puts:
        key = bundles.key(put.reader.person_id, put.day)
        if key not in written:
            written[key] = await _letter(session, key, put, now, at=at)
        session.add(
            LetterItem(
                letter_id=written[key].id,
                assignment_id=put.assignment_id,
                seat_id=put.reader.seat_id,
                step=put.step,
            )
        )
    await session.flush()


async def _letter(session: Session, key: str, put: Put, now: datetime, *, at: datetime) -> Letter:
    """Give the waiting letter of a bundle: the one there is, a cancelled one begun again, or a new one.

    ``at`` is when it should be said: much later than that it says so itself.
    """
    facts = {"at": at.isoformat()}
    known = await session.scalar(select(Letter).where(Letter.key == key))
    if known is not None:
        if known.state is LetterState.CANCELLED:
            known.state = LetterState.WAITING
            known.not_before = put.speak_at
            known.facts = facts
        if known.state is LetterState.WAITING:
            known.payload = None  # what it said on a way that led nowhere is not all it has to say now
        return known
    person = await session.get_one(Person, put.reader.person_id)
    made = await letters.write(
        session,
        key=key,
        kind=LetterKind.REMINDER,
        chat_id=person.chat_id,
        person_id=person.id,
        now=now,
        not_before=put.speak_at,
        priority=Priority.REMINDER,
        facts=facts,
    )
    assert made is not None  # the key was free a moment ago, in this transaction
    return made


async def next_moment(session: Session) -> datetime | None:
    """Give the earliest moment at which the planner has something to look at."""
    return await session.scalar(select(func.min(Assignment.next_step_at)))
