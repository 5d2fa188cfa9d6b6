"""The planner: asks the database what is due, and writes one bundle per person per day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, Assignment
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Person, Seat
from plans.calendar import WorkingCalendar, local_date, moment
from scheduler.ladder import OPENS, Step, speaking_time, turn
from services import letters, rules, seats
from services.letters import Priority

BATCH = 50  # assignments of one transaction: answers to people wait for its end


@dataclass(frozen=True)
class Planned:
    """What one look did: assignments looked at, and items newly put into letters."""

    looked_at: int
    items: int


async def plan(session: Session, *, now: datetime) -> Planned:
    """Take the assignments whose moment has come, put their steps into letters, set the next moment.

    The next moment is strictly later than ``now``, so a look never finds the same work twice.
    """
    found = await session.scalars(
        select(Assignment)
        .where(Assignment.next_step_at <= now)
        .order_by(Assignment.next_step_at, Assignment.id)
        .limit(BATCH)
        .options(joinedload(Assignment.organisation))
        .with_for_update(skip_locked=True, of=Assignment)
    )
    due = list(found)
    if not due:
        return Planned(0, 0)
    calendar = await rules.calendar(session)
    items = 0
    for assignment in due:
        items += await _look(session, assignment, calendar, now)
    await session.flush()
    return Planned(len(due), items)


async def _look(session: Session, assignment: Assignment, calendar: WorkingCalendar, now: datetime) -> int:
    if assignment.state not in OWED:
        assignment.next_step_at = None
        return 0
    assert assignment.next_step_at is not None  # the query asked for it
    zone = assignment.organisation.time_zone
    found = turn(assignment.due, zone, calendar, since=assignment.next_step_at, now=now)
    assignment.next_step_at = found.next_at
    if found.now is None:
        return 0
    spoken = 0
    for seat, person in await seats.executors(session, assignment.organisation_id):
        spoken += await _put(session, assignment, seat, person, found.now, calendar, now)
    return spoken


async def _put(
    session: Session,
    assignment: Assignment,
    seat: Seat,
    person: Person,
    step: Step,
    calendar: WorkingCalendar,
    now: datetime,
) -> int:
    """Put one step into the person's bundle; nothing if it was put there before."""
    known = await session.scalar(
        select(LetterItem.id).where(
            LetterItem.assignment_id == assignment.id,
            LetterItem.seat_id == seat.id,
            LetterItem.step == step.name,
        )
    )
    if known is not None:
        return 0
    bundle = await _bundle(session, person, assignment.organisation, calendar, now)
    session.add(LetterItem(letter_id=bundle.id, assignment_id=assignment.id, seat_id=seat.id, step=step.name))
    await session.flush()
    return 1


async def _bundle(
    session: Session, person: Person, place: Organisation, calendar: WorkingCalendar, now: datetime
) -> Letter:
    """Give the person's one waiting bundle, or begin the one of the next day that has none yet."""
    speak_at = speaking_time(now, place.time_zone, calendar)
    while True:
        day = local_date(speak_at, place.time_zone)
        key = f"remind:{person.id}:{day.isoformat()}"
        known = await session.scalar(select(Letter).where(Letter.key == key))
        if known is None:
            made = await letters.write(
                session,
                key=key,
                kind=LetterKind.REMINDER,
                chat_id=person.chat_id,
                person_id=person.id,
                now=now,
                not_before=speak_at,
                priority=Priority.REMINDER,
            )
            assert made is not None  # the key was free a moment ago, in this transaction
            return made
        if known.state is LetterState.CANCELLED:
            known.state = LetterState.WAITING
            known.not_before = speak_at
        if known.state is LetterState.WAITING:
            return known
        speak_at = moment(calendar.working_or_after(day + timedelta(days=1)), OPENS, place.time_zone)


async def next_moment(session: Session) -> datetime | None:
    """Give the earliest moment at which the planner has something to look at."""
    return await session.scalar(select(func.min(Assignment.next_step_at)))
