"""Seats and the people in them: inviting, joining, leaving, and who is to be told."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import contains_eager

from models import Session
from models.organisations import Organisation, OrganisationKind
from models.people import Invitation, Person, Role, Seat, Tenure
from services import audit, consents
from services.refusals import Refusal

INVITATION_LIFE = timedelta(days=7)
TOKEN_BYTES = 16  # 128 bits

# Titles are data that may be changed, so the defaults live beside the seats, not in views.
DIRECTOR = "директор"
EXECUTOR = "ответственный исполнитель"
COORDINATOR = "координатор"
CLERK = "сотрудник муниципалитета"
ADMINISTRATOR = "администратор"


class InvitationUnknown(Refusal):
    """No such invitation."""


class InvitationUsed(Refusal):
    """The invitation has been used."""


class InvitationExpired(Refusal):
    """The invitation is older than its seven days, or was withdrawn."""


@dataclass(frozen=True)
class Offer:
    """What an invitation offers: a seat («директор») of an organisation."""

    invitation_id: int
    title: str
    organisation: str
    role: Role


@dataclass(frozen=True)
class SeatView:
    """A seat and whether somebody holds it."""

    seat_id: int
    organisation_id: int
    organisation: str
    title: str
    role: Role
    taken: bool


def digest_of(token: str) -> str:
    """Give what is kept of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


async def seat(session: Session, *, organisation_id: int, role: Role, title: str) -> Seat:
    """Give the seat of this title and role in an organisation, making it on the first call."""
    found = await session.scalar(
        select(Seat).where(Seat.organisation_id == organisation_id, Seat.role == role, Seat.title == title)
    )
    if found is None:
        found = Seat(organisation_id=organisation_id, role=role, title=title)
        session.add(found)
        await session.flush()
    return found


async def invite(session: Session, *, seat_id: int, now: datetime) -> str:
    """Make a one-time token into a seat and return it; unused earlier ones of the seat are withdrawn."""
    await session.execute(
        update(Invitation)
        .where(
            Invitation.seat_id == seat_id,
            Invitation.used_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Invitation(
            seat_id=seat_id,
            token_hash=digest_of(token),
            created_at=now,
            expires_at=now + INVITATION_LIFE,
        )
    )
    await session.flush()
    return token


async def open_invitation(session: Session, *, token: str, chat_id: int, now: datetime) -> Offer:
    """Show what a token offers and remember which chat showed it. Raises the Invitation refusals."""
    invitation = await session.scalar(
        _with_seat().where(Invitation.token_hash == digest_of(token)).with_for_update(of=Invitation)
    )
    if invitation is None:
        raise InvitationUnknown
    _still_good(invitation, now)
    invitation.opened_by = chat_id
    return _offer(invitation)


async def opened_invitation(session: Session, *, invitation_id: int, chat_id: int, now: datetime) -> Offer:
    """Give an invitation that this chat has opened. Raises the Invitation refusals."""
    return _offer(await _opened(session, invitation_id, chat_id, now))


async def decline(session: Session, *, invitation_id: int, chat_id: int) -> None:
    """Forget which chat opened an invitation: whoever is there does not take the seat."""
    await session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.opened_by == chat_id, Invitation.used_at.is_(None))
        .values(opened_by=None)
    )


async def join(
    session: Session,
    *,
    invitation_id: int,
    telegram_id: int,
    chat_id: int,
    name: str,
    now: datetime,
) -> tuple[Person, Offer]:
    """Take a seat with consent given: the first personal data is stored here.

    Whoever held the seat before leaves it; assignments and reports stay where they are.
    """
    invitation = await _opened(session, invitation_id, chat_id, now)
    person = await _person(session, telegram_id=telegram_id, chat_id=chat_id, name=name, now=now)
    await consents.give(session, person.id, now=now)
    await session.execute(
        update(Tenure).where(Tenure.seat_id == invitation.seat_id, Tenure.until.is_(None)).values(until=now)
    )
    session.add(Tenure(seat_id=invitation.seat_id, person_id=person.id, since=now))
    invitation.used_at = now
    audit.record(
        session,
        now=now,
        action="joined",
        subject="seat",
        subject_id=invitation.seat_id,
        person_id=person.id,
    )
    await session.flush()
    return person, _offer(invitation)


def _with_seat() -> Select[Invitation]:
    return (
        select(Invitation)
        .join(Invitation.seat)
        .join(Seat.organisation)
        .options(contains_eager(Invitation.seat).contains_eager(Seat.organisation))
    )


async def _opened(session: Session, invitation_id: int, chat_id: int, now: datetime) -> Invitation:
    invitation = await session.scalar(
        _with_seat()
        .where(Invitation.id == invitation_id, Invitation.opened_by == chat_id)
        .with_for_update(of=Invitation)
    )
    if invitation is None:
        raise InvitationUnknown
    _still_good(invitation, now)
    return invitation


def _still_good(invitation: Invitation, now: datetime) -> None:
    if invitation.used_at is not None:
        raise InvitationUsed
    if invitation.withdrawn_at is not None or invitation.expires_at <= now:
        raise InvitationExpired


def _offer(invitation: Invitation) -> Offer:
    place = invitation.seat.organisation
    return Offer(invitation.id, invitation.seat.title, place.name, invitation.seat.role)


