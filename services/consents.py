"""Consent: given to a version of its text, asked anew when the text changes, revoked at any time.

A new version takes nothing back: what was agreed to holds until it is revoked, so whatever somebody sends is
handled as ever and the new text is shown beside it, once. A revocation is an erasure (``services.erasure``).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from models import Session
from models.assignments import Appeal, Evidence, Report, ReportState
from models.letters import Letter, LetterKind
from models.organisations import Organisation
from models.people import Consent, Person, Seat, Tenure
from services import letters
from services.letters import Priority

CONSENT_VERSION = "2026-12"


@dataclass(frozen=True)
class Holdings:
    """What is kept about somebody: their words and files in counts, and the consent it is kept by.

    ``seats`` are (title, organisation) held now; ``zone`` is that of the organisation held last.
    ``fresh`` is False where the text of the consent has changed since.
    """

    person_id: int
    name: str
    telegram_id: int
    seats: tuple[tuple[str, str], ...]
    reports: int
    drafts: int
    pieces: int
    appeals: int
    letters: int
    version: str
    since: datetime
    zone: str
    fresh: bool


async def person_of(session: Session, telegram_id: int) -> Person | None:
    """Give the person behind a Telegram account, also one without a seat; None where nothing is kept."""
    return await session.scalar(
        select(Person).where(Person.telegram_id == telegram_id, Person.erased_at.is_(None))
    )


async def give(session: Session, person_id: int, *, now: datetime) -> None:
    """Keep the consent to the present text, once."""
    if await is_fresh(session, person_id):
        return
    session.add(Consent(person_id=person_id, version=CONSENT_VERSION, given_at=now))
    await session.flush()


async def is_fresh(session: Session, person_id: int) -> bool:
    """Tell whether somebody has agreed to the present text."""
    given = await session.scalar(
        select(Consent.id).where(
            Consent.person_id == person_id,
            Consent.version == CONSENT_VERSION,
            Consent.revoked_at.is_(None),
        )
    )
    return given is not None


async def latest(session: Session, person_id: int) -> Consent | None:
    """Give the consent by which somebody's data is kept now."""
    return await session.scalar(
        select(Consent)
        .where(Consent.person_id == person_id, Consent.revoked_at.is_(None))
        .order_by(Consent.id.desc())
        .limit(1)
    )


async def ask_anew(session: Session, person: Person, *, now: datetime) -> None:
    """Write the letter that shows the present text to whoever agreed to an earlier one, once."""
    if person.erased_at is not None or await is_fresh(session, person.id):
        return
    await letters.write(
        session,
        key=f"consent:{person.id}:{CONSENT_VERSION}",
        kind=LetterKind.WELCOME,
        chat_id=person.chat_id,
        person_id=person.id,
        now=now,
        priority=Priority.CARD,
    )


async def revoke(session: Session, person_id: int, *, now: datetime) -> None:
    """Mark every consent of somebody as revoked."""
    for consent in await session.scalars(
        select(Consent).where(Consent.person_id == person_id, Consent.revoked_at.is_(None))
    ):
        consent.revoked_at = now
    await session.flush()


async def holdings(session: Session, person: Person) -> Holdings:
    """Count what is kept about somebody."""
    held = await session.execute(
        select(Seat.title, Organisation.short_name)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Tenure.person_id == person.id, Tenure.until.is_(None))
        .order_by(Seat.id)
    )
    consent = await latest(session, person.id)
    assert consent is not None  # nobody is kept without one
    drafts = Report.state == ReportState.DRAFT
    sent = Report.state.not_in((ReportState.DRAFT, ReportState.DROPPED))
    return Holdings(
        person_id=person.id,
        name=person.name,
        telegram_id=person.telegram_id,
        seats=tuple((title, place) for title, place in held),
        reports=await _count(session, Report.author_id == person.id, sent),
        drafts=await _count(session, Report.author_id == person.id, drafts),
        pieces=await _count(session, Evidence.chat_id == person.chat_id),
        appeals=await _count(session, Appeal.author_id == person.id),
        letters=await _count(session, Letter.chat_id == person.chat_id),
        version=consent.version,
        since=consent.given_at,
        zone=await zone_of(session, person.id),
        fresh=await is_fresh(session, person.id),
    )


async def zone_of(session: Session, person_id: int) -> str:
    """Give the time zone of the organisation whose seat somebody has held last."""
    found = await session.scalars(
        select(Organisation.time_zone)
        .join(Seat, Seat.organisation_id == Organisation.id)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .where(Tenure.person_id == person_id)
        .order_by(Tenure.id.desc())
        .limit(1)
    )
    return found.one()  # whoever is kept has held a seat


async def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).where(*conditions)) or 0
