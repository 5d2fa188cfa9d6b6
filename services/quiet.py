"""Quiet: «not now» puts reminders off to a day, and a draft left alone is asked about on a morning.

What is put off waits in the bundle of its day; a report given meanwhile takes it out as always.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, false, or_, select, update

from models import Session
from models.assignments import OWED, Assignment, AssignmentState, Evidence, Report, ReportState
from models.letters import Letter, LetterItem, LetterKind, LetterState
from plans.bundles import Reader
from plans.calendar import WorkingCalendar, local_date, moment
from plans.ladder import OPENS
from services import audit, bundles, letters, rules
from services.access import Actor
from services.refusals import NotFound, Refusal

NOT_NOW = "not_now"  # the action in the journal: it is an answer as well
LATER = "later"
WEEK = timedelta(days=7)


class DayGone(Refusal):
    """The day of the button has come by now, or is too far ahead; ``letter_id`` may be asked about anew."""

    def __init__(self, letter_id: int) -> None:
        super().__init__(letter_id)
        self.letter_id = letter_id


@dataclass(frozen=True)
class Choices:
    """The days to which a reminder can be put off; before a weekend they are one and the same."""

    letter_id: int
    today: date
    next_day: date
    next_week: date

    @property
    def days(self) -> tuple[date, ...]:
        """The days, each once, the nearest first."""
        return tuple(dict.fromkeys((self.next_day, self.next_week)))


@dataclass(frozen=True)
class PutOff:
    """What was put off to a day: how many assignments and drafts are said again then."""

    today: date
    day: date
    items: int


async def next_morning(session: Session, zone: str, now: datetime) -> datetime:
    """Give nine o'clock in ``zone`` of the first working day after today, in UTC."""
    calendar = await rules.calendar(session)
    return moment(calendar.working_or_after(local_date(now, zone) + timedelta(days=1)), OPENS, zone)


async def choices(session: Session, actor: Actor, letter_id: int, *, now: datetime) -> Choices:
    """Give the days to which the actor may put this reminder off. Raises NotFound."""
    await _own_reminder(session, actor, letter_id)
    return _choices(letter_id, await rules.calendar(session), await _zone(session, actor), now)


def _choices(letter_id: int, calendar: WorkingCalendar, zone: str, now: datetime) -> Choices:
    today = local_date(now, zone)
    monday = today + timedelta(days=7 - today.weekday())
    return Choices(
        letter_id,
        today,
        next_day=calendar.working_or_after(today + timedelta(days=1)),
        next_week=calendar.working_or_after(monday),
    )


async def put_off(session: Session, actor: Actor, letter_id: int, day: date, *, now: datetime) -> PutOff:
    """Say nothing to the actor before ``day``, and then again what this reminder spoke of.

    Pressed again it changes nothing, or the day. Raises NotFound, DayGone.
    """
    letter = await _own_reminder(session, actor, letter_id)
    calendar = await rules.calendar(session)
    offered = _choices(letter_id, calendar, await _zone(session, actor), now)
    if not calendar.is_working(day) or not offered.today < day <= max(offered.days):
        raise DayGone(letter_id)
    actor.person.quiet_until = day
    said_again = await _owed(session, actor, letter)
    drafts = await _drafts(session, letter)
    await _say_again(session, actor, day, said_again, drafts, now)
    audit.record(
        session,
        now=now,
        action=NOT_NOW,
        subject="letter",
        subject_id=letter.id,
        person_id=actor.person.id,
        until=day.isoformat(),
    )
    await session.flush()
    return PutOff(offered.today, day, len({item.assignment_id for item in said_again}) + len(drafts))


async def unfinished(session: Session, report_ids: Collection[int]) -> Sequence[int]:
    """List which of these reports are drafts that hold something and can still be sent."""
    found = await session.scalars(
        select(Report.id).where(Report.id.in_(report_ids), _unfinished()).order_by(Report.id)
    )
    return found.all()


def _unfinished() -> ColumnElement[bool]:
    """Say in SQL: a draft that holds something, about what is owed or on review, or not known yet."""
    answerable = (*OWED, AssignmentState.ON_REVIEW)
    about = select(Assignment.id).where(
        Assignment.id == Report.assignment_id, Assignment.state.in_(answerable)
    )
    pieces = select(Evidence.id).where(Evidence.report_id == Report.id)
    return (
        (Report.state == ReportState.DRAFT)
        & or_(Report.text != "", pieces.exists())
        & or_(Report.assignment_id.is_(None), about.exists())
    )