async def _person(session: Session, *, telegram_id: int, chat_id: int, name: str, now: datetime) -> Person:
    person = await session.scalar(select(Person).where(Person.telegram_id == telegram_id))
    if person is None:
        person = Person(telegram_id=telegram_id, chat_id=chat_id, name=name[:200], created_at=now)
        session.add(person)
    person.unreachable_since = None
    await session.flush()
    return person


async def administrators(session: Session) -> list[Person]:
    """List the people who hold an administrator's seat."""
    return await _people(session, Seat.role == Role.ADMINISTRATOR)


async def reviewers(session: Session, *, path: str, author_id: int) -> list[Person]:
    """List who reviews reports of the organisation at ``path``: its coordinators, else administrators.

    The author is left out as long as somebody else can decide.
    """
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR):
        found = await _overseers(session, role, path)
        others = [person for person in found if person.id != author_id]
        if others:
            return others
    return await _overseers(session, Role.COORDINATOR, path)


async def keepers(session: Session, *, path: str) -> list[Person]:
    """List who keeps the papers of the municipality at ``path``: administrators, else coordinators."""
    return await _overseers(session, Role.ADMINISTRATOR, path) or await _overseers(
        session, Role.COORDINATOR, path
    )


async def staff(session: Session, *, path: str) -> list[Person]:
    """List the municipal staff who receive the digest of the municipality at ``path``."""
    return await _people(
        session,
        Seat.role == Role.STAFF,
        Organisation.path.startswith(path, autoescape=True),
    )


async def municipality(session: Session, path: str) -> Organisation | None:
    """Give the municipality that the organisation at ``path`` belongs to, or is."""
    return await session.scalar(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY, _is_ancestor(path))
        .order_by(Organisation.id)
    )


async def _overseers(session: Session, role: Role, path: str) -> list[Person]:
    home = await municipality(session, path)
    if home is None:
        return []
    domain = Organisation.path.startswith(home.path, autoescape=True)
    return await _people(session, Seat.role == role, domain)


def _is_ancestor(path: str) -> ColumnElement[bool]:
    parts = [part for part in path.split("/") if part]
    ancestors = ["/" + "/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]
    return Organisation.path.in_(ancestors)


async def _people(session: Session, *conditions: ColumnElement[bool]) -> list[Person]:
    found = await session.scalars(
        select(Person)
        .join(Tenure, Tenure.person_id == Person.id)
        .join(Seat, Seat.id == Tenure.seat_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Tenure.until.is_(None), *conditions)
        .distinct()
        .order_by(Person.id)
    )
    return list(found)


async def seats_of(session: Session, *, path: str) -> list[SeatView]:
    """List the seats of the organisations at and below ``path``, and whether they are taken."""
    rows = await session.execute(
        select(Seat, Organisation, Tenure.id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .outerjoin(Tenure, (Tenure.seat_id == Seat.id) & Tenure.until.is_(None))
        .where(Organisation.path.startswith(path, autoescape=True))
        .order_by(Organisation.id, Seat.id)
    )
    return [
        SeatView(seat.id, place.id, place.short_name, seat.title, seat.role, taken=held is not None)
        for seat, place, held in rows
    ]


async def held_organisations(session: Session) -> set[int]:
    """Give the ids of the organisations in which somebody who can be reached holds an executor's seat."""
    found = await session.scalars(
        select(Seat.organisation_id)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Person, Person.id == Tenure.person_id)
        .where(Seat.role == Role.EXECUTOR, Tenure.until.is_(None), Person.unreachable_since.is_(None))
    )
    return set(found)


async def executors(session: Session, organisation_id: int) -> list[tuple[Seat, Person]]:
    """List who answers for an organisation now, seat by seat."""
    rows = await session.execute(
        select(Seat, Person)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Person, Person.id == Tenure.person_id)
        .where(Seat.organisation_id == organisation_id, Seat.role == Role.EXECUTOR, Tenure.until.is_(None))
        .order_by(Seat.id)
    )
    return [(seat, person) for seat, person in rows]


async def set_reachable(session: Session, *, chat_id: int, why_not: str | None, now: datetime) -> None:
    """Remember that a person blocked the bot (``why_not`` says how it showed) or lets it in again."""
    person = await session.scalar(select(Person).where(Person.chat_id == chat_id))
    if person is None:
        return
    person.unreachable_since = now if why_not else None
    person.unreachable_why = why_not
    await session.flush()


async def prepare_executors(session: Session, *, path: str) -> None:
    """Make an executor's seat in each organisation that has none: a director's, or an executor's."""
    seated = select(Seat.organisation_id).where(Seat.role == Role.EXECUTOR)
    found = await session.scalars(
        select(Organisation).where(
            Organisation.path.startswith(path, autoescape=True),
            Organisation.kind != OrganisationKind.MUNICIPALITY,
            Organisation.closed_on.is_(None),
            Organisation.id.not_in(seated),
        )
    )
    for place in list(found):
        title = DIRECTOR if place.kind is OrganisationKind.SCHOOL else EXECUTOR
        await seat(session, organisation_id=place.id, role=Role.EXECUTOR, title=title)
