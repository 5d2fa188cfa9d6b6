"""Letters: one thing the bot says, one Bot API call, kept until delivered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.assignments import Assignment
from models.base import Base, BigInt, states
from models.people import Person


class LetterKind(StrEnum):
    """What a letter is about; answers are worded at once, the others when they are claimed."""

    ANSWER = "answer"
    DRAFT = "draft"
    REMINDER = "reminder"
    WELCOME = "welcome"
    EVIDENCE = "evidence"
    REVIEW = "review"
    VERDICT = "verdict"
    DIGEST = "digest"
    MENU = "menu"
    LINKS = "links"
    NOTE = "note"
    CHANGES = "changes"
    SHARED = "shared"
    EDITED = "edited"
    APPEAL = "appeal"
    DECISION = "decision"
    REUNION = "reunion"
    DEMAND = "demand"
    REPLY = "reply"


class LetterState(StrEnum):
    """waiting → claimed → delivered | dropped | waiting (later); cancelled: nothing left to say."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


class Letter(Base):
    """``facts`` say what it speaks of; ``payload`` is the call as it was worded and sent.

    ``key`` is unique: saying the same thing twice is impossible. Lower ``priority`` goes first.
    ``epoch`` is the courier's that claimed it last; ``unsure`` counts the sends that may have arrived.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_state_not_before", "state", "not_before"),
        Index("ix_letters_state_priority_unsure_id", "state", "priority", "unsure", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[LetterKind] = mapped_column(states(LetterKind))
    state: Mapped[LetterState] = mapped_column(states(LetterState))
    chat_id: Mapped[int] = mapped_column(BigInt, index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    priority: Mapped[int]
    not_before: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    payload: Mapped[dict[str, Any] | None]
    tries: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="raise")


class LetterItem(Base):
    """What a letter speaks of. A step of the ladder is unique per assignment and seat."""

    __tablename__ = "letter_items"
    __table_args__ = (UniqueConstraint("assignment_id", "seat_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seats.id"))
    step: Mapped[str | None] = mapped_column(String(32))
    withdrawn: Mapped[bool] = mapped_column(default=False)

    letter: Mapped[Letter] = relationship(lazy="raise")
    assignment: Mapped[Assignment | None] = relationship(lazy="raise")


class LetterMessage(Base):
    """A message id a letter became; a reply to it is a reply to the letter."""

    __tablename__ = "letter_messages"

    chat_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), index=True)

    letter: Mapped[Letter] = relationship(lazy="raise")


class QuestionKind(StrEnum):
    """What the next free text of a chat answers."""

    REMARK = "remark"
    DEADLINE = "deadline"
    ANCHOR = "anchor"
    SCHOOLS = "schools"
    REPORT_BY = "report_by"
    PLAN = "plan"
    ROW = "row"
    EXECUTORS = "executors"
    TITLE = "title"
    RESULT = "result"
    AS_OF = "as_of"
    TERMS = "terms"
    BASE = "base"
    PROGRESS = "progress"
    EXTENSION = "extension"
    HELP = "help"
    NOT_OURS = "not_ours"
    REPLY = "reply"
    DEMAND = "demand"
    GROUNDS = "grounds"


class Question(Base):
    """The one open question of a chat; ``subject_id`` is a report, an activity or a past date."""

    __tablename__ = "questions"

    chat_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    kind: Mapped[QuestionKind] = mapped_column(states(QuestionKind))
    subject_id: Mapped[int | None]
    asked_at: Mapped[datetime]


class Demand(Base):
    """A request of a coordinator beside the plan; from the eleventh of a week on it says its ``grounds``."""

    __tablename__ = "demands"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    grounds: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]


class DigestState(StrEnum):
    """A digest is planned for its Monday and then written once."""

    PLANNED = "planned"
    WRITTEN = "written"


class Digest(Base):
    """The weekly digest of one municipality; ``figures`` are kept as sent."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("organisation_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    week: Mapped[str] = mapped_column(String(10))
    state: Mapped[DigestState] = mapped_column(states(DigestState))
    due_at: Mapped[datetime] = mapped_column(index=True)
    figures: Mapped[dict[str, Any] | None]


class AuditEntry(Base):
    """Who did what to what, and when; facts hold ids, never personal data."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
