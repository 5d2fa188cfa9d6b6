"""Assignments and their reports: what somebody owes, and what was answered."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigInt, states
from models.files import StoredFile
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity
from plans.control import ControlKind


class AssignmentState(StrEnum):
    """The life of an assignment.

    awaited → on_review → accepted | returned → on_review …; covered: another executor of a row that
    any may do was accepted; done_before and not_asked are the approver's word at approval;
    withdrawn: a later edition took the row away.
    """

    AWAITED = "awaited"
    ON_REVIEW = "on_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    COVERED = "covered"
    DONE_BEFORE = "done_before"
    NOT_ASKED = "not_asked"
    WITHDRAWN = "withdrawn"


OWED = (AssignmentState.AWAITED, AssignmentState.RETURNED)
DONE = (AssignmentState.ACCEPTED, AssignmentState.COVERED, AssignmentState.DONE_BEFORE)
CLOSED = (*DONE, AssignmentState.NOT_ASKED)


class Assignment(Base):
    """One activity × one organisation × one control date.

    ``due`` is a date in the organisation's zone, already moved to a working day; ``nominal`` the day
    as printed. ``next_step_at`` is when the ladder speaks next (None: never).
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("activity_id", "organisation_id", "nominal", "checkpoint"),
        Index("ix_assignments_organisation_state_due", "organisation_id", "state", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    due: Mapped[date]
    nominal: Mapped[date]
    checkpoint: Mapped[ControlKind] = mapped_column(states(ControlKind))
    state: Mapped[AssignmentState] = mapped_column(states(AssignmentState))
    next_step_at: Mapped[datetime | None] = mapped_column(index=True)

    activity: Mapped[Activity] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class ChangeKind(StrEnum):
    """What an amending order did to an assignment; a kept one only follows its row into the new edition."""

    ADDED = "added"
    MOVED = "moved"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


class AssignmentChange(Base):
    """What an assignment was before an edition changed it (nothing, if the edition added it)."""

    __tablename__ = "assignment_changes"
    __table_args__ = (UniqueConstraint("assignment_id", "edition_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    kind: Mapped[ChangeKind] = mapped_column(states(ChangeKind))
    activity_before: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    due_before: Mapped[date | None]
    nominal_before: Mapped[date | None]
    state_before: Mapped[AssignmentState | None] = mapped_column(states(AssignmentState))

    assignment: Mapped[Assignment] = relationship(lazy="raise")


class ReportState(StrEnum):
    """draft → submitted → accepted | returned; dropped: the author took an unsent draft back."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    DROPPED = "dropped"


class Report(Base):
    """What was answered. A draft may not know its assignment yet: what was sent is kept meanwhile.

    ``sent_at`` is Telegram's time of the first message, ``received_at`` ours.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index(
            "uq_reports_on_review",
            "assignment_id",
            unique=True,
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    state: Mapped[ReportState] = mapped_column(states(ReportState))
    text: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    thread_message_id: Mapped[int | None] = mapped_column(BigInt)

    assignment: Mapped[Assignment | None] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise")


class EvidenceKind(StrEnum):
    """What a piece of evidence is for Telegram, and so how it is shown again."""

    PHOTO = "photo"
    DOCUMENT = "document"


class Evidence(Base):
    """A photo or file of a report: one message each, also within an album."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("chat_id", "message_id"),
        Index("ix_evidence_album", "chat_id", "media_group_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    kind: Mapped[EvidenceKind] = mapped_column(states(EvidenceKind))
    chat_id: Mapped[int] = mapped_column(BigInt)
    message_id: Mapped[int] = mapped_column(BigInt)
    media_group_id: Mapped[str | None] = mapped_column(String(64))
    file_id: Mapped[str] = mapped_column(String(300))
    file_unique_id: Mapped[str] = mapped_column(String(100))
    file_name: Mapped[str | None] = mapped_column(String(300))
    size: Mapped[int | None] = mapped_column(BigInt)
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))

    stored_file: Mapped[StoredFile | None] = relationship(lazy="raise")


class Verdict(StrEnum):
    """What a reviewer decided."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


class Review(Base):
    """The one decision about a submitted report."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), unique=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    verdict: Mapped[Verdict] = mapped_column(states(Verdict))
    remark: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]

    report: Mapped[Report] = relationship(lazy="raise")
    reviewer: Mapped[Person] = relationship(lazy="raise")
