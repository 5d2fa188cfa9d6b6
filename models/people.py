"""People and seats: assignments stay with seats, people come and go."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigInt, states
from models.organisations import Organisation


class Role(StrEnum):
    """What a seat lets its holder do in its part of the organisation tree."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    STAFF = "staff"
    EXECUTOR = "executor"


class Seat(Base):
    """A position in an organisation («директор СОШ № 3»), held by at most one person at a time."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("organisation_id", "role", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[Role] = mapped_column(states(Role))
    title: Mapped[str] = mapped_column(String(200))

    organisation: Mapped[Organisation] = relationship(lazy="raise")


class Person(Base):
    """A Telegram account that has taken a seat, stored only after consent.

    ``quiet_until``: «не сейчас», no reminder before this date. Of one erased a number is left.
    """

    __tablename__ = "persons"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInt, unique=True)
    chat_id: Mapped[int] = mapped_column(BigInt, unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    unreachable_since: Mapped[datetime | None]
    unreachable_why: Mapped[str | None] = mapped_column(String(200))
    quiet_until: Mapped[date | None]
    erased_at: Mapped[datetime | None]


class Tenure(Base):
    """A person in a seat from ``since`` until ``until`` (None: still there)."""

    __tablename__ = "tenures"
    __table_args__ = (
        Index(
            "uq_tenures_seat_now",
            "seat_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    seat: Mapped[Seat] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class Consent(Base):
    """Consent to the processing of personal data (152-ФЗ ст. 9), by the version of its text."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    version: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ErasureReason(StrEnum):
    """Why personal data was destroyed: on request (consent revoked), or its term was over."""

    REQUEST = "request"
    TERM = "term"


class Invitation(Base):
    """A one-time way into a seat; only the SHA-256 of its 128-bit token is kept.

    ``opened_by`` is the chat that showed the token and has not answered yet: buttons carry the
    invitation's id, and only that chat may press them.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(BigInt)
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    seat: Mapped[Seat] = relationship(lazy="raise")


class Erasure(Base):
    """The journal of destroyed personal data: ids and counts only, kept when the person is gone.

    A restored backup destroys again whom it names (152-ФЗ ст. 21; приказ Роскомнадзора № 179 от 28.10.2022).
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    reason: Mapped[ErasureReason] = mapped_column(states(ErasureReason))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
