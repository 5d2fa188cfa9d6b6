"""Leaving: somebody gives up a seat. Assignments and reports stay; what waited to be said to them is not.

Whoever comes into the seat finds everything that is open; a demand and a verdict that were under way go to
those who answer for the organisation now.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, update

from models import Session
from models.assignments import Assignment, Report, ReportState
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Person, Role, Seat, Tenure
from services import access, audit, demands, letters, menus, seats, verdicts
from services.access import Actor, SeatHeld
from services.letters import Priority
from services.refusals import NotFound, Refusal

OF_REVIEWERS = (LetterKind.REVIEW, LetterKind.EVIDENCE, LetterKind.APPEAL, LetterKind.EDITED)
KINDS_OF = {
    Role.COORDINATOR: OF_REVIEWERS,
    Role.ADMINISTRATOR: OF_REVIEWERS,
    Role.STAFF: (LetterKind.DIGEST,),
}


class LastAdministrator(Refusal):
    """Without them nobody could load orders or invite anybody."""


@dataclass(frozen=True)
class Leaving:
    """A seat somebody is about to leave, and how many reports they have begun for it and not sent."""

    seat: SeatHeld
    drafts: int


@dataclass(frozen=True)
class Left:
    """A seat that was left, and those its holder keeps."""

    seat: SeatHeld
    kept: tuple[SeatHeld, ...]


@dataclass(frozen=True)
class Vacancy:
    """A free seat, who left it, and how many reports wait for a reviewer where the seat was a reviewer's."""

    title: str
    organisation: str
    role: Role
    person: str
    on_review: int


async def about_to_leave(session: Session, actor: Actor, seat_id: int) -> Leaving:
    """Give a seat of the actor that may be left. Raises NotFound, LastAdministrator."""
    seat = _held(actor, seat_id)
    await _others_administer(session, seat)
    return Leaving(seat, len(await _drafts(session, _without(actor, seat), seat)))


async def leave(session: Session, actor: Actor, seat_id: int, *, now: datetime) -> Left:
    """End the actor's stay in a seat; who invites people is told. Raises NotFound, LastAdministrator."""
    seat = _held(actor, seat_id)
    await _others_administer(session, seat)
    await session.execute(
        update(Tenure)
        .where(Tenure.seat_id == seat.seat_id, Tenure.person_id == actor.person.id, Tenure.until.is_(None))
        .values(until=now)
    )
    audit.record(
        session,
        now=now,
        action="left",
        subject="seat",
        subject_id=seat.seat_id,
        person_id=actor.person.id,
    )
    remaining = _without(actor, seat)
    await _drop_drafts(session, remaining, seat, now)
    await _hand_over(session, await _silenced(session, remaining, seat), now)
    await menus.write(session, remaining, now=now)
    await _tell(session, actor.person, seat, now)
    return Left(seat, remaining.seats)


def _held(actor: Actor, seat_id: int) -> SeatHeld:
    found = next((seat for seat in actor.seats if seat.seat_id == seat_id), None)
    if found is None:
        raise NotFound
    return found


async def _others_administer(session: Session, seat: SeatHeld) -> None:
    """Raise LastAdministrator where the seat is the only administrator's that is held in its municipality."""
    if seat.role is not Role.ADMINISTRATOR:
        return
    held = await session.scalars(
        select(Tenure.seat_id)
        .join(Seat, Seat.id == Tenure.seat_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Tenure.until.is_(None), Seat.role == Role.ADMINISTRATOR, access.within((seat.domain,)))
        .with_for_update(of=Tenure)
    )
    if set(held) <= {seat.seat_id}:
        raise LastAdministrator


async def _drafts(session: Session, remaining: Actor, seat: SeatHeld) -> list[Report]:
    """List the reports begun and not sent that nobody can send once the seat is left."""
    if seat.role is not Role.EXECUTOR or seat.organisation_id in remaining.executes_for:
        return []
    unbound = Assignment.id.is_(None) if not remaining.executes_for else false()
    found = await session.scalars(
        select(Report)
        .outerjoin(Assignment, Assignment.id == Report.assignment_id)
        .where(
            Report.author_id == remaining.person.id,
            Report.state == ReportState.DRAFT,
            or_(unbound, Assignment.organisation_id == seat.organisation_id),
        )
        .order_by(Report.id)
    )
    return list(found)


async def _drop_drafts(session: Session, remaining: Actor, seat: SeatHeld, now: datetime) -> None:
    """Put aside what was not sent: later messages are about other things, and nobody asks about it."""
    for report in await _drafts(session, remaining, seat):
        report.state, report.ask_at = ReportState.DROPPED, None
        audit.record(
            session,
            now=now,
            action="dropped",
            subject="report",
            subject_id=report.id,
            person_id=remaining.person.id,
        )
    await session.flush()


