"""What the machine itself must not forget: raw updates and long work."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigInt, states


class UpdateState(StrEnum):
    """new → handled | parked (after a few tries, or unreadable)."""

    NEW = "new"
    HANDLED = "handled"
    PARKED = "parked"


class StoredUpdate(Base):
    """A raw update, stored before Telegram may forget it.

    The same ``update_id`` with another payload is another update: ids restart after a silent week.
    ``lane`` is the chat it belongs to (0: none); updates of one lane are handled one after another.
    """

    __tablename__ = "stored_updates"
    __table_args__ = (
        UniqueConstraint("bot_id", "update_id", "fingerprint"),
        Index("ix_stored_updates_state_lane", "state", "lane", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInt)
    update_id: Mapped[int] = mapped_column(BigInt)
    fingerprint: Mapped[str] = mapped_column(String(64))
    lane: Mapped[int] = mapped_column(BigInt)
    state: Mapped[UpdateState] = mapped_column(states(UpdateState))
    payload: Mapped[dict[str, Any] | None]
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    trouble: Mapped[str | None] = mapped_column(String(300))
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


class WorkKind(StrEnum):
    """What takes long: reading files, fetching bytes; a table is an order or a list of schools."""

    READ_ORDER = "read_order"
    READ_SCHOOLS = "read_schools"
    READ_TABLE = "read_table"
    FETCH_EVIDENCE = "fetch_evidence"


class WorkState(StrEnum):
    """waiting → claimed → done | failed | waiting (later)."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class Work(Base):
    """A piece of long work: claimed and committed, done outside any transaction, answered by a letter."""

    __tablename__ = "works"
    __table_args__ = (Index("ix_works_state_not_before", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[WorkKind] = mapped_column(states(WorkKind))
    state: Mapped[WorkState] = mapped_column(states(WorkState))
    chat_id: Mapped[int | None] = mapped_column(BigInt)
    facts: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    trouble: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class Run(Base):
    """One life of a process: ``alive_at`` moves while it works; only a clean stop sets ``stopped_at``."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime] = mapped_column(index=True)
    stopped_at: Mapped[datetime | None]


class Lease(Base):
    """What only one process may do at a time; each new holder raises ``epoch``: none before can pass."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    epoch: Mapped[int]


class ZoneRules(Base):
    """The clock of a time zone as the moments of the database were computed with (its fingerprint)."""

    __tablename__ = "zone_rules"

    zone: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))


class CalendarDay(Base):
    """An override of the production calendar: a day that is (not) worked here."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)


class Rule(Base):
    """A control rule changed by the municipality: its name, its value and the act it comes from."""

    __tablename__ = "rules"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(Text)