async def _own_reminder(session: Session, actor: Actor, letter_id: int) -> Letter:
    """Give a reminder to the actor. Raises NotFound."""
    found = await session.scalar(
        select(Letter).where(
            Letter.id == letter_id,
            Letter.kind == LetterKind.REMINDER,
            Letter.person_id == actor.person.id,
        )
    )
    if found is None:
        raise NotFound
    return found


async def _zone(session: Session, actor: Actor) -> str:
    """Give the time zone an executor lives by. Raises NotFound for who answers for nothing any more."""
    homes = await bundles.homes(session, [actor.person.id])
    if actor.person.id not in homes:
        raise NotFound
    return homes[actor.person.id].zone


async def _owed(session: Session, actor: Actor, letter: Letter) -> list[LetterItem]:
    """List what a reminder spoke of and is still owed by an organisation the actor answers for."""
    held = [seat.seat_id for seat in actor.seats]
    found = await session.scalars(
        select(LetterItem)
        .join(Assignment, Assignment.id == LetterItem.assignment_id)
        .where(
            LetterItem.letter_id == letter.id,
            LetterItem.withdrawn.is_(False),
            LetterItem.seat_id.in_(held),
            Assignment.state.in_(OWED),
        )
        .order_by(LetterItem.id)
    )
    return list(found)


async def _drafts(session: Session, letter: Letter) -> Sequence[int]:
    spoken = await letters.items(session, letter.id)
    return await unfinished(session, {item.report_id for item in spoken if item.report_id is not None})


async def _say_again(
    session: Session,
    actor: Actor,
    day: date,
    owed: Sequence[LetterItem],
    drafts: Collection[int],
    now: datetime,
) -> None:
    """Put all this, and whatever waits to be said already, into the one bundle of a day."""
    waiting = await _waiting(session, actor)
    if not (owed or drafts or waiting):
        return
    person_id, zone = actor.person.id, await _zone(session, actor)
    desk = await bundles.desk(session, false(), [Reader(0, person_id)], now=now)
    speak_at, put_on = desk.bundle(person_id, zone, now=now, quiet_until=day)
    bundle = await bundles.letter(session, person_id, put_on, speak_at=speak_at, at=speak_at, now=now)
    await _move(session, [letter for letter in waiting if letter.id != bundle.id], bundle)
    there = await letters.items(session, bundle.id)
    known = {(item.assignment_id, item.seat_id) for item in there}
    step = f"{LATER}:{put_on.isoformat()}"
    for item in owed:
        if (item.assignment_id, item.seat_id) not in known:
            known.add((item.assignment_id, item.seat_id))
            await _put(session, bundle, item, step)
    asked = {item.report_id for item in there}
    session.add_all([LetterItem(letter_id=bundle.id, report_id=one) for one in drafts if one not in asked])


async def _waiting(session: Session, actor: Actor) -> list[Letter]:
    """List the actor's reminders that wait to be said."""
    found = await session.scalars(
        select(Letter)
        .where(
            Letter.kind == LetterKind.REMINDER,
            Letter.state == LetterState.WAITING,
            Letter.person_id == actor.person.id,
        )
        .order_by(Letter.id)
        .with_for_update()
    )
    return list(found)


async def _move(session: Session, waiting: Sequence[Letter], bundle: Letter) -> None:
    """Let what these letters were to say be said by the bundle."""
    ids = [letter.id for letter in waiting]
    await session.execute(update(LetterItem).where(LetterItem.letter_id.in_(ids)).values(letter_id=bundle.id))
    for letter in waiting:
        letter.state = LetterState.CANCELLED
        letter.trouble = "put off"
    await session.flush()


async def _put(session: Session, bundle: Letter, spoken: LetterItem, step: str) -> None:
    """Put an assignment into the bundle; what was taken out of that day's before is put back."""
    known = await session.scalar(
        select(LetterItem).where(
            LetterItem.assignment_id == spoken.assignment_id,
            LetterItem.seat_id == spoken.seat_id,
            LetterItem.step == step,
        )
    )
    if known is not None:
        known.letter_id, known.withdrawn = bundle.id, False
        return
    session.add(
        LetterItem(letter_id=bundle.id, assignment_id=spoken.assignment_id, seat_id=spoken.seat_id, step=step)
    )