def _without(actor: Actor, seat: SeatHeld) -> Actor:
    return Actor(actor.person, tuple(one for one in actor.seats if one.seat_id != seat.seat_id))


async def _silenced(session: Session, remaining: Actor, seat: SeatHeld) -> list[Letter]:
    """Cancel what waits to be said to whoever has left a seat, as far as it was for that seat; give it."""
    if not remaining.seats:
        return await _cancelled(session, remaining.person)
    if seat.role in KINDS_OF:
        kinds = KINDS_OF[seat.role]
        still = any(KINDS_OF.get(one.role) == kinds for one in remaining.seats)
        return [] if still else await _cancelled(session, remaining.person, Letter.kind.in_(kinds))
    waiting = select(Letter.id).where(
        Letter.person_id == remaining.person.id,
        Letter.state == LetterState.WAITING,
        Letter.kind.not_in(OF_REVIEWERS),
    )
    await session.execute(
        update(LetterItem)
        .where(LetterItem.letter_id.in_(waiting), _for(seat, remaining))
        .values(withdrawn=True)
        .execution_options(synchronize_session=False)
    )
    spoken = exists().where(LetterItem.letter_id == Letter.id)
    silent = and_(spoken, ~spoken.where(LetterItem.withdrawn.is_(False)))
    return await _cancelled(session, remaining.person, Letter.kind.not_in(OF_REVIEWERS), silent)


def _for(seat: SeatHeld, remaining: Actor) -> ColumnElement[bool]:
    """Say in SQL: the item is said to this seat, or about its organisation to nobody's seat in particular."""
    if seat.organisation_id in remaining.executes_for:
        return LetterItem.seat_id == seat.seat_id
    owed = select(Assignment.id).where(Assignment.organisation_id == seat.organisation_id)
    reported = select(Report.id).where(Report.assignment_id.in_(owed))
    about = or_(LetterItem.assignment_id.in_(owed), LetterItem.report_id.in_(reported))
    return or_(LetterItem.seat_id == seat.seat_id, and_(LetterItem.seat_id.is_(None), about))


async def _cancelled(session: Session, person: Person, *conditions: ColumnElement[bool]) -> list[Letter]:
    found = await session.scalars(
        select(Letter)
        .where(Letter.person_id == person.id, Letter.state == LetterState.WAITING, *conditions)
        .order_by(Letter.id)
        .with_for_update()
    )
    letters_ = list(found)
    for letter in letters_:
        letter.state = LetterState.CANCELLED
    await session.flush()
    return letters_


async def _hand_over(session: Session, cancelled: list[Letter], now: datetime) -> None:
    """Let those who answer now hear what was under way to whoever has left."""
    for letter in cancelled:
        if letter.kind is LetterKind.DEMAND:
            await demands.pass_on(session, letter, now=now)
        elif letter.kind is LetterKind.VERDICT:
            report = await session.get_one(Report, letter.facts["report_id"])
            await verdicts.tell(session, report, now=now)


async def _tell(session: Session, person: Person, seat: SeatHeld, now: datetime) -> None:
    for reader in await seats.reviewers(session, path=seat.path, author_id=person.id):
        await letters.write(
            session,
            key=f"vacant:{seat.seat_id}:{person.id}:{now.isoformat()}:{reader.id}",
            kind=LetterKind.NOTE,
            chat_id=reader.chat_id,
            person_id=reader.id,
            now=now,
            priority=Priority.CARD,
            facts={"vacant_seat_id": seat.seat_id, "left_id": person.id},
        )


async def vacancy(session: Session, letter: Letter) -> Vacancy | None:
    """Give what a note about a free seat says; None where somebody holds it again."""
    row = await session.execute(
        select(Seat, Organisation)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Seat.id == letter.facts["vacant_seat_id"])
    )
    seat, place = row.one()
    taken = await session.scalar(select(Tenure.id).where(Tenure.seat_id == seat.id, Tenure.until.is_(None)))
    if taken is not None:
        return None
    person = await session.get_one(Person, letter.facts["left_id"])
    reader = await session.get_one(Person, letter.person_id)
    return Vacancy(
        seat.title,
        place.short_name,
        seat.role,
        person.name,
        await _on_review(session, reader) if seat.role in access.REVIEWERS else 0,
    )


async def _on_review(session: Session, reader: Person) -> int:
    """Count the reports that wait for a reader's decision."""
    actor = await access.actor_of(session, reader.telegram_id)
    if actor is None:
        return 0
    found = await session.scalar(
        select(func.count(Report.id))
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Report.state == ReportState.SUBMITTED, access.within(actor.domains(access.REVIEWERS)))
    )
    return found or 0
